"""What the forms share that write a sequence."""

import numpy as np
import pytest

from zoo.recipes.writing import surprise


def test_surprise_is_the_mean_over_tokens_of_the_smoothed_cross_entropy():
    random = np.random.default_rng(0)
    logits = random.normal(size=(2, 3, 5)).astype(np.float32)
    targets = np.array([[4, 1, 3], [2, 0, 0]], np.int32)
    log_p = logits - np.log(np.exp(logits).sum(-1, keepdims=True))
    smooth = np.full((5, 5), 0.2 / 5) + 0.8 * np.eye(5)
    expected = np.mean(
        [-(smooth[t] * log_p[place]).sum() for place, t in np.ndenumerate(targets) if t]
    )
    found = surprise(targets, logits, 0.2)
    assert float(np.mean(found)) == pytest.approx(expected, rel=1e-5)
