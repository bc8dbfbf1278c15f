"""Subword dropout: in training a piece now and then stands as shorter ones.

Of a piece that is never cut the model knows nothing but its number. Cut in many ways, words share
their parts with others, rare words and new ones the more, and a small data set is harder to learn
by heart. After Provilkov et al., "BPE-Dropout: Simple and Effective Subword
Regularization" (2020), https://arxiv.org/abs/1910.13267, which skips merges; here pieces are cut
again after the merges, so that numbers alone are needed and no text.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from zoo.text.vocabulary import CONTINUATION, SEQUENCE_SPECIALS

_DEPTH = 2  # a part may be cut again, and its parts stay


class SubwordDropout:
    """Cuts pieces of a vocabulary at random places.

    Args:
        vocabulary: the entries by id, as `zoo.text.vocabulary.learn` returns them.
        share: of the pieces that can be cut, the share that is; of their parts, the same share.
    """

    def __init__(self, vocabulary: Sequence[str], share: float) -> None:
        self.share = share
        ids = {entry: number for number, entry in enumerate(vocabulary)}
        cuts = [_cuts(entry, ids) for entry in vocabulary]
        self._count = np.array([len(ways) for ways in cuts])
        self._start = np.cumsum(self._count) - self._count
        joined = [way for ways in cuts for way in ways]
        self._parts = np.array(joined, np.int32).reshape(-1, 2)

    def __call__(self, rows: Sequence[np.ndarray], random: np.random.Generator) -> list[np.ndarray]:
        """Rows of pieces, int32 `[time]` each, that make up the same words.

        Args:
            rows: int32 `[time]` each.
            random: is drawn from.
        """
        pieces = np.concatenate(rows)
        row_of = np.repeat(np.arange(len(rows)), [len(row) for row in rows])
        may_be_cut = np.ones(len(pieces), bool)
        for _ in range(_DEPTH):
            ways = self._count[pieces]
            cut = may_be_cut & (ways > 0) & (random.random(len(pieces)) < self.share)
            way = self._start[pieces[cut]] + random.integers(ways[cut])
            sizes = 1 + cut
            first = (np.cumsum(sizes) - sizes)[cut]
            pieces, row_of, may_be_cut = (np.repeat(a, sizes) for a in (pieces, row_of, cut))
            pieces[first], pieces[first + 1] = self._parts[way].T
        return np.split(pieces, np.cumsum(np.bincount(row_of, minlength=len(rows)))[:-1])


def _cuts(entry: str, ids: Mapping[str, int]) -> list[tuple[int, int]]:
    """The ways to cut an entry in two that the vocabulary has."""
    if entry in SEQUENCE_SPECIALS:
        return []
    begin = len(CONTINUATION) if entry.startswith(CONTINUATION) and len(entry) > 2 else 0
    ways = ((entry[:n], CONTINUATION + entry[n:]) for n in range(begin + 1, len(entry)))
    return [(ids[a], ids[b]) for a, b in ways if a in ids and b in ids]
