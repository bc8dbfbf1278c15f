"""Many to many: a sequence in, a sequence out."""

from dataclasses import dataclass
from typing import Any

import keras
from keras import ops

from zoo.layers.decoder import Decoder
from zoo.layers.embedding import PieceEmbedding
from zoo.layers.pooling import mean_over_time
from zoo.layers.recurrent import RecurrentStack
from zoo.models.writer import Encoded, Features, Writer


@dataclass(frozen=True)
class ManyToManyConfig:
    """The architecture, enough to rebuild the model.

    Attributes:
        pieces: size of the vocabulary, which source and target share.
        cell: `simple_rnn`, `lstm` or `gru`.
        bidirectional: read the source in both directions.
        encoder_layers: recurrent layers of the encoder.
        encoder_units: size of their states, per direction.
        decoder_layers: recurrent layers of the decoder.
        decoder_units: size of their states.
        attention: `additive`, `multiplicative` or `none`.
        embedding_size: length of a token's vector.
        dropout: share of each layer's inputs that is dropped in training.
    """

    pieces: int
    cell: str
    bidirectional: bool
    encoder_layers: int
    encoder_units: int
    decoder_layers: int
    decoder_units: int
    attention: str
    embedding_size: int
    dropout: float


class ManyToMany(Writer):
    """An encoder, and a decoder that looks at what the encoder remembers.

    The vectors of source tokens are those of target tokens and of the softmax.
    """

    def __init__(self, config: ManyToManyConfig, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.config = config
        self.embedding = PieceEmbedding(config.pieces, 0, config.embedding_size)
        self.encoder = RecurrentStack(
            config.encoder_units,
            config.cell,
            config.encoder_layers,
            config.bidirectional,
            config.dropout,
        )
        self.decoder = Decoder(
            config.decoder_units,
            config.cell,
            config.decoder_layers,
            config.attention,
            config.embedding_size,
            config.dropout,
        )
        self.before_encoder = keras.layers.Dropout(config.dropout, noise_shape=(None, 1, None))
        self.bias = self.add_weight(
            name="output_bias", shape=(config.pieces,), initializer="zeros", autocast=False
        )
        self.encoder.build((None, None, config.embedding_size))
        self.decoder.build(config.embedding_size, self.encoder.output_size)
        self.built = True

    def encode(self, source: Any, training: bool = False) -> Encoded:
        """Read a source, int32 `[batch, time]`, 0 on padding, which is on the right."""
        there = ops.not_equal(source, 0)
        x = self.before_encoder(self.embedding(source), training=training)
        h = self.encoder(x, there, training=training)
        mask = ops.cast(there, h.dtype)
        memory = self.decoder.attention.remember(ops.cast(h, x.dtype), mask)
        return Encoded(memory, self.decoder.start(mean_over_time(h, mask)))

    def read(self, features: Features, training: bool) -> Encoded:
        """Read `source` int32 `[batch, source time]`, as of `encode`."""
        return self.encode(features["source"], training)
