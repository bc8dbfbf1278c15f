"""The servable form of a many-to-many text model: raw strings in, raw strings out."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import tensorflow as tf

from zoo.decoding.beam import beam_search
from zoo.decoding.greedy import greedy_search
from zoo.decoding.hypotheses import Hypotheses
from zoo.export.chunks import in_chunks
from zoo.models.many_to_many import Encoded, ManyToMany
from zoo.text.detokenize import Detokenizer
from zoo.text.encoder import TextEncoder
from zoo.text.vocabulary import BEGIN, END, PADDING, UNKNOWN

# No answer is longer than twice its source and some tokens: a decoder that repeats itself ends.
_PER_TOKEN = 2
_FURTHER = 8


class _Read(NamedTuple):
    """A batch of sources, read.

    Attributes:
        source: what the decoder looks at.
        limits: the most tokens of an answer, int32 `[batch]`.
        tokens: of the sources, the end among them, int32 `[batch, time]`, then 0.
    """

    source: Encoded
    limits: tf.Tensor
    tokens: tf.Tensor


class ServableTextGenerator(tf.Module):
    """Encoder, model, search and detokenizer in one module, with a function for each signature.

    Args:
        encoder: makes tokens of raw strings.
        model: gives logits for tokens.
        document: `answer`, what an output is called; `beam_width` and `length_penalty` of the
            search.
    """

    def __init__(
        self, encoder: TextEncoder, model: ManyToMany, document: Mapping[str, Any]
    ) -> None:
        super().__init__()
        self.encoder = encoder
        # TensorFlow's own variables: a tf.Module that tracks Keras' wrappers exports a model that
        # Python reads and the C++ loader does not.
        self.weights = [variable.value for variable in model.variables]
        self.detokenize = Detokenizer(encoder.config.vocabulary)
        self._model = model
        self._width: int = document["beam_width"]
        self._alpha: float = document["length_penalty"]
        vocabulary = encoder.config.vocabulary
        self._pieces = tf.constant(vocabulary)
        self._begin, self._end = vocabulary.index(BEGIN), vocabulary.index(END)
        self._forbidden = [vocabulary.index(mark) for mark in (PADDING, UNKNOWN, BEGIN)]
        self.functions = self._functions(document["answer"])

    def _functions(self, answer: str) -> dict[str, Callable[..., dict[str, tf.Tensor]]]:
        text = tf.TensorSpec([None], tf.string, name="text")
        width = self._width

        def best(search: Callable[[_Read], Hypotheses]) -> Callable[..., dict[str, tf.Tensor]]:
            def one(text: tf.Tensor) -> dict[str, tf.Tensor]:
                outputs = [tf.TensorSpec([None], tf.string), tf.TensorSpec([None])]
                answers, scores = in_chunks(
                    lambda chunk: [x[:, 0] for x in self._answers(search(self._read(chunk)))],
                    text,
                    outputs,
                )
                return {answer: answers, "score": scores}

            return tf.function(one, input_signature=[text])

        def n_best(text: tf.Tensor) -> dict[str, tf.Tensor]:
            outputs = [tf.TensorSpec([None, width], tf.string), tf.TensorSpec([None, width])]
            answers, scores = in_chunks(
                lambda chunk: self._answers(self._beam(self._read(chunk))), text, outputs
            )
            return {f"{answer}s": answers, "scores": scores}

        def explain(text: tf.Tensor) -> dict[str, tf.Tensor]:
            read = self._read(text)
            found = self._beam(read).tokens[:, 0]
            target = tf.pad(found, [[0, 0], [1, 0]], constant_values=self._begin)
            attention = self._model.attention(target, read.source)[:, :-1]
            return {
                "source_tokens": self._named(read.tokens),
                "target_tokens": self._named(found),
                "attention": tf.where((found > 0)[:, :, None], attention, 0.0),
            }

        return {
            "serving_default": best(self._beam),
            "greedy": best(self._greedy),
            "n_best": tf.function(n_best, input_signature=[text]),
            "explain": tf.function(explain, input_signature=[text]),
        }

    def _named(self, tokens: tf.Tensor) -> tf.Tensor:
        """The vocabulary's entries, string, and "" on padding."""
        return tf.where(tokens > 0, tf.gather(self._pieces, tokens), "")

    def _read(self, text: tf.Tensor) -> _Read:
        end = tf.fill([tf.size(text), 1], self._end)
        tokens = tf.concat([self.encoder(text).tokens, end], axis=1)
        length = tf.cast(tokens.row_lengths(), tf.int32)
        time = tf.reduce_max(tf.pad(length, [[0, 1]], constant_values=1))
        padded = tokens.to_tensor(shape=tf.stack([-1, time]))
        return _Read(self._model.encode(padded), _PER_TOKEN * length + _FURTHER, padded)

    def _answers(self, found: Hypotheses) -> tuple[tf.Tensor, tf.Tensor]:
        """Texts, string `[batch, n]`, and their scores, finite: the lowest where there is none."""
        return self.detokenize(found.tokens), tf.maximum(found.scores, tf.float32.min)

    def _greedy(self, read: _Read) -> Hypotheses:
        return greedy_search(
            self._step(read), read.source.state, self._begin, self._end, read.limits,
            self._forbidden,
        )  # fmt: skip

    def _beam(self, read: _Read) -> Hypotheses:
        return beam_search(
            self._step(read), read.source.state, self._begin, self._end, read.limits,
            self._width, self._alpha, self._forbidden,
        )  # fmt: skip

    def _step(self, read: _Read) -> Callable[[tf.Tensor, Any], tuple[tf.Tensor, Any]]:
        def step(tokens: tf.Tensor, state: Any) -> tuple[tf.Tensor, Any]:
            logits, state, _ = self._model.step(tokens, read.source.memory, state)
            return logits, state

        return step
