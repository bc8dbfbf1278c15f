import math

import numpy as np
import pytest

from zoo.metrics.bootstrap import with_intervals


def test_the_interval_of_a_mean_is_the_normal_one():
    values = np.random.default_rng(1).normal(5, 2, (400, 1))
    result = with_intervals(["mean"], values, lambda sums: sums / 400)
    mean, reach = values.mean(), 1.96 * values.std() / math.sqrt(400)
    assert result["mean"] == pytest.approx(mean)
    assert result["mean_95"] == pytest.approx((mean - reach, mean + reach), abs=0.03)


def test_examples_are_drawn_whole():
    """Each example's parts are equal, so that their ratio is one in every resample."""
    parts = np.repeat(np.arange(1.0, 31)[:, np.newaxis], 2, axis=1)
    result = with_intervals(
        ["ratio", "sum"], parts, lambda sums: np.stack([sums[:, 0] / sums[:, 1], sums[:, 0]], 1)
    )
    assert (result["ratio"], result["ratio_95"]) == (1, (1, 1))
    low, high = result["sum_95"]
    assert low < result["sum"] == 465 < high


def test_the_interval_is_the_same_every_time():
    values = np.arange(10.0)[:, np.newaxis]
    first, again = (with_intervals(["sum"], values, lambda sums: sums) for _ in range(2))
    assert first == again
