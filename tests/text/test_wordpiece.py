import random
import time

import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from zoo.text.clean import clean
from zoo.text.vocabulary import reference
from zoo.text.wordpiece import WordPiece
from zoo.text.words import MARK, library_words, split_words

PIECES = ["a", "b", "ab", "abc", "é", "你", "😀", "##a", "##b", "##bc", "##cab", "##é", "##\u0301"]
VOCABULARY = ["[PAD]", "[UNK]", *PIECES, "long" * 25, "long" * 26, "##" + "long" * 25, "long"]

FRAGMENTS = [piece.removeprefix("##") for piece in VOCABULARY]
TEXT = st.one_of(
    st.text(),
    st.text("abcé\u0301你😀 \u00a0\x00!ש"),
    st.lists(st.sampled_from([*FRAGMENTS, " ", "\u00a0", "\x00", "#"])).map("".join),
    st.tuples(st.sampled_from(["a", "b", "é", "aé"]), st.integers(98, 102)).map(
        lambda word: (word[0] * word[1])[: word[1]]
    ),
)


def traced(module):
    return tf.function(module, input_signature=[tf.TensorSpec([None], tf.string)])


MODULE = WordPiece(VOCABULARY)
TOKENIZE = traced(MODULE)
LIBRARY = reference(VOCABULARY)


def cleaned(texts):
    return clean(tf.constant([text.encode() for text in texts], tf.string, shape=[len(texts)]))


@given(st.lists(TEXT, max_size=4))
@settings(deadline=None, max_examples=400)
def test_equals_the_library(texts):
    texts = cleaned(texts)
    expected = [LIBRARY.encode(text.decode()).ids for text in texts.numpy()]
    assert TOKENIZE(texts).ids.to_list() == expected


@given(st.lists(TEXT, max_size=4))
@settings(deadline=None)
def test_pieces_are_the_text_itself_and_starts_are_its_words(texts):
    texts = cleaned(texts)
    tokens = TOKENIZE(texts)
    for text, pieces, starts in zip(
        texts.numpy(), tokens.pieces.to_list(), tokens.word_starts.to_list(), strict=True
    ):
        words = []
        for piece, starts_word in zip(pieces, starts, strict=True):
            assert piece
            words += [piece] if starts_word else []
            words[-1:] = [words[-1] + piece] if not starts_word else words[-1:]
        divided = library_words().pre_tokenize_str(text.decode())
        assert words == [word.encode() for word, _ in divided]


@given(st.lists(TEXT, min_size=1, max_size=4))
@settings(deadline=None)
def test_batched_equals_alone(texts):
    texts = cleaned(texts)
    together = TOKENIZE(texts)
    for part in range(3):
        alone = [TOKENIZE(texts[i : i + 1])[part].to_list()[0] for i in range(len(texts))]
        assert together[part].to_list() == alone


def test_pieces_of_an_unseen_word():
    tokens = TOKENIZE(tf.constant(["abcab xab abcx"]))
    assert tokens.pieces.to_list() == [[b"abc", b"a", b"b", b"xab", b"abcx"]]
    assert tokens.word_starts.to_list() == [[True, False, False, True, True]]
    ids = [VOCABULARY.index(piece) for piece in ("abc", "##a", "##b", "[UNK]", "[UNK]")]
    assert tokens.ids.to_list() == [ids]


def test_types():
    tokens = TOKENIZE(tf.constant(["ab"]))
    assert [part.dtype for part in tokens] == [tf.int32, tf.string, tf.bool]


@pytest.mark.parametrize("texts", [[], [""], ["", " "], ["", "ab"], ["x" * 101], ["", "x", ""]])
def test_batches_with_nothing_in_them(texts):
    expected = [LIBRARY.encode(text).ids for text in texts]
    assert TOKENIZE(cleaned(texts)).ids.to_list() == expected


@pytest.mark.parametrize("word", [99, 100, 101, 100_000])
def test_a_text_of_a_hundred_thousand_characters(vocabulary, word):
    rng = random.Random(word)
    letters = "".join(rng.choices("aceilmnoprtuwxy09", k=100_000))
    text = " ".join(letters[i : i + word] for i in range(0, len(letters), word))
    ids = traced(WordPiece(vocabulary))(tf.constant([text])).ids
    assert ids.to_list() == [reference(vocabulary).encode(text).ids]


@given(st.data())
@settings(deadline=None, max_examples=50)
def test_equals_the_library_for_any_vocabulary(data):
    word = st.text("abé", min_size=1, max_size=4)
    pieces = data.draw(st.lists(st.one_of(word, word.map("##".__add__)), unique=True, max_size=12))
    vocabulary = ["[PAD]", "[UNK]", *pieces]
    text = data.draw(st.text("abé ", max_size=60))
    ids = WordPiece(vocabulary)(tf.constant([text])).ids
    assert ids.to_list() == [reference(vocabulary).encode(text).ids]


def test_vocabulary_without_unknown():
    with pytest.raises(ValueError, match="UNK"):
        WordPiece(["[PAD]", "a"])


# Spaced mode.

SPACED = traced(WordPiece(VOCABULARY, spaced=True))
SPACED_TEXT = st.one_of(TEXT, st.text("ab,c.é你 !"), st.text("abc你 "))


def greedy(word):
    """The ids and pieces of a word, by loops."""
    rest = word.removeprefix(MARK)
    entries = {entry: n for n, entry in enumerate(VOCABULARY)}
    glued = rest == word
    found = []
    while rest:
        lengths = range(len(rest), 0, -1)
        prefix = "##" if glued or found else ""
        length = next((n for n in lengths if prefix + rest[:n] in entries), None)
        if length is None or len(word.removeprefix(MARK)) > 100:
            return [(1, word.removeprefix(MARK))]
        found.append((entries[prefix + rest[:length]], rest[:length]))
        rest = rest[length:]
    return found


@given(st.lists(SPACED_TEXT, max_size=4))
@settings(deadline=None, max_examples=300)
def test_spaced_equals_the_greedy_longest_match(texts):
    texts = cleaned(texts)
    tokens = SPACED(texts)
    words = [[word.decode() for word in row] for row in split_words(texts, spaced=True).to_list()]
    expected = [[piece for word in row for piece in greedy(word)] for row in words]
    assert tokens.ids.to_list() == [[n for n, _ in row] for row in expected]
    assert tokens.pieces.to_list() == [[piece.encode() for _, piece in row] for row in expected]
    starts = [[n == 0 for word in row for n in range(len(greedy(word)))] for row in words]
    assert tokens.word_starts.to_list() == starts


@given(st.lists(SPACED_TEXT, max_size=4))
@settings(deadline=None)
def test_spaced_mode_changes_neither_the_words_nor_what_follows_a_separator(texts):
    texts = cleaned(texts)
    spaced, plain = SPACED(texts), TOKENIZE(texts)
    for n, text in enumerate(texts.numpy()):
        found, expected = ([part.to_list()[n] for part in tokens] for tokens in (spaced, plain))
        assert b"".join(found[1]) == b"".join(expected[1])
        assert sum(found[2]) == sum(expected[2])
        if set(text.decode()) <= set("abcé "):
            assert found == expected


@given(st.lists(SPACED_TEXT, min_size=1, max_size=4))
@settings(deadline=None)
def test_spaced_batched_equals_alone(texts):
    texts = cleaned(texts)
    together = SPACED(texts)
    for part in range(3):
        alone = [SPACED(texts[i : i + 1])[part].to_list()[0] for i in range(len(texts))]
        assert together[part].to_list() == alone


def test_an_unknown_glued_word_is_one_unknown():
    tokens = SPACED(tf.constant(["ab你b a你xb 你 😀😀"]))
    assert tokens.pieces.to_list() == [
        [part.encode() for part in ("ab", "你", "b", "a", "你", "xb", "你", "😀", "😀")]
    ]
    entries = ("ab", "[UNK]", "##b", "a", "[UNK]", "[UNK]", "你", "😀", "[UNK]")
    assert tokens.ids.to_list() == [[VOCABULARY.index(piece) for piece in entries]]
    assert tokens.word_starts.to_list() == [[True] * 9]


@pytest.mark.parametrize("length", [99, 100, 101])
def test_a_glued_word_is_as_long_as_any(length):
    pieces = ["##b" * length, "##" + "b" * length, "b" * length, ".", "##."]
    vocabulary = ["[PAD]", "[UNK]", *pieces]
    tokens = WordPiece(vocabulary, spaced=True)(tf.constant([f".{'b' * length} {'b' * length}"]))
    known = [3, 4] if length <= 100 else [1, 1]
    assert tokens.ids.to_list() == [[5, *known]]


def test_every_glued_word_has_only_continuing_entries(spaced_vocabulary):
    text = "Hello, world! (It's 5.30 p.m.)"
    tokens = WordPiece(spaced_vocabulary, spaced=True)(tf.constant([text]))
    pieces, starts = tokens.pieces.to_list()[0], tokens.word_starts.to_list()[0]
    after = 0
    for n, piece, start in zip(tokens.ids.to_list()[0], pieces, starts, strict=True):
        place = text.index(piece.decode(), after)
        after = place + len(piece.decode())
        begins = place == 0 or text[place - 1] == " "
        entry = spaced_vocabulary[n]
        assert entry == piece.decode() if begins else entry == "##" + piece.decode()
        assert start or not begins


@pytest.mark.parametrize("word", [5, 100, 10_000])
def test_a_spaced_text_of_ten_thousand_characters(spaced_vocabulary, word):
    rng = random.Random(word)
    letters = "".join(rng.choices("aeilmnorst.,'", k=10_000))
    text = " ".join(letters[i : i + word] for i in range(0, len(letters), word))
    tokenize = traced(WordPiece(spaced_vocabulary, spaced=True))
    tokenize(tf.constant(["a"]))
    start = time.perf_counter()
    pieces = tokenize(tf.constant([text])).pieces
    assert time.perf_counter() - start < 2
    assert b"".join(pieces.to_list()[0]).decode() == letters
