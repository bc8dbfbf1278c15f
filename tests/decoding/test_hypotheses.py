import numpy as np

from zoo.decoding.hypotheses import forbid


def test_only_the_forbidden_are_impossible():
    assert forbid({0, 3}, 5).tolist() == [-np.inf, 0, 0, -np.inf, 0]
    assert forbid((), 2).tolist() == [0, 0]
    assert forbid([1], 2).dtype == np.float32
