"""Pairs of a sentence and its translation in memory, and the one fixed way to split them."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from zoo.data.examples import Splits
from zoo.data.files import read_rows
from zoo.errors import UserError


@dataclass(frozen=True)
class Pairs:
    """Sources and their targets, index by index."""

    sources: list[str]
    targets: list[str]

    def __post_init__(self) -> None:
        if len(self.sources) != len(self.targets):
            raise ValueError(f"{len(self.sources)} sources but {len(self.targets)} targets")

    def __len__(self) -> int:
        return len(self.sources)

    def select(self, indices: Iterable[int]) -> "Pairs":
        """Gives the pairs at these indices, in the indices' order."""
        chosen = list(indices)
        return Pairs([self.sources[n] for n in chosen], [self.targets[n] for n in chosen])


def read_pairs(path: Path) -> Pairs:
    """Reads the columns `source` and `target` of a CSV, TSV or JSON-lines file.

    Args:
        path: The file, as `read_rows` takes it.

    Returns:
        The pairs as they stand in the file, repeated rows included.

    Raises:
        UserError: The file cannot be read as such.
    """
    rows = [row for _, row in read_rows(path, ("source", "target"))]
    return Pairs([row["source"] for row in rows], [row["target"] for row in rows])


def split_pairs(pairs: Pairs, keys: Sequence[str], percents: tuple[int, int, int]) -> Splits[Pairs]:
    """Cuts pairs so that those of one key stand in one split.

    The SHA-256 of its key alone says where a pair stands: a pair stays there when the set grows,
    and a sentence that is the key in several sets stands in the same split of each. The splits
    are therefore only about as large as asked. Equal pairs are folded into one.

    Args:
        pairs: To be cut.
        keys: What must not stand in two splits, one for each pair: one of its two sentences.
        percents: To train on, to validate on and to test on; together 100.

    Returns:
        The three splits, each in the order of the SHA-256 of its keys, so that they are mixed.

    Raises:
        UserError: A split would be empty.
    """
    if sum(percents) != 100 or min(percents) < 1:
        raise ValueError(f"{percents} are no three shares of 100")
    rows = sorted(
        (hashlib.sha256(key.encode("utf-8")).digest(), source, target)
        for key, source, target in set(zip(keys, pairs.sources, pairs.targets, strict=True))
    )
    folded = Pairs([source for _, source, _ in rows], [target for *_, target in rows])
    ends = (percents[0], percents[0] + percents[1])
    part_of = [sum(percentile(digest) >= end for end in ends) for digest, *_ in rows]
    parts = [
        folded.select(n for n, part in enumerate(part_of) if part == number) for number in range(3)
    ]
    if not all(len(part) for part in parts):
        raise UserError(
            f"too few different sentences ({len(set(keys))}) to train, validate and test on: "
            "add more pairs"
        )
    return Splits(*parts)


def percentile(digest: bytes) -> int:
    """Where a digest stands between the least, 0, and the greatest, 99."""
    return int.from_bytes(digest, "big") * 100 >> 8 * len(digest)
