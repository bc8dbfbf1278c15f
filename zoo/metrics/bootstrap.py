"""Intervals of figures that are made of sums over the examples."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

_RESAMPLES = 1000
_SEED = 0


def with_intervals(
    names: Sequence[str], statistics: np.ndarray, figures: Callable[[np.ndarray], np.ndarray]
) -> dict[str, Any]:
    """Figures and their 95 % intervals under resampling of the examples (Efron 1979, percentile).

    Args:
        names: of the figures.
        statistics: `[examples, k]`, what of each example enters the sums.
        figures: maps sums over as many examples, `[n, k]`, to the figures `[n, names]`.

    Returns:
        Under each name the figure, and under `NAME_95` the lower and the upper end.
    """
    examples = len(statistics)
    random = np.random.default_rng(_SEED)
    # How often each example is drawn, of as many draws as there are examples.
    drawn = (random.multinomial(examples, [1 / examples] * examples) for _ in range(_RESAMPLES))
    sums = np.stack([statistics.sum(axis=0), *(times @ statistics for times in drawn)])
    values = figures(sums)
    low, high = np.percentile(values[1:], [2.5, 97.5], axis=0)
    result: dict[str, Any] = {}
    for n, name in enumerate(names):
        result[name] = float(values[0, n])
        result[f"{name}_95"] = (float(low[n]), float(high[n]))
    return result
