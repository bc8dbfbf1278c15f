import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.translation.names import HIS
from tasks.translation.variants import CITIES, with_variants
from zoo.data.pairs import Pairs

DATE = r"(?:the \d+(?:st|nd|rd|th) of [A-Z]\w+|[A-Z]\w+ \d+(?:st|nd|rd|th))"
TIME = r"(?:(?:half|a quarter) (?:past|to) \w+|\w+ o'clock)"
GERMAN_TIME = r"(?:halb \w+|Viertel (?:nach|vor) \w+|\w+ Uhr)"


def varied(*pairs, english=True):
    found = with_variants(Pairs([a for a, _ in pairs], [b for _, b in pairs]), english)
    return list(zip(found.sources, found.targets, strict=True))


def test_two_of_three_sentences_about_boston_are_about_another_city():
    pairs = [(f"Boston's bus {n} left.", f"Bostons Bus {n} ist weg.") for n in range(300)]
    found = varied(*pairs)
    names = [english.partition("'s bus")[0] for english, _ in found]
    cities = dict(CITIES) | {"Boston": "Boston"}
    for (english, german), name, before in zip(found, names, pairs, strict=True):
        assert english == before[0].replace("Boston", name)
        assert german == before[1].replace("Boston", cities[name])
    assert 0.58 < sum(name != "Boston" for name in names) / len(names) < 0.75
    assert len(set(names)) > 45


def test_no_city_needs_more_than_an_s_or_is_a_man():
    assert [german for _, german in CITIES if german[-1] in "sxzß"] == []
    assert {name for city in CITIES for name in city} & set(HIS) == set()


@pytest.mark.parametrize(
    ("english", "german", "told", "told_in_german", "copies"),
    [
        ("October 20, 2013", "20. Oktober 2013", DATE + ", 2013", r"\d+\. [A-Z]\w+ 2013", 5),
        ("the 21st of May", "21. Mai", DATE, r"\d+\. [A-Z]\w+", 5),
        ("December 3rd", "3. Dezember", DATE, r"\d+\. [A-Z]\w+", 5),
        ("March", "März", r"[A-Z]\w+", r"[A-Z]\w+", 3),
        ("Monday night", "Montagnacht", r"[A-Z]\w+day night", r"[A-Z]\w+(?:tag|woch)nacht", 2),
        ("6 o'clock", "6 Uhr", TIME, GERMAN_TIME, 5),
        ("one o'clock", "ein Uhr", TIME, GERMAN_TIME, 5),
        ("half past twelve", "halb eins", TIME, GERMAN_TIME, 5),
        ("quarter past eight", "Viertel nach acht", TIME, GERMAN_TIME, 5),
        ("a quarter to one", "Viertel vor eins", TIME, GERMAN_TIME, 5),
    ],
)
def test_what_is_seldom_said_stands_beside_others(english, german, told, told_in_german, copies):
    for n in range(100):
        pair = (f"It was {english} in {n}.", f"In {n} war {german}.")
        first, *others = varied(pair)
        assert first == pair
        assert len(set(others)) == len(others) == copies
        for other, its_german in others:
            assert re.fullmatch(rf"It was {told} in {n}\.", other)
            assert re.fullmatch(rf"In {n} war {told_in_german}\.", its_german)
            assert its_german != pair[1]


def test_a_month_has_its_days():
    pairs = [(f"Call on May 31st at {n}.", f"Ruf am 31. Mai um {n} an.") for n in range(2000)]
    dates = {re.search(r"am (\d+)\. (\w+)", german).groups() for _, german in varied(*pairs)}
    assert len(dates) == 366
    assert ("29", "Februar") in dates
    assert ("31", "Juni") not in dates


def test_a_sentence_begins_with_a_capital():
    for n in range(100):
        for pair in [
            (f"May 31st is day {n}.", f"31. Mai ist Tag {n}."),
            (f"Six {n}? No: one o'clock.", f"Ein Uhr {n}? Nein."),
            (f"{n} at one o'clock.", f"{n} um ein Uhr."),
        ]:
            for sentences in varied(pair):
                assert not any(sentence[0].islower() for sentence in sentences)


def test_no_pair_stands_twice():
    pairs = [("It's Monday.", "Es ist Montag."), ("It's Tuesday.", "Es ist Dienstag.")] * 2
    found = varied(*pairs)
    assert len(set(found)) == len(found)
    assert set(pairs) < set(found)


@pytest.mark.parametrize(
    "pair",
    [
        ("March on!", "Weiter!"),
        ("You may, May!", "Im Mai darfst du!"),
        ("Boston University is old.", "Die Universität in Boston ist alt."),
        ("The ten o'clock train left.", "Der Zug um zehn Uhr ist weg."),
        ("Between one and two o'clock.", "Zwischen ein und zwei Uhr."),
        ("A half past one.", "Ein halb zwei."),
        ("From Monday to Friday.", "Von Montag bis Freitag."),
        ("I work on Sunday.", "Ich arbeite sonntags."),
        ("At the end of May 5.", "Am Ende des 5. Maies."),
    ],
)
def test_other_pairs_stay_as_they_are(pair):
    assert varied(pair) == [pair]


SENTENCES = st.lists(st.sampled_from(["Boston", "is", "on", "May 5", "5. Mai", "Monday", "Montag"]))


@given(st.lists(st.tuples(SENTENCES.map(" ".join), SENTENCES.map(" ".join)), unique=True))
def test_the_same_sentences_in_either_direction(pairs):
    back = varied(*(pair[::-1] for pair in pairs), english=False)
    assert [pair[::-1] for pair in back] == varied(*pairs)
