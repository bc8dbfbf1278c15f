import hashlib
from collections import Counter
from itertools import pairwise
from pathlib import Path

from tasks.chatbot.data import load_sample
from tasks.chatbot.openings import load_openings

FILE = Path(__file__).parents[3] / "tasks/chatbot/openings.tsv"


def test_they_are_those_that_were_written_before_training():
    digest = hashlib.sha256(FILE.read_bytes()).hexdigest()
    assert digest == "154a93dfa63509535e338c153c498fbea4c2997582982ff377c12a62462a2231"


def test_there_are_forty_of_seven_categories():
    openings = load_openings()
    assert Counter(opening.category for opening in openings) == {
        "greetings": 5,
        "plans": 5,
        "food": 5,
        "films": 5,
        "sport": 5,
        "feelings": 5,
        "follow-ups": 10,
    }
    assert len({tuple(opening.turns) for opening in openings}) == 40


def test_follow_ups_alone_have_turns_before():
    for category, turns in load_openings():
        assert (len(turns) >= 3) == (category == "follow-ups")
        assert len(turns) == 1 or category == "follow-ups"
        assert all(turn and turn == turn.strip() and turn[-1] in ".?!" for turn in turns)


def test_none_can_be_learned_from_the_sample():
    splits = load_sample()
    exchanges = {
        pair for part in vars(splits).values() for turns in part.turns for pair in pairwise(turns)
    }
    firsts = {turns[0] for part in vars(splits).values() for turns in part.turns}
    for _, turns in load_openings():
        assert exchanges.isdisjoint(pairwise(turns))
        assert turns[0] not in firsts
