import unicodedata

import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from zoo.text.clean import clean, truncate


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


@pytest.mark.parametrize("shape", [(), (0,), (3,), (2, 1)])
def test_shape_is_kept(shape):
    text = tf.fill(shape, "a\tb")
    assert clean(text).shape == shape
    assert truncate(text, 2).shape == shape


@given(st.text(), st.integers(0, 20))
@settings(deadline=None)
def test_truncate_counts_characters(text, max_chars):
    assert truncate(tf.constant(text.encode()), max_chars).numpy().decode() == text[:max_chars]
