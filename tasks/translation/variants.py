"""Boston, months, weekdays, dates and times of day: ManyThings pairs told of others too.

ManyThings sets "Boston" in more than a thousand pairs, and Munich in none; March is in thirteen,
and "quarter past" in ten. What is said of one can be said of the others: only the name
differs, in both languages. What is told so need not be true: Christmas comes in July too.
"""

import re
import zlib
from calendar import monthrange
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

from zoo.data.pairs import Pairs

# In English and in German. Each takes a plain "s" in the German genitive.
CITIES = (
    ("Amsterdam", "Amsterdam"), ("Ankara", "Ankara"), ("Antwerp", "Antwerpen"), ("Athens", "Athen"),
    ("Baghdad", "Bagdad"), ("Barcelona", "Barcelona"), ("Basel", "Basel"), ("Beijing", "Peking"),
    ("Berlin", "Berlin"), ("Bern", "Bern"), ("Bologna", "Bologna"), ("Bremen", "Bremen"),
    ("Budapest", "Budapest"), ("Cairo", "Kairo"), ("Cape Town", "Kapstadt"), ("Cologne", "Köln"),
    ("Copenhagen", "Kopenhagen"), ("Dortmund", "Dortmund"),
    ("Dresden", "Dresden"), ("Dublin", "Dublin"), ("Edinburgh", "Edinburgh"),
    ("Frankfurt", "Frankfurt"), ("Geneva", "Genf"), ("Genoa", "Genua"), ("Ghent", "Gent"),
    ("Hamburg", "Hamburg"), ("Hanover", "Hannover"), ("Havana", "Havanna"),
    ("Helsinki", "Helsinki"), ("Istanbul", "Istanbul"), ("Jerusalem", "Jerusalem"),
    ("Kiev", "Kiew"), ("Krakow", "Krakau"), ("Lisbon", "Lissabon"), ("Lucerne", "Luzern"),
    ("Madrid", "Madrid"), ("Manchester", "Manchester"), ("Milan", "Mailand"), ("Moscow", "Moskau"),
    ("Munich", "München"), ("Münster", "Münster"), ("Naples", "Neapel"), ("Nuremberg", "Nürnberg"),
    ("Oslo", "Oslo"), ("Prague", "Prag"), ("Rome", "Rom"), ("Rotterdam", "Rotterdam"),
    ("Salzburg", "Salzburg"), ("Seville", "Sevilla"), ("Singapore", "Singapur"),
    ("Stockholm", "Stockholm"), ("Stuttgart", "Stuttgart"), ("Tehran", "Teheran"),
    ("Toronto", "Toronto"), ("Trieste", "Triest"), ("Turin", "Turin"), ("Venice", "Venedig"),
    ("Vienna", "Wien"), ("Warsaw", "Warschau"), ("Zurich", "Zürich"),
)  # fmt: skip
MONTHS = (
    ("January", "Januar"), ("February", "Februar"), ("March", "März"), ("April", "April"),
    ("May", "Mai"), ("June", "Juni"), ("July", "Juli"), ("August", "August"),
    ("September", "September"), ("October", "Oktober"), ("November", "November"),
    ("December", "Dezember"),
)  # fmt: skip
WEEKDAYS = (
    ("Monday", "Montag"), ("Tuesday", "Dienstag"), ("Wednesday", "Mittwoch"),
    ("Thursday", "Donnerstag"), ("Friday", "Freitag"), ("Saturday", "Samstag"),
    ("Sunday", "Sonntag"),
)  # fmt: skip
HOURS = (
    ("one", "eins"), ("two", "zwei"), ("three", "drei"), ("four", "vier"), ("five", "fünf"),
    ("six", "sechs"), ("seven", "sieben"), ("eight", "acht"), ("nine", "neun"), ("ten", "zehn"),
    ("eleven", "elf"), ("twelve", "zwölf"),
)  # fmt: skip

# A part of more: "the ten o'clock train", "between one and two o'clock".
_NOT_AFTER = "".join(rf"(?<!\b{word} )" for word in ("[Tt]he", "[Aa]", "and", "or", "even"))

T = TypeVar("T")


@dataclass(frozen=True)
class Slot:
    """What stands at one place of a sentence and can be told of others.

    Attributes:
        known: German by English, of what is found.
        others: what can stand there instead, each in English and in German.
        hints: for speed: one of these is in each of `known`, and in few other sentences.
        endings: what German may add to it, a pattern.
        copies: how many pairs are made of one, and stand beside it.
        instead: they stand instead of it, in two of three cases; in the third there are none.
    """

    known: Mapping[str, str]
    others: Sequence[tuple[str, str]]
    hints: Sequence[str]
    endings: str = ""
    copies: int = 1
    instead: bool = False

    @cached_property
    def _english(self) -> re.Pattern[str]:
        longest_first = sorted(self.known, key=len, reverse=True)
        return re.compile(
            rf"{_NOT_AFTER}\b(?:{'|'.join(map(re.escape, longest_first))})\b(?! [A-Z])"
        )

    def of(self, english: str, german: str) -> list[tuple[str, str]]:
        """The pairs that stand in the place of a pair: it alone, where nothing is to be told.

        The English sentence draws; where the German says it otherwise, the pair stays alone.
        """
        hinted = any(hint in english for hint in self.hints)
        found = self._english.findall(english) if hinted else []
        if len(set(found)) != 1:
            return [(english, german)]
        name = self.known[found[0]]
        its_place = re.compile(rf"\b{re.escape(name)}({self.endings})(?!\w)")
        draw = zlib.crc32(english.encode())
        if len(its_place.findall(german)) != len(found) or (self.instead and draw % 3 == 0):
            return [(english, german)]
        others = [other for other in self.others if other[1] != name]
        chosen = _spread(others, draw // 3, self.copies)
        told = [
            (_put(self._english, other, english), _put(its_place, its_german, german))
            for other, its_german in chosen
        ]
        return told if self.instead else [(english, german), *told]


def _spread(options: Sequence[T], start: int, count: int) -> list[T]:
    """So many of the options, far from each other."""
    return [options[(start + n * len(options) // count) % len(options)] for n in range(count)]


def _put(place: re.Pattern[str], name: str, sentence: str) -> str:
    """A sentence with a name in a place, which keeps its ending."""

    def told(found: re.Match[str]) -> str:
        at_the_start = name[0].upper() + name[1:]
        return (name if found.start() else at_the_start) + "".join(found.groups())

    return place.sub(told, sentence)


def _ordinal(day: int) -> str:
    ending = {1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th") if day not in (11, 12, 13) else "th"
    return f"{day}{ending}"


def _times_of_day() -> Iterator[tuple[str, str]]:
    for n, (hour, german) in enumerate(HOURS):
        yield f"{hour} o'clock", f"{'ein' if n == 0 else german} Uhr"
        yield f"half past {hour}", f"halb {HOURS[(n + 1) % 12][1]}"
        yield f"a quarter past {hour}", f"Viertel nach {german}"
        yield f"a quarter to {hour}", f"Viertel vor {german}"


def _dates() -> Iterator[tuple[str, str]]:
    leap_year = 2000
    for month, (english, german) in enumerate(MONTHS, 1):
        for day in range(1, monthrange(leap_year, month)[1] + 1):
            yield f"{english} {_ordinal(day)}", f"{day}. {german}"
            yield f"the {_ordinal(day)} of {english}", f"{day}. {german}"


def _slots() -> tuple[Slot, ...]:
    times, dates = tuple(_times_of_day()), tuple(_dates())
    times_known = {english.removeprefix("a "): german for english, german in times} | dict(times)
    times_known |= {f"{hour} o'clock": f"{hour} Uhr" for hour in range(1, 13)}
    no_ordinal = {re.sub("(st|nd|rd|th)$", "", english): german for english, german in dates[::2]}
    months, weekdays = dict(MONTHS), dict(WEEKDAYS)
    but_may = {english: german for english, german in MONTHS if english != "May"}  # the verb, too
    parts_of_days = "(?:s|(?:vor|nach)?mittag|morgen|abend|nacht)?"
    return (
        Slot({"Boston": "Boston"}, CITIES, ["Boston"], endings="s?", instead=True),
        Slot(dict(dates) | no_ordinal, dates, list(months), copies=5),
        Slot(but_may, MONTHS, list(but_may), copies=3),
        Slot(weekdays, WEEKDAYS, list(weekdays), endings=parts_of_days, copies=2),
        Slot(times_known, times, ["past", "quarter", "o'clock"], copies=5),
    )


def with_variants(pairs: Pairs, english: bool) -> Pairs:
    """Pairs with other cities, months, weekdays, dates and times of day, on both sides.

    Of the pairs that say Boston as often in both languages, two of three are about another city
    instead. The others, of which there are few, stand beside those that are made of them. No pair
    stands twice.

    Args:
        pairs: English and German.
        english: whether English is the source.
    """
    slots = _slots()
    told: list[tuple[str, str]] = []
    for pair in zip(pairs.sources, pairs.targets, strict=True):
        english_first = pair if english else pair[::-1]
        ways = (slot.of(*english_first) for slot in slots)
        told += next((way for way in ways if way != [english_first]), [english_first])
    told = list(dict.fromkeys(told))
    sides = ([a for a, _ in told], [b for _, b in told])
    return Pairs(*(sides if english else sides[::-1]))
