from dataclasses import replace

import keras
import numpy as np
import pytest
import tensorflow as tf

from zoo.layers.photo_encoder import photo_encoder
from zoo.models import one_to_many
from zoo.models.one_to_many import OneToMany, OneToManyConfig

CONFIG = OneToManyConfig(
    pieces=11,
    photo_size=64,
    encoder_width=0.35,
    memory_size=6,
    cell="lstm",
    decoder_layers=2,
    decoder_units=5,
    attention="multiplicative",
    embedding_size=4,
    dropout=0.3,
)
BEGIN = 2
PLACES, SEEN = 4, 9


def small_encoder(size, _):
    """Makes a grid in a moment."""
    return keras.Sequential(
        [keras.Input((size, size, 3)), keras.layers.Conv2D(SEEN, 32, 32, activation="relu")]
    )


@pytest.fixture(autouse=True)
def small(monkeypatch):
    monkeypatch.setattr(one_to_many, "photo_encoder", small_encoder)


def made(**changes):
    keras.utils.set_random_seed(0)
    return OneToMany(replace(CONFIG, **changes))


def photos(n=3):
    return np.random.default_rng(1).uniform(-1, 1, (n, 64, 64, 3)).astype(np.float32)


def captions(lengths=(4, 6, 1)):
    """Targets of these lengths, padded, and grids."""
    random = np.random.default_rng(0)
    target = np.zeros((len(lengths), max(lengths)), np.int32)
    for row, length in enumerate(lengths):
        target[row, :length] = [BEGIN, *random.integers(4, CONFIG.pieces, length - 1)]
    grid = random.normal(size=(len(lengths), PLACES, SEEN)).astype(np.float32)
    return {"grid": grid, "target": target}


def along(model, features):
    """The logits of the target, token by token."""
    encoded = model.encode(features["grid"])
    state = tf.nest.map_structure(lambda tensor: tensor[:, None], encoded.state)
    logits = []
    for tokens in features["target"].T:
        step, state, _ = model.step(tokens[:, None], encoded.memory, state)
        logits.append(step[:, 0])
    return np.stack(logits, axis=1)


@pytest.mark.parametrize("cell", ["simple_rnn", "lstm", "gru"])
@pytest.mark.parametrize("attention", ["additive", "multiplicative", "none"])
def test_steps_say_what_the_whole_target_says(cell, attention):
    model = made(cell=cell, attention=attention)
    features = captions()
    there = features["target"] != 0
    expected = np.array(model(features))
    assert expected.dtype == np.float32
    np.testing.assert_allclose(along(model, features)[there], expected[there], atol=1e-5)


def test_a_photo_is_its_grid():
    model = made()
    target = captions()["target"]
    grid = model.see(photos())
    assert grid.shape == (3, PLACES, SEEN)
    # Row by row: the second place is the right one of the upper two.
    np.testing.assert_array_equal(grid[:, 1], model.encoder(photos())[:, 0, 1])
    np.testing.assert_allclose(
        model({"photo": photos(), "target": target}),
        model({"grid": grid, "target": target}),
        atol=1e-5,
    )


def test_the_encoder_is_mobilenet(monkeypatch):
    monkeypatch.setattr(one_to_many, "photo_encoder", photo_encoder)
    model = made()
    assert model.see(photos(1)).shape == (1, PLACES, 1280)
    assert model.count_params() > 300_000


def test_a_row_alone_says_what_it_says_in_a_batch():
    model = made()
    features = captions()
    together = np.array(model(features))
    for row, length in enumerate((4, 6, 1)):
        one = {
            "grid": features["grid"][row : row + 1],
            "target": features["target"][row : row + 1, :length],
        }
        np.testing.assert_allclose(model(one)[0], together[row, :length], atol=1e-5)


def test_attention_is_a_mean_over_places():
    model = made(attention="additive")
    features = captions()
    weights = np.array(model.attention(features["target"], model.encode(features["grid"])))
    assert weights.shape == (3, 6, PLACES)
    np.testing.assert_allclose(weights.sum(-1), 1, atol=1e-6)
    assert weights.std() > 1e-3


def test_without_attention_every_place_is_seen_alike():
    model = made(attention="none")
    features = captions()
    encoded = model.encode(features["grid"])
    weights = model.attention(features["target"], encoded)
    np.testing.assert_allclose(weights, np.full((3, 6, PLACES), 1 / PLACES), atol=1e-6)


def test_what_is_remembered_does_not_depend_on_how_bright_a_place_is():
    model = made()
    grid = captions()["grid"]
    dark, bright = (model.encode(grid * factor + factor).memory.values for factor in (1, 50))
    np.testing.assert_allclose(dark, bright, atol=1e-2)
    assert np.std(dark) > 0.03


def test_one_step_moves_every_weight():
    model = made(attention="additive")
    model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    before = [v.numpy() for v in model.trainable_variables]
    target = captions()["target"]
    model.train_on_batch({"photo": photos(), "target": target}, target)
    still = [
        v.path
        for v, old in zip(model.trainable_variables, before, strict=True)
        if np.array_equal(v, old)
    ]
    assert still == []


def test_a_frozen_encoder_stays():
    model = made()
    model.encoder.trainable = False
    model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    before = [v.numpy() for v in model.encoder.variables]
    features = captions()
    model.train_on_batch(features, features["target"])
    assert all(
        np.array_equal(v, old) for v, old in zip(model.encoder.variables, before, strict=True)
    )


def test_under_mixed_precision_logits_are_float32_and_about_the_same():
    expected = np.array(made()(captions()))
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        model = made()
        found = model(captions())
        stepped = along(model, captions())
    finally:
        keras.config.set_dtype_policy(before)
    assert found.dtype == tf.float32
    there = captions()["target"] != 0
    np.testing.assert_allclose(np.array(found)[there], expected[there], atol=0.02)
    np.testing.assert_allclose(stepped[there], expected[there], atol=0.02)


@pytest.mark.parametrize("attention", ["multiplicative", "none"])
def test_captions_are_learned_by_heart(attention):
    model = made(
        attention=attention, dropout=0.0, memory_size=32, decoder_units=32, embedding_size=32
    )
    model.encoder.trainable = False
    model.compile(
        keras.optimizers.Adam(0.02), keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    )
    random = np.random.default_rng(1)
    said = random.integers(4, 11, (16, 4)).astype(np.int32)
    begin = np.full((16, 1), BEGIN, np.int32)
    features = {
        "grid": random.normal(size=(16, PLACES, SEEN)).astype(np.float32),
        "target": np.concatenate([begin, said[:, :-1]], axis=1),
    }
    losses = [float(model.train_on_batch(features, said)) for _ in range(60)]
    assert losses[0] > 1.5
    assert losses[-1] < 0.1
