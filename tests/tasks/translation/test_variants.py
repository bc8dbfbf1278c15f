import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.translation.variants import CITIES, with_variants
from zoo.data.pairs import Pairs


def varied(*pairs, english=True):
    found = with_variants(Pairs([a for a, _ in pairs], [b for _, b in pairs]), english)
    return list(zip(found.sources, found.targets, strict=True))


def test_two_of_three_sentences_about_boston_are_about_another_city():
    pairs = [(f"Boston's bus {n} left.", f"Bostons Bus {n} ist weg.") for n in range(300)]
    found = varied(*pairs)
    cities = dict(CITIES)
    for (english, german), (before, _) in zip(found, pairs, strict=True):
        city = english.partition("'s bus")[0]
        assert english == before.replace("Boston", city)
        assert german.startswith(f"{cities.get(city, city)}s Bus")
    others = sum(english not in dict(pairs) for english, _ in found)
    assert 0.58 < others / len(pairs) < 0.75
    assert len({english.partition("'s bus")[0] for english, _ in found}) > 45


@pytest.mark.parametrize(
    ("pair", "in_english", "in_german", "count"),
    [
        (
            ("He called on October 20, 2013.", "Er rief am 20. Oktober 2013 an."),
            r"He called on (the \d+(st|nd|rd|th) of [A-Z]\w+|[A-Z]\w+ \d+(st|nd|rd|th)), 2013\.",
            r"Er rief am \d+\. [A-Z]\w+ 2013 an\.",
            6,
        ),
        (
            ("It snowed in March.", "Im März schneite es."),
            r"It snowed in [A-Z]\w+\.",
            r"Im [A-Z]\w+ schneite es\.",
            4,
        ),
        (
            ("I left Monday night.", "Ich ging Montagnacht."),
            r"I left [A-Z]\w+day night\.",
            r"Ich ging [A-Z]\w+(tag|woch)nacht\.",
            3,
        ),
        (
            ("Come at 6 o'clock!", "Komm um 6 Uhr!"),
            r"Come at ((half|a quarter) (past|to) \w+|\w+ o'clock)!",
            r"Komm um (halb \w+|Viertel (nach|vor) \w+|\w+ Uhr)!",
            6,
        ),
    ],
)
def test_what_is_seldom_said_stands_beside_others(pair, in_english, in_german, count):
    found = varied(pair)
    assert found[0] == pair
    assert len(found) == len({english for english, _ in found}) == count
    for english, german in found[1:]:
        assert re.fullmatch(in_english, english)
        assert re.fullmatch(in_german, german)


@pytest.mark.parametrize(
    ("english", "german"),
    [
        ("the 21st of October", "21. Oktober"),
        ("December 3rd", "3. Dezember"),
        ("May 12th", "12. Mai"),
        ("half past twelve", "halb eins"),
        ("a quarter to one", "Viertel vor eins"),
        ("one o'clock", "ein Uhr"),
        ("a quarter past eight", "Viertel nach acht"),
    ],
)
def test_a_date_and_a_time_of_day_in_both_languages(english, german):
    assert len(varied((f"On or at {english}.", f"Am oder um {german}."))) == 6


@pytest.mark.parametrize(
    "pair",
    [
        ("March on!", "Weiter!"),
        ("You may go.", "Du darfst gehen."),
        ("Boston University is old.", "Die Universität in Boston ist alt."),
        ("The ten o'clock train left.", "Der Zug um zehn Uhr ist weg."),
        ("From Monday to Friday.", "Von Montag bis Freitag."),
        ("I work on Sunday.", "Ich arbeite sonntags."),
        ("In half past.", "In halb."),
    ],
)
def test_other_pairs_stay_as_they_are(pair):
    assert varied(pair) == [pair]


SENTENCES = st.lists(st.sampled_from(["Boston", "is", "on", "May 5", "Monday", "ist", "Montag"]))


@given(st.lists(st.tuples(SENTENCES.map(" ".join), SENTENCES.map(" ".join))))
def test_the_same_sentences_in_either_direction(pairs):
    back = varied(*(pair[::-1] for pair in pairs), english=False)
    assert [pair[::-1] for pair in back] == varied(*pairs)
