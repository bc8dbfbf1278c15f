"""Many to many: a sequence in, a sequence out."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import keras
from keras import ops

from zoo.layers.attention import Memory
from zoo.layers.decoder import Decoder
from zoo.layers.embedding import PieceEmbedding
from zoo.layers.pooling import mean_over_time
from zoo.layers.recurrent import RecurrentStack

Features = Mapping[str, Any]


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


class Encoded(NamedTuple):
    """A source, read.

    Attributes:
        memory: what the decoder looks at.
        state: of the decoder before the first token: of each layer a tuple of `[batch, units]`.
    """

    memory: Memory
    state: Any


class ManyToMany(keras.Model):
    """An encoder, and a decoder that looks at what the encoder remembers.

    The vectors of source tokens, of target tokens and of the softmax are the same (Press & Wolf
    2017): o_t = E d_t + c and y_t = softmax(o_t), where d_t is the decoder's output.
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
        mask = ops.cast(ops.not_equal(source, 0), "float32")
        x = self.before_encoder(self.embedding(source), training=training)
        h = self.encoder(x, mask, training=training)
        memory = self.decoder.attention.remember(ops.cast(h, x.dtype), mask)
        return Encoded(memory, self.decoder.start(mean_over_time(h, mask)))

    def call(self, features: Features, training: bool = False) -> Any:
        """Logits, float32 `[batch, time, pieces]`, of each target token after those before it.

        Args:
            features: `source` int32 `[batch, source time]`; `target` int32 `[batch, time]`, the
                token before each that is to be told; both 0 on padding, which is on the right.
            training: whether to drop.
        """
        return self.told(features["target"], self.encode(features["source"], training), training)

    def told(self, target: Any, source: Encoded, training: bool = False) -> Any:
        """The logits of `call`, of a source that is read."""
        x = self.embedding(target)
        output, _ = self.decoder(x, source.memory, source.state, training=training)
        return self._logits(output)

    def attention(self, target: Any, source: Encoded) -> Any:
        """Where the decoder looks for each token of a target, and for what comes after it.

        Args:
            target: int32 `[batch, time]`, the token before each, as of `call`.
            source: as of `encode`.

        Returns:
            Float32 `[batch, time, source time]`, each row of which adds up to 1.
        """
        _, weights = self.decoder(self.embedding(target), source.memory, source.state)
        return weights

    def step(self, tokens: Any, memory: Memory, state: Any) -> tuple[Any, Any, Any]:
        """One token further (see `zoo.decoding`).

        Args:
            tokens: int32 `[batch, beam]`, the last token of each hypothesis.
            memory: as of `encode`.
            state: of each layer of the decoder a tuple of float32 `[batch, beam, units]`.

        Returns:
            Logits, float32 `[batch, beam, pieces]`, the next state, and attention weights, float32
            `[batch, beam, places]`.
        """
        output, state, weights = self.decoder.step(self.embedding(tokens), memory, state)
        return self._logits(output), state, weights

    def _logits(self, output: Any) -> Any:
        table = ops.cast(self.embedding.pieces, output.dtype)
        return ops.cast(ops.matmul(output, ops.transpose(table)), "float32") + self.bias
