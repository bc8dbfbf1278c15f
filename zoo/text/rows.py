"""Encoded texts in memory: rows of numbers, and batches of them."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np


class Row(NamedTuple):
    """One encoded text in memory.

    Attributes:
        tokens: int32 `[time]`.
        ngrams: int32 `[count]`; None without n-grams.
        ngram_tokens: int32 `[count]`, indices into `tokens`.
    """

    tokens: np.ndarray
    ngrams: np.ndarray | None
    ngram_tokens: np.ndarray | None


def shorten(row: Row, limit: int) -> Row:
    """A row of at most so many tokens: the first quarter of them and the last three.

    A review says what it is about at its beginning, and its verdict at its end.
    """
    if len(row.tokens) <= limit:
        return row
    kept = np.ones(len(row.tokens), bool)
    kept[limit // 4 : limit // 4 - limit] = False
    if row.ngrams is None or row.ngram_tokens is None:
        return Row(row.tokens[kept], None, None)
    place = np.cumsum(kept, dtype=np.int32) - 1
    owned = kept[row.ngram_tokens]
    return Row(row.tokens[kept], row.ngrams[owned], place[row.ngram_tokens[owned]])


def collate(rows: Sequence[Row]) -> dict[str, np.ndarray]:
    """The same features as `features`, from rows in memory."""
    time = max(1, *(len(row.tokens) for row in rows))
    tokens = np.zeros((len(rows), time), np.int32)
    for n, row in enumerate(rows):
        tokens[n, : len(row.tokens)] = row.tokens
    ngrams = [row.ngrams for row in rows if row.ngrams is not None]
    owners = [
        row.ngram_tokens + np.int32(n * time)
        for n, row in enumerate(rows)
        if row.ngram_tokens is not None
    ]
    if not ngrams:
        return {"tokens": tokens}
    return {
        "tokens": tokens,
        "ngrams": np.concatenate(ngrams),
        "ngram_tokens": np.concatenate(owners),
    }
