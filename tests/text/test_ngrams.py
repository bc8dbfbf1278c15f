import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from zoo.text.clean import clean
from zoo.text.ngrams import char_ngrams
from zoo.text.wordpiece import WordPiece

VOCABULARY = ["[PAD]", "[UNK]", "a", "ab", "é", "你", "😀", "##a", "##b", "##é", "##ab", "1", "##1"]
TEXT = st.one_of(st.text(), st.text("abé1你😀 !<>"))
BITS = 2**64


def bucket(ngram: str, buckets: int) -> int:
    """The hash, in Python's unbounded integers."""

    def signed(value: int) -> int:
        return (value + BITS // 2) % BITS - BITS // 2

    state = 0xCBF29CE484222325
    for character in ngram:
        state = state * 0x100000001B3 + ord(character)
    state = signed(state)
    state = signed((state ^ (state >> 32)) * 0x94D049BB133111EB)
    state ^= state >> 29
    return state % buckets


def expected(tokens, shortest, longest, buckets):
    """(owner, bucket) of each n-gram, by loops."""
    pieces = [piece.decode() for piece in tokens.pieces.flat_values.numpy()]
    starts = [*tokens.word_starts.flat_values.numpy().tolist(), True]
    word, owners, found = "", [], []
    for number, piece in enumerate(pieces):
        framed = "<" * starts[number] + piece + ">" * starts[number + 1]
        word += framed
        owners += [number] * len(framed)
        if starts[number + 1]:
            for start in range(len(word)):
                for length in range(shortest, longest + 1):
                    if start + length <= len(word):
                        ngram = word[start : start + length]
                        found.append((owners[start], bucket(ngram, buckets)))
            word, owners = "", []
    return found


@tf.function(input_signature=[tf.TensorSpec([None], tf.string)])
def tokenize(text):
    return MODULE(clean(text))


MODULE = WordPiece(VOCABULARY)


def ngrams(texts, *sizes):
    tokens = tokenize(tf.constant([t.encode() for t in texts], tf.string, shape=[len(texts)]))
    return tokens, char_ngrams(tokens, *sizes)


@given(
    st.lists(TEXT, max_size=3),
    st.sampled_from([(1, 1), (3, 6), (2, 3)]),
    st.sampled_from([1, 2**17, 2**31 - 1]),
)
@settings(deadline=None, max_examples=150)
def test_equals_the_definition(texts, lengths, buckets):
    tokens, (ids, owners) = ngrams(texts, *lengths, buckets)
    found = list(zip(owners.numpy().tolist(), ids.numpy().tolist(), strict=True))
    assert found == expected(tokens, *lengths, buckets)


def test_each_ngram_belongs_to_the_piece_of_its_first_character():
    tokens, (ids, owners) = ngrams(["1 abab"], 3, 3, 1000)
    assert tokens.pieces.to_list() == [[b"1", b"ab", b"ab"]]
    # "<1>", then "<ab", "aba" and "bab" of "<ab", then "ab>" of "ab>".
    assert owners.numpy().tolist() == [0, 1, 1, 1, 2]
    assert ids.numpy().tolist() == [bucket(n, 1000) for n in ("<1>", "<ab", "aba", "bab", "ab>")]


@pytest.mark.parametrize("texts", [[], [""], ["", ""]])
def test_no_tokens_no_ngrams(texts):
    _, (ids, owners) = ngrams(texts, 3, 6, 10)
    assert ids.shape == owners.shape == (0,)
    assert ids.dtype == owners.dtype == tf.int32


def test_ngrams_spread_over_the_buckets():
    words = [f"{n:04d}" for n in range(4096)]
    _, (ids, _) = ngrams([" ".join(words)], 6, 6, 64)
    counts = tf.math.bincount(ids, minlength=64).numpy()
    # 64 a bucket on average; five standard deviations of a uniform hash are 40.
    assert 24 <= counts.min() <= counts.max() <= 104
