"""Speed of the shipped sentiment classifier, next to what a user would build or reach for instead.

    ZOO_MIRROR=... python -m benchmarks.sentiment

prints the figures and writes benchmarks/sentiment.csv, from which the card takes them.
"""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import keras
import tensorflow as tf

from benchmarks.timing import Timed, load_line, median_ms, write
from tasks.sentiment import TASK
from zoo import hub

_WORDS = 230  # the median review


def main() -> None:
    """Measure, print and write."""
    splits = TASK.datasets["imdb"].load()
    reviews = [text for text in splits.validation.texts if len(text.split()) >= _WORDS][:32]
    many = [" ".join(text.split()[:_WORDS]) for text in reviews]
    one = many[:1]
    path = hub.find("sentiment")
    model = tf.saved_model.load(str(path))
    classifier = hub.TextClassifier(path)
    layers = _keras_layers(classifier.keras_model().config)
    fitted = {
        name: make().fit(splits.train.texts, splits.train.labels)
        for name, make in TASK.baselines.items()
    }

    def signature(name: str, texts: list[str]) -> Callable[[], Any]:
        function, tensor = model.signatures[name], tf.constant(texts)
        return lambda: function(text=tensor)

    print(load_line())
    rows: list[Timed] = []
    for texts, label, repeats in ((one, "1 review", 50), (many, "32 reviews", 10)):
        reference = median_ms(signature("serving_default", texts), repeats)
        rows.append(Timed(f"{label}: shipped model", reference, 1.0))
        tokens = classifier.features(texts)["tokens"]
        time = median_ms(partial(layers, tokens), repeats)
        rows.append(Timed(f"{label}: Keras' own layers, given tokens", time, time / reference))
        for name, pipeline in fitted.items():
            time = median_ms(partial(pipeline.predict, texts), repeats)
            rows.append(Timed(f"{label}: {name}", time, time / reference))
    explain = median_ms(signature("explain", one), 5)
    rows.append(Timed("1 review: shipped model, explain", explain, explain / rows[0].milliseconds))
    longest = median_ms(signature("serving_default", ["very good " * 10_000]), 5)
    rows.append(Timed("1 text of 100,000 characters", longest, longest / rows[0].milliseconds))
    write(rows, Path(__file__).with_suffix(".csv"))


def _keras_layers(config: Any) -> Callable[[tf.Tensor], tf.Tensor]:
    """Embedding, Bidirectional(LSTM), maximum and output of the same sizes, compiled to a graph."""
    tokens = keras.Input((None,), dtype="int32")
    x = keras.layers.Embedding(config.pieces, config.embedding_size, mask_zero=True)(tokens)
    layer = keras.layers.LSTM(config.units, return_sequences=True)
    h = keras.layers.GlobalMaxPooling1D()(keras.layers.Bidirectional(layer)(x))
    model = keras.Model(tokens, keras.layers.Dense(config.classes)(h))
    return tf.function(
        lambda tokens: model(tokens, training=False),
        input_signature=[tf.TensorSpec([None, None], tf.int32)],
    )


if __name__ == "__main__":
    main()
