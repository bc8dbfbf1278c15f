import json
import re
import string
from collections import Counter
from pathlib import Path

import pytest

from tasks.chatbot import data
from zoo.data.dialogues import read_dialogues
from zoo.text.slurs import has_slur

SAMPLE = Path(__file__).parents[3] / "tasks/chatbot/sample.jsonl"


@pytest.fixture(scope="module")
def dialogues():
    content = SAMPLE.read_bytes().decode("utf-8")
    assert content.endswith("\n")
    rows = [json.loads(line) for line in content.removesuffix("\n").split("\n")]
    assert all(list(row) == ["turns"] for row in rows)
    return [row["turns"] for row in rows]


def folded(text):
    return " ".join(re.findall(r"\w+", text.casefold()))


def test_the_reader_takes_every_row_as_it_is(dialogues):
    assert read_dialogues(SAMPLE).turns == dialogues


def test_the_dialogues_are_short(dialogues):
    assert len(dialogues) == 166
    assert {len(turns) for turns in dialogues} == {4, 5, 6, 7, 8}
    assert max(len(turn.split()) for turns in dialogues for turn in turns) <= 16


def test_nearly_every_turn_stands_once(dialogues):
    counts = Counter(folded(turn) for turns in dialogues for turn in turns)
    repeated = [turn for turn, count in counts.items() if count > 1 and len(turn.split()) > 4]
    assert repeated == []
    assert len(counts) > 850


def test_the_turns_are_written_as_sentences(dialogues):
    allowed = set(string.ascii_letters + string.digits + " ,.?!'-é")
    for turns in dialogues:
        for turn in turns:
            assert turn[0].isupper()
            assert turn[-1] in ".?!"
            assert turn == " ".join(turn.split())
            assert set(turn) <= allowed
            assert not has_slur(turn)


def test_the_sample_can_be_split(dialogues):
    splits = data.load_sample()
    assert min(len(part) for part in vars(splits).values()) > 10
    assert sum(len(part) for part in vars(splits).values()) == len(dialogues)
