"""Which examples go into which batch: a pure function of the seed and the epoch."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

# A pool of this many batches is sorted by length before it is cut: batches then hold sequences
# of about one length, and little padding, while the order of the data stays nearly random.
_POOL = 20


@dataclass(frozen=True)
class Batches:
    """Batches bucketed by length.

    Attributes:
        lengths: length of each example, in time steps.
        size: examples in a batch (the last of an epoch may be smaller).
        seed: of the order.
    """

    lengths: Sequence[int]
    size: int
    seed: int

    @property
    def per_epoch(self) -> int:
        """Number of batches in an epoch."""
        return -(-len(self.lengths) // self.size)

    def epoch(self, number: int) -> list[np.ndarray]:
        """The batches of an epoch, each int64 `[size]` of indices; every example once."""
        random = np.random.default_rng([self.seed, number])
        order = random.permutation(len(self.lengths))
        lengths = np.asarray(self.lengths)
        batches: list[np.ndarray] = []
        for start in range(0, len(order), self.size * _POOL):
            pool = order[start : start + self.size * _POOL]
            pool = pool[np.argsort(lengths[pool], kind="stable")]
            batches += [pool[i : i + self.size] for i in range(0, len(pool), self.size)]
        return [batches[i] for i in random.permutation(len(batches))]


Draw = tuple[np.ndarray, Sequence[int]]
"""The places of a batch's examples, and the seed of what happens to them."""


@dataclass(frozen=True)
class Draws:
    """Batches, each with a seed of its own: a pure function of the epoch.

    Attributes:
        batches: in their order.
    """

    batches: Batches

    @property
    def per_epoch(self) -> int:
        """Number of batches in an epoch."""
        return self.batches.per_epoch

    def epoch(self, number: int) -> list[Draw]:
        """The batches of an epoch; every example once."""
        seed = self.batches.seed
        return [(p, (seed, number, n)) for n, p in enumerate(self.batches.epoch(number))]


def by_tokens(lengths: Sequence[int], tokens: int) -> list[np.ndarray]:
    """All examples once, in batches of about one length that hold so many tokens: for evaluation.

    What a batch takes in memory does not grow with the length of its examples.

    Args:
        lengths: length of each example, in time steps.
        tokens: in a batch at most, padding included; an example that is longer stands alone.

    Returns:
        Indices int64 `[size]` of each batch, the longest examples first.
    """
    rest = np.argsort(-np.asarray(lengths, np.int64), kind="stable")
    batches = []
    while len(rest):
        size = max(1, tokens // max(1, lengths[rest[0]]))
        batches.append(rest[:size])
        rest = rest[size:]
    return batches
