import keras
import numpy as np
import pytest
from keras import ops

from zoo.layers.cells import CELLS
from zoo.layers.fused import gate_order, lstm
from zoo.layers.scan import scan

TIME, BATCH, UNITS = 5, 3, 4


@pytest.fixture
def sequence():
    """Inputs, a state and W."""
    random = np.random.default_rng(0)

    def drawn(*shape):
        return random.normal(size=shape).astype(np.float32)

    state = (drawn(BATCH, UNITS), drawn(BATCH, UNITS))
    return drawn(TIME, BATCH, 4 * UNITS), state, drawn(UNITS, 4 * UNITS)


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def test_the_gates_in_torchs_order_give_what_its_equations_say(sequence):
    """torch.nn.LSTM: i, f, o = sigmoid, g = tanh of W_ih x + W_hh h, in rows i, f, g, o."""
    a, (h, c), w = sequence
    order = gate_order(UNITS)
    w_ih, w_hh = np.eye(4 * UNITS)[order], w.T[order]
    expected = CELLS["lstm"].step(*map(ops.convert_to_tensor, (a[0],)), (h, c), ops.array(w))
    i, f, g, o = np.split(a[0] @ w_ih.T + h @ w_hh.T, 4, axis=-1)
    memory = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
    np.testing.assert_allclose(expected[1], memory, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(expected[0], sigmoid(o) * np.tanh(memory), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("reverse", [False, True])
def test_on_torch_it_is_the_cell_over_time(sequence, reverse):
    torch = pytest.importorskip("torch", reason="torch is no part of the project's environment")
    a, state, w = sequence
    cell = CELLS["lstm"]

    def step(state, moment):
        return cell.step(moment[0], state, ops.convert_to_tensor(w))

    (expected, _), last = scan(step, tuple(map(ops.convert_to_tensor, state)), (a,), reverse)
    given = [torch.from_numpy(part) for part in (a, *state, w)]
    found, end = lstm(given[0], tuple(given[1:3]), given[3], reverse)
    for one, other in zip((found, *end), (expected, *last), strict=True):
        np.testing.assert_allclose(one, keras.ops.convert_to_numpy(other), rtol=1e-4, atol=1e-6)
