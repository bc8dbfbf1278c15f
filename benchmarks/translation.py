"""Speed of the shipped translator and of its training.

    python -m benchmarks.translation

prints the figures and writes benchmarks/translation.csv, from which the card takes them. The named
alternative is the way of the tutorials: the same Keras model, asked for one token after the other
from a loop in Python. Training is measured on made-up batches of the real sizes, next to the
machine's own products of matrices.
"""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from benchmarks.timing import Timed, load_line, median_ms, write
from tasks.translation import TASK
from zoo import hub
from zoo.export.rebuild import rebuild
from zoo.recipes.writing import surprise
from zoo.text.vocabulary import BEGIN, END
from zoo.training.fit import FitConfig, compile_model
from zoo.training.precision import precision

# Fifteen words.
_ONE = "The old man with the grey hat is sitting on a bench near the river ."
_WORDS = ("man", "woman", "dog", "child", "boy", "girl", "painter", "cook")
_TIME = 16  # tokens of a caption and its translation


def main() -> None:
    """Measure, print and write."""
    path = hub.find("translation")
    signatures = tf.saved_model.load(str(path)).signatures
    translate = hub.TextGenerator(path)
    many = [_ONE.replace("man", word).replace("bench", f"bench {n}") for n in range(4)
            for word in _WORDS]  # fmt: skip

    def ask(name: str, texts: list[str]) -> Callable[[], Any]:
        function, tensor = signatures[name], tf.constant(texts)
        return lambda: function(text=tensor)

    print(load_line())
    rows: list[Timed] = []
    for texts, label, repeats in (([_ONE], "1 sentence", 30), (many, "32 sentences", 8)):
        beam = median_ms(ask("serving_default", texts), repeats)
        rows.append(Timed(f"{label} of 15 words: beam 5", beam, 1.0))
        greedy = median_ms(ask("greedy", texts), repeats)
        rows.append(Timed(f"{label}: greedy", greedy, greedy / beam))
        loop = median_ms(_loop(translate, texts), repeats)
        rows.append(Timed(f"{label}: greedy, the same model in a Python loop", loop, loop / beam))
    write(rows, Path(__file__).with_suffix(".csv"))
    _training(translate)


def _loop(translate: hub.TextGenerator, texts: list[str]) -> Callable[[], Any]:
    """The greedy search without a graph around it: one call of the model for each token."""
    model = translate.keras_model()
    features, _ = translate.features(texts, texts)
    vocabulary = translate.document["encoder"]["vocabulary"]
    begin, end = vocabulary.index(BEGIN), vocabulary.index(END)
    step, encode = tf.function(model.step), tf.function(model.encode)

    def search() -> list[Any]:
        source = encode(features["source"])
        tokens = tf.fill([len(texts), 1], begin)
        state = tf.nest.map_structure(lambda x: x[:, None], source.state)
        written: list[Any] = []
        unfinished = np.ones(len(texts), bool)
        while unfinished.any() and len(written) < 2 * features["source"].shape[1]:
            logits, state, _ = step(tokens, source.memory, state)
            tokens = tf.argmax(logits, axis=-1, output_type=tf.int32)
            unfinished &= tokens.numpy()[:, 0] != end
            written.append(tokens)
        return written

    return search


def _training(translate: hub.TextGenerator) -> None:
    """Tokens a second, and the share of what the machine's matrix products reach."""
    config = TASK.config
    with precision(config.precision):
        _, model = rebuild(translate.document)
    schedule = FitConfig(
        epochs=1, patience=1, learning_rate=0.001, averaging=0.999, checkpoint_every=1
    )
    compile_model(model, schedule, 1000, lambda y, o: surprise(y, o, config.label_smoothing))
    random = np.random.default_rng(0)
    shape = (config.batch_size, _TIME)
    source, target, told = (
        random.integers(4, model.config.pieces, shape).astype(np.int32) for _ in range(3)
    )
    batch = {"source": source, "target": target}
    step = median_ms(lambda: model.train_on_batch(batch, told), 10)
    # A product of n weights with a token's vector is n multiplications and n additions, and back
    # propagation takes two more products; the table is used by the softmax alone.
    products = sum(int(np.prod(v.shape)) for v in model.trainable_variables if len(v.shape) == 2)
    reached = 6 * products * source.size / step * 1e3
    peak = _peak(model.compute_dtype)
    print(
        f"training, {config.precision}: {source.size / step * 1e3:,.0f} target tokens a second, "
        f"{reached / 1e9:.0f} GFLOP/s, {reached / peak:.0%} of the {peak / 1e9:.0f} GFLOP/s of a "
        f"product of two matrices of 2048 x 2048"
    )


def _peak(dtype: str) -> float:
    """Operations a second of a large product of matrices."""
    a = tf.cast(tf.random.normal((2048, 2048)), keras.backend.standardize_dtype(dtype))
    product = tf.function(lambda: tf.matmul(a, a))
    product()
    began = time.perf_counter()
    for _ in range(10):
        product()
    return 10 * 2 * 2048**3 / (time.perf_counter() - began)


if __name__ == "__main__":
    main()
