"""The servable form of a many-to-many text model: raw strings in, raw strings out."""

from collections.abc import Callable, Mapping
from typing import Any

import tensorflow as tf

from zoo.decoding.beam import beam_search
from zoo.decoding.greedy import greedy_search
from zoo.decoding.hypotheses import Hypotheses
from zoo.models.many_to_many import Encoded, ManyToMany
from zoo.text.detokenize import Detokenizer
from zoo.text.encoder import TextEncoder
from zoo.text.vocabulary import BEGIN, END, PADDING, UNKNOWN

# No answer is longer than this many tokens, nor than so many for each of the source's.
_LONGEST = 200
_PER_TOKEN = 2
_AT_LEAST = 10


class TextGenerator(tf.Module):
    """Encoder, model, search and detokenizer in one module.

    Args:
        encoder: makes tokens of raw strings.
        model: gives logits for tokens.
        document: `beam_width` and `length_penalty` of the search.
    """

    def __init__(
        self, encoder: TextEncoder, model: ManyToMany, document: Mapping[str, Any]
    ) -> None:
        super().__init__()
        self.encoder = encoder
        # TensorFlow's own variables: a tf.Module that tracks Keras' wrappers exports a model that
        # Python reads and the C++ loader does not.
        self.weights = [variable.value for variable in model.variables]
        self._model = model
        self.detokenize = Detokenizer(encoder.config.vocabulary)
        self._width: int = document["beam_width"]
        self._alpha: float = document["length_penalty"]
        vocabulary = encoder.config.vocabulary
        self._begin, self._end = vocabulary.index(BEGIN), vocabulary.index(END)
        self._forbidden = [vocabulary.index(mark) for mark in (PADDING, UNKNOWN, BEGIN)]

    def read(self, text: tf.Tensor) -> tuple[Encoded, tf.Tensor, tf.RaggedTensor]:
        """What the decoder needs of raw strings `[batch]`.

        Returns:
            The source, read; the most tokens of an answer to each, int32 `[batch]`; and the
            source's pieces, string `[batch, (time)]`.
        """
        encoded = self.encoder(text)
        end = tf.fill([tf.size(text), 1], self._end)
        tokens = tf.concat([encoded.tokens, end], axis=1)
        length = tf.cast(tokens.row_lengths(), tf.int32)
        limits = tf.minimum(_PER_TOKEN * length + _AT_LEAST, _LONGEST)
        time = tf.reduce_max(tf.pad(length, [[0, 1]], constant_values=1))
        return (
            self._model.encode(tokens.to_tensor(shape=tf.stack([-1, time]))),
            limits,
            encoded.pieces,
        )

    def greedy(self, text: tf.Tensor) -> Hypotheses:
        """The likeliest token after the likeliest token."""
        source, limits, _ = self.read(text)
        return greedy_search(
            self._step(source), source.state, self._begin, self._end, limits, self._forbidden
        )

    def beam(self, text: tf.Tensor) -> Hypotheses:
        """The best of the beam search, and the others."""
        source, limits, _ = self.read(text)
        return beam_search(
            self._step(source), source.state, self._begin, self._end, limits, self._width,
            self._alpha, self._forbidden,
        )  # fmt: skip

    def _step(self, source: Encoded) -> Callable[[tf.Tensor, Any], tuple[tf.Tensor, Any]]:
        def step(tokens: tf.Tensor, state: Any) -> tuple[tf.Tensor, Any]:
            logits, state, _ = self._model.step(tokens, source.memory, state)
            return logits, state

        return step
