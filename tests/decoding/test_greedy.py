import numpy as np
import pytest
import tensorflow as tf

from zoo.decoding.greedy import greedy_search


def likeliest(toy, row, limit):
    """The greedy text, by its definition."""
    text = ()
    while len(text) + 1 < limit:
        last = toy.distributions(row, text)[-1]
        token = max(toy.choices, key=lambda token: last[token])
        if token == 1:
            break
        text = (*text, token)
    return text


@pytest.mark.parametrize("seed", range(4))
def test_each_token_is_the_likeliest(toy, texts, check, seed):
    decoder = toy(seed, batch=6, pieces=7)
    limits = [1, 2, 4, 6, 9, 12]
    found = decoder.search(greedy_search, limits)
    check(decoder, found, limits)
    assert found.tokens.shape[1] == 1
    for row, limit in enumerate(limits):
        assert texts(found, row) == [likeliest(decoder, row, limit)]


def test_of_equals_the_first_is_chosen():
    def step(tokens, memory, state):
        return tf.zeros([1, 1, 4]), state

    found = greedy_search(step, (), (), 0, 1, tf.constant([3]), forbidden=(0,))
    assert found.lengths.numpy().tolist() == [[0]]
    found = greedy_search(step, (), (), 0, 3, tf.constant([3]), forbidden=(0,))
    assert found.tokens.numpy().tolist() == [[[1, 1]]]
    np.testing.assert_allclose(found.scores, [[3 * np.log(1 / 4)]], rtol=1e-6)


def test_a_row_is_written_the_same_alone(toy, texts):
    decoder = toy(5, batch=4, pieces=8)
    together = decoder.search(greedy_search, [3, 12, 5, 9])
    for row, limit in enumerate([3, 12, 5, 9]):
        alone = decoder.rows(row).search(greedy_search, [limit])
        assert texts(alone, 0) == texts(together, row)
        np.testing.assert_allclose(
            alone.log_probabilities[0], together.log_probabilities[row], rtol=1e-5
        )


def test_no_rows_have_no_texts(toy):
    found = toy(batch=0).search(greedy_search, [])
    assert [x.shape for x in found] == [(0, 1, 0), (0, 1), (0, 1), (0, 1)]
