"""Hashed character n-grams of words, in the graph.

Source: Bojanowski et al., "Enriching Word Vectors with Subword Information" (2017),
https://arxiv.org/abs/1607.04606. Here the n-grams of a word are shared out among its pieces.
"""

from typing import NamedTuple

import tensorflow as tf

from zoo.text.flat import rows_of
from zoo.text.wordpiece import Tokens

# The 64-bit FNV-1a basis and prime, then the multiplier of SplitMix64's last round (Steele et al.,
# 2014), as signed numbers: TensorFlow multiplies int64 modulo 2**64.
_BASIS = 0xCBF29CE484222325 - 2**64
_PRIME = 0x100000001B3
_MIX = 0x94D049BB133111EB - 2**64


class NGrams(NamedTuple):
    """The n-grams of a batch of texts, in the order of their first characters.

    Attributes:
        ids: The bucket of each n-gram, int32 [m].
        tokens: The piece that owns it, an index into the flat pieces, int32 [m], ascending.
    """

    ids: tf.Tensor
    tokens: tf.Tensor


def char_ngrams(tokens: Tokens, shortest: int, longest: int, buckets: int) -> NGrams:
    """Hashes the character n-grams of every word.

    A word is read as "<" + word + ">". Each of its n-grams belongs to the piece that holds the
    first character; "<" to the first piece of the word, ">" to the last. Case and digits count.

    Args:
        tokens: Tokenized texts.
        shortest: The fewest characters of an n-gram, at least 1.
        longest: The most characters of an n-gram.
        buckets: How many buckets the n-grams are hashed into.

    Returns:
        Every n-gram of `shortest` to `longest` characters that lies inside one word.
    """
    begins = tokens.word_starts.flat_values
    # A word ends where the next begins; the first piece of all begins one, so the last ends one.
    ends = tf.roll(begins, -1, axis=0)
    framed = tf.strings.join(
        [tf.where(begins, "<", ""), tokens.pieces.flat_values, tf.where(ends, ">", "")]
    )
    characters = tf.strings.unicode_decode(framed, "UTF-8")
    codes = tf.cast(characters.flat_values, tf.int64)
    token = rows_of(characters.row_splits, codes)
    word = tf.gather(tf.cumsum(tf.cast(begins, tf.int32)), token)

    # Column k looks k characters ahead; past the end there is no word.
    codes_ahead = tf.pad(codes, [[0, longest - 1]])
    word_ahead = tf.pad(word, [[0, longest - 1]])
    count = tf.size(codes)
    state = tf.fill([count], tf.constant(_BASIS, tf.int64))
    hashes, inside = [], []
    for ahead in range(longest):
        state = state * _PRIME + codes_ahead[ahead : ahead + count]
        if ahead + 1 >= shortest:
            hashes.append(state)
            inside.append(word_ahead[ahead : ahead + count] == word)
    kept = tf.where(tf.stack(inside, axis=1))
    ids = _bucket(tf.gather_nd(tf.stack(hashes, axis=1), kept), buckets)
    return NGrams(ids=ids, tokens=tf.cast(tf.gather(token, kept[:, 0]), tf.int32))


def _bucket(state: tf.Tensor, buckets: int) -> tf.Tensor:
    """Mixes the bits of a polynomial hash, so that the low ones depend on all of them."""
    mixed = (state ^ tf.bitwise.right_shift(state, tf.constant(32, tf.int64))) * _MIX
    mixed ^= tf.bitwise.right_shift(mixed, tf.constant(29, tf.int64))
    return tf.cast(tf.math.floormod(mixed, buckets), tf.int32)
