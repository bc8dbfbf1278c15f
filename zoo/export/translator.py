"""The servable form of a translator."""

from collections.abc import Callable, Mapping
from typing import Any

import tensorflow as tf

from zoo.decoding.hypotheses import Hypotheses
from zoo.export.chunks import in_chunks
from zoo.export.generator import Functions
from zoo.export.text_generator import ReadText, TextGenerator


class Translator(TextGenerator):
    """The signatures `serving_default` (beam), `greedy`, `n_best` and `explain`."""

    def _functions(self, document: Mapping[str, Any]) -> Functions:
        answer = document["answer"]
        text = tf.TensorSpec([None], tf.string, name="text")

        def best(search: Callable[[ReadText], Hypotheses]) -> Callable[..., dict[str, tf.Tensor]]:
            def one(text: tf.Tensor) -> dict[str, tf.Tensor]:
                answers, scores = in_chunks(
                    lambda chunk: [x[:, 0] for x in self.write(search(self.read(chunk)))],
                    text,
                    [tf.TensorSpec([None], tf.string), tf.TensorSpec([None])],
                )
                return {answer: answers, "score": scores}

            return tf.function(one, input_signature=[text])

        def n_best(text: tf.Tensor) -> dict[str, tf.Tensor]:
            answers, scores = in_chunks(
                lambda chunk: self.write(self.beam(self.read(chunk))),
                text,
                [tf.TensorSpec([None, self.width], kind) for kind in (tf.string, tf.float32)],
            )
            return {f"{answer}s": answers, "scores": scores}

        def explain(text: tf.Tensor) -> dict[str, tf.Tensor]:
            read = self.read(text)
            tokens = self.beam(read).tokens[:, 0]
            looked = tf.where((tokens > 0)[:, :, None], self.attention(read, tokens), 0.0)
            return {
                "source_tokens": self.named(read.tokens),
                "target_tokens": self.named(tokens),
                "attention": looked,
            }

        return {
            "serving_default": best(self.beam),
            "greedy": best(self.greedy),
            "n_best": tf.function(n_best, input_signature=[text]),
            "explain": tf.function(explain, input_signature=[text]),
        }
