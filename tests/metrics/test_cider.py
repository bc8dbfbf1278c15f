"""CIDEr-D of single captions."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from pycocoevalcap.cider.cider import Cider

from zoo.metrics.cider import CiderD

words = st.lists(st.sampled_from(["a", "dog", "cat", "runs", "red", "mat"]), min_size=2, max_size=9)
photos = st.lists(st.tuples(words, st.lists(words, min_size=1, max_size=3)), min_size=2, max_size=5)


@settings(deadline=None)
@given(photos)
def test_it_is_the_standard_implementations(photos):
    said, references = [s for s, _ in photos], [r for _, r in photos]
    measure = CiderD(references)
    found = [measure(n, caption) for n, caption in enumerate(said)]
    _, expected = Cider().compute_score(
        {n: [" ".join(r) for r in captions] for n, captions in enumerate(references)},
        {n: [" ".join(s)] for n, s in enumerate(said)},
    )
    np.testing.assert_allclose(found, 100 * expected, atol=1e-6)


def test_nothing_agrees_with_nothing():
    measure = CiderD([[["a", "dog"]], [["a", "cat"]]])
    assert measure(0, []) == 0
    assert measure(0, ["zebra"]) == 0


def test_what_every_photo_has_says_nothing():
    measure = CiderD([[["a", "dog"]], [["a", "cat"]]])
    assert measure(0, ["a"]) == 0
    assert measure(0, ["a", "dog"]) > measure(0, ["dog"]) > 0
