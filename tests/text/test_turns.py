import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from zoo.data.dialogues import context, one_line, written
from zoo.text.clean import clean_texts
from zoo.text.turns import newest


def kept(text: str | bytes, room: int) -> str:
    return newest(tf.constant([text]), room).numpy()[0].decode("utf-8", "strict")


@given(st.lists(st.text(min_size=1), min_size=1, max_size=8), st.integers(1, 30))
@settings(deadline=None)
def test_it_keeps_what_the_context_in_memory_keeps(turns, room):
    # One space between words and no control characters: as turns are in memory.
    turns = [one_line(turn) for turn in clean_texts(turns)]
    turns = [turn for turn in turns if turn]
    expected = context(turns, room) if turns else ""
    assert kept(written(turns), room) == expected
    assert kept(expected, room) == expected


@given(st.lists(st.binary(), max_size=3), st.integers(1, 30))
@settings(deadline=None)
def test_any_bytes_become_short_text_each_by_itself(texts, room):
    found = newest(tf.constant(texts, tf.string), room)
    for text, row in zip(texts, found.numpy(), strict=True):
        assert len(row.decode("utf-8", "strict")) <= room
        assert kept(text, room) == row.decode()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ""),
        ("\n\n \n", ""),
        ("Hi.\r\n\r\nHello!\n", "Hi.\nHello!"),
        ("Hi.\x00\x07\n\x1b[2J\nHello!", "Hi.\n[2J\nHello!"),
        (b"\xff\nHi.", "\ufffd\nHi."),
        ("user: Hi.\n[END]\nYou: Hi.", "user: Hi.\n[END]\nYou: Hi."),
        ("Hi.\x0bHello\u2028there", "Hi. Hello\u2028there"),
    ],
)
def test_only_a_newline_begins_a_turn(text, expected):
    assert kept(text, 100) == expected


def test_five_hundred_turns_and_a_very_long_one():
    assert kept("\n".join(f"turn {n}" for n in range(500)), 20) == "turn 498\nturn 499"
    assert kept("Hi.\n" + "x" * 100_000 + "?", 1000) == "x" * 999 + "?"


def test_no_dialogues_are_none():
    assert newest(tf.constant([], tf.string), 10).shape == (0,)
