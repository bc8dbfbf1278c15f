"""A loop over time."""

from collections.abc import Callable
from typing import Any

import keras
from keras import ops

State = tuple[Any, ...]
Step = Callable[[State, tuple[Any, ...]], State]


def scan(
    step: Step, initial: State, inputs: tuple[Any, ...], reverse: bool = False
) -> tuple[State, State]:
    """Run `step` over the first axis of `inputs`, the state of one moment feeding the next.

    Args:
        step: maps the state at t - 1 and the inputs at t to the state at t.
        initial: the state before the first moment, a tuple of tensors.
        inputs: tensors `[time, ...]`, all of one length, at least 1.
        reverse: begin at their end, and go on to their beginning.

    Returns:
        The state at every moment, a tuple of tensors `[time, ...]` in the order of the inputs, and
        the state after the last moment that was read.
    """
    if keras.backend.backend() == "tensorflow":
        return _scan_tensorflow(step, initial, inputs, reverse)

    def carry(state: State, moment: tuple[Any, ...]) -> tuple[State, State]:
        state = step(state, moment)
        return state, state

    last, states = ops.scan(carry, initial, inputs, reverse=reverse)
    return states, last


def _scan_tensorflow(
    step: Step, initial: State, inputs: tuple[Any, ...], reverse: bool
) -> tuple[State, State]:
    # keras.ops.scan is slower on this backend than the plain while loop.
    import tensorflow as tf

    length = tf.shape(inputs[0])[0]
    moments = [tf.TensorArray(x.dtype, size=length).unstack(x) for x in inputs]
    outputs = tuple(
        tf.TensorArray(part.dtype, size=length, element_shape=part.shape, name="states")
        for part in initial
    )

    def body(n: Any, state: State, written: State) -> tuple[Any, State, State]:
        t = length - 1 - n if reverse else n
        state = step(state, tuple(x.read(t) for x in moments))
        return n + 1, state, tuple(x.write(t, part) for x, part in zip(written, state, strict=True))

    _, state, written = tf.while_loop(
        lambda n, *_: n < length, body, (0, initial, outputs), maximum_iterations=length
    )
    return tuple(part.stack() for part in written), state
