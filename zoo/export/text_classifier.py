"""The servable form of a many-to-one text model: raw strings in, labels out."""

from collections.abc import Callable, Mapping
from typing import Any

import tensorflow as tf

from zoo.export.attribution import token_shares
from zoo.export.chunks import in_chunks
from zoo.models.many_to_one import ManyToOne
from zoo.text.encoder import TextEncoder, features


class ServableTextClassifier(tf.Module):
    """Encoder and model in one module, with a function for each signature.

    Args:
        encoder: makes features of raw strings.
        model: gives logits for features.
        document: `labels`, in the order of the logits; `positive`, the second of two labels, whose
            probability `serving_default` gives by its name, or None: then it gives the
            probabilities of all labels; `threshold`, the probability from which a text gets the
            positive label.
    """

    def __init__(self, encoder: TextEncoder, model: ManyToOne, document: Mapping[str, Any]) -> None:
        super().__init__()
        self.encoder = encoder
        # TensorFlow's own variables: a tf.Module that tracks Keras' wrappers exports a model that
        # Python reads and the C++ loader does not.
        self.weights = [variable.value for variable in model.variables]
        self.functions = self._functions(
            model, document["labels"], document["positive"], document["threshold"]
        )

    def _functions(
        self, model: ManyToOne, labels: list[str], positive: str | None, threshold: float | None
    ) -> dict[str, Callable[..., dict[str, tf.Tensor]]]:
        names = tf.constant(labels)

        def probabilities(text: tf.Tensor) -> tf.Tensor:
            [p] = in_chunks(
                lambda chunk: [tf.nn.softmax(model(features(self.encoder(chunk)), training=False))],
                text,
                [tf.TensorSpec([None, len(labels)])],
            )
            return p

        def text_signature(function: Callable[..., Any], name: str = "text") -> Callable[..., Any]:
            return tf.function(
                function, input_signature=[tf.TensorSpec([None], tf.string, name=name)]
            )

        def serving_default(text: tf.Tensor) -> dict[str, tf.Tensor]:
            p = probabilities(text)
            if positive is None:
                return {"label": tf.gather(names, tf.argmax(p, axis=1)), "probabilities": p}
            return {
                "label": tf.gather(names, tf.cast(p[:, 1] >= threshold, tf.int32)),
                f"{positive}_probability": p[:, 1],
            }

        def classify(inputs: tf.Tensor) -> dict[str, tf.Tensor]:
            feature = tf.io.FixedLenFeature([], tf.string, default_value="")
            p = probabilities(tf.io.parse_example(inputs, {"text": feature})["text"])
            return {"classes": tf.tile(names[None], [tf.shape(p)[0], 1]), "scores": p}

        def log_odds(x: tf.Tensor, mask: tf.Tensor, label: tf.Tensor) -> tf.Tensor:
            """Log p / (1 - p) of one label, given as one-hot rows; for two labels the logit."""
            logits = model.read(x, mask)
            others = tf.reduce_logsumexp(logits - label * 1e9, axis=1)
            return tf.reduce_sum(label * logits, axis=1) - others

        def explain(text: tf.Tensor) -> dict[str, tf.Tensor]:
            encoded = self.encoder(text)
            x, mask = model.embed(features(encoded))
            if positive is None:
                label = tf.argmax(model.read(x, mask), axis=1)
            else:
                label = tf.ones([tf.shape(mask)[0]], tf.int64)
            read = tf.cast(mask, tf.float32)
            shares = token_shares(log_odds, x, read, tf.one_hot(label, len(labels)))
            tokens = encoded.pieces.to_tensor(shape=tf.stack([-1, tf.shape(mask)[1]]))
            return {"tokens": tokens, "weights": shares}

        return {
            "serving_default": text_signature(serving_default),
            "classify": text_signature(classify, "inputs"),
            "explain": text_signature(explain),
        }
