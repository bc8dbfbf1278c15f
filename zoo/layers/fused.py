"""The LSTM of Keras' torch backend as one call for all moments, cuDNN's on a GPU.

There a loop in Python would start a dozen small kernels for each moment, and wait for most of them.
"""

from functools import lru_cache
from typing import Any

from zoo.layers.cells import State


def lstm(a: Any, start: State, w: Any, reverse: bool) -> tuple[Any, State]:
    """Run `zoo.layers.cells.lstm` over time, as `zoo.layers.scan.scan` does.

    torch's LSTM reads W_ih x + W_hh h with its gates in the order i, f, g, o, and is given a as its
    x: W_ih only brings the gates, here i, f, o, g, into that order.

    Args:
        a: U x_t + b, float `[time, batch, 4 * units]`.
        start: the state before the first moment, tensors float32 `[batch, units]`.
        w: float `[units, 4 * units]`.
        reverse: read from the end.

    Returns:
        h at every moment, float32 `[time, batch, units]`, and the last state.
    """
    import torch

    units = w.shape[0]
    order = gate_order(units)
    a, w = a.float(), w.float()
    weights = {
        "weight_ih_l0": torch.eye(4 * units, device=a.device)[order],
        "weight_hh_l0": w.t()[order],
    }
    read = a.flip(0) if reverse else a
    state = tuple(part[None].contiguous() for part in start)
    h, last = torch.func.functional_call(_layer(units), weights, (read, state))
    return h.flip(0) if reverse else h, tuple(part[0] for part in last)


def gate_order(units: int) -> list[int]:
    """Of each of torch's rows, gates i, f, g, o, the place among columns of i, f, o, g."""
    i, f, o, g = (range(n * units, (n + 1) * units) for n in range(4))
    return [*i, *f, *g, *o]


@lru_cache
def _layer(units: int) -> Any:
    """The layer but for its weights."""
    import torch

    return torch.nn.LSTM(4 * units, units, bias=False, device="meta")
