"""Labelled texts in memory, and the one fixed way to split them."""

import hashlib
import reprlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, fields
from typing import Any, Generic, TypeVar

from zoo.errors import UserError

T = TypeVar("T")

_SPLITS = ("train", "validation", "test")
_TRAIN_PERCENT = 60
_VALIDATION_PERCENT = 20
_FEWEST_PER_LABEL = 4  # with fewer, rounding leaves a split without the label


@dataclass(frozen=True)
class LabelledTexts:
    """Texts and their labels, index by index."""

    texts: list[str]
    labels: list[str]

    def __post_init__(self) -> None:
        if len(self.texts) != len(self.labels):
            raise ValueError(f"{len(self.texts)} texts but {len(self.labels)} labels")

    def __len__(self) -> int:
        return len(self.texts)

    def select(self, indices: Iterable[int]) -> "LabelledTexts":
        """Gives the examples at these indices, in the indices' order."""
        pairs = [(self.texts[index], self.labels[index]) for index in indices]
        return LabelledTexts([text for text, _ in pairs], [label for _, label in pairs])

    def distinct(self) -> "LabelledTexts":
        """Folds equal pairs of text and label into the first of them; the order stays."""
        first_index = {
            pair: index
            for index, pair in reversed(list(enumerate(zip(self.texts, self.labels, strict=True))))
        }
        return self.select(sorted(first_index.values()))


@dataclass(frozen=True)
class Splits(Generic[T]):
    """One set of examples, cut in three."""

    train: T
    validation: T
    test: T


def load_part(load: Callable[[], Splits[T]], name: str) -> T:
    """Loads one split, or `all` of them; an unknown name is refused before anything is loaded.

    Args:
        load: Gives the splits, each a dataclass of columns.
        name: Of a split, or `all`.

    Raises:
        UserError: There is no split of this name.
    """
    if name not in (*_SPLITS, "all"):
        raise UserError(f"unknown split {name!r}: choose {', '.join(_SPLITS)} or all")
    splits = load()
    parts: list[Any] = [getattr(splits, part) for part in _SPLITS if name in (part, "all")]
    columns = [column.name for column in fields(parts[0])]
    joined = [[value for part in parts for value in getattr(part, name)] for name in columns]
    return type(parts[0])(*joined)


def split(examples: LabelledTexts) -> Splits[LabelledTexts]:
    """Cuts examples into 60 % to train on, 20 % to validate on and 20 % to test on.

    The cut is a function of the distinct examples alone. Equal examples are folded into one
    first, so that none stands in two splits. Each label's examples are put in the order of the
    SHA-256 of their text and cut by cumulative proportion, which keeps the labels' shares within
    one example. No order of input, random generator or library version takes part.

    Args:
        examples: At least four distinct texts of each label.

    Returns:
        The three splits, each in the order of the SHA-256 of its texts, so that labels are mixed.

    Raises:
        UserError: A label has too few distinct examples to stand in every split.
    """
    distinct = examples.distinct()
    _check_sizes(distinct)
    return Splits(*cut(distinct, (_TRAIN_PERCENT, _TRAIN_PERCENT + _VALIDATION_PERCENT)))


def parts_by_digest(
    keys: Sequence[str] | Sequence[bytes], percents: tuple[int, int, int]
) -> list[list[int]]:
    """Cuts examples in three parts by the SHA-256 of their keys alone.

    An example stays in its part when the set grows, and a key that is in several sets stands in
    the same part of each. The parts are therefore only about as large as asked.

    Args:
        keys: Of the examples.
        percents: The parts' shares; together 100.

    Returns:
        The places of each part's examples in the order of their keys' digests, so that they are
        mixed; those of equal keys in the order given.
    """
    if sum(percents) != 100 or min(percents) < 1:
        raise ValueError(f"{percents} are no three shares of 100")
    contents = (key if isinstance(key, bytes) else key.encode("utf-8") for key in keys)
    digests = [hashlib.sha256(content).digest() for content in contents]
    ends = (percents[0], percents[0] + percents[1])
    parts: list[list[int]] = [[], [], []]
    for place in sorted(range(len(keys)), key=digests.__getitem__):
        parts[sum(_percentile(digests[place]) >= end for end in ends)].append(place)
    return parts


def _percentile(digest: bytes) -> int:
    """Where a digest stands between the least, 0, and the greatest, 99."""
    return int.from_bytes(digest, "big") * 100 >> 8 * len(digest)


def cut(examples: LabelledTexts, percents: Sequence[int]) -> list[LabelledTexts]:
    """Cuts distinct examples at cumulative percents, each label alike; see `split`.

    Args:
        examples: None of them equal.
        percents: Ascending, between 0 and 100; n of them make n + 1 parts.

    Returns:
        The parts, each in the order of the SHA-256 of its texts, so that labels are mixed.
    """
    digests = [hashlib.sha256(text.encode("utf-8")).digest() for text in examples.texts]
    # One text may stand under several labels: the label then decides.
    order = sorted(range(len(examples)), key=lambda index: (digests[index], examples.labels[index]))
    by_label: dict[str, list[int]] = defaultdict(list)
    for index in order:
        by_label[examples.labels[index]].append(index)
    part_of: dict[int, int] = {}
    for indices in by_label.values():
        ends = [_rounded_share(len(indices), percent) for percent in percents]
        part_of |= {index: sum(place >= end for end in ends) for place, index in enumerate(indices)}
    return [
        examples.select(index for index in order if part_of[index] == part)
        for part in range(len(percents) + 1)
    ]


def _rounded_share(count: int, percent: int) -> int:
    """Rounds in integers, halves upwards."""
    return (count * percent + 50) // 100


def _check_sizes(distinct: LabelledTexts) -> None:
    missing = {
        label: _FEWEST_PER_LABEL - count
        for label, count in sorted(Counter(distinct.labels).items())
        if count < _FEWEST_PER_LABEL
    }
    if missing:
        raise UserError(
            f"too few examples to split: each label needs {_FEWEST_PER_LABEL} different texts; "
            f"add at least this many of each: {reprlib.repr(missing)}"
        )
