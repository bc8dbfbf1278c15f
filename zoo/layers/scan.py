"""A loop over time."""

from collections.abc import Callable
from typing import Any

import keras
from keras import ops

State = tuple[Any, ...]


def scan(
    step: Callable[[State, tuple[Any, ...]], State], initial: State, inputs: tuple[Any, ...]
) -> tuple[Any, State]:
    """Run `step` over the first axis of `inputs`, the state of one moment feeding the next.

    Args:
        step: maps the state at t - 1 and the inputs at t to the state at t.
        initial: the state before the first moment, a tuple of tensors.
        inputs: tensors `[time, ...]`, all of one length, at least 1.

    Returns:
        The first tensor of the state at every moment, `[time, ...]`, and the last state.
    """
    if keras.backend.backend() == "tensorflow":
        return _scan_tensorflow(step, initial, inputs)

    def carry(state: State, moment: tuple[Any, ...]) -> tuple[State, Any]:
        state = step(state, moment)
        return state, state[0]

    state, outputs = ops.scan(carry, initial, inputs)
    return outputs, state


def _scan_tensorflow(
    step: Callable[..., State], initial: State, inputs: tuple[Any, ...]
) -> tuple[Any, State]:
    # keras.ops.scan writes the state of every step to memory on this backend, and fails where
    # the state holds more tensors than the output; the plain while loop does neither.
    import tensorflow as tf

    length = tf.shape(inputs[0])[0]
    moments = [tf.TensorArray(x.dtype, size=length).unstack(x) for x in inputs]
    outputs = tf.TensorArray(
        initial[0].dtype, size=length, element_shape=initial[0].shape, name="states"
    )

    def body(t: Any, state: State, written: Any) -> tuple[Any, State, Any]:
        state = step(state, tuple(x.read(t) for x in moments))
        return t + 1, state, written.write(t, state[0])

    _, state, written = tf.while_loop(
        lambda t, *_: t < length, body, (0, initial, outputs), maximum_iterations=length
    )
    return written.stack(), state
