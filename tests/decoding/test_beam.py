import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from zoo.decoding.beam import beam_search
from zoo.decoding.greedy import greedy_search

ALPHAS = (0.0, 0.6, 1.0, 2.5)
# No fewer than all the continuations that a toy of five pieces has within four tokens.
WIDE = 12


@pytest.mark.parametrize("alpha", ALPHAS)
@pytest.mark.parametrize("seed", range(3))
def test_a_wide_beam_finds_everything_in_order(toy, texts, everything, check, seed, alpha):
    decoder = toy(seed)
    limits = [4, 3, 4]
    found = decoder.search(beam_search, limits, width=WIDE, alpha=alpha)
    check(decoder, found, limits, alpha)
    for row, limit in enumerate(limits):
        best = everything(decoder, row, limit, alpha)[:WIDE]
        np.testing.assert_allclose(
            found.scores[row, : len(best)], [score for score, _ in best], rtol=1e-4
        )
        assert texts(found, row) == [text for _, text in best]


@given(
    seed=st.integers(0, 10_000),
    alpha=st.sampled_from(ALPHAS),
    limits=st.tuples(*[st.integers(1, 5)] * 3),
    width=st.sampled_from([1, 2, 4]),
)
@settings(max_examples=40, deadline=None, derandomize=True)
def test_any_beam_keeps_its_promises(toy, everything, check, seed, alpha, limits, width):
    decoder = toy(seed, pieces=6)
    found = decoder.search(beam_search, limits, width=width, alpha=alpha)
    check(decoder, found, limits, alpha)
    for row, limit in enumerate(limits):
        best = everything(decoder, row, limit, alpha)
        assert found.scores[row, 0] <= best[0][0] + 1e-4


def slow_beam(toy, row, limit, width, alpha):
    """The same search on one row without an early finish, as a reader of its text would write it.

    Returns:
        (score, text) of what is kept.
    """
    live, finished = [(0.0, ())], []
    for n in range(1, limit + 1):
        chances = []
        for total, text in live:
            last = toy.distributions(row, text)[-1]
            chances += [
                (total + last[token], text, token) for token in ([1] if n == limit else toy.choices)
            ]
        chances.sort(reverse=True)
        finished += [
            (total / ((5 + n) / 6) ** alpha, text)
            for total, text, token in chances[:width]
            if token == 1
        ]
        live = [(total, (*text, token)) for total, text, token in chances if token != 1][:width]
    return sorted(finished, reverse=True)[:width]


@pytest.mark.parametrize("alpha", ALPHAS)
@pytest.mark.parametrize("width", [2, 3, 5])
def test_an_early_finish_changes_nothing(toy, texts, check, width, alpha):
    decoder = toy(11, batch=5, pieces=9)
    limits = [12, 1, 9, 2, 12]
    found = decoder.search(beam_search, limits, width=width, alpha=alpha)
    check(decoder, found, limits, alpha)
    for row, limit in enumerate(limits):
        expected = slow_beam(decoder, row, limit, width, alpha)
        assert texts(found, row) == [text for _, text in expected]
        np.testing.assert_allclose(
            found.scores[row, : len(expected)], [score for score, _ in expected], rtol=1e-4
        )


def steps_taken(alpha, limits, logits):
    """How often a decoder is asked that always says the same."""
    taken = tf.Variable(0)

    def step(tokens, memory, state):
        taken.assign_add(1)
        return tf.tile(tf.constant(logits)[None, None], [*tokens.shape, 1]), state

    beam_search(step, (), (), 0, 1, tf.constant(limits), 2, alpha, forbidden=(0,))
    return int(taken)


def test_the_search_ends_when_nothing_can_become_better():
    sure_of_the_end = [0.0, 9.0, 1.0, 0.0]
    assert steps_taken(0.0, [50], sure_of_the_end) == 2
    assert steps_taken(0.0, [50, 50], sure_of_the_end) == 2
    # The penalty at the limit could make up for what going on costs.
    assert 2 < steps_taken(1.0, [50], sure_of_the_end) < 50
    assert steps_taken(0.0, [50], [0.0, -90.0, 1.0, 0.0]) == 50
    assert steps_taken(0.0, [1, 7], [0.0, -90.0, 1.0, 0.0]) == 7


@pytest.mark.parametrize("alpha", ALPHAS)
@pytest.mark.parametrize("seed", range(3))
def test_a_width_of_one_is_the_greedy_search(toy, seed, alpha):
    decoder = toy(seed, batch=6, pieces=9)
    limits = [1, 2, 5, 9, 12, 12]
    found = decoder.search(beam_search, limits, width=1, alpha=alpha)
    greedy = decoder.search(greedy_search, limits)
    for name in ("tokens", "lengths", "log_probabilities"):
        np.testing.assert_array_equal(getattr(found, name), getattr(greedy, name))
    penalties = ((6 + greedy.lengths) / 6) ** alpha
    np.testing.assert_allclose(found.scores, greedy.scores / penalties, rtol=1e-6)


@pytest.mark.parametrize("alpha", [0.0, 1.0])
def test_a_row_is_written_the_same_alone(toy, texts, alpha):
    decoder = toy(7, batch=4, pieces=9)
    limits = [3, 12, 1, 9]
    together = decoder.search(beam_search, limits, width=4, alpha=alpha)
    for row, limit in enumerate(limits):
        alone = decoder.rows(row).search(beam_search, [limit], width=4, alpha=alpha)
        assert texts(alone, 0) == texts(together, row)
        np.testing.assert_allclose(alone.scores[0], together.scores[row], rtol=1e-5)


def test_a_limit_of_one_leaves_the_empty_text(toy, texts, check):
    decoder = toy(1)
    found = decoder.search(beam_search, [1, 1, 1], width=3, alpha=0.6)
    check(decoder, found, [1, 1, 1], 0.6)
    assert found.tokens.shape == (3, 3, 0)
    assert [texts(found, row) for row in range(3)] == [[()]] * 3


def test_no_rows_have_no_texts(toy):
    found = toy(batch=0).search(beam_search, [], width=3, alpha=0.6)
    assert [x.shape for x in found] == [(0, 3, 0), (0, 3), (0, 3), (0, 3)]


@pytest.mark.parametrize("width", [1, 3])
def test_a_decoder_that_says_nothing_meaningful_does_not_hang(width):
    def step(tokens, memory, state):
        return tf.fill([*tokens.shape, 4], float("nan")), state

    found = beam_search(step, (), (), 0, 1, tf.constant([5]), width, 0.6, forbidden=(0,))
    assert found.tokens.shape[:2] == (1, width)
