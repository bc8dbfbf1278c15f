"""Dialogues in memory, the one fixed way to split them, and the replies in them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from zoo.data.examples import Splits, parts_by_digest
from zoo.data.files import read_lists
from zoo.data.pairs import Pairs
from zoo.errors import UserError

_NEWLINE = "\n"


@dataclass(frozen=True)
class Dialogues:
    """Dialogues, each the turns of two who speak by turns; a turn is one line."""

    turns: list[list[str]]

    def __len__(self) -> int:
        return len(self.turns)

    def select(self, indices: Iterable[int]) -> "Dialogues":
        """Gives the dialogues at these indices, in the indices' order."""
        return Dialogues([self.turns[n] for n in indices])


def written(turns: Sequence[str]) -> str:
    """A dialogue as one text, as a model is given it: its turns on a line each."""
    return _NEWLINE.join(turns)


def read_dialogues(path: Path) -> Dialogues:
    """Reads the column `turns` of a JSON-lines file: a list of two strings or more in each row.

    Args:
        path: The file, as `zoo.data.files.read_lists` takes it.

    Returns:
        The dialogues as they stand in the file, repeated ones included, but for white space:
        what is between two words of a turn is one space.

    Raises:
        UserError: The file cannot be read as such.
    """
    return Dialogues(
        [[one_line(turn) for turn in turns] for _, turns in read_lists(path, "turns", 2)]
    )


def one_line(turn: str) -> str:
    """A turn with one space between its words and none at its ends."""
    return " ".join(turn.split())


def split_dialogues(dialogues: Dialogues, percents: tuple[int, int, int]) -> Splits[Dialogues]:
    """Cuts dialogues by their turns (see `zoo.data.examples.parts_by_digest`).

    Equal dialogues are folded into one.

    Args:
        dialogues: To be cut.
        percents: To train on, to validate on and to test on; together 100.

    Returns:
        The three splits, each in the order of the SHA-256 of its dialogues.

    Raises:
        UserError: A split would be empty.
    """
    distinct = {written(turns): turns for turns in dialogues.turns}
    places = parts_by_digest(list(distinct), percents)
    if not all(places):
        raise UserError(
            f"too few different dialogues ({len(distinct)}) to train, validate and test on: "
            "add more"
        )
    return Splits(*map(Dialogues(list(distinct.values())).select, places))


def context(turns: Sequence[str], max_characters: int) -> str:
    """What a model is given of a dialogue: its last turns, as many as there is room for.

    In the graph this is `zoo.text.turns.newest`.

    Args:
        turns: One or more, the oldest first.
        max_characters: The most characters (code points), what parts turns included.

    Returns:
        The turns on a line each; of a last turn that is too long by itself, its end.
    """
    kept = written(turns[-max_characters:])
    if len(kept) <= max_characters:
        return kept
    _, newline, whole = kept[-max_characters - 1 :].partition(_NEWLINE)
    return whole if newline else kept[-max_characters:].strip()


def replies(dialogues: Dialogues, max_characters: int) -> Pairs:
    """Every turn after a dialogue's first, as the reply to those before it.

    Args:
        dialogues: Their turns.
        max_characters: The longest context, see `context`.

    Returns:
        As sources the contexts, as targets the replies, in the dialogues' order.
    """
    places = [(turns, n) for turns in dialogues.turns for n in range(1, len(turns))]
    return Pairs(
        [context(turns[:n], max_characters) for turns, n in places],
        [turns[n] for turns, n in places],
    )
