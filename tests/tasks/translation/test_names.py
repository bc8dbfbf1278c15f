import re

from hypothesis import given
from hypothesis import strategies as st

from tasks.translation.names import HERS, HIS, with_other_names
from zoo.data.pairs import Pairs

SENTENCES = [(f"Tom's train left at {n}, Tom.", f"Toms Zug ging um {n}, Tom.") for n in range(300)]


def name_in(sentence):
    return re.match(r"\w+?(?=s Zug|'s train)", sentence)[0]


def renamed(pairs, english=True):
    found = with_other_names(Pairs([e for e, _ in pairs], [g for _, g in pairs]), english)
    return list(zip(found.sources, found.targets, strict=True))


def test_two_of_three_get_another_name_on_both_sides():
    found = renamed(SENTENCES)
    names = [name_in(english) for english, _ in found]
    for (english, german), name, before in zip(found, names, SENTENCES, strict=True):
        assert (english.replace(name, "Tom"), german.replace(name, "Tom")) == before
    assert 0.58 < sum(name != "Tom" for name in names) / len(names) < 0.75
    assert len(set(names)) > 100
    assert set(names) <= {"Tom", *HIS, *HERS}


def test_the_same_sentence_gets_the_same_name_in_either_direction():
    there = renamed(SENTENCES)
    back = renamed([(german, english) for english, german in SENTENCES], english=False)
    assert back == [(german, english) for english, german in there]


def test_what_is_said_of_a_man_stays_said_of_one():
    pairs = [(f"Tom lost his {n} keys.", f"Tom hat seine {n} Schlüssel.") for n in range(300)]
    pairs += [(f"Tom is a teacher of {n}.", f"Tom ist Lehrer von {n}.") for n in range(300)]
    pairs += [(f"Tom left at {n}.", f"Tom ging um {n} auf sein Zimmer.") for n in range(300)]
    names = {english.split()[0] for english, _ in renamed(pairs)}
    assert names <= {"Tom", *HIS}
    assert len(names) > 60


def test_no_name_needs_more_than_an_s():
    assert [name for name in (*HIS, *HERS) if name[-1] in "sxzß"] == []
    assert len({*HIS, *HERS}) == len(HIS) + len(HERS)


@given(st.lists(st.tuples(st.text(), st.text())))
def test_other_pairs_stay_as_they_are(pairs):
    pairs = [(a.replace("Tom", ""), b) for a, b in pairs]
    pairs += [("Tom and Tommy slept.", "Beide schliefen."), ("Tomorrow!", "Tom!")]
    assert renamed(pairs) == pairs
