"""From a state at every moment to one vector."""

from typing import Any

from keras import ops


def max_over_time(h: Any, mask: Any) -> Any:
    """The largest value of each unit over time, the zero state before the first moment included.

    So an empty sequence has the zero vector, and a moment fades out smoothly with its mask.

    Args:
        h: float `[batch, time, units]`.
        mask: float `[batch, time]` in [0, 1].

    Returns:
        Float `[batch, units]`.
    """
    before = ops.zeros((ops.shape(h)[0], 1, h.shape[-1]), dtype=h.dtype)
    return ops.max(ops.concatenate([before, h * mask[..., None]], axis=1), axis=1)


def mean_over_time(h: Any, mask: Any) -> Any:
    """The mean of each unit over time, the zero state before the first moment included.

    Args:
        h: float `[batch, time, units]`.
        mask: float `[batch, time]` in [0, 1].

    Returns:
        Float `[batch, units]`; zero for an empty sequence.
    """
    weight = mask[..., None]
    return ops.sum(h * weight, axis=1) / (1 + ops.sum(weight, axis=1))


def sum_over_time(x: Any, mask: Any) -> Any:
    """The sum of vectors over time by the root of their number, a bag of vectors.

    Args:
        x: float `[batch, time, size]`.
        mask: float `[batch, time]` in [0, 1].

    Returns:
        Float `[batch, size]`; zero for an empty sequence.
    """
    weight = mask[..., None]
    return ops.sum(x * weight, axis=1) / ops.sqrt(1 + ops.sum(weight, axis=1))
