"""CIDEr-D of single captions, fast enough to train by."""

import math
from collections import Counter
from collections.abc import Hashable, Sequence
from typing import NamedTuple

_ORDERS = 4
_SIGMA = 6.0  # words: how far off a length may be

Words = Sequence[Hashable]


class _Vector(NamedTuple):
    """The n-grams of a caption, weighed: of each n a sparse vector and its length."""

    weights: list[dict[Words, float]]
    norms: list[float]
    words: int


class CiderD:
    """CIDEr-D (Vedantam et al. 2015), its weights counted once.

    Args:
        references: of each photo people's captions, each a sequence of words.
    """

    def __init__(self, references: Sequence[Sequence[Words]]) -> None:
        photos_with = Counter(
            ngram
            for captions in references
            for ngram in {ngram for words in captions for ngram in _ngrams(words)}
        )
        self._rarest = math.log(len(references))
        self._weights = {g: self._rarest - math.log(count) for g, count in photos_with.items()}
        self._references = [[self._vector(words) for words in each] for each in references]

    def __call__(self, place: int, words: Words) -> float:
        """The agreement of a caption with people's of a photo, in per cent; 1,000 is the most.

        Args:
            place: the photo's.
            words: the caption's.
        """
        said = self._vector(words)
        captions = self._references[place]
        return 1000 / len(captions) * sum(_alike(said, caption) for caption in captions)

    def _vector(self, words: Words) -> _Vector:
        weights: list[dict[Words, float]] = [{} for _ in range(_ORDERS)]
        for ngram, count in Counter(_ngrams(words)).items():
            weights[len(ngram) - 1][ngram] = count * self._weights.get(ngram, self._rarest)
        norms = [math.sqrt(sum(w * w for w in order.values())) for order in weights]
        return _Vector(weights, norms, len(words))


def _ngrams(words: Words) -> list[Words]:
    words = tuple(words)
    return [
        words[begin : begin + n]
        for n in range(1, _ORDERS + 1)
        for begin in range(len(words) - n + 1)
    ]


def _alike(said: _Vector, expected: _Vector) -> float:
    """The mean over n of the cosines, less where lengths differ; a word said too often is cut."""
    total = 0.0
    for n in range(_ORDERS):
        norms = said.norms[n] * expected.norms[n]
        if norms:
            there = expected.weights[n]
            total += (
                sum(min(w, there[g]) * there[g] for g, w in said.weights[n].items() if g in there)
                / norms
            )
    off = said.words - expected.words
    return total / _ORDERS * math.exp(-(off**2) / (2 * _SIGMA**2))
