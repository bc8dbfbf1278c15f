"""What the two forms share that write a sequence."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, NamedTuple

import keras
from keras import ops

from zoo.layers.attention import Memory
from zoo.layers.decoder import Decoder
from zoo.layers.embedding import PieceEmbedding

Features = Mapping[str, Any]


class Encoded(NamedTuple):
    """A source, read.

    Attributes:
        memory: what the decoder looks at.
        state: of the decoder before the first token: of each layer a tuple of `[batch, units]`.
    """

    memory: Memory
    state: Any


class Writer(keras.Model, ABC):
    """A decoder that looks at what was read, and writes token by token.

    The vectors of target tokens and of the softmax are the same (Press & Wolf 2017): o_t = E d_t
    + c and y_t = softmax(o_t), where d_t is the decoder's output.

    Attributes:
        embedding: E.
        decoder: gives d_t.
        bias: c, float32 `[pieces]`.
    """

    embedding: PieceEmbedding
    decoder: Decoder
    bias: Any

    @abstractmethod
    def read(self, features: Features, training: bool) -> Encoded:
        """Read the source among the features of `call`."""

    def call(self, features: Features, training: bool = False) -> Any:
        """Logits, float32 `[batch, time, pieces]`, of each target token after those before it.

        Args:
            features: the source, as of `read`, and `target` int32 `[batch, time]`, the token
                before each that is to be told; 0 on padding, which is on the right.
            training: whether to drop.
        """
        return self.told(features["target"], self.read(features, training), training)

    def told(self, target: Any, source: Encoded, training: bool = False) -> Any:
        """The logits of `call`, of a source that is read."""
        x = self.embedding(target)
        output, _ = self.decoder(x, source.memory, source.state, training=training)
        return self._logits(output)

    def attention(self, target: Any, source: Encoded) -> Any:
        """Where the decoder looks for each token of a target, and for what comes after it.

        Args:
            target: int32 `[batch, time]`, the token before each, as of `call`.
            source: what was read.

        Returns:
            Float32 `[batch, time, places]`, each row of which adds up to 1.
        """
        _, weights = self.decoder(self.embedding(target), source.memory, source.state)
        return weights

    def step(self, tokens: Any, memory: Memory, state: Any) -> tuple[Any, Any, Any]:
        """One token further (see `zoo.decoding`).

        Args:
            tokens: int32 `[batch, beam]`, the last token of each hypothesis.
            memory: of what was read.
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
