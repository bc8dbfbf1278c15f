"""Boston, months, weekdays, dates and times of day: ManyThings pairs told of others too.

ManyThings sets "Boston" a thousand times, and most cities never; March is in it thirteen times,
and "a quarter past eight" three times. What is known of one is true of the others: only the name
differs, in both languages.
"""

import re
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from zoo.data.pairs import Pairs

# In English and in German. None of these takes more than an "s" in the German genitive.
CITIES = (
    ("Amsterdam", "Amsterdam"), ("Ankara", "Ankara"), ("Antwerp", "Antwerpen"), ("Athens", "Athen"),
    ("Baghdad", "Bagdad"), ("Barcelona", "Barcelona"), ("Basel", "Basel"), ("Beijing", "Peking"),
    ("Berlin", "Berlin"), ("Bern", "Bern"), ("Bologna", "Bologna"), ("Bremen", "Bremen"),
    ("Budapest", "Budapest"), ("Cairo", "Kairo"), ("Cape Town", "Kapstadt"), ("Cologne", "Köln"),
    ("Copenhagen", "Kopenhagen"), ("Damascus", "Damaskus"), ("Dortmund", "Dortmund"),
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
DAYS = range(1, 32)


@dataclass(frozen=True)
class Slot:
    """What stands at one place of a sentence and can be told of others.

    Attributes:
        known: German by English, of what is found.
        others: what can stand there instead, each in English and in German.
        hints: one of these is in each of `known`, and in few other sentences.
        endings: what German may add to it, a pattern.
        copies: that a pair gets beside it; with 0 two of three pairs are told of others instead.
    """

    known: Mapping[str, str]
    others: Sequence[tuple[str, str]]
    hints: Sequence[str]
    endings: str = ""
    copies: int = 0

    @cached_property
    def _english(self) -> re.Pattern[str]:
        longest_first = sorted(self.known, key=len, reverse=True)
        # No part of a name ("Boston University"), nor of a noun ("the ten o'clock train").
        return re.compile(
            rf"(?<![Tt]he )\b(?:{'|'.join(map(re.escape, longest_first))})\b(?! [A-Z])"
        )

    def of(self, english: str, german: str) -> Iterator[tuple[str, str]]:
        """The pairs that stand in the place of a pair: itself, where nothing is to be told.

        Which these are depends on the English sentence alone.
        """
        hinted = any(hint in english for hint in self.hints)
        found = self._english.findall(english) if hinted else []
        if len(set(found)) != 1:
            yield english, german
            return
        told = re.compile(rf"\b{re.escape(self.known[found[0]])}({self.endings})(?!\w)")
        draw = zlib.crc32(english.encode())
        if len(told.findall(german)) != len(found) or not (self.copies or draw % 3):
            yield english, german
            return
        if self.copies:
            yield english, german
        count = max(1, self.copies)
        for n in range(count):
            place = draw // 3 + n * len(self.others) // count
            other, its_german = self.others[place % len(self.others)]
            yield self._english.sub(other, english), told.sub(rf"{its_german}\1", german)


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
    for english, german in MONTHS:
        for day in DAYS:
            yield f"{english} {_ordinal(day)}", f"{day}. {german}"
            yield f"the {_ordinal(day)} of {english}", f"{day}. {german}"


def _slots() -> tuple[Slot, ...]:
    times, dates = tuple(_times_of_day()), tuple(_dates())
    times_known = {english.removeprefix("a "): german for english, german in times} | dict(times)
    times_known |= {f"{hour} o'clock": f"{hour} Uhr" for hour in range(1, 13)}
    no_ordinal = {f"{e} {day}": f"{day}. {g}" for e, g in MONTHS for day in DAYS}
    months, weekdays = dict(MONTHS), dict(WEEKDAYS)
    but_may = {english: german for english, german in MONTHS if english != "May"}  # the verb, too
    parts_of_days = "(?:s|(?:vor|nach)?mittag|morgen|abend|nacht)?"
    return (
        Slot({"Boston": "Boston"}, CITIES, ["Boston"], endings="s?"),
        Slot(dict(dates) | no_ordinal, dates, list(months), copies=5),
        Slot(but_may, MONTHS, list(but_may), endings="s?", copies=3),
        Slot(weekdays, WEEKDAYS, list(weekdays), endings=parts_of_days, copies=2),
        Slot(times_known, times, ["past", "quarter", "o'clock"], copies=5),
    )


def with_variants(pairs: Pairs, english: bool) -> Pairs:
    """Pairs with other cities, months, weekdays, dates and times of day, on both sides.

    Two of three pairs about Boston are about another city instead; the others, of which there are
    few, stand beside those that were made of them.

    Args:
        pairs: English and German.
        english: whether English is the source.
    """
    slots = _slots()
    told: list[tuple[str, str]] = []
    for pair in zip(pairs.sources, pairs.targets, strict=True):
        english_first = pair if english else pair[::-1]
        ways = (list(slot.of(*english_first)) for slot in slots)
        told += next((way for way in ways if way != [english_first]), [english_first])
    sides = ([a for a, _ in told], [b for _, b in told])
    return Pairs(*(sides if english else sides[::-1]))
