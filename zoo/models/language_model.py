"""A language model in each direction, over one embedding: what a classifier can start from."""

from collections.abc import Mapping, Sequence
from typing import Any

import keras
import numpy as np
from keras import ops

from zoo.layers.embedding import PieceEmbedding
from zoo.layers.recurrent import Recurrent

Features = Mapping[str, Any]

# Negatives are drawn by count ** _FLATNESS: by the counts themselves, most would be a few
# frequent words (Mikolov et al. 2013).
_FLATNESS = 0.75
_NEVER = -1e9


class LanguageModel(keras.Model):
    """Predicts the next token from those before it, and the last one from those after it.

    o_t = E (P h_t + p) + c, y_t = softmax(o_t): the output vectors are the embedding E (Press &
    Wolf 2017), which both directions share, as they share c; each has its own recurrence and its
    own P and p (Peters et al. 2018).

    Each call reads one window of many streams of text and goes on where the last call ended: back
    propagation through time is truncated at the windows' edges, the state is not. The softmax is
    sampled: its sum over the vocabulary is estimated from drawn tokens, the same for the whole
    batch, each weighted by one over its expected number (Bengio & Senecal 2003).

    Args:
        embedding: without n-grams; trained in place.
        directions: the recurrences, in the order of the features of their names; trained in place.
        counts: how often each token stands in the texts, `[pieces]`.
        streams: streams of text that are read side by side.
        samples: drawn tokens in each window.
    """

    DIRECTIONS = ("forward", "backward")

    def __init__(
        self,
        embedding: PieceEmbedding,
        directions: Sequence[Recurrent],
        counts: np.ndarray,
        streams: int,
        samples: int,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.embedding = embedding
        self.recurrences = list(directions)
        pieces, size = embedding.pieces.shape
        self.projections = [
            keras.layers.Dense(size, name=f"{name}_projection")
            for name, _ in zip(self.DIRECTIONS, directions, strict=False)
        ]
        for layer, projection in zip(self.recurrences, self.projections, strict=True):
            projection.build((None, None, layer.units))
        self.bias = self.add_weight(
            name="bias", shape=(pieces,), initializer="zeros", autocast=False
        )
        self.states = [
            [
                self.add_weight(
                    name=f"state_{n}",
                    shape=(streams, layer.units),
                    initializer="zeros",
                    trainable=False,
                    autocast=False,
                    dtype="float32",
                )
                for n in range(layer.cell.states)
            ]
            for layer in self.recurrences
        ]
        self.probabilities = counts**_FLATNESS / np.sum(counts**_FLATNESS)
        with np.errstate(divide="ignore"):
            expected = np.log(samples * self.probabilities)
        self.log_expected = np.maximum(expected, _NEVER).astype(np.float32)
        self.built = True

    def call(self, features: Features, training: bool = False) -> Any:
        """The mean surprise at the tokens of a window, -log y_t, as the sampled softmax has it.

        Args:
            features: `forward` and `backward`, int32 `[streams, time + 1]`, tokens in the order of
                reading, each token the target of those before it; `negatives`, int32 `[samples]`,
                drawn by `probabilities`.
            training: whether gradients will be asked for; there is no dropout.

        Returns:
            Float32 `[streams]`, in nats, the mean over time and directions.
        """
        negatives = features["negatives"]
        total: Any = 0
        for n, (layer, variables) in enumerate(zip(self.recurrences, self.states, strict=True)):
            tokens = features[self.DIRECTIONS[n]]
            # Copies: torch assigns in place, and the gradient asks for what was read.
            state = tuple(ops.copy(variable) for variable in variables)
            h, state = layer.run(self.embedding(tokens[:, :-1]), state, training=training)
            for variable, value in zip(variables, state, strict=True):
                variable.assign(ops.stop_gradient(value))
            total += self._sampled_surprise(self.projections[n](h), tokens[:, 1:], negatives)
        return ops.mean(total, axis=1) / len(self.recurrences)

    def _sampled_surprise(self, q: Any, targets: Any, negatives: Any) -> Any:
        table = ops.convert_to_tensor(self.embedding.pieces)
        bias = ops.convert_to_tensor(self.bias)
        drawn = ops.cast(ops.take(table, negatives, axis=0), q.dtype)
        weight = ops.take(bias, negatives, axis=0) - ops.take(
            ops.convert_to_tensor(self.log_expected), negatives, axis=0
        )
        others = ops.cast(ops.matmul(q, ops.transpose(drawn)), "float32") + weight
        others = ops.where(targets[..., None] == negatives, _NEVER, others)
        wanted = ops.cast(ops.take(table, targets, axis=0), "float32")
        own = ops.sum(ops.cast(q, "float32") * wanted, axis=-1) + ops.take(bias, targets, axis=0)
        return ops.logaddexp(own, ops.logsumexp(others, axis=-1)) - own

    def surprise(self, tokens: Any) -> Any:
        """The surprise at each token by the whole softmax, from a zero state: for validation.

        Args:
            tokens: int32 `[batch, time]`, 0 at the beginning and the end of a text and after it.

        Returns:
            Float32 `[directions, batch, time]`, in nats; 0 at padding and where there is nothing
            before the token.
        """
        tokens = tokens[:, 1:]
        there = ops.not_equal(tokens, 0)
        x, nothing = self.embedding(tokens), [0, 0]
        rows = []
        for n, layer in enumerate(self.recurrences):
            h = layer(x, there)
            # What was read before each token: its neighbours' states, which are 0 on padding.
            before = (h[:, :-1], [1, 0]) if n == 0 else (h[:, 1:], [0, 1])
            h = ops.pad(before[0], [nothing, before[1], nothing])
            q = ops.cast(self.projections[n](h), "float32")
            logits = ops.matmul(q, ops.transpose(self.embedding.pieces)) + self.bias
            own = ops.take_along_axis(logits, tokens[..., None], axis=-1)[..., 0]
            row = (ops.logsumexp(logits, axis=-1) - own) * ops.cast(there, "float32")
            rows.append(ops.pad(row, [nothing, [1, 0]]))
        return ops.stack(rows)
