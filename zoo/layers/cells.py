"""The recurrent cells: what happens at one moment, written as their equations.

Every cell gets `a = U x_t + b`, the part that does not depend on the past and is therefore
computed for all moments in one product before the loop, the state at t - 1, and the recurrent
matrix W. The weights are the same at every moment.

Under mixed precision W is of a short type (bfloat16): products are computed with it, and the
state, which hundreds of moments add to, stays float32.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from keras import ops

State = tuple[Any, ...]

Back = Callable[[Any, State, State, State], tuple[Any, State]]
"""One moment of back-propagation through time, of a cell that reads W h_{t-1} as it reads a.

Maps z_t = a_t + W h_{t-1}, the states before and after, and the gradient with respect to the state
after, to dL/dz_t and the gradient with respect to all parts of the state before but h, which enters
by z alone.
"""


@dataclass(frozen=True)
class Cell:
    """A recurrence.

    Attributes:
        gates: how many blocks of `units` columns U, W and b have.
        states: how many tensors `[batch, units]` the state holds; the first is the output h.
        forget_gate: the block whose bias starts at 1, or None (Jozefowicz et al. 2015).
        bounded: whether h stays in [-1, 1] whatever is read.
        step: (a `[batch, gates * units]`, state, W `[units, gates * units]`) to the next state.
        back: the way back over a step; None where W h_{t-1} is not simply added to a.
    """

    gates: int
    states: int
    forget_gate: int | None
    bounded: bool
    step: Callable[[Any, State, Any], State]
    back: Back | None


def product(h: Any, w: Any) -> Any:
    """W h, computed in the type of W, given in the type of h."""
    return ops.cast(ops.matmul(ops.cast(h, w.dtype), w), h.dtype)


def simple_rnn(a: Any, state: State, w: Any) -> State:
    """h_t = tanh(W h_{t-1} + U x_t + b) (Elman 1990)."""
    (h,) = state
    return (ops.tanh(a + product(h, w)),)


def simple_rnn_back(z: Any, before: State, after: State, gradient: State) -> tuple[Any, State]:
    """dL/dz = dL/dh (1 - h^2)."""
    (h,), (dh,) = after, gradient
    return dh * (1 - h * h), ()


def linear_rnn(a: Any, state: State, w: Any) -> State:
    """h_t = W h_{t-1} + U x_t + b: all moments together are one linear map of the inputs."""
    (h,) = state
    return (a + product(h, w),)


def linear_rnn_back(z: Any, before: State, after: State, gradient: State) -> tuple[Any, State]:
    """dL/dz = dL/dh."""
    (dh,) = gradient
    return dh, ()


def lstm(a: Any, state: State, w: Any) -> State:
    """Gates i, f, o and candidate g; c_t = f c_{t-1} + i g; h_t = o tanh(c_t).

    Hochreiter & Schmidhuber 1997, with the forget gate of Gers et al. 2000.
    """
    h, c = state
    i, f, o, g = _lstm_gates(a + product(h, w))
    c = f * c + i * g
    return o * ops.tanh(c), c


def _lstm_gates(z: Any) -> tuple[Any, Any, Any, Any]:
    gates = 3 * (z.shape[-1] // 4)
    i, f, o = ops.split(ops.sigmoid(z[..., :gates]), 3, axis=-1)
    return i, f, o, ops.tanh(z[..., gates:])


def lstm_back(z: Any, before: State, after: State, gradient: State) -> tuple[Any, State]:
    """The chain rule on `lstm`: dL/dc comes from the moments after and from h = o tanh(c)."""
    (_, c_before), (_, c), (dh, dc) = before, after, gradient
    i, f, o, g = _lstm_gates(z)
    squashed = ops.tanh(c)
    dc = dc + dh * o * (1 - squashed * squashed)
    di, df, do, dg = dc * g, dc * c_before, dh * squashed, dc * i
    dz = [di * i * (1 - i), df * f * (1 - f), do * o * (1 - o), dg * (1 - g * g)]
    return ops.concatenate(dz, axis=-1), (dc * f,)


def gru(a: Any, state: State, w: Any) -> State:
    """Gates z, r; g = tanh(U x_t + b + W (r h_{t-1})); h_t = z h_{t-1} + (1 - z) g.

    Cho et al. 2014, equations 5 to 8.
    """
    (h,) = state
    units = h.shape[-1]
    gates = ops.sigmoid(a[..., : 2 * units] + product(h, w[:, : 2 * units]))
    z, r = ops.split(gates, 2, axis=-1)
    g = ops.tanh(a[..., 2 * units :] + product(r * h, w[:, 2 * units :]))
    return (z * h + (1 - z) * g,)


CELLS = {
    "simple_rnn": Cell(1, 1, None, True, simple_rnn, simple_rnn_back),
    "linear_rnn": Cell(1, 1, None, False, linear_rnn, linear_rnn_back),
    "lstm": Cell(4, 2, 1, True, lstm, lstm_back),
    "gru": Cell(3, 1, None, True, gru, None),
}
