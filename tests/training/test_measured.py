import dataclasses

import keras
import numpy as np
import pytest
import tensorflow as tf

from zoo.data.batches import Batches
from zoo.training.fit import FitConfig, compile_model, fit
from zoo.training.run import RunFolder

CONFIG = FitConfig(epochs=2, patience=2, learning_rate=0.1, averaging=0.5, checkpoint_every=9)
X = np.random.default_rng(0).normal(size=(8, 3)).astype(np.float32)
Y = X @ np.array([[9], [-5], [4]], np.float32)


def make(log_gradients):
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.layers.Dense(4, activation="tanh"), keras.layers.Dense(1)])
    model.build((None, 3))
    compile_model(model, dataclasses.replace(CONFIG, log_gradients=log_gradients), 10, "mse")
    return model


def test_measuring_changes_no_weight():
    plain, measured = make(False), make(True)
    for model in (plain, measured):
        for _ in range(5):
            model.train_on_batch(X, Y)
    for mine, other in zip(plain.variables, measured.variables, strict=True):
        assert np.array_equal(mine, other)


def test_the_norms_are_those_of_the_gradients_before_clipping():
    model = make(True)
    weights = [v.value for v in model.trainable_variables]
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean((model(X) - Y) ** 2)
    gradients = tape.gradient(loss, weights)
    model.train_on_batch(X, Y)
    figures = dict(model.optimizer.figures(model.trainable_variables))
    assert figures.pop("gradients/all") == pytest.approx(float(tf.linalg.global_norm(gradients)))
    assert figures["gradients/" + model.trainable_variables[0].path] > 1  # what is clipped to
    assert list(figures.values()) == pytest.approx([float(tf.norm(g)) for g in gradients])


@pytest.mark.parametrize("log_gradients", [False, True])
def test_tensorboard_gets_them_where_they_are_asked_for(log_gradients, tmp_path):
    config = dataclasses.replace(CONFIG, log_gradients=log_gradients)
    run = RunFolder.open(tmp_path / "run", {})
    fit(
        make(log_gradients),
        Batches([1] * len(X), 4, seed=0),
        lambda indices: (X[indices], Y[indices]),
        lambda model: {"val_loss": float(model.test_on_batch(X, Y))},
        run,
        config,
    )
    [events] = run.tensorboard_folder.iterdir()
    for name in (b"gradients/all", b"gradients/sequential"):
        assert events.read_bytes().count(name) >= (4 if log_gradients else 0)
        assert (name in events.read_bytes()) == log_gradients
