"""Gradient flow against the equations and against differences."""

from dataclasses import replace

import keras
import numpy as np
import pytest

from zoo.analysis.gradients import descend, forget_gates, gradient_norms, memory_lengths
from zoo.models.many_to_one import ManyToOne, ManyToOneConfig
from zoo.training.precision import precision

CONFIG = ManyToOneConfig(
    pieces=9,
    ngram_buckets=0,
    classes=2,
    cell="simple_rnn",
    bidirectional=False,
    layers=1,
    units=4,
    embedding_size=3,
    dropout=0.0,
    ngram_dropout=0.0,
    bare=True,
)
TIME = 6


def make(**changes):
    """A model in float64 with random weights, what two texts read, and their targets."""
    with precision("float64"):
        model = ManyToOne(replace(CONFIG, **changes))
    random = np.random.default_rng(0)
    for variable in model.trainable_variables:
        variable.assign(random.normal(scale=0.7, size=variable.shape))
    return model, random.normal(size=(2, TIME, 3)), np.eye(2, dtype=np.float32)


def weights(layer):
    return [variable.numpy() for variable in (layer.u, layer.w, layer.b)]


def softmax(o):
    return np.exp(o) / np.exp(o).sum(axis=-1, keepdims=True)


def test_the_gradients_of_a_simple_rnn_are_a_product_from_its_end():
    """dL/dh_T = V^T (y - target); dL/dh_t = W^T (dL/dh_{t+1} (1 - h_{t+1}^2))."""
    model, x, targets = make()
    [[layer]] = model.stack.levels
    u, w, b = weights(layer)
    v, c = (variable.numpy() for variable in (model.output_layer.kernel, model.output_layer.bias))
    h = [np.zeros((2, 4))]
    for t in range(TIME):
        h.append(np.tanh(x[:, t] @ u + h[-1] @ w + b))
    d = (softmax(h[-1] @ v + c) - targets) @ v.T
    expected = [d]
    for t in reversed(range(1, TIME)):
        d = (d * (1 - h[t + 1] ** 2)) @ w.T
        expected.insert(0, d)
    found = gradient_norms(model, x, targets)
    assert found.keys() == {"forward_0"}
    hand = np.linalg.norm(expected, axis=-1).T
    np.testing.assert_allclose(found["forward_0"], hand, rtol=1e-5)


@pytest.mark.parametrize(
    ("cell", "bidirectional", "bare"),
    [("linear_rnn", False, True), ("lstm", False, True), ("gru", True, False)],
)
def test_they_are_what_the_loss_changes_by(cell, bidirectional, bare):
    """Of two layers: the output at a moment moved a little, the loss follows the gradient."""
    model, x, targets = make(cell=cell, bidirectional=bidirectional, bare=bare, layers=2, units=2)
    names = ["forward", "backward"][: 1 + bidirectional]
    found = gradient_norms(model, x, targets)
    assert list(found) == [f"{name}_{n}" for n in range(2) for name in names]

    def losses(name, moment, vector):
        """Of each text, the output of one layer at one moment moved by a vector."""
        h = x
        for level in model.stack.levels:
            parts = []
            for layer in level:
                read = h[:, ::-1] if layer.reverse else h
                state, outputs = layer.zero_state(2), []
                for t in range(TIME):
                    state = layer.step(read[:, t], state)
                    place = TIME - 1 - t if layer.reverse else t
                    if (layer.name, place) == (name, moment):
                        state = (state[0] + vector, *state[1:])
                    outputs.append(np.asarray(state[0]))
                stacked = np.stack(outputs, axis=1)
                parts.append(stacked[:, ::-1] if layer.reverse else stacked)
            h = np.concatenate(parts, axis=-1)
        pooled = np.asarray(model.pool(h, x, np.ones((2, TIME))))
        kernel, bias = (np.asarray(v, float) for v in model.output_layer.weights)
        y = softmax(pooled @ kernel + bias)
        return -np.log((y * targets).sum(axis=-1))

    for name in found:
        for moment in (1, TIME - 1):
            little = 1e-6
            slopes = [
                (losses(name, moment, little * e) - losses(name, moment, -little * e)) / 2 / little
                for e in np.eye(2)
            ]
            hand = np.linalg.norm(slopes, axis=0)
            np.testing.assert_allclose(found[name][:, moment], hand, rtol=1e-3, atol=1e-7)


@pytest.mark.parametrize("bidirectional", [False, True])
def test_forget_gates_are_those_of_the_equation(bidirectional):
    model, x, _ = make(cell="lstm", bidirectional=bidirectional, layers=2)
    found = forget_gates(model, x)
    for layer in model.stack.levels[0]:
        u, w, b = weights(layer)
        mask = np.ones((2, TIME))
        h = np.asarray(layer(x, mask))
        order = range(TIME)[:: -1 if layer.reverse else 1]
        before = np.zeros((2, 4))
        for t in order:
            z = (x[:, t] @ u + before @ w + b)[:, 4:8]
            np.testing.assert_allclose(found[layer.name][:, t], 1 / (1 + np.exp(-z)), rtol=1e-9)
            before = h[:, t]
    assert len(found) == 2 * (1 + bidirectional)
    assert not np.allclose(found["forward_0"], found["forward_1"])


def test_memory_is_as_long_as_a_product_of_gates_takes_to_fall_to_one_e_th():
    gates = np.full((2, 50, 3), [0.5, 0.9, 0.99])
    lengths = memory_lengths(gates)
    np.testing.assert_allclose(gates[0, 0] ** lengths, np.exp(-1), rtol=1e-12)
    # A gate that closes at every other moment keeps little.
    gates[:, ::2] = 0.01
    assert (memory_lengths(gates) < 0.5).all()


def explosive(cell):
    keras.utils.set_random_seed(0)
    model = ManyToOne(replace(CONFIG, cell=cell, units=8))
    [[layer]] = model.stack.levels
    layer.w.assign(layer.w * 1.5)
    random = np.random.default_rng(0)
    tokens = [random.integers(1, 9, (8, 40), np.int32) for _ in range(30)]
    return model, [({"tokens": t}, np.eye(2, dtype=np.float32)[t[:, -1] % 2]) for t in tokens]


def test_a_linear_recurrence_explodes_and_clipping_cures_it():
    steps = descend(*explosive("linear_rnn"), rate=0.1, clip=None)
    assert not np.isfinite(steps[-1].loss)
    assert len(steps) < 10
    assert all(np.isfinite(step.loss) for step in steps[:-1])
    clipped = descend(*explosive("linear_rnn"), rate=0.1, clip=1.0)
    assert len(clipped) == 30
    assert clipped[0] == steps[0]  # the norm is that before clipping
    assert clipped[0].norm > 100
    assert np.mean([step.loss for step in clipped[-5:]]) < clipped[0].loss / 100


def test_tanh_keeps_the_loss_finite():
    steps = descend(*explosive("simple_rnn"), rate=0.1, clip=None)
    assert len(steps) == 30
    assert max(step.loss for step in steps) < 10


def test_a_descent_without_clipping_is_theta_less_rate_times_gradient():
    model, batches = explosive("simple_rnn")
    before = [v.numpy() for v in model.trainable_variables]
    [step] = descend(model, batches[:1], rate=0.5, clip=None)
    moved = [b - v.numpy() for b, v in zip(before, model.trainable_variables, strict=True)]
    assert np.sqrt(sum((m**2).sum() for m in moved)) == pytest.approx(0.5 * step.norm, rel=1e-4)
