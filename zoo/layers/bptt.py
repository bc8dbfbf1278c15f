"""Back-propagation through time, written out.

TensorFlow can derive the gradient of a loop by itself. It then keeps all that each moment computed,
and adds dL/dW up moment by moment, in the type of W. Here the loop keeps its states alone. The way
back gives dL/dz_t of each moment, where z_t = a_t + W h_{t-1}, and

    dL/dW = sum_t dL/dz_t h_{t-1}

is one product over all moments (Werbos 1990; Goodfellow et al. 2016, 10.2.2), which takes less time
and memory, and in short types loses nothing of what is small.
"""

from typing import Any

from keras import ops

from zoo.layers.cells import Back, Cell, State, product
from zoo.layers.scan import scan


def read(cell: Cell, back: Back, a: Any, start: State, w: Any, reverse: bool) -> tuple[Any, State]:
    """Run a cell over time on TensorFlow, as `scan` does, but for the gradient.

    Args:
        cell: the recurrence.
        back: its way back over one moment.
        a: U x_t + b, float `[time, batch, columns]`.
        start: the state before the first moment, tensors `[batch, units]`.
        w: float `[units, columns]`.
        reverse: read from the end.

    Returns:
        h at every moment, `[time, batch, units]`, and the last state.
    """
    import tensorflow as tf

    @tf.custom_gradient
    def forwards(a: Any, w: Any, *start: Any) -> tuple[Any, Any]:
        def step(state: State, moment: tuple[Any, ...]) -> State:
            return cell.step(ops.cast(moment[0], start[0].dtype), state, w)

        after, last = scan(step, start, (a,), reverse)

        def backwards(dh: Any, *dlast: Any) -> tuple[Any, ...]:
            before = tuple(_before(*parts, reverse) for parts in zip(start, after, strict=True))
            z = ops.cast(a, dh.dtype) + product(before[0], w)
            dz, dstart = _way_back(back, z, w, before, after, dh, dlast, not reverse)
            return (ops.cast(dz, a.dtype), _outer(before[0], dz, w.dtype), *dstart)

        return (after[0], *last), backwards

    # A variable itself would be asked for a gradient of its own.
    h, *last = forwards(a, tf.convert_to_tensor(w), *start)
    return h, tuple(last)


def _before(start: Any, after: Any, reverse: bool) -> Any:
    """A part of the state before each moment, of it after each, `[time, batch, units]`."""
    parts = [after[1:], start[None]] if reverse else [start[None], after[:-1]]
    return ops.concatenate(parts)


def _way_back(
    back: Back, z: Any, w: Any, before: State, after: State, dh: Any, dlast: State, reverse: bool
) -> tuple[Any, State]:
    """dL/dz of every moment and dL/dstart, from dL/dh of every moment and dL/dlast."""
    transposed = ops.transpose(w)
    states = len(before)

    def step(later: State, moment: tuple[Any, ...]) -> State:
        dh, z, *parts = moment
        _, from_later, *memory = later
        gradient = (dh + from_later, *memory)
        dz, memory_before = back(z, tuple(parts[:states]), tuple(parts[states:]), gradient)
        return (dz, product(dz, transposed), *memory_before)

    nothing = ops.zeros_like(z[0])
    moments = (dh, z, *before, *after)
    (dz, *_), (_, *dstart) = scan(step, (nothing, *dlast), moments, reverse)
    return dz, tuple(dstart)


def _outer(h: Any, dz: Any, dtype: Any) -> Any:
    """The sum of h dz over moments and examples, `[units, columns]`."""
    h, dz = (ops.reshape(ops.cast(x, dtype), (-1, x.shape[-1])) for x in (h, dz))
    return ops.matmul(ops.transpose(h), dz)
