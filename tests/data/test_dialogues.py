import hashlib
import json
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zoo.data.dialogues import (
    Dialogues,
    context,
    one_line,
    read_dialogues,
    replies,
    split_dialogues,
    written,
)
from zoo.errors import UserError

DIALOGUES = Dialogues([[f"Hello, {n}.", "Hello!", *["Well?"] * (n % 4)] for n in range(400)])


def test_select_keeps_dialogues_whole():
    some = Dialogues([["a", "b"], ["c", "d", "e"], ["f", "g"]])
    assert some.select(n for n in (2, 1)) == Dialogues([["f", "g"], ["c", "d", "e"]])
    assert len(some.select([])) == 0


def test_the_digest_of_its_turns_says_where_a_dialogue_stands():
    splits = split_dialogues(DIALOGUES, (60, 30, 10))
    parts = (splits.train, splits.validation, splits.test)
    assert sorted(turns for part in parts for turns in part.turns) == sorted(DIALOGUES.turns)
    for part, (least, end) in zip(parts, [(0, 0.6), (0.6, 0.9), (0.9, 1)], strict=True):
        found = [hashlib.sha256("\n".join(turns).encode()).hexdigest() for turns in part.turns]
        assert found == sorted(found)
        assert all(least <= int(digest, 16) / 2**256 < end for digest in found)


def test_the_order_and_repeated_dialogues_do_not_matter():
    order = [*range(400), *range(0, 400, 3)]
    random.Random(0).shuffle(order)
    expected = split_dialogues(DIALOGUES, (60, 20, 20))
    assert split_dialogues(DIALOGUES.select(order), (60, 20, 20)) == expected


def test_too_few_dialogues_are_refused():
    same = Dialogues([["Hi.", "Hi."]] * 50)
    with pytest.raises(UserError, match=r"too few different dialogues \(1\).*: add more"):
        split_dialogues(same, (60, 20, 20))


@pytest.mark.parametrize(
    ("room", "expected"),
    [
        (100, "How are you?\nFine.\nGood."),
        (24, "How are you?\nFine.\nGood."),
        (23, "Fine.\nGood."),
        (11, "Fine.\nGood."),
        (10, "Good."),
        (5, "Good."),
        (4, "ood."),
        (1, "."),
    ],
)
def test_the_oldest_turns_fall_away(room, expected):
    assert context(["How are you?", "Fine.", "Good."], room) == expected


@given(st.lists(st.text(min_size=1).map(one_line).filter(bool), min_size=1), st.integers(1, 30))
def test_as_many_turns_are_kept_as_there_is_room_for(turns, room):
    fitting = [n for n in range(1, len(turns) + 1) if len(written(turns[-n:])) <= room]
    expected = written(turns[-max(fitting) :]) if fitting else turns[-1][-room:].strip()
    assert context(turns, room) == expected


def test_five_hundred_turns_and_a_very_long_one():
    assert context([f"turn {n}" for n in range(500)], 20) == "turn 498\nturn 499"
    assert context(["Hi.", "x" * 100_000 + "?"], 1000) == "x" * 999 + "?"


def test_every_turn_but_the_first_is_a_reply():
    pairs = replies(Dialogues([["a", "b", "c"], ["d", "e"]]), 3)
    assert pairs.sources == ["a", "a\nb", "d"]
    assert pairs.targets == ["b", "c", "e"]


def test_reads_json_lines(tmp_path):
    rows = [
        {"turns": ["Hi!", "Hi,  what\n\n shall we do?\r\n", "\tNothing."]},
        {"id": 7, "turns": ["Hi!", "Ça va ?"]},
    ]
    path = tmp_path / "dialogues.jsonl"
    path.write_text("\n\n".join(json.dumps(row) for row in [*rows, rows[1]]))
    expected = ["Hi!", "Hi, what shall we do?", "Nothing."]
    assert read_dialogues(path).turns == [expected, ["Hi!", "Ça va ?"], ["Hi!", "Ça va ?"]]


def test_bad_rows_are_reported_by_line(tmp_path):
    path = tmp_path / "dialogues.ndjson"
    rows = [
        '{"turns": ["Hi.", "Hi."]}',
        '{"turns": ["Hi."]}',
        '{"dialogue": ["Hi.", "Hi."]}',
        '{"turns": "Hi.\\nHi."}',
        '{"turns": ["Hi.", " "]}',
        '{"turns": [1, "Hi."]}',
        "Hi.",
    ]
    path.write_text("\n".join(rows))
    with pytest.raises(UserError) as error:
        read_dialogues(path)
    assert str(error.value) == (
        f"{path} has bad rows (6): line 2: 'turns' has 1 strings, not 2 or more; "
        "line 3: no 'turns' among ['dialogue']; line 4: 'turns' is 'Hi.\\nHi.', not a list; "
        "line 5: empty string 2 of 'turns'; line 6: string 1 of 'turns' is 1, not a string; "
        "and 1 more. Mend or remove these lines"
    )


def test_half_a_character_is_refused(tmp_path):
    path = tmp_path / "dialogues.jsonl"
    path.write_text('{"turns": ["Hi.", "\\ud83d"]}')
    with pytest.raises(UserError, match="line 1: string 2 of 'turns' holds half a surrogate pair"):
        read_dialogues(path)


def test_a_table_is_refused(tmp_path):
    path = tmp_path / "dialogues.csv"
    path.write_text("turns\nHi.\n")
    with pytest.raises(UserError, match=r"holds no lists: write one JSON object .* \.jsonl or"):
        read_dialogues(path)
