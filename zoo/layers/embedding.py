"""Words as vectors: a piece of the vocabulary, plus the characters it is written with."""

from typing import Any

import keras
from keras import ops

from zoo.layers.gather import sum_rows


def _small_normal() -> keras.initializers.Initializer:
    return keras.initializers.RandomNormal(stddev=0.1)


class PieceEmbedding(keras.layers.Layer):
    """A vector for each piece, from its identity and from its hashed character n-grams.

    e = E[piece] + sum of N[n-gram] over its n-grams / sqrt(1 + their number), after fastText
    (Bojanowski et al. 2017); the root keeps long words from drowning short ones. A word that
    was never seen still has the vectors of its n-grams.

    Args:
        pieces: size of the vocabulary; piece 0 is padding.
        buckets: number of rows that the n-grams are hashed to; with 0 there are none, and a
            vector comes from the piece alone.
        size: length of a vector.
        ngram_dropout: share of the n-grams that is dropped in training, whole n-grams at a time,
            so that no single one is relied on.
    """

    def __init__(
        self,
        pieces: int,
        buckets: int,
        size: int,
        ngram_dropout: float = 0.0,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.pieces = self.add_weight(
            name="piece_vectors", shape=(pieces, size), initializer=_small_normal()
        )
        if buckets:
            self.ngrams = self.add_weight(
                name="ngram_vectors", shape=(buckets, size), initializer=_small_normal()
            )
            self.ngram_dropout = keras.layers.Dropout(ngram_dropout)
        self.spells = buckets > 0

    def call(
        self, tokens: Any, ngrams: Any = None, ngram_tokens: Any = None, training: bool = False
    ) -> Any:
        """The vector of each token.

        Args:
            tokens: int32 `[batch, time]`, pieces of the vocabulary.
            ngrams: int32 `[count]`, the buckets of all n-grams of the batch, flat.
            ngram_tokens: int32 `[count]`, ascending, for each the token that owns it, an index into
                the flattened `tokens`.
            training: whether to drop.

        Returns:
            Float `[batch, time, size]`.
        """
        pieces = ops.take(self.pieces, tokens, axis=0)
        if not self.spells:
            return pieces
        return pieces + self._spelled(ops.shape(tokens), ngrams, ngram_tokens, training)

    def _spelled(self, shape: Any, ngrams: Any, ngram_tokens: Any, training: bool) -> Any:
        count = shape[0] * shape[1]
        if training:
            ones = ops.ones_like(ngrams, dtype=self.compute_dtype)
            kept = self.ngram_dropout(ones, training=True)
            chosen = ops.take(self.ngrams, ngrams, axis=0) * kept[:, None]
            total = ops.segment_sum(chosen, ngram_tokens, num_segments=count)
        else:
            total = sum_rows(ops.convert_to_tensor(self.ngrams), ngrams, ngram_tokens, count)
        number = ops.segment_sum(
            ops.ones_like(ngrams, dtype=self.compute_dtype), ngram_tokens, num_segments=count
        )
        return ops.reshape(total / ops.sqrt(1 + number)[:, None], (shape[0], shape[1], -1))
