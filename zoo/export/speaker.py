"""The servable form of a partner in conversation."""

from collections.abc import Mapping
from typing import Any

import tensorflow as tf

from zoo.decoding.hypotheses import Hypotheses
from zoo.export.chunks import in_chunks
from zoo.export.generator import Functions
from zoo.export.text_generator import ReadText, TextGenerator
from zoo.text.slurs import have_slurs

# Replies that `sample` draws at once: of them the first that may be given is given.
_DRAWS = 3
# The tokens from which replies to rank are drawn: beyond them are those that spoil a word.
_LIKELIEST = 40


class Speaker(TextGenerator):
    """The signatures `serving_default` and `sample`.

    Several replies are written, and of them that one is given which is likely to answer this
    context rather than any: log p(T | S) - lambda log p(T) + gamma |T| (the anti-language model of
    Li et al. 2016), where p(T) is what the model says to an empty context, |T| the tokens of T.
    They are drawn, by the same seeds for every context (sample and rank, Adiwardana et al. 2020),
    or those of a beam search. A reply with a word of the list of slurs is passed over; where there
    is no other, a fixed reply is given.

    Args, beside those of `TextGenerator`: `draws`, replies to choose from, 0 for a beam search;
    `draw_temperature`, of these; `dullness_penalty`, lambda; `length_reward`, gamma; `fixed_reply`.
    """

    def _functions(self, document: Mapping[str, Any]) -> Functions:
        self._draws: int = document["draws"]
        self._temperature: float = document["draw_temperature"]
        self._penalty: float = document["dullness_penalty"]
        self._reward: float = document["length_reward"]
        self._fixed: str = document["fixed_reply"]
        outputs = [tf.TensorSpec([None], tf.string), tf.TensorSpec([None])]

        def serving_default(text: tf.Tensor) -> dict[str, tf.Tensor]:
            replies, scores = in_chunks(self._likeliest, text, outputs)
            return {document["answer"]: replies, "score": scores}

        def sample(
            text: tf.Tensor, seed: tf.Tensor, temperature: tf.Tensor, top_p: tf.Tensor
        ) -> dict[str, tf.Tensor]:
            replies, scores = in_chunks(self._drawn, text, outputs, seed, temperature, top_p)
            return {document["answer"]: replies, "score": scores}

        text = tf.TensorSpec([None], tf.string, name="text")
        drawing = [
            tf.TensorSpec([None], tf.int64, name="seed"),
            tf.TensorSpec([None], tf.float32, name="temperature"),
            tf.TensorSpec([None], tf.float32, name="top_p"),
        ]
        return {
            "serving_default": tf.function(serving_default, input_signature=[text]),
            "sample": tf.function(sample, input_signature=[text, *drawing]),
        }

    def _likeliest(self, text: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        read = self.read(text)
        found = self._several(read) if self._draws else self.beam(read)
        # Of an empty context there is only its end to be read.
        nothing = self._encode(tf.fill([tf.size(text), 1], self._end))
        anyway = self.log_probabilities(nothing, found)
        length = tf.cast(found.lengths, tf.float32)
        ranked = found.log_probabilities - self._penalty * anyway + self._reward * length
        # What was not found has a score of minus infinity.
        ranked = tf.where(found.scores > tf.float32.min, ranked, tf.float32.min)
        return self._first_fit(found, ranked)

    def _several(self, read: ReadText) -> Hypotheses:
        """Replies to choose from, drawn; their order is that of their seeds."""
        rows = tf.size(read.limits)
        seeds = tf.tile(tf.range(self._draws, dtype=tf.int64), [rows])
        temperature = tf.fill(tf.shape(seeds), self._temperature)
        top_p = tf.ones_like(temperature)
        return self._draw(read, self._draws, seeds, temperature, top_p, _LIKELIEST)

    def _drawn(
        self, text: tf.Tensor, seed: tf.Tensor, temperature: tf.Tensor, top_p: tf.Tensor
    ) -> tuple[tf.Tensor, tf.Tensor]:
        # A row's draws depend on its own seed alone.
        seeds = tf.reshape(seed[:, None] * _DRAWS + tf.range(_DRAWS, dtype=tf.int64), [-1])
        temperature, top_p = (tf.repeat(x, _DRAWS) for x in (temperature, top_p))
        top_p = tf.clip_by_value(top_p, 0.0, 1.0)
        found = self._draw(self.read(text), _DRAWS, seeds, temperature, top_p)
        order = -tf.range(_DRAWS, dtype=tf.float32)
        return self._first_fit(found, tf.ones_like(found.scores) * order)

    def _draw(
        self,
        read: ReadText,
        n: int,
        seeds: tf.Tensor,
        temperature: tf.Tensor,
        top_p: tf.Tensor,
        top_k: int | None = None,
    ) -> Hypotheses:
        """`n` replies in each row, by seeds, temperatures and nuclei `[batch * n]`."""
        again = tf.nest.map_structure(lambda x: tf.repeat(x, n, axis=0), read)
        found = self.sample(again, seeds, temperature, top_p, top_k)
        return Hypotheses(*(tf.reshape(x, [-1, n, *tf.unstack(tf.shape(x))[2:]]) for x in found))

    def _first_fit(self, found: Hypotheses, ranked: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """Of each row the reply that ranks highest and has no slur, string and float `[batch]`."""
        replies, scores = self.write(found)
        fit = ~have_slurs(replies) & (replies != "")
        best = tf.argmax(tf.where(fit, ranked, tf.float32.min), axis=1)
        chosen, score = (tf.gather(x, best, batch_dims=1) for x in (replies, scores))
        some = tf.reduce_any(fit, axis=1)
        return tf.where(some, chosen, self._fixed), tf.where(some, score, tf.float32.min)
