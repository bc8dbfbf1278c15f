"""What the servable forms of many-to-many text models share: reading."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import tensorflow as tf

from zoo.export.generator import Generator
from zoo.models.many_to_many import ManyToMany
from zoo.models.writer import Encoded
from zoo.text.encoder import TextEncoder

# No answer is longer than twice its source and some tokens: a decoder that repeats itself ends.
_PER_TOKEN = 2
_FURTHER = 8


class ReadText(NamedTuple):
    """A batch of texts, read.

    Attributes:
        source: what the decoder looks at.
        limits: the most tokens of an answer, int32 `[batch]`.
        tokens: of the sources, the end among them, int32 `[batch, time]`, then 0.
    """

    source: Encoded
    limits: tf.Tensor
    tokens: tf.Tensor


class TextGenerator(Generator):
    """What answers texts.

    Args:
        encoder: makes tokens of raw strings.
        model: gives logits for tokens.
        document: as of `Generator`.
    """

    def __init__(
        self, encoder: TextEncoder, model: ManyToMany, document: Mapping[str, Any]
    ) -> None:
        self.encoder = encoder
        self._encode = model.encode
        super().__init__(encoder.config.vocabulary, model, document)

    def read(self, text: tf.Tensor) -> ReadText:
        """Raw strings `[batch]`, as the decoder sees them."""
        end = tf.fill([tf.size(text), 1], self._end)
        tokens = tf.concat([self.encoder(text).tokens, end], axis=1)
        length = tf.cast(tokens.row_lengths(), tf.int32)
        time = tf.reduce_max(tf.pad(length, [[0, 1]], constant_values=1))
        padded = tokens.to_tensor(shape=tf.stack([-1, time]))
        limits = tf.minimum(_PER_TOKEN * length + _FURTHER, self.longest)
        return ReadText(self._encode(padded), limits, padded)
