import codecs
from pathlib import Path

import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from zoo.text import slurs
from zoo.text.slurs import has_slur, have_slurs

WORD = codecs.decode("ergneq", "rot13")
WORDS = slurs._WORDS


def in_graph(text: str) -> bool:
    return bool(have_slurs(tf.constant(text)))


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("{}", True),
        ("You {}!", True),
        ("{}s.", True),
        ("a\n{}\n", True),
        ("He said '{}', he did", True),
        ("un-{}-like", True),
        ("{}_", True),
        ("{0} {0}", True),
        ("a{}", False),
        ("{}ant", False),
        ("fire{}ants", False),
        ("", False),
        ("Could you pass the spices, please?", False),
    ],
)
def test_it_is_told_as_a_word(template, expected):
    for word in (WORD, WORD.upper(), WORD.title()):
        text = template.format(word)
        assert has_slur(text) == in_graph(text) == expected


@pytest.mark.parametrize("word", WORDS)
def test_every_word_of_the_list_is_told(word):
    assert word.isascii()
    assert word.islower()
    assert has_slur(f"So, {word}?")


# Words of the list among characters that two engines might fold or part in different ways.
TEXTS = st.lists(
    st.one_of(
        st.sampled_from(WORDS),
        st.sampled_from([word.upper() for word in WORDS]),
        st.sampled_from([WORD.replace("r", "ſ"), *(w.replace("i", "İ") for w in WORDS)]),
        st.sampled_from(
            ["s", "z", "S", "ſ", "K", "İ", "ß", "é", "\u0301", "-", "'", "\n", " ", ""]
        ),
        st.text(max_size=2),
    ),
    max_size=5,
).map("".join)


@given(TEXTS)
@settings(deadline=None, max_examples=300)
def test_memory_and_graph_agree(text):
    assert in_graph(text) == has_slur(text)


@pytest.mark.parametrize("shape", [(), (0,), (3,), (2, 1)])
def test_shape_is_kept(shape):
    assert (
        have_slurs(tf.fill(shape, WORD)).numpy().tolist() == tf.fill(shape, True).numpy().tolist()
    )


def test_the_words_do_not_stand_in_the_module_as_they_are():
    source = Path(slurs.__file__).read_text(encoding="utf-8").lower()
    assert [word for word in WORDS if word in source] == []
