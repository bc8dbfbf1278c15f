"""Pairs of texts as token numbers: what a decoder is taught with."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Sequences:
    """Pairs as rows of token numbers, ready to be collated.

    Attributes:
        sources: of each pair the source's tokens and the end token, int32 `[time]`.
        targets: of each the begin token, the target's tokens and the end token, int32 `[time]`.
    """

    sources: Sequence[np.ndarray]
    targets: Sequence[np.ndarray]

    @classmethod
    def encoded(cls, encoder: Any, sources: Sequence[str], targets: Sequence[str]) -> "Sequences":
        """Pairs of texts.

        Args:
            encoder: Of both, a `zoo.text.encoder.TextEncoder`.
            sources: Texts.
            targets: What is to be written for each.
        """
        from zoo.text.encoder import encode_rows
        from zoo.text.vocabulary import END

        end = encoder.config.vocabulary.index(END)
        rows = encode_rows(encoder, sources)
        return cls([np.append(row.tokens, end) for row in rows], target_rows(encoder, targets))

    def within(self, longest: int) -> np.ndarray:
        """The places, int64 `[n]`, of the pairs neither side of which has more tokens."""
        sizes = (max(map(len, pair)) for pair in zip(self.sources, self.targets, strict=True))
        return np.flatnonzero(np.fromiter(sizes, np.int64) <= longest)

    def collate(self, places: Iterable[int]) -> tuple[dict[str, np.ndarray], np.ndarray]:
        """A batch: each target token is to be told after those before it (teacher forcing).

        Args:
            places: Of the pairs.

        Returns:
            `source` int32 `[batch, source time]` and `target` int32 `[batch, time]`, the token
            before each that is to be told; and these, int32 `[batch, time]`. 0 is padding.
        """
        places = list(places)
        before, told = to_be_told([self.targets[n] for n in places])
        return {"source": _padded([self.sources[n] for n in places]), "target": before}, told


def target_rows(encoder: Any, texts: Sequence[str]) -> list[np.ndarray]:
    """Of each text the begin token, all of its tokens and the end token, int32 `[time]`."""
    from zoo.text.encoder import encode_rows
    from zoo.text.vocabulary import BEGIN, END

    begin, end = map(encoder.config.vocabulary.index, (BEGIN, END))
    return [
        np.concatenate([[begin], row.tokens, [end]]).astype(np.int32)
        for row in encode_rows(encoder.whole, texts)
    ]


def to_be_told(rows: Sequence[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """The token before each that is to be told, and these, int32 `[batch, time]`; 0 is padding."""
    padded = _padded(rows)
    return padded[:, :-1], padded[:, 1:]


def _padded(rows: Sequence[np.ndarray]) -> np.ndarray:
    result = np.zeros((len(rows), max(map(len, rows))), np.int32)
    for n, row in enumerate(rows):
        result[n, : len(row)] = row
    return result
