"""The recurrent layers against their equations, written out in NumPy."""

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from zoo.errors import UserError
from zoo.layers.recurrent import Recurrent, RecurrentStack

pytestmark = pytest.mark.usefixtures("float64")

CELLS = ("simple_rnn", "linear_rnn", "lstm", "gru")


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def simple_rnn_forward(x, u, w, b, h):
    return (np.tanh(u @ x + w @ h + b),)


def linear_rnn_forward(x, u, w, b, h):
    return (u @ x + w @ h + b,)


def lstm_forward(x, u, w, b, h, c):
    size = len(h)
    i = sigmoid(u[:size] @ x + w[:size] @ h + b[:size])
    f = sigmoid(u[size : 2 * size] @ x + w[size : 2 * size] @ h + b[size : 2 * size])
    o = sigmoid(u[2 * size : 3 * size] @ x + w[2 * size : 3 * size] @ h + b[2 * size : 3 * size])
    g = np.tanh(u[3 * size :] @ x + w[3 * size :] @ h + b[3 * size :])
    c = f * c + i * g
    return o * np.tanh(c), c


def gru_forward(x, u, w, b, h):
    size = len(h)
    z = sigmoid(u[:size] @ x + w[:size] @ h + b[:size])
    r = sigmoid(u[size : 2 * size] @ x + w[size : 2 * size] @ h + b[size : 2 * size])
    g = np.tanh(u[2 * size :] @ x + w[2 * size :] @ (r * h) + b[2 * size :])
    return (z * h + (1 - z) * g,)


FORWARD = {
    "simple_rnn": (simple_rnn_forward, 1),
    "linear_rnn": (linear_rnn_forward, 1),
    "lstm": (lstm_forward, 2),
    "gru": (gru_forward, 1),
}


def expected_outputs(cell, reverse, x, mask, weights):
    """h of one example after another, one moment after another; vectors are columns."""
    if mask.dtype == bool:
        read = expected_outputs(cell, reverse, x, mask.astype(float), weights)
        return np.where(mask[..., None], read, 0)
    forward, states = FORWARD[cell]
    u, w, b = weights[0].T, weights[1].T, weights[2]
    outputs = np.zeros((*mask.shape, w.shape[1]))
    for example in range(len(x)):
        state = (np.zeros(w.shape[1]),) * states
        moments = range(mask.shape[1])
        for t in reversed(moments) if reverse else moments:
            m = mask[example, t]
            new = forward(x[example, t], u, w, b, *state)
            state = tuple(m * n + (1 - m) * old for n, old in zip(new, state, strict=True))
            outputs[example, t] = state[0]
    return outputs


def simple_rnn_backward(x, mask, weights, wanted, f=np.tanh, slope=lambda h: 1 - h**2, window=None):
    """Gradients of sum(wanted * h), read forwards, with respect to x, mask, U, W and b.

    Truncated, they do not flow back over the edges of windows of so many moments.
    """
    u, w, b = weights
    h, before, new = np.zeros((len(x), len(w))), [], []
    for t in range(x.shape[1]):
        before.append(h)
        new.append(f(x[:, t] @ u + h @ w + b))
        h = mask[:, t, None] * new[t] + (1 - mask[:, t, None]) * h
    dx, dmask = np.zeros_like(x), np.zeros_like(mask)
    du, dw, db, dh = np.zeros_like(u), np.zeros_like(w), np.zeros_like(b), np.zeros_like(h)
    for t in reversed(range(x.shape[1])):
        dh = dh + wanted[:, t]
        dmask[:, t] = ((new[t] - before[t]) * dh).sum(axis=-1)
        dz = mask[:, t, None] * dh * slope(new[t])
        dx[:, t] = dz @ u.T
        du += x[:, t].T @ dz
        dw += before[t].T @ dz
        db += dz.sum(axis=0)
        dh = (1 - mask[:, t, None]) * dh + dz @ w.T
        if window and t % window == 0:
            dh = np.zeros_like(dh)
    return dx, dmask, du, dw, db


def linear_rnn_backward(x, mask, weights, wanted):
    return simple_rnn_backward(x, mask, weights, wanted, f=lambda z: z, slope=np.ones_like)


def lstm_backward(x, mask, weights, wanted):
    """As `simple_rnn_backward`, with the memory c beside h."""
    u, w, b = weights
    h = c = np.zeros((len(x), len(w)))
    tape = []
    for t in range(x.shape[1]):
        i, f, o, g = np.split(x[:, t] @ u + h @ w + b, 4, axis=-1)
        i, f, o, g = sigmoid(i), sigmoid(f), sigmoid(o), np.tanh(g)
        new_c = f * c + i * g
        new_h = o * np.tanh(new_c)
        tape.append((h, c, i, f, o, g, new_h, new_c))
        m = mask[:, t, None]
        h, c = m * new_h + (1 - m) * h, m * new_c + (1 - m) * c
    dx, dmask = np.zeros_like(x), np.zeros_like(mask)
    du, dw, db = np.zeros_like(u), np.zeros_like(w), np.zeros_like(b)
    dh, dc = np.zeros_like(h), np.zeros_like(c)
    for t in reversed(range(x.shape[1])):
        h, c, i, f, o, g, new_h, new_c = tape[t]
        m = mask[:, t, None]
        dh = dh + wanted[:, t]
        dmask[:, t] = ((new_h - h) * dh + (new_c - c) * dc).sum(axis=-1)
        dnew_c = m * dc + m * dh * o * (1 - np.tanh(new_c) ** 2)
        dz = np.concatenate(
            [
                dnew_c * g * i * (1 - i),
                dnew_c * c * f * (1 - f),
                m * dh * np.tanh(new_c) * o * (1 - o),
                dnew_c * i * (1 - g**2),
            ],
            axis=-1,
        )
        dx[:, t] = dz @ u.T
        du += x[:, t].T @ dz
        dw += h.T @ dz
        db += dz.sum(axis=0)
        dh, dc = (1 - m) * dh + dz @ w.T, (1 - m) * dc + dnew_c * f
    return dx, dmask, du, dw, db


BACKWARD = {
    "simple_rnn": simple_rnn_backward,
    "linear_rnn": linear_rnn_backward,
    "lstm": lstm_backward,
}


def padding(random, batch, time):
    return np.arange(time) < random.integers(0, time + 1, (batch, 1))


def right_padded(random, batch, time):
    return padding(random, batch, time).astype(float)


def fractional(random, batch, time):
    return random.uniform(0, 1, (batch, time))


MASKS = {"padding": padding, "right padded": right_padded, "fractional": fractional}


def make(cell, reverse, units, features, random):
    """A layer with random weights, biases too."""
    layer = Recurrent(units, cell, reverse)
    layer.build((None, None, features))
    for variable in layer.trainable_variables:
        variable.assign(random.normal(size=variable.shape))
    return layer, [variable.numpy() for variable in (layer.u, layer.w, layer.b)]


@st.composite
def cases(draw):
    """Shapes and a random generator for the numbers."""
    sizes = [draw(st.integers(1, 4)) for _ in range(4)]
    return (*sizes, np.random.default_rng(draw(st.integers(0, 2**32))))


@pytest.mark.parametrize("mask_of", MASKS.values(), ids=MASKS)
@pytest.mark.parametrize("reverse", [False, True], ids=["forward", "reverse"])
@pytest.mark.parametrize("cell", CELLS)
@given(case=cases())
@settings(deadline=None, max_examples=12)
def test_outputs_follow_the_equations(cell, reverse, mask_of, case):
    batch, time, features, units, random = case
    layer, weights = make(cell, reverse, units, features, random)
    x, mask = random.normal(size=(batch, time, features)), mask_of(random, batch, time)
    expected = expected_outputs(cell, reverse, x, mask, weights)
    np.testing.assert_allclose(layer(x, mask), expected, rtol=1e-12, atol=1e-13)


def gradients(layer, x, mask, wanted, training=False):
    """Of sum(wanted * h), with respect to x, mask, U, W and b; 0 for a mask of booleans."""
    x, mask = tf.constant(x), tf.constant(mask)
    with tf.GradientTape() as tape:
        tape.watch([x, mask] if mask.dtype.is_floating else x)
        loss = tf.reduce_sum(layer(x, mask, training=training) * wanted)
    sources = [x, mask, *(v.value for v in (layer.u, layer.w, layer.b))]
    zero = tf.UnconnectedGradients.ZERO
    found = tape.gradient(loss, sources, unconnected_gradients=zero)
    return [g.numpy().astype(float) for g in found]


@pytest.mark.parametrize("mask_of", MASKS.values(), ids=MASKS)
@pytest.mark.parametrize("reverse", [False, True], ids=["forward", "reverse"])
@pytest.mark.parametrize("cell", BACKWARD)
@given(case=cases(), training=st.booleans())
@settings(deadline=None, max_examples=8)
def test_gradients_are_those_of_back_propagation_through_time(
    cell, reverse, mask_of, case, training
):
    batch, time, features, units, random = case
    layer, weights = make(cell, reverse, units, features, random)
    x, mask = random.normal(size=(batch, time, features)), mask_of(random, batch, time)
    wanted = random.normal(size=(batch, time, units))
    turn = slice(None, None, -1 if reverse else 1)
    # On padding the output is 0, whatever the weights are.
    hand_mask, hand_wanted = mask, wanted
    if mask.dtype == bool:
        hand_mask, hand_wanted = mask.astype(float), np.where(mask[..., None], wanted, 0)
    hand = BACKWARD[cell](x[:, turn], hand_mask[:, turn], weights, hand_wanted[:, turn])
    dx, dmask, *dweights = hand
    expected = [dx[:, turn], dmask[:, turn] * (mask.dtype != bool), *dweights]
    found_gradients = gradients(layer, x, mask, wanted, training)
    for found, hand in zip(found_gradients, expected, strict=True):
        np.testing.assert_allclose(found, hand, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("cell", BACKWARD)
@given(case=cases())
@settings(deadline=None, max_examples=8)
def test_so_are_those_of_an_answer_at_every_moment(cell, case):
    """o_t = V h_t + c, y_t = softmax(o_t), L = -sum_t log y_t[target_t] (Goodfellow 10.2)."""
    batch, time, features, units, random = case
    layer, weights = make(cell, False, units, features, random)
    x, mask = random.normal(size=(batch, time, features)), np.ones((batch, time))
    v, c = random.normal(size=(units, 3)), random.normal(size=3)
    target = np.eye(3)[random.integers(0, 3, (batch, time))]

    h = expected_outputs(cell, False, x, mask, weights)
    y = np.exp(h @ v + c) / np.exp(h @ v + c).sum(axis=-1, keepdims=True)
    do = y - target
    _, _, *dweights = BACKWARD[cell](x, mask, weights, do @ v.T)
    expected = [np.einsum("bth,bto->ho", h, do), do.sum(axis=(0, 1)), *dweights]

    v, c = tf.constant(v), tf.constant(c)
    variables = [v, c, *(variable.value for variable in (layer.u, layer.w, layer.b))]
    with tf.GradientTape() as tape:
        tape.watch([v, c])
        o = layer(x, mask) @ v + c
        loss = tf.reduce_sum(tf.nn.softmax_cross_entropy_with_logits(target, o))
    assert float(loss) == pytest.approx(-np.log((y * target).sum(axis=-1)).sum(), rel=1e-12)
    for found, hand in zip(tape.gradient(loss, variables), expected, strict=True):
        np.testing.assert_allclose(found, hand, rtol=1e-9, atol=1e-12)


@given(case=cases(), window=st.integers(1, 6))
@settings(deadline=None, max_examples=20)
def test_truncated_back_propagation_is_the_full_one_where_the_sequence_fits_the_window(
    case, window
):
    batch, time, features, units, random = case
    layer, weights = make("simple_rnn", False, units, features, random)
    x, wanted = (
        random.normal(size=(batch, time, features)),
        random.normal(size=(batch, time, units)),
    )
    variables = [variable.value for variable in (layer.u, layer.w, layer.b)]
    with tf.GradientTape() as tape:
        state, loss = layer.zero_state(batch), 0.0
        for t in range(0, time, window):
            h, state = layer.run(x[:, t : t + window], state, training=True)
            loss += tf.reduce_sum(h * wanted[:, t : t + window])
            state = tuple(tf.stop_gradient(tensor) for tensor in state)
    found = [gradient.numpy() for gradient in tape.gradient(loss, variables)]
    mask = np.ones((batch, time))
    truncated = simple_rnn_backward(x, mask, weights, wanted, window=window)[2:]
    full = simple_rnn_backward(x, mask, weights, wanted)[2:]
    for f, hand in zip(found, truncated, strict=True):
        np.testing.assert_allclose(f, hand, rtol=1e-9, atol=1e-12)
    same = all(np.allclose(f, hand, rtol=1e-9) for f, hand in zip(found, full, strict=True))
    assert same == (time <= window)


@pytest.mark.parametrize("reverse", [False, True], ids=["forward", "reverse"])
@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("dtype", [bool, float])
def test_right_padding_changes_neither_outputs_nor_gradients(cell, reverse, dtype):
    random = np.random.default_rng(0)
    layer, _ = make(cell, reverse, 3, 2, random)
    x, wanted = random.normal(size=(2, 4, 2)), random.normal(size=(2, 4, 3))
    mask = np.array([[1, 1, 1, 1], [1, 1, 0, 0]], dtype)
    wanted *= mask[..., None]

    def padded(values, filling):
        return np.concatenate([values, np.full((2, 5, *values.shape[2:]), filling)], axis=1)

    longer_x, longer_mask = padded(x, 7.0), padded(mask, dtype(0))
    valid = mask.astype(bool)
    assert np.array_equal(layer(x, mask)[valid], layer(longer_x, longer_mask)[:, :4][valid])
    dx, _, *dweights = gradients(layer, x, mask, wanted)
    longer_dx, _, *longer_dweights = gradients(layer, longer_x, longer_mask, padded(wanted, 0.0))
    np.testing.assert_allclose(longer_dx, padded(dx, 0.0), rtol=1e-12, atol=1e-14)
    for found, hand in zip(longer_dweights, dweights, strict=True):
        np.testing.assert_allclose(found, hand, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("cell", CELLS)
def test_a_graph_of_unknown_sizes_gives_the_same(cell):
    random = np.random.default_rng(0)
    layer, _ = make(cell, True, 3, 2, random)
    specs = [tf.TensorSpec([None, None, 2], tf.float64), tf.TensorSpec([None, None], tf.float64)]
    graph = tf.function(layer, input_signature=specs)
    for batch, time in [(2, 3), (1, 1), (0, 2)]:
        x, mask = random.normal(size=(batch, time, 2)), np.ones((batch, time))
        np.testing.assert_allclose(graph(x, mask), layer(x, mask), rtol=1e-12)


@pytest.mark.parametrize("cell", CELLS)
def test_a_sequence_can_be_read_in_two_halves(cell):
    random = np.random.default_rng(0)
    layer, _ = make(cell, False, 3, 2, random)
    x, mask = random.normal(size=(2, 5, 2)), np.array([[1, 1, 1, 1, 1], [1, 1, 1, 0, 0]], float)
    whole, end = layer.run(x, layer.zero_state(2), mask)
    first, state = layer.run(x[:, :2], layer.zero_state(2), mask[:, :2])
    second, state = layer.run(x[:, 2:], state, mask[:, 2:])
    np.testing.assert_allclose(np.concatenate([first, second], axis=1), whole, rtol=1e-12)
    np.testing.assert_allclose(state, end, rtol=1e-12)
    assert np.array_equal(state[0], whole[:, -1])


@pytest.mark.parametrize("cell", CELLS)
def test_without_a_mask_every_moment_is_read(cell):
    random = np.random.default_rng(0)
    layer, _ = make(cell, False, 3, 2, random)
    x, state = random.normal(size=(2, 4, 2)), layer.zero_state(2)
    state = tuple(tensor + random.normal(size=(2, 3)) for tensor in state)
    found, end = layer.run(x, state)
    expected, expected_end = layer.run(x, state, np.ones((2, 4)))
    np.testing.assert_allclose(found, expected, rtol=1e-12)
    np.testing.assert_allclose(end, expected_end, rtol=1e-12)


@pytest.mark.parametrize("cell", CELLS)
def test_the_gradient_reaches_the_state_before_and_comes_from_the_state_after(cell):
    random = np.random.default_rng(0)
    layer, _ = make(cell, False, 3, 2, random)
    x = tf.constant(random.normal(size=(2, 4, 2)))
    start = [tf.constant(random.normal(size=(2, 3))) for _ in layer.zero_state(2)]
    wanted = random.normal(size=(2, 4, 3))
    wanted_end = [random.normal(size=(2, 3)) for _ in start]
    weights = [variable.value for variable in (layer.u, layer.w, layer.b)]

    @tf.function
    def found(training):
        with tf.GradientTape() as tape:
            tape.watch([x, *start])
            h, end = layer.run(x, tuple(start), training=training)
            ends = [tf.reduce_sum(a * b) for a, b in zip(end, wanted_end, strict=True)]
            loss = tf.reduce_sum(h * wanted) + tf.add_n(ends)
        return [tf.convert_to_tensor(g) for g in tape.gradient(loss, [x, *start, *weights])]

    for mine, derived in zip(found(True), found(False), strict=True):
        np.testing.assert_allclose(mine, derived, rtol=1e-9, atol=1e-12)


def test_only_the_forget_gate_starts_open():
    biases = {}
    for cell in CELLS:
        layer = Recurrent(2, cell)
        layer.build((None, None, 3))
        biases[cell] = layer.b.numpy().tolist()
    assert biases == {
        "simple_rnn": [0] * 2,
        "linear_rnn": [0] * 2,
        "lstm": [0, 0, 1, 1, 0, 0, 0, 0],
        "gru": [0] * 6,
    }


@pytest.mark.parametrize(("cell", "gates"), [("simple_rnn", 1), ("lstm", 4), ("gru", 3)])
def test_every_recurrent_block_starts_orthogonal(cell, gates):
    layer = Recurrent(5, cell)
    layer.build((None, None, 3))
    blocks = np.split(layer.w.numpy(), gates, axis=1)
    for block in blocks:
        np.testing.assert_allclose(block.T @ block, np.eye(5), atol=1e-6)
    assert len({block.tobytes() for block in blocks}) == gates


@pytest.mark.parametrize("make_layer", [Recurrent, RecurrentStack])
def test_an_unknown_cell_is_named_with_those_that_are(make_layer):
    with pytest.raises(UserError) as error:
        make_layer(3, "rnn")
    assert str(error.value) == f"unknown cell 'rnn': choose one of {', '.join(CELLS)}"


@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize("layers", [1, 3])
def test_a_stack_has_its_layers_and_shapes(layers, bidirectional):
    stack = RecurrentStack(4, "lstm", layers, bidirectional)
    stack.build((None, None, 2))
    directions = 2 if bidirectional else 1
    assert stack.output_size == 4 * directions
    assert stack(np.ones((2, 3, 2)), np.ones((2, 3))).shape == (2, 3, 4 * directions)
    inputs = [
        variable.shape[0] for variable in stack.trainable_variables if variable.name[0] == "i"
    ]
    assert inputs == [2] * directions + [4 * directions] * directions * (layers - 1)
    assert len(stack.trainable_variables) == 3 * layers * directions


@pytest.mark.parametrize("cell", CELLS)
def test_a_bidirectional_stack_joins_both_directions_of_each_layer(cell):
    random = np.random.default_rng(0)
    stack = RecurrentStack(3, cell, 2, bidirectional=True)
    stack.build((None, None, 2))
    x, mask = random.normal(size=(2, 4, 2)), right_padded(random, 2, 4)
    expected = x
    for forward, backward in stack.levels:
        weights = [
            [v.numpy() for v in (layer.u, layer.w, layer.b)] for layer in (forward, backward)
        ]
        expected = np.concatenate(
            [
                expected_outputs(cell, False, expected, mask, weights[0]),
                expected_outputs(cell, True, expected, mask, weights[1]),
            ],
            axis=-1,
        )
    np.testing.assert_allclose(stack(x, mask), expected, rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize("dtype", [bool, float])
def test_the_last_outputs_are_those_after_the_whole_text_was_read(bidirectional, dtype):
    random = np.random.default_rng(0)
    stack = RecurrentStack(3, "lstm", 2, bidirectional)
    stack.build((None, None, 2))
    x, mask = random.normal(size=(2, 5, 2)), np.array([[1, 1, 1, 1, 1], [1, 1, 0, 0, 0]], dtype)
    h = np.asarray(stack(x, mask))
    found = np.asarray(stack.last(h, mask))
    assert found.shape == (2, stack.output_size)
    for row, length in enumerate([5, 2]):
        assert np.array_equal(found[row, :3], h[row, length - 1, :3])
        if bidirectional:
            assert np.array_equal(found[row, 3:], h[row, 0, 3:])


# Why a recurrence must not be linear.


def test_three_linear_moments_are_one():
    """h(h(h(x))) = c^3 x."""
    layer, _ = make("linear_rnn", False, 1, 1, np.random.default_rng(0))
    layer.b.assign([0.0])
    layer.w.assign([[0.7]])
    h, _ = layer.run(np.zeros((1, 3, 1)), (np.array([[2.0]]),))
    np.testing.assert_allclose(h[0, :, 0], [0.7 * 2, 0.7**2 * 2, 0.7**3 * 2], rtol=1e-12)


def linear_layers(random, cell):
    stack = RecurrentStack(4, cell, 3)
    stack.build((None, None, 2))
    for variable in stack.trainable_variables:
        variable.assign(random.normal(size=variable.shape))
    return stack


@pytest.mark.parametrize(("cell", "is_one"), [("linear_rnn", True), ("simple_rnn", False)])
def test_three_linear_layers_are_one(cell, is_one):
    """At one moment: (x U_1 + b_1) U_2 ... = x (U_1 U_2 U_3) + a constant."""
    random = np.random.default_rng(0)
    stack = linear_layers(random, cell)
    weights = [(layer.u.numpy(), layer.b.numpy()) for [layer] in stack.levels]
    u, b = np.eye(2), np.zeros(2)
    for factor, bias in weights:
        u, b = u @ factor, b @ factor + bias
    x = random.normal(size=(5, 1, 2))
    assert np.allclose(stack(x, np.ones((5, 1)))[:, 0], x[:, 0] @ u + b, rtol=1e-9) == is_one


@pytest.mark.parametrize(("cell", "is_one"), [("linear_rnn", True), ("simple_rnn", False)])
@given(seed=st.integers(0, 2**32), time=st.integers(2, 6))
@settings(deadline=None, max_examples=5)
def test_a_linear_recurrence_is_one_linear_map_of_all_its_inputs(cell, is_one, seed, time):
    """Its matrix read off from single inputs, it answers every other sequence."""
    random = np.random.default_rng(seed)
    stack, mask = linear_layers(random, cell), np.ones((1, time))
    origin = stack(np.zeros((1, time, 2)), mask)[0, -1]
    ones = np.eye(time * 2).reshape(-1, time, 2)
    matrix = stack(ones, np.ones((len(ones), time)))[:, -1] - origin
    x = random.normal(size=(1, time, 2))
    expected = x.reshape(1, -1) @ matrix + origin
    assert np.allclose(stack(x, mask)[:, -1], expected, rtol=1e-8, atol=1e-8) == is_one


def test_a_linear_recurrence_that_grows_leaves_numbers_on_no_padding():
    layer, _ = make("linear_rnn", False, 1, 1, np.random.default_rng(0))
    layer.w.assign([[1e30]])
    x, mask = np.ones((1, 40, 1)), np.arange(40)[None] < 2
    assert all(
        np.isfinite(found).all() for found in [layer(x, mask), *gradients(layer, x, mask, 1)]
    )


def test_dropout_stands_before_every_layer_but_the_first():
    x, mask = np.ones((2, 3, 2)), np.ones((2, 3))
    for layers, differs in [(1, False), (2, True)]:
        stack = RecurrentStack(8, "simple_rnn", layers, dropout=0.5)
        plain = stack(x, mask)
        assert np.array_equal(plain, stack(x, mask, training=False))
        assert np.array_equal(plain, stack(x, mask, training=True)) != differs
