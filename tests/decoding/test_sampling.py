import numpy as np
import pytest
import tensorflow as tf

from zoo.decoding.greedy import greedy_search
from zoo.decoding.sampling import sample


def drawn(toy, limits, seeds, temperature=1.0, top_p=1.0):
    batch = len(limits)
    return toy.search(
        sample,
        limits,
        np.array(seeds, np.int64),
        np.full(batch, temperature, np.float32),
        np.full(batch, top_p, np.float32),
    )


def equal(found, expected):
    return all(np.array_equal(a, b) for a, b in zip(found, expected, strict=True))


@pytest.mark.parametrize("temperature", [0.5, 1.0, 2.0])
@pytest.mark.parametrize("top_p", [0.7, 1.0])
def test_the_log_probability_is_the_decoders_own(toy, check, temperature, top_p):
    decoder = toy(2, batch=6, pieces=8)
    limits = [1, 2, 3, 5, 8, 12]
    check(decoder, drawn(decoder, limits, range(6), temperature, top_p), limits)


def test_a_seed_always_draws_the_same_and_seeds_differ(toy, texts):
    decoder = toy(0, pieces=9).rows(*[0] * 40)
    seeds = [*range(20), *range(20)]
    found = drawn(decoder, [12] * 40, seeds, temperature=2)
    assert equal(found, drawn(decoder, [12] * 40, seeds, temperature=2))
    written = [texts(found, row) for row in range(40)]
    assert written[:20] == written[20:]
    assert len({str(text) for text in written}) > 10


def test_far_seeds_are_seeds_too(toy, texts):
    decoder = toy(0, pieces=9).rows(*[0] * 4)
    found = drawn(decoder, [12] * 4, [-(2**63), -1, 1, 2**63 - 1], temperature=2)
    assert len({str(texts(found, row)) for row in range(4)}) > 2


def test_a_row_is_drawn_from_what_is_its_own(toy, texts):
    decoder = toy(4, batch=5, pieces=9)
    limits = np.array([12, 3, 9, 1, 12])
    seeds = np.array([5, 6, 7, 8, 5])
    temperature = np.array([1.0, 0.5, 2.0, 1.0, 1.5])
    top_p = np.array([1.0, 0.9, 1.0, 0.5, 0.8])
    together = drawn(decoder, limits, seeds, temperature, top_p)
    order = [3, 0, 4, 1, 2]
    others = [x[order] for x in (limits, seeds, temperature, top_p)]
    permuted = drawn(decoder.rows(*order), *others)
    for place, row in enumerate(order):
        own = [x[[row]] for x in (limits, seeds, temperature, top_p)]
        alone = drawn(decoder.rows(row), *own)
        for found, at in ((alone, 0), (permuted, place)):
            assert texts(found, at) == texts(together, row)
            np.testing.assert_allclose(found.scores[at], together.scores[row], rtol=1e-5)


@pytest.mark.parametrize(
    ("temperature", "top_p"), [(0.0, 1.0), (1e-6, 1.0), (1.0, 1e-6), (1.0, 0.0), (0.0, 0.0)]
)
def test_with_no_freedom_it_is_the_greedy_search(toy, temperature, top_p):
    decoder = toy(6, batch=6, pieces=9)
    limits = [12, 12, 12, 5, 2, 1]
    found = drawn(decoder, limits, range(6), temperature, top_p)
    assert equal(found, decoder.search(greedy_search, limits))


def first_tokens(probabilities, temperature, top_p, draws=4000, forbidden=(), top_k=None):
    """How often each token comes first, where it is no matter what follows."""
    pieces = len(probabilities)
    logits = tf.math.log(tf.constant(probabilities, tf.float32))

    def step(tokens, memory, state):
        return tf.broadcast_to(logits, [tf.shape(tokens)[0], 1, pieces]), state

    @tf.function
    def run():
        return sample(
            step,
            (),
            (),
            0,
            0,
            tf.fill([draws], 2),
            tf.range(draws, dtype=tf.int64),
            tf.fill([draws], temperature),
            tf.fill([draws], top_p),
            forbidden,
            top_k,
        )

    found = run()
    # The end token is 0, and so is the padding after it.
    return np.bincount(found.tokens.numpy()[:, 0, 0], minlength=pieces) / draws


@pytest.mark.parametrize("temperature", [0.5, 1.0, 3.0])
def test_frequencies_are_the_probabilities_at_the_temperature(temperature):
    probabilities = np.array([0.05, 0.4, 0.1, 0.3, 0.15])
    expected = probabilities ** (1 / temperature)
    found = first_tokens(probabilities, temperature, 1.0)
    np.testing.assert_allclose(found, expected / expected.sum(), atol=0.025)


@pytest.mark.parametrize(
    ("top_p", "nucleus"),
    [
        (0.3, [1]),
        (0.45, [1, 3]),
        (0.75, [1, 3, 4]),
        (0.95, [0, 1, 2, 3, 4]),
    ],
)
def test_the_nucleus_is_the_fewest_that_have_the_probability(top_p, nucleus):
    probabilities = np.array([0.08, 0.4, 0.1, 0.26, 0.16])
    expected = np.where(np.isin(np.arange(5), nucleus), probabilities, 0)
    found = first_tokens(probabilities, 1.0, top_p)
    np.testing.assert_allclose(found, expected / expected.sum(), atol=0.025)
    assert (found[expected == 0] == 0).all()


def test_the_nucleus_is_that_of_the_temperature():
    # At 1 the first has enough by itself; at 4 it has not.
    probabilities = np.array([0.1, 0.8, 0.1])
    assert first_tokens(probabilities, 1.0, 0.7).tolist() == [0, 1, 0]
    assert (first_tokens(probabilities, 4.0, 0.7) > 0).sum() > 1


def test_what_is_forbidden_leaves_its_share_to_the_others():
    found = first_tokens(np.array([0.2, 0.5, 0.2, 0.1]), 1.0, 1.0, forbidden=(1,))
    np.testing.assert_allclose(found, [0.4, 0, 0.4, 0.2], atol=0.025)


@pytest.mark.parametrize("temperature", [0.5, 1.0])
def test_of_the_likeliest_alone(temperature):
    probabilities = np.array([0.08, 0.4, 0.1, 0.26, 0.16])
    expected = np.where(np.isin(np.arange(5), [3, 4]), probabilities, 0) ** (1 / temperature)
    found = first_tokens(probabilities, temperature, 1.0, forbidden=(1,), top_k=2)
    np.testing.assert_allclose(found, expected / expected.sum(), atol=0.025)
    assert (found[expected == 0] == 0).all()


def test_each_moment_and_each_seed_has_a_number_of_its_own():
    def step(tokens, memory, state):
        return tf.constant([[[0.0, 0.0, -90.0]]]) + tf.zeros([800, 1, 1]), state

    @tf.function
    def run():
        ones = tf.ones([800])
        seeds = tf.range(800, dtype=tf.int64)
        return sample(step, (), (), 0, 2, tf.fill([800], 9), seeds, ones, ones)

    tokens = run().tokens.numpy()[:, 0]
    assert tokens.shape == (800, 8)
    for moments in (tokens, tokens.T):
        same = (moments[1:] == moments[:-1]).mean()
        assert same == pytest.approx(0.5, abs=0.03)


def test_no_rows_have_no_texts(toy):
    found = drawn(toy(batch=0), [], [])
    assert [x.shape for x in found] == [(0, 1, 0), (0, 1), (0, 1), (0, 1)]
