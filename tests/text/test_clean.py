import unicodedata

import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from zoo.text.clean import clean, clean_texts, plain, trim, truncate


def cleaned(data: bytes) -> bytes:
    return clean(tf.constant(data)).numpy()


def without_controls(text: str) -> str:
    return "".join(" " if unicodedata.category(c) == "Cc" else c for c in text)


@given(st.text())
@settings(deadline=None)
def test_valid_text_changes_in_its_control_characters_only(text):
    assert cleaned(text.encode()).decode() == without_controls(text)


@given(st.binary())
@settings(deadline=None)
def test_any_bytes_become_valid_text_and_keep_their_valid_part(data):
    text = cleaned(data).decode("utf-8", "strict")
    valid = data.decode("utf-8", "ignore")
    assert text.replace("\ufffd", "") == without_controls(valid).replace("\ufffd", "")
    assert cleaned(text.encode()).decode() == text


def test_every_control_character_becomes_a_space():
    controls = "".join(chr(c) for c in range(0x110000) if unicodedata.category(chr(c)) == "Cc")
    assert cleaned(controls.encode()) == b" " * 65


def test_nul_does_not_end_a_text():
    assert cleaned(b"win\x00ner\x00") == b"win ner "


@pytest.mark.parametrize("data", [b"\xff", b"\xe2\x82", b"\xc0\xaf", b"\xed\xa0\x80"])
def test_malformed_bytes_become_replacement_characters(data):
    text = cleaned(b"a" + data + b"b").decode()
    assert text.strip("\ufffd") == text
    assert set(text[1:-1]) == {"\ufffd"}


def test_nothing_is_normalized():
    text = "\ufeffe\u0301 \u00e9 ﬁ Ⅳ ａ\u200b\ufffe"
    assert cleaned(text.encode()).decode() == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Good.<br /><br/>Bad</p>", "good.  bad "),
        ('a <a href="x">LINK</A> <h1>', "a  link   "),
        ("a < b, <3, 1 > 0, <> </> < br>", "a < b, <3, 1 > 0, <> </> < br>"),
        ("a <b and no end", "a <b and no end"),
        ("<i<b>", "<i "),
        ("ÉCOLE Σ ЖЁ 你 ß", "école σ жё 你 ß"),
    ],
)
def test_plain_text_has_neither_tags_nor_capitals(text, expected):
    assert plain(tf.constant(text)).numpy().decode() == expected
    assert clean_texts([text, "A\t"], as_plain=True) == [expected, "a "]
    assert clean_texts([text, "A\t"]) == [text, "A "]


@given(st.text())
@settings(deadline=None)
def test_any_valid_text_can_be_made_plain(text):
    found = plain(clean(tf.constant(text.encode()))).numpy().decode("utf-8", "strict")
    assert not set(found) & set("ABCDEFGHIJKLMNOPQRSTUVWXYZ")


@pytest.mark.parametrize("shape", [(), (0,), (3,), (2, 1)])
def test_shape_is_kept(shape):
    text = tf.fill(shape, "a\tb")
    assert clean(text).shape == shape
    assert truncate(text, 2).shape == shape
    assert plain(text).shape == shape


@given(st.text(), st.integers(0, 20))
@settings(deadline=None)
def test_truncate_counts_characters(text, max_chars):
    assert truncate(tf.constant(text.encode()), max_chars).numpy().decode() == text[:max_chars]


def trimmed(text: str, max_chars: int) -> str:
    return trim(tf.constant(clean_texts([text])), max_chars).numpy()[0].decode()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ""),
        ("Exactly twenty chars", "Exactly twenty chars"),
        ("I came. I saw. I won everything.", "I came. I saw."),
        ('He said "Is it so?" and went away.', 'He said "Is it so?"'),
        # The end of a sentence so early would lose too much.
        ("Oh! What a lovely evening this is", "Oh! What a lovely"),
        ("Version 3.14159265 is a number", "Version 3.14159265"),
        ("Twelve whole words more", "Twelve whole words"),
        ("Donaudampfschifffahrtsgesellschaft", "Donaudampfschifffahr"),
        ("Viele Grüße aus Köln. Danke!", "Viele Grüße aus"),
    ],
)
def test_a_long_text_ends_where_a_sentence_or_a_word_ends(text, expected):
    assert trimmed(text, 20) == expected


@given(st.text(), st.integers(2, 40))
@settings(deadline=None)
def test_what_is_left_is_a_beginning(text, max_chars):
    [whole] = clean_texts([text])
    kept = trimmed(text, max_chars)
    assert whole.startswith(kept)
    assert len(kept) <= max_chars
    assert bool(kept) == bool(whole) or not whole[:max_chars].strip()
    if len(whole) <= max_chars:
        assert kept == whole
