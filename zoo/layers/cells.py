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


@dataclass(frozen=True)
class Cell:
    """A recurrence.

    Attributes:
        gates: how many blocks of `units` columns U, W and b have.
        states: how many tensors `[batch, units]` the state holds; the first is the output h.
        forget_gate: the block whose bias starts at 1, or None (Jozefowicz et al. 2015).
        step: (a `[batch, gates * units]`, state, W `[units, gates * units]`) to the next state.
    """

    gates: int
    states: int
    forget_gate: int | None
    step: Callable[[Any, State, Any], State]


def _product(h: Any, w: Any) -> Any:
    """W h, computed in the type of W, given in the type of h."""
    return ops.cast(ops.matmul(ops.cast(h, w.dtype), w), h.dtype)


def simple_rnn(a: Any, state: State, w: Any) -> State:
    """h_t = tanh(W h_{t-1} + U x_t + b) (Elman 1990)."""
    (h,) = state
    return (ops.tanh(a + _product(h, w)),)


def linear_rnn(a: Any, state: State, w: Any) -> State:
    """h_t = W h_{t-1} + U x_t + b: all moments together are one linear map of the inputs."""
    (h,) = state
    return (a + _product(h, w),)


def lstm(a: Any, state: State, w: Any) -> State:
    """Gates i, f, o and candidate g; c_t = f c_{t-1} + i g; h_t = o tanh(c_t).

    Hochreiter & Schmidhuber 1997, with the forget gate of Gers et al. 2000.
    """
    h, c = state
    z = a + _product(h, w)
    gates = 3 * h.shape[-1]
    i, f, o = ops.split(ops.sigmoid(z[..., :gates]), 3, axis=-1)
    g = ops.tanh(z[..., gates:])
    c = f * c + i * g
    return o * ops.tanh(c), c


def gru(a: Any, state: State, w: Any) -> State:
    """Gates z, r; g = tanh(U x_t + b + W (r h_{t-1})); h_t = z h_{t-1} + (1 - z) g.

    Cho et al. 2014, equations 5 to 8.
    """
    (h,) = state
    units = h.shape[-1]
    gates = ops.sigmoid(a[..., : 2 * units] + _product(h, w[:, : 2 * units]))
    z, r = ops.split(gates, 2, axis=-1)
    g = ops.tanh(a[..., 2 * units :] + _product(r * h, w[:, 2 * units :]))
    return (z * h + (1 - z) * g,)


CELLS = {
    "simple_rnn": Cell(gates=1, states=1, forget_gate=None, step=simple_rnn),
    "linear_rnn": Cell(gates=1, states=1, forget_gate=None, step=linear_rnn),
    "lstm": Cell(gates=4, states=2, forget_gate=1, step=lstm),
    "gru": Cell(gates=3, states=1, forget_gate=None, step=gru),
}
