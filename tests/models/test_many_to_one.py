from dataclasses import asdict, replace

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zoo.models.many_to_one import ManyToOne, ManyToOneConfig
from zoo.text.rows import Row, collate
from zoo.training.fit import FitConfig, compile_model
from zoo.training.precision import precision

PIECES, BUCKETS = 12, 20
CONFIG = ManyToOneConfig(
    pieces=PIECES,
    ngram_buckets=BUCKETS,
    classes=3,
    cell="lstm",
    bidirectional=True,
    layers=2,
    units=5,
    embedding_size=4,
    dropout=0.3,
    ngram_dropout=0.2,
)
FIT = FitConfig(
    epochs=1,
    patience=1,
    learning_rate=0.03,
    averaging=0.9,
    checkpoint_every=9,
)
LOSS = keras.losses.CategoricalCrossentropy(from_logits=True)


def random_row(random, length):
    """A text of so many tokens, each with up to three n-grams."""
    owners = np.repeat(np.arange(length), random.integers(0, 4, length))
    return Row(
        random.integers(1, PIECES, length).astype(np.int32),
        random.integers(0, BUCKETS, len(owners)).astype(np.int32),
        owners.astype(np.int32),
    )


def random_rows(seed, lengths):
    random = np.random.default_rng(seed)
    return [random_row(random, length) for length in lengths]


def widened(features, columns):
    """The same texts with more padding."""
    time = features["tokens"].shape[1]
    place = features["ngram_tokens"]
    return {
        "tokens": np.pad(features["tokens"], [(0, 0), (0, columns)]),
        "ngrams": features["ngrams"],
        "ngram_tokens": place // time * (time + columns) + place % time,
    }


def one_hot(labels):
    return np.eye(3, dtype=np.float32)[labels]


@pytest.fixture(scope="module", params=["simple_rnn", "lstm", "gru"])
def model(request):
    return ManyToOne(replace(CONFIG, cell=request.param))


@given(st.lists(st.integers(0, 6), min_size=1, max_size=5), st.integers(0, 2**32))
@settings(deadline=None, max_examples=10)
def test_alone_equals_batched(model, lengths, seed):
    rows = random_rows(seed, lengths)
    together = model(collate(rows))
    assert together.shape == (len(rows), 3)
    for n, row in enumerate(rows):
        np.testing.assert_allclose(model(collate([row]))[0], together[n], rtol=0, atol=1e-6)


def test_padding_changes_nothing(model):
    features = collate(random_rows(0, [3, 0, 6]))
    np.testing.assert_allclose(model(widened(features, 5)), model(features), rtol=0, atol=1e-6)


def test_the_empty_text_has_the_logits_of_the_output_bias(model):
    bias = model.output_layer.bias
    bias.assign([0.5, -1.0, 2.0])
    logits = model(collate(random_rows(0, [4, 0])))
    assert np.array_equal(logits[1], bias)
    assert not np.allclose(logits[0], bias, atol=1e-3)


def test_the_order_of_the_tokens_counts(model):
    row = Row(np.array([1, 2, 3], np.int32), *[np.zeros(0, np.int32)] * 2)
    turned = row._replace(tokens=row.tokens[::-1])
    logits = model(collate([row, turned]))
    assert not np.allclose(logits[0], logits[1], atol=1e-4)


BARE = replace(CONFIG, cell="lstm", ngram_buckets=0, bare=True)


@pytest.mark.parametrize(
    "config",
    [BARE, replace(BARE, bidirectional=False), replace(BARE, cell="mlp", window=3)],
    ids=["both directions", "one direction", "mlp"],
)
def test_a_bare_model_answers_from_its_last_output(config):
    model = ManyToOne(config)
    features = collate([Row(row.tokens, None, None) for row in random_rows(0, [4, 2, 6])])
    x, mask = model.embed(features)
    last = np.asarray(model.stack.last(model.stack(x, mask), mask))
    layer = model.output_layer
    expected = last @ layer.kernel.numpy() + layer.bias.numpy()
    np.testing.assert_allclose(model(features), expected, rtol=1e-4, atol=1e-6)
    padded = {"tokens": np.pad(features["tokens"], [(0, 0), (0, 5)])}
    np.testing.assert_allclose(model(padded), model(features), rtol=0, atol=1e-6)


def test_a_trained_bare_linear_recurrence_is_one_linear_map_of_its_vectors():
    """o = c + sum_t A_t x_t with A_t = U W^(T-t) V, whatever was learned."""
    keras.utils.set_random_seed(0)
    config = replace(BARE, cell="linear_rnn", bidirectional=False, layers=1, dropout=0.0)
    model = ManyToOne(config)
    compile_model(model, FIT, 20, LOSS)
    rows = [Row(row.tokens, None, None) for row in random_rows(0, [6] * 8)]
    before = [np.array(v) for v in model.trainable_variables]
    for _ in range(20):
        model.train_on_batch(collate(rows), one_hot(np.arange(8) % 3))
    assert not any(map(np.array_equal, before, model.trainable_variables))
    [[layer]] = model.stack.levels
    u, w, b = (np.array(v, float) for v in (layer.u, layer.w, layer.b))
    v, c = (np.array(x, float) for x in (model.output_layer.kernel, model.output_layer.bias))
    x, _ = model.embed(collate(rows))
    powers = [np.linalg.matrix_power(w, 5 - t) for t in range(6)]
    a = np.concatenate([u @ power @ v for power in powers])
    constant = c + sum(b @ power @ v for power in powers)
    expected = np.asarray(x, float).reshape(8, -1) @ a + constant
    np.testing.assert_allclose(model(collate(rows)), expected, rtol=1e-4, atol=1e-5)


def test_the_weights_of_an_mlp_grow_with_its_window_and_those_of_a_recurrence_do_not():
    def count(**changes):
        return ManyToOne(replace(BARE, bidirectional=False, layers=1, **changes)).count_params()

    size, units = BARE.embedding_size, BARE.units
    mlp = [count(cell="mlp", window=time) for time in (1, 2, 10)]
    assert [n - mlp[0] for n in mlp] == [0, size * units, 9 * size * units]
    # One window of one moment, and the matrix from state to state.
    assert count(cell="simple_rnn") == mlp[0] + units**2


def test_the_same_config_and_weights_give_the_same_model(model):
    again = ManyToOne(ManyToOneConfig(**asdict(model.config)))
    features = collate(random_rows(0, [3, 6]))
    assert not np.allclose(again(features), model(features), atol=1e-4)
    for copy, variable in zip(again.variables, model.variables, strict=True):
        copy.assign(variable)
    assert np.array_equal(again(features), model(features))


def test_all_variables_are_there_before_the_first_batch(model):
    new = ManyToOne(model.config)
    before = [v.path for v in new.variables]
    new(collate(random_rows(0, [3])), training=True)
    assert [v.path for v in new.variables] == before


def test_each_dropout_changes_the_logits_in_training_only():
    features = collate(random_rows(0, [6] * 10))
    for rate in ("dropout", "ngram_dropout"):
        off = {"dropout": 0.0, "ngram_dropout": 0.0}
        model = ManyToOne(replace(CONFIG, **{**off, rate: 0.5}))
        assert np.array_equal(model(features), model(features, training=False))
        assert not np.allclose(model(features), model(features, training=True), atol=1e-4)


def test_one_step_moves_every_trainable_weight():
    model = ManyToOne(CONFIG)
    compile_model(model, FIT, 1, LOSS)
    before = [v.numpy() for v in model.trainable_variables]
    model.train_on_batch(collate(random_rows(0, [6] * 8)), one_hot(np.arange(8) % 3))
    still = [
        v.path
        for v, old in zip(model.trainable_variables, before, strict=True)
        if np.array_equal(v, old)
    ]
    assert still == []


def test_a_few_texts_are_learned_by_heart():
    keras.utils.set_random_seed(0)
    config = replace(CONFIG, dropout=0.0, ngram_dropout=0.0, layers=1)
    model = ManyToOne(config)
    compile_model(model, FIT, 60, LOSS)
    features, labels = collate(random_rows(0, [2, 5, 4, 6, 1, 3])), np.arange(6) % 3
    losses = [float(model.train_on_batch(features, one_hot(labels))) for _ in range(60)]
    assert losses[0] > 0.8
    assert losses[-1] < 0.05
    assert np.argmax(model(features), axis=1).tolist() == labels.tolist()


def test_bfloat16_gives_about_the_same_logits():
    model = ManyToOne(CONFIG)
    with precision("mixed_bfloat16"):
        half = ManyToOne(CONFIG)
    for copy, variable in zip(half.variables, model.variables, strict=True):
        copy.assign(variable)
    features = collate(random_rows(0, [6, 3, 0]))
    logits = half(features)
    # Short products, but neither a short state nor short logits.
    assert half.stack.levels[0][0].compute_dtype == "bfloat16"
    assert logits.dtype == "float32"
    np.testing.assert_allclose(np.asarray(logits, np.float32), model(features), atol=0.05)
