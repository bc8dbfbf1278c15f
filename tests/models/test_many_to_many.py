from dataclasses import replace

import keras
import numpy as np
import pytest
import tensorflow as tf

from zoo.models.many_to_many import ManyToMany, ManyToManyConfig
from zoo.training.precision import precision

CONFIG = ManyToManyConfig(
    pieces=11,
    cell="lstm",
    bidirectional=True,
    encoder_layers=2,
    encoder_units=3,
    decoder_layers=2,
    decoder_units=5,
    attention="multiplicative",
    embedding_size=4,
    dropout=0.3,
)
BEGIN = 2


def made(**changes):
    keras.utils.set_random_seed(0)
    return ManyToMany(replace(CONFIG, **changes))


def pairs(lengths=((5, 4), (2, 6), (1, 1))):
    """Sources and targets of these lengths, padded; a target begins with BEGIN."""
    random = np.random.default_rng(0)
    source = np.zeros((len(lengths), max(s for s, _ in lengths)), np.int32)
    target = np.zeros((len(lengths), max(t for _, t in lengths)), np.int32)
    for row, (s, t) in enumerate(lengths):
        source[row, :s] = random.integers(4, CONFIG.pieces, s)
        target[row, :t] = [BEGIN, *random.integers(4, CONFIG.pieces, t - 1)]
    return {"source": source, "target": target}


def along(model, features):
    """The logits of the target, token by token."""
    encoded = model.encode(features["source"])
    state = tf.nest.map_structure(lambda tensor: tensor[:, None], encoded.state)
    logits = []
    for tokens in features["target"].T:
        step, state, _ = model.step(tokens[:, None], encoded.memory, state)
        logits.append(step[:, 0])
    return np.stack(logits, axis=1)


@pytest.mark.parametrize("cell", ["simple_rnn", "lstm", "gru"])
@pytest.mark.parametrize("attention", ["additive", "multiplicative", "none"])
def test_steps_say_what_the_whole_target_says(cell, attention):
    model = made(cell=cell, attention=attention, decoder_layers=3)
    features = pairs()
    there = features["target"] != 0
    expected = np.array(model(features))
    assert expected.dtype == np.float32
    np.testing.assert_allclose(along(model, features)[there], expected[there], atol=1e-5)


def test_hypotheses_of_a_row_share_its_memory():
    model = made()
    encoded = model.encode(pairs()["source"])
    tokens = np.array([[4, 5], [6, 7], [8, 9]], np.int32)
    state = tf.nest.map_structure(lambda tensor: np.repeat(tensor[:, None], 2, 1), encoded.state)
    both, after, weights = model.step(tokens, encoded.memory, state)
    assert weights.shape == (3, 2, 5)
    for beam in range(2):
        alone = tf.nest.map_structure(lambda tensor, beam=beam: tensor[:, beam : beam + 1], state)
        logits, next_state, _ = model.step(tokens[:, beam : beam + 1], encoded.memory, alone)
        np.testing.assert_allclose(both[:, beam], logits[:, 0], atol=1e-6)
        for found, expected in zip(
            tf.nest.flatten(after), tf.nest.flatten(next_state), strict=True
        ):
            np.testing.assert_allclose(found[:, beam], expected[:, 0], atol=1e-6)


def test_a_row_alone_says_what_it_says_in_a_batch():
    model = made()
    together = np.array(model(pairs()))
    for row, (s, t) in enumerate(((5, 4), (2, 6), (1, 1))):
        one = {
            "source": pairs()["source"][row : row + 1, :s],
            "target": pairs()["target"][row : row + 1, :t],
        }
        np.testing.assert_allclose(model(one)[0], together[row, :t], atol=1e-5)


def test_a_token_does_not_see_those_after_it():
    model = made()
    features = pairs()
    before = np.array(model(features))
    features["target"][0, 3] = 9
    after = np.array(model(features))
    np.testing.assert_allclose(before[0, :3], after[0, :3], atol=1e-6)
    assert not np.allclose(before[0, 3], after[0, 3], atol=1e-4)


def test_one_step_moves_every_weight():
    model = made(decoder_layers=3, attention="additive")
    model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    before = [v.numpy() for v in model.trainable_variables]
    features = pairs()
    model.train_on_batch(features, features["target"])
    still = [
        v.path
        for v, old in zip(model.trainable_variables, before, strict=True)
        if np.array_equal(v, old)
    ]
    assert still == []


@pytest.mark.parametrize("cell", ["simple_rnn", "lstm", "gru"])
@pytest.mark.parametrize("attention", ["additive", "multiplicative", "none"])
def test_short_products_say_about_the_same(cell, attention):
    expected = np.array(made(cell=cell, attention=attention)(pairs()))
    with precision("mixed_bfloat16"):
        model = made(cell=cell, attention=attention)
    found = np.array(model(pairs()))
    assert found.dtype == np.float32
    assert 0 < np.abs(found - expected).max() < 0.02
    model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    assert np.isfinite(model.train_on_batch(pairs(), pairs()["target"]))


def test_copying_is_learned_by_heart():
    model = made(dropout=0.0, encoder_units=32, decoder_units=32, embedding_size=32)
    model.compile(
        keras.optimizers.Adam(0.02), keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    )
    source = np.random.default_rng(1).integers(4, 11, (16, 4)).astype(np.int32)
    begin = np.full((16, 1), BEGIN, np.int32)
    features = {"source": source, "target": np.concatenate([begin, source[:, :-1]], axis=1)}
    losses = [float(model.train_on_batch(features, source)) for _ in range(200)]
    assert losses[0] > 1.5
    assert losses[-1] < 0.1
