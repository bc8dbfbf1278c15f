"""DailyDialog's turns as people write them: the set has a space on both sides of most marks."""

import re
from collections.abc import Callable

from zoo.data.dialogues import one_line

_SAME = str.maketrans(
    {
        "\N{RIGHT SINGLE QUOTATION MARK}": "'",
        "\N{LEFT SINGLE QUOTATION MARK}": "'",
        "\N{PRIME}": "'",
        "\N{LEFT DOUBLE QUOTATION MARK}": '"',
        "\N{RIGHT DOUBLE QUOTATION MARK}": '"',
        "\N{IDEOGRAPHIC FULL STOP}": ".",
        "\N{IDEOGRAPHIC COMMA}": ",",
        "\x7f": " ",
    }
)
_Replacement = str | Callable[[re.Match[str]], str]
_APOSTROPHES: tuple[tuple[str, _Replacement], ...] = (
    (r"\b[0oO] ' ?clock\b", "o'clock"),
    # I ' Ve: the set has a capital there.
    (r"(?i)(?<=\w) ' (m|s|t|ll|ve|re|d|am)\b", lambda found: "'" + found[1].lower()),
    (r"(?i)(?<=\w) ' (em|cause|bout|til)\b", lambda found: " '" + found[1]),
    (r"\b([OD]) ' (?=[A-Z])", r"\1'"),
    (r"' (?=\d0s\b)", "'"),
)
_MARKS: tuple[tuple[str, _Replacement], ...] = (
    (r"\b([A-Za-z]) \. (?=[A-Za-z] \.)", r"\1."),  # p . m .
    (r"\. (?=\.)", "."),
    (r" +(?=[.,!?;:%)])", ""),
    (r"(?<=[$£¥(]) +", ""),
    (r"(?<=\w) / (?=\w)", "/"),
    (r"(?<=\d): (?=\d\d\b)", ":"),  # 8: 00
    (r"(?<=\d) - (?=\w)", "-"),  # 15 - inch
    # Sentences and clauses that run together.
    (r"(?<=[a-z]{2}[.?!])(?=[A-Z](?:[a-z' ]|$))", " "),
    (r"(?<=[A-Za-z]),(?=[A-Za-z])", ", "),
)


def as_written(turn: str) -> str:
    """A turn of DailyDialog with its marks where people put them, and plain quotation marks.

    The rules are for English, and were made for this set alone: they are right for nearly all
    turns, not for all.
    """
    text = _replaced(one_line(turn.translate(_SAME)), _APOSTROPHES)
    text = _quoted(_quoted(text, '"'), "'")
    return one_line(_replaced(text, _MARKS))


def _replaced(text: str, rules: tuple[tuple[str, _Replacement], ...]) -> str:
    for pattern, replacement in rules:
        text = re.sub(pattern, replacement, text)
    return text


def _quoted(text: str, mark: str) -> str:
    """Puts quotation marks that stand alone to the words that they enclose.

    An apostrophe after an s when nothing is quoted is a possessive: the teachers ' room.
    """
    first, *parts = f" {text} ".split(f" {mark} ")
    result, inside = first, False
    for number, part in enumerate(parts, start=1):
        possessive = mark == "'" and not inside and result.endswith("s")
        opens = not inside and not possessive and number < len(parts)
        result += f" {mark}{part}" if opens else f"{mark} {part}"
        inside = opens
    return result
