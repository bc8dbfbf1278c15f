"""Many to one: a sequence in, one answer out."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import keras
from keras import ops

from zoo.layers.embedding import PieceEmbedding
from zoo.layers.pooling import max_over_time, mean_over_time, sum_over_time
from zoo.layers.recurrent import RecurrentStack
from zoo.layers.window import Window

Features = Mapping[str, Any]


@dataclass(frozen=True)
class ManyToOneConfig:
    """The architecture, enough to rebuild the model.

    Attributes:
        pieces: size of the vocabulary.
        ngram_buckets: rows of the table of hashed character n-grams.
        classes: number of labels.
        cell: `simple_rnn`, `linear_rnn`, `lstm` or `gru`; with a window, `mlp`.
        bidirectional: read in both directions.
        layers: recurrent layers on top of each other.
        units: size of the state, per direction.
        embedding_size: length of a token's vector.
        dropout: share of the inputs of each layer that is dropped in training.
        ngram_dropout: share of the character n-grams that is dropped in training.
        mean: pool by the mean over time too, beside the maximum.
        bare: answer from the last output alone.
        window: an MLP over so many tokens in the place of the recurrence, bare; 0 for none.
    """

    pieces: int
    ngram_buckets: int
    classes: int
    cell: str
    bidirectional: bool
    layers: int
    units: int
    embedding_size: int
    dropout: float
    ngram_dropout: float
    mean: bool = False
    bare: bool = False
    window: int = 0


class ManyToOne(keras.Model):
    """Token vectors, a recurrent stack, the maximum over time, one vector of logits.

    o = V [max_t h_t ; sum_t x_t / sqrt(1 + T)] + c, and y = softmax(o). The second part is a
    connection around the recurrence: what single words say does not have to pass through it.
    With `mean` the mean over time of h_t stands beside its maximum (Howard & Ruder 2018).

    The bare form is the one that textbooks draw, o = V h_T + c: all that the answer knows of the
    sequence has passed through the recurrence to its end.
    """

    def __init__(self, config: ManyToOneConfig, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.config = config
        self.embedding = PieceEmbedding(
            config.pieces,
            config.ngram_buckets,
            config.embedding_size,
            config.ngram_dropout,
        )
        self.stack: RecurrentStack | Window
        if config.window:
            self.stack = Window(config.units, config.window)
        else:
            self.stack = RecurrentStack(
                config.units, config.cell, config.layers, config.bidirectional, config.dropout
            )
        self.before_stack = keras.layers.Dropout(config.dropout)
        self.before_output = keras.layers.Dropout(config.dropout)
        self.output_layer = keras.layers.Dense(config.classes, name="output", dtype="float32")
        self.stack.build((None, None, config.embedding_size))
        pooled = self.stack.output_size
        if not config.bare:
            pooled = (1 + config.mean) * pooled + config.embedding_size
        self.output_layer.build((None, pooled))
        self.built = True

    def embed(self, features: Features, training: bool = False) -> tuple[Any, Any]:
        """The vectors of the tokens, and which of them are there.

        Args:
            features: `tokens` int32 `[batch, time]`, 0 on padding, which is on the right;
                `ngrams` int32 `[count]` and `ngram_tokens` int32 `[count]`, see PieceEmbedding,
                where the embedding has any.
            training: whether to drop n-grams.

        Returns:
            Float `[batch, time, size]`, and the mask, bool `[batch, time]`.
        """
        tokens = features["tokens"]
        ngrams, owners = features.get("ngrams"), features.get("ngram_tokens")
        x = self.embedding(tokens, ngrams, owners, training=training)
        return x, ops.not_equal(tokens, 0)

    def read(self, x: Any, mask: Any, training: bool = False) -> Any:
        """The logits of a sequence of vectors.

        Args:
            x: float `[batch, time, size]`.
            mask: `[batch, time]`, bool, or float in [0, 1]; all zeros is the empty sequence.
            training: whether to drop.

        Returns:
            Float `[batch, classes]`.
        """
        x = self.before_stack(x, training=training)
        h = self.stack(x, mask, training=training)
        pooled = self.pool(h, x, mask)
        return self.output_layer(self.before_output(pooled, training=training))

    def pool(self, h: Any, x: Any, mask: Any) -> Any:
        """One vector, float `[batch, pooled]`, of the outputs and the inputs of the stack."""
        if self.config.bare:
            return self.stack.last(h, mask)
        mask = ops.cast(mask, h.dtype)
        pooled = [max_over_time(h, mask), sum_over_time(ops.cast(x, h.dtype), mask)]
        if self.config.mean:
            pooled.insert(1, mean_over_time(h, mask))
        return ops.concatenate(pooled, axis=-1)

    def call(self, features: Features, training: bool = False) -> Any:
        """Logits, float `[batch, classes]`, of a batch of features (see `embed`)."""
        x, mask = self.embed(features, training)
        return self.read(x, mask, training)
