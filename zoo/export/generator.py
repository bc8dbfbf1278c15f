"""The search over a `zoo.models.writer.Writer` in the graph, whatever it has read."""

from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

import tensorflow as tf

from zoo.decoding.beam import beam_search
from zoo.decoding.greedy import greedy_search
from zoo.decoding.hypotheses import Hypotheses
from zoo.decoding.sampling import sample
from zoo.models.writer import Encoded, Writer
from zoo.text.detokenize import Detokenizer
from zoo.text.turns import TURN
from zoo.text.vocabulary import BEGIN, END, PADDING, UNKNOWN

Functions = dict[str, Callable[..., dict[str, tf.Tensor]]]


class Read(Protocol):
    """A batch of sources, read."""

    @property
    def source(self) -> Encoded:
        """What the decoder looks at."""

    @property
    def limits(self) -> tf.Tensor:
        """The most tokens of an answer, int32 `[batch]`."""


class Generator(tf.Module):
    """Model, search and detokenizer in one module, with a function for each signature.

    Args:
        vocabulary: the pieces that the model writes.
        model: gives logits for tokens.
        document: `answer`, what an output is called; `beam_width` and `length_penalty` of the
            search; `longest_answer`, in tokens.
    """

    def __init__(
        self, vocabulary: Sequence[str], model: Writer, document: Mapping[str, Any]
    ) -> None:
        super().__init__()
        # TensorFlow's own variables: a tf.Module that tracks Keras' wrappers exports a model that
        # Python reads and the C++ loader does not. The model itself is therefore no attribute.
        self.weights = [variable.value for variable in model.variables]
        self.detokenize = Detokenizer(vocabulary)
        self._step, self._attention, self._told = model.step, model.attention, model.told
        self._pieces = tf.constant(vocabulary)
        self._begin, self._end = vocabulary.index(BEGIN), vocabulary.index(END)
        unwritten = {PADDING, UNKNOWN, BEGIN}
        self._forbidden = [
            n for n, piece in enumerate(vocabulary) if piece in unwritten or TURN in piece
        ]
        self.width: int = document["beam_width"]
        self._alpha: float = document["length_penalty"]
        self.longest: int = document["longest_answer"]
        self.functions = self._functions(document)

    @abstractmethod
    def _functions(self, document: Mapping[str, Any]) -> Functions:
        """The signatures."""

    def greedy(self, read: Read) -> Hypotheses:
        """One hypothesis in each row."""
        return greedy_search(
            self._next, read.source.memory, read.source.state, self._begin, self._end, read.limits,
            self._forbidden,
        )  # fmt: skip

    def beam(self, read: Read) -> Hypotheses:
        """`width` hypotheses in each row, the best first."""
        return beam_search(
            self._next, read.source.memory, read.source.state, self._begin, self._end, read.limits,
            self.width, self._alpha, self._forbidden,
        )  # fmt: skip

    def sample(
        self,
        read: Read,
        seed: tf.Tensor,
        temperature: tf.Tensor,
        top_p: tf.Tensor,
        top_k: int | None = None,
    ) -> Hypotheses:
        """One hypothesis in each row, drawn."""
        return sample(
            self._next, read.source.memory, read.source.state, self._begin, self._end, read.limits,
            seed, temperature, top_p, self._forbidden, top_k,
        )  # fmt: skip

    def attention(self, read: Read, tokens: tf.Tensor) -> tf.Tensor:
        """Where the decoder looked for each of these tokens, float32 `[batch, time, places]`."""
        return self._attention(self._after_begin(tokens), read.source)[:, :-1]

    def log_probabilities(self, source: Encoded, found: Hypotheses) -> tf.Tensor:
        """What the model says of hypotheses after the same rows' sources, float32 `[batch, n]`.

        They are given to it whole (teacher forcing).
        """
        batch, n = tf.shape(found.lengths)[0], found.lengths.shape[1]
        tokens = tf.reshape(found.tokens, [batch * n, -1])
        source = tf.nest.map_structure(lambda x: tf.repeat(x, n, axis=0), source)
        logits = self._told(self._after_begin(tokens), source)
        end = tf.one_hot(tf.reshape(found.lengths, [-1]), tf.shape(tokens)[1] + 1, dtype=tf.int32)
        told = tf.pad(tokens, [[0, 0], [0, 1]]) + end * self._end
        surprise = tf.nn.sparse_softmax_cross_entropy_with_logits(told, logits)
        there = tf.cast(told != 0, tf.float32)
        return tf.reshape(-tf.reduce_sum(surprise * there, axis=1), [batch, n])

    def write(self, found: Hypotheses) -> tuple[tf.Tensor, tf.Tensor]:
        """Texts, string `[batch, n]`, and their scores, finite: the lowest where there is none."""
        return self.detokenize(found.tokens), tf.maximum(found.scores, tf.float32.min)

    def named(self, tokens: tf.Tensor) -> tf.Tensor:
        """The vocabulary's entries, string, and "" on padding."""
        return tf.where(tokens > 0, tf.gather(self._pieces, tokens), "")

    def _after_begin(self, tokens: tf.Tensor) -> tf.Tensor:
        return tf.pad(tokens, [[0, 0], [1, 0]], constant_values=self._begin)

    def _next(self, tokens: tf.Tensor, memory: Any, state: Any) -> tuple[tf.Tensor, Any]:
        logits, state, _ = self._step(tokens, memory, state)
        return logits, state
