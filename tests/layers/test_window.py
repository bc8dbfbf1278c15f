"""The perceptron over a window against its equation, written out in NumPy."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zoo.layers.window import Window

pytestmark = pytest.mark.usefixtures("float64")


@given(*[st.integers(1, 4)] * 4, st.integers(1, 6), st.integers(0, 2**32))
@settings(deadline=None, max_examples=15)
def test_every_moment_has_weights_of_its_own(batch, features, units, window, time, seed):
    random = np.random.default_rng(seed)
    layer = Window(units, window)
    layer.build((None, None, features))
    for variable in layer.trainable_variables:
        variable.assign(random.normal(size=variable.shape))
    x, mask = random.normal(size=(batch, time, features)), random.uniform(size=(batch, time))
    u = layer.u.numpy().reshape(window, features, units)
    expected = np.zeros((batch, units)) + layer.b.numpy()
    for t in range(min(window, time)):
        expected += mask[:, t, None] * x[:, t] @ u[t]
    h = layer(x, mask)
    assert h.shape == (batch, 1, units)
    np.testing.assert_allclose(layer.last(h, mask), np.tanh(expected), rtol=1e-12, atol=1e-13)
