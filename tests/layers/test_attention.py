import keras
import numpy as np
import pytest

from zoo.errors import UserError
from zoo.layers.attention import Attention

BATCH, TIME, PLACES, QUERY, SIZE, UNITS = 3, 4, 5, 6, 7, 8


def made(kind):
    keras.utils.set_random_seed(0)
    layer = Attention(UNITS, kind)
    layer.build(QUERY, SIZE)
    return layer


@pytest.fixture
def inputs():
    random = np.random.default_rng(0)
    query = random.normal(size=(BATCH, TIME, QUERY)).astype(np.float32)
    values = random.normal(size=(BATCH, PLACES, SIZE)).astype(np.float32)
    mask = np.array([[1, 1, 1, 1, 1], [1, 1, 0, 0, 0], [1, 0, 0, 0, 0]], np.float32)
    return query, values, mask


def softmax(scores):
    exponents = np.exp(scores - scores.max())
    return exponents / exponents.sum()


@pytest.mark.parametrize("kind", ["additive", "multiplicative", "none"])
def test_the_context_is_the_equation(kind, inputs):
    layer = made(kind)
    query, values, mask = inputs
    context, weights = layer(query, layer.remember(values, mask))
    for b in range(BATCH):
        there = values[b, mask[b] == 1]
        for t in range(TIME):
            if kind == "none":
                scores = np.zeros(len(there))
            else:
                q, keys = query[b, t] @ np.array(layer.w), there @ np.array(layer.u)
                if kind == "multiplicative":
                    scores = keys @ q / np.sqrt(UNITS)
                else:
                    scores = (np.tanh(q + keys) @ np.array(layer.v))[:, 0]
            expected = softmax(scores)
            np.testing.assert_allclose(weights[b, t, : len(there)], expected, atol=1e-5)
            np.testing.assert_allclose(context[b, t], expected @ there, atol=1e-5)
        assert not np.any(np.array(weights)[b, :, mask[b] == 0])


@pytest.mark.parametrize("kind", ["additive", "multiplicative", "none"])
def test_what_is_masked_does_not_matter(kind, inputs):
    layer = made(kind)
    query, values, mask = inputs
    changed = np.where(mask[..., None] == 0, 99, values).astype(np.float32)
    first, _ = layer(query, layer.remember(values, mask))
    second, _ = layer(query, layer.remember(changed, mask))
    np.testing.assert_allclose(first, second, atol=1e-6)


def test_nothing_to_look_at_gives_a_finite_answer(inputs):
    layer = made("multiplicative")
    query, values, mask = inputs
    context, weights = layer(query, layer.remember(0 * values, 0 * mask))
    assert np.isfinite(weights).all()
    assert not np.any(context)


def test_an_unknown_kind_is_refused():
    with pytest.raises(UserError, match="unknown attention 'dot': choose one of additive, mult"):
        Attention(4, "dot")
