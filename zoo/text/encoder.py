"""From raw strings to a model's features, in the graph: one road for training and serving."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import tensorflow as tf

from zoo.text.clean import clean, plain, trim, truncate
from zoo.text.ngrams import char_ngrams
from zoo.text.rows import Row
from zoo.text.turns import on_one_line
from zoo.text.wordpiece import WordPiece


@dataclass(frozen=True)
class EncoderConfig:
    """All that an encoder is made of.

    Attributes:
        vocabulary: the pieces; their place is their number, 0 is padding.
        max_characters: a text is cut to this length.
        ngram_buckets: number of buckets that character n-grams are hashed to; 0 for none.
        shortest_ngram: in characters.
        longest_ngram: in characters.
        plain: read HTML tags as spaces, and capitals as small letters.
        spaced: the vocabulary was learned so that pieces tell where spaces were.
        turns: texts are dialogues, a turn on a line each, and the oldest turns are cut.
    """

    vocabulary: tuple[str, ...]
    max_characters: int
    ngram_buckets: int
    shortest_ngram: int
    longest_ngram: int
    plain: bool = False
    spaced: bool = False
    turns: bool = False


class Encoded(NamedTuple):
    """Encoded texts.

    Attributes:
        tokens: RaggedTensor int32 `[batch, (time)]`, numbers of pieces.
        pieces: RaggedTensor string `[batch, (time)]`, each as it stands in the text.
        ngrams: int32 `[count]`, buckets of all character n-grams; None without buckets.
        ngram_tokens: int32 `[count]`, for each the token that owns it, an index into the flat
            values of `tokens`.
    """

    tokens: tf.RaggedTensor
    pieces: tf.RaggedTensor
    ngrams: tf.Tensor | None
    ngram_tokens: tf.Tensor | None


class TextEncoder(tf.Module):
    """Cleans, cuts, splits into pieces and hashes the characters, in core TensorFlow ops."""

    def __init__(self, config: EncoderConfig) -> None:
        super().__init__(name="text_encoder")
        self.config = config
        self.wordpiece = WordPiece(config.vocabulary, config.spaced)

    def __call__(self, text: tf.Tensor) -> Encoded:
        """Encode raw strings `[batch]`, any bytes."""
        return self._encoded(self._cut(text))

    def whole(self, text: tf.Tensor) -> Encoded:
        """Encode raw strings `[batch]`, any bytes, none of them cut: what is to be written."""
        return self._encoded(clean(text))

    def _encoded(self, text: tf.Tensor) -> Encoded:
        config = self.config
        tokens = self.wordpiece(text)
        if not config.ngram_buckets:
            return Encoded(tokens.ids, tokens.pieces, None, None)
        ngrams = char_ngrams(
            tokens, config.shortest_ngram, config.longest_ngram, config.ngram_buckets
        )
        return Encoded(tokens.ids, tokens.pieces, ngrams.ids, ngrams.tokens)

    def _cut(self, text: tf.Tensor) -> tf.Tensor:
        """Clean texts that are no longer than they may be."""
        limit = self.config.max_characters
        if self.config.turns:
            return on_one_line(text, limit)
        text = clean(text)
        if self.config.plain:
            text = plain(text)
        # What is read as a sentence and written anew had better end where one ends.
        return trim(text, limit) if self.config.spaced else truncate(text, limit)


def features(encoded: Encoded) -> dict[str, tf.Tensor]:
    """The inputs of a model: tokens padded on the right, to at least one column.

    Returns:
        `tokens` int32 `[batch, time]`, and where there are n-grams `ngrams` int32 `[count]` and
        `ngram_tokens` int32 `[count]`, indices into the flattened `tokens`.
    """
    tokens = encoded.tokens
    time = tf.maximum(tf.cast(tf.reduce_max(tf.pad(tokens.row_lengths(), [[0, 1]])), tf.int32), 1)
    padded = tokens.to_tensor(shape=tf.stack([-1, time]))
    if encoded.ngrams is None:
        return {"tokens": padded}
    rows = tf.cast(tokens.value_rowids(), tf.int32)
    columns = tf.range(tf.size(rows)) - tf.gather(tf.cast(tokens.row_starts(), tf.int32), rows)
    place = rows * time + columns
    return {
        "tokens": padded,
        "ngrams": encoded.ngrams,
        "ngram_tokens": tf.gather(place, encoded.ngram_tokens),
    }


def encode_rows(
    encoder: Callable[[tf.Tensor], Encoded], texts: Sequence[str], batch: int = 512
) -> list[Row]:
    """Encode texts once, to be collated into many batches."""
    encode = tf.function(encoder, input_signature=[tf.TensorSpec([None], tf.string)])
    rows: list[Row] = []
    for start in range(0, len(texts), batch):
        encoded = encode(tf.constant(texts[start : start + batch], tf.string))
        ends = encoded.tokens.row_limits().numpy()
        tokens = np.split(encoded.tokens.flat_values.numpy(), ends[:-1])
        if encoded.ngrams is None:
            rows += [Row(row, None, None) for row in tokens]
            continue
        owners = encoded.ngram_tokens.numpy()
        cuts = np.searchsorted(owners, ends[:-1])
        starts = np.concatenate([[0], ends[:-1]]).astype(np.int32)
        rows += [
            Row(t, n, o - first)
            for t, n, o, first in zip(
                tokens,
                np.split(encoded.ngrams.numpy(), cuts),
                np.split(owners, cuts),
                starts,
                strict=True,
            )
        ]
    return rows
