"""Forty beginnings of conversations, written before any training: a model's card shows its replies.

They must stay as they are, since replies to other ones could not be compared.
"""

from pathlib import Path
from typing import NamedTuple

from zoo.data.files import read_rows

_PARTS_TURNS = " | "


class Opening(NamedTuple):
    """What a model is asked.

    Attributes:
        category: what it is about; `follow-ups` make sense only with the turns before.
        turns: the oldest first, the user's last.
    """

    category: str
    turns: list[str]


def load_openings() -> list[Opening]:
    """Reads the openings, in their order."""
    rows = read_rows(Path(__file__).with_name("openings.tsv"), ("category", "context"))
    return [Opening(row["category"], row["context"].split(_PARTS_TURNS)) for _, row in rows]
