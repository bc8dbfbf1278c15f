"""How gradients flow back through time, measured on a model of the form many to one.

dL/dh_t, the gradient of the loss with respect to the output at t by all ways that lead from it,
is the gradient with respect to a zero that is added there.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import tensorflow as tf
from keras import ops

from zoo.layers.scan import scan
from zoo.models.many_to_one import ManyToOne


def _outputs(layer: Any, x: Any, zeros: Any) -> Any:
    """The outputs of a `Recurrent` layer, with zeros added to each before it is passed on."""
    a = ops.transpose(ops.matmul(x, layer.u) + layer.b, (1, 0, 2))

    def step(state: tuple[Any, ...], moment: tuple[Any, ...]) -> tuple[Any, ...]:
        h, *memory = layer.cell.step(moment[0], state, ops.convert_to_tensor(layer.w))
        return (h + moment[1], *memory)

    start = layer.zero_state(ops.shape(x)[0])
    (h, *_), _ = scan(step, start, (a, ops.transpose(zeros, (1, 0, 2))), layer.reverse)
    return ops.transpose(h, (1, 0, 2))


def gradient_norms(model: ManyToOne, x: np.ndarray, targets: np.ndarray) -> dict[str, np.ndarray]:
    """The norm of dL/dh_t at every moment, of every recurrent layer and direction.

    Args:
        model: with a `RecurrentStack`; in float64, as the norms leave float32's range.
        x: vectors of the tokens, float `[batch, time, size]`, without padding.
        targets: float `[batch, classes]`; L is the cross-entropy of one example.

    Returns:
        By the layers' names, float `[batch, time]`.
    """
    names = [layer.name for level in model.stack.levels for layer in level]
    shape = (*x.shape[:2], model.config.units)
    zeros = {name: tf.zeros(shape, x.dtype) for name in names}
    h = inputs = tf.constant(x)
    with tf.GradientTape() as tape:
        tape.watch(zeros)
        for level in model.stack.levels:
            parts = [_outputs(layer, h, zeros[layer.name]) for layer in level]
            h = ops.concatenate(parts, axis=-1)
        mask = tf.ones(x.shape[:2], x.dtype)
        logits = model.output_layer(model.pool(h, inputs, mask))
        losses = tf.nn.softmax_cross_entropy_with_logits(targets, logits)
    gradients = tape.gradient(losses, zeros)
    return {name: np.linalg.norm(gradients[name].numpy(), axis=-1) for name in names}


def forget_gates(model: ManyToOne, x: np.ndarray) -> dict[str, np.ndarray]:
    """The forget gates f_t of an LSTM's layers while they read.

    Args:
        model: with the cell `lstm`.
        x: as of `gradient_norms`.

    Returns:
        By the layers' names, float `[batch, time, units]`; in the order of the text.
    """
    gates = {}
    h = ops.convert_to_tensor(x)
    mask = ops.ones(x.shape[:2], x.dtype)
    for level in model.stack.levels:
        outputs = [layer(h, mask) for layer in level]
        for layer, output in zip(level, outputs, strict=True):
            z = ops.matmul(h, layer.u) + layer.b + ops.matmul(_before(layer, output), layer.w)
            f = ops.split(ops.sigmoid(z), layer.cell.gates, axis=-1)[layer.cell.forget_gate]
            gates[layer.name] = ops.convert_to_numpy(f)
        h = ops.concatenate(outputs, axis=-1)
    return gates


def _before(layer: Any, h: Any) -> Any:
    """The output that each moment starts from: zero, then the one before it in reading order."""
    if layer.reverse:
        return ops.pad(h, [[0, 0], [0, 1], [0, 0]])[:, 1:]
    return ops.pad(h, [[0, 0], [1, 0], [0, 0]])[:, :-1]


def memory_lengths(gates: np.ndarray) -> np.ndarray:
    """How many moments each unit of an LSTM remembers: after so many, 1 / e of c is left.

    What is left of c after n moments is the product of their forget gates, f^n with f their
    geometric mean, and f^n = 1 / e where n = -1 / log f.

    Args:
        gates: float `[batch, time, units]`.

    Returns:
        Float `[units]`, in moments.
    """
    return -1 / np.log(gates).mean(axis=(0, 1))


@dataclass(frozen=True)
class Descent:
    """One step of plain gradient descent.

    Attributes:
        loss: before the step.
        norm: of the gradient of all weights together, before clipping.
    """

    loss: float
    norm: float


def descend(
    model: ManyToOne,
    batches: Sequence[tuple[Any, np.ndarray]],
    rate: float,
    clip: float | None,
) -> list[Descent]:
    """Plain gradient descent, a step for each batch, until the loss is not finite.

    Args:
        model: trained in place.
        batches: features and targets, float `[batch, classes]`.
        rate: what the gradient is multiplied with.
        clip: a longer gradient is made this long (Pascanu et al. 2013); None for no clipping.

    Returns:
        The steps; the last may be the one whose loss or gradient is not finite.
    """
    weights = [variable.value for variable in model.trainable_variables]

    @tf.function(reduce_retracing=True)
    def step(features: Any, targets: Any) -> tuple[Any, Any]:
        with tf.GradientTape() as tape:
            losses = tf.nn.softmax_cross_entropy_with_logits(targets, model(features))
            loss = tf.reduce_mean(losses)
        gradients = [tf.convert_to_tensor(g) for g in tape.gradient(loss, weights)]
        norm = tf.linalg.global_norm(gradients)
        shorter = 1.0 if clip is None else tf.minimum(1.0, clip / norm)
        for weight, gradient in zip(weights, gradients, strict=True):
            weight.assign_sub(rate * shorter * gradient)
        return loss, norm

    steps: list[Descent] = []
    for features, targets in batches:
        steps.append(Descent(*map(float, step(features, targets))))
        if not np.isfinite(steps[-1].loss):
            break
    return steps
