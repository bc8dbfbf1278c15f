import unicodedata

import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from zoo.text.words import MARK, library_words, split_words


def words(text: str) -> list[str]:
    return [word.decode() for word in split_words(tf.constant([text])).flat_values.numpy()]


def spaced(text: str) -> str:
    """The words in spaced mode with "|" between them and "_" for the mark."""
    found = split_words(tf.constant([text]), spaced=True).flat_values.numpy()
    return "|".join(word.decode() for word in found).replace(MARK, "_")


def library(text: str) -> list[str]:
    return [word for word, _ in library_words().pre_tokenize_str(text)]


CHARACTERS = st.characters(exclude_categories=["Cc", "Cs"])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        (" \u00a0\u3000", []),
        ("c0mpl1mentary prize", ["c0mpl1mentary", "prize"]),
        ("U\u00a0won\u2009£5.00!!", ["U", "won", "£", "5", ".", "00", "!", "!"]),
        ("[PAD]", ["[", "PAD", "]"]),
        ("“it’s”—ok…", ["“", "it", "’", "s", "”", "—", "ok", "…"]),
        ("2²µª", ["2²µª"]),
        ("你好kana カナ、", ["你", "好", "kana", "カ", "ナ", "、"]),
        ("hi😀😀", ["hi", "😀", "😀"]),
        ("cafe\u0301 שלום", ["cafe\u0301", "שלום"]),
    ],
)
def test_examples(text, expected):
    assert words(text) == expected
    assert library(text) == expected


def test_ascii_is_divided_at_everything_but_letters_and_digits():
    for code in range(0x21, 0x7F):
        alone = len(words(f"a{chr(code)}b")) == 3
        assert alone is not chr(code).isalnum()


def test_both_engines_agree_on_every_character():
    codes = [*range(0x20, 0x7F), *range(0xA0, 0xD800), *range(0xE000, 0x10000)]
    codes += [*range(0x1EFF0, 0x1FB10), 0x1FFFF, 0x20000, 0x2FA1F, 0x2FA20, 0x10FFFF]
    texts = [f"a{chr(code)}b" for code in codes]
    split = [[word.decode() for word in row] for row in split_words(tf.constant(texts)).numpy()]
    divide = library_words().pre_tokenize_str
    assert split == [[word for word, _ in divide(text)] for text in texts]


def test_every_unicode_space_separates():
    spaces = [chr(c) for c in range(0x110000) if unicodedata.category(chr(c)) in ("Zs", "Zl", "Zp")]
    assert words("a" + "a".join(spaces) + "a") == ["a"] * (len(spaces) + 1)


@given(st.lists(st.text(CHARACTERS), max_size=4))
@settings(deadline=None)
def test_both_engines_agree(texts):
    split = split_words(tf.constant(texts, tf.string, shape=[len(texts)]))
    assert split.to_list() == [[word.encode() for word in library(text)] for text in texts]


# Spaced mode.


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ""),
        (" \u00a0\u3000", ""),
        ("Hello, world!", "_Hello|,|_world|!"),
        ("(It's 5.30 p.m.)", "_(|It|'|s|_5|.|30|_p|.|m|.|)"),
        ("  he \u00a0 said: “no” – e-mail\u3000", "_he|_said|:|_“|no|”|_–|_e|-|mail"),
        ("你 好kana", "_你|_好|kana"),
        ("hi😀 😀😀 . ", "_hi|😀|_😀|😀|_."),
    ],
)
def test_in_spaced_mode_a_mark_tells_what_follows_a_separator(text, expected):
    assert spaced(text) == expected


def test_in_spaced_mode_every_separator_counts_wherever_it_stands():
    for space in (c for c in map(chr, range(0x110000)) if unicodedata.category(c)[0] == "Z"):
        assert spaced(f"{space}a{space}{space}b,{space},c{space}") == "_a|_b|,|_,|c"


@given(st.lists(st.one_of(st.text(CHARACTERS), st.text("ab,.( \u00a0")), max_size=4))
@settings(deadline=None)
def test_spaced_mode_divides_alike_and_marks_what_follows_a_separator(texts):
    split = split_words(tf.constant(texts, tf.string, shape=[len(texts)]), spaced=True)
    expected = []
    for text in texts:
        parts = "".join(" " if unicodedata.category(c)[0] == "Z" else c for c in text).split(" ")
        words = [w if n else MARK + w for part in parts for n, w in enumerate(library(part))]
        expected.append([word.encode() for word in words])
    assert split.to_list() == expected
