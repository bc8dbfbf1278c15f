"""Training on a part of a text."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from zoo.text.rows import Row, shorten


def numbered(owners):
    """A row in which each token is its place, and each n-gram 100 times the place of its owner."""
    count = len(owners)
    place = np.repeat(np.arange(count, dtype=np.int32), owners)
    return Row(np.arange(count, dtype=np.int32), 100 * place, place)


def test_a_short_row_is_not_shortened():
    row = numbered([1, 0, 2])
    for limit in (3, 4, 512):
        assert shorten(row, limit) is row


def test_of_a_long_row_the_first_quarter_and_the_last_three_are_kept():
    assert shorten(numbered([1] * 20), 8).tokens.tolist() == [0, 1, 14, 15, 16, 17, 18, 19]
    assert shorten(numbered([1] * 20), 7).tokens.tolist() == [0, 14, 15, 16, 17, 18, 19]
    assert shorten(numbered([1] * 2), 1).tokens.tolist() == [1]


@given(st.lists(st.integers(0, 3), max_size=20), st.integers(1, 20))
def test_kept_ngrams_keep_their_owners(owners, limit):
    found = shorten(numbered(owners), limit)
    assert len(found.tokens) == min(limit, len(owners))
    assert {part.dtype for part in found} == {np.dtype(np.int32)}
    assert found.ngrams.tolist() == (100 * found.tokens[found.ngram_tokens]).tolist()
    counts = np.bincount(found.ngram_tokens, minlength=len(found.tokens))
    assert counts.tolist() == [owners[token] for token in found.tokens]
