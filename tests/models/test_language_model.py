"""The language models against their equations, written out in NumPy."""

import keras
import numpy as np
import pytest

from zoo.data.windows import Windows
from zoo.models.language_model import LanguageModel
from zoo.models.many_to_one import ManyToOne, ManyToOneConfig
from zoo.training.fit import FitConfig, compile_model
from zoo.training.precision import precision

# To the power of 3/4 they are 1, 8, 27, 8, 1, 8 and 0.
COUNTS = np.array([1, 16, 81, 16, 1, 16, 0])
SHARES = np.array([1, 8, 27, 8, 1, 8, 0])
PIECES, STREAMS, TIME = len(COUNTS), 2, 5
FIT = FitConfig(epochs=1, patience=1, learning_rate=0.03, averaging=0.9, checkpoint_every=9)


def make_classifier(cell="simple_rnn", bidirectional=True, layers=1, units=4, embedding_size=3):
    sizes = (layers, units, embedding_size)
    return ManyToOne(ManyToOneConfig(PIECES, 0, 2, cell, bidirectional, *sizes, 0.3, 0.0))


def make(cell="simple_rnn", bidirectional=True, samples=6, classifier=None, counts=COUNTS):
    """Language models with random weights, biases too."""
    model = classifier or make_classifier(cell, bidirectional)
    learner = LanguageModel(model.embedding, model.stack.levels[0], counts, STREAMS, samples)
    random = np.random.default_rng(0)
    for variable in learner.trainable_variables:
        variable.assign(random.normal(size=variable.shape))
    return learner


def make_window(time=TIME, seed=0):
    random = np.random.default_rng(seed)
    forward, backward = random.integers(0, PIECES, (2, STREAMS, time + 1), np.int32)
    negatives = random.choice(PIECES, 6, p=SHARES / SHARES.sum()).astype(np.int32)
    return {"forward": forward, "backward": backward, "negatives": negatives}


def expected_logits(learner, n, tokens):
    """o_t of direction n for one sequence in the order of reading, from a zero state."""
    layer, projection = learner.recurrences[n], learner.projections[n]
    table = learner.embedding.pieces.numpy()
    h, rows = np.zeros(layer.units), []
    for token in tokens:
        h = np.tanh(table[token] @ layer.u.numpy() + h @ layer.w.numpy() + layer.b.numpy())
        q = h @ projection.kernel.numpy() + projection.bias.numpy()
        rows.append(table @ q + learner.bias.numpy())
    return np.array(rows)


def step(learner, window):
    """One step of training; the output of the model is its loss."""
    return float(learner.train_on_batch(window, np.zeros(STREAMS, np.float32)))


def compiled(learner, steps):
    compile_model(learner, FIT, steps, keras.losses.MeanAbsoluteError())
    return learner


@pytest.mark.parametrize("bidirectional", [False, True])
def test_the_sampled_surprise_follows_the_equations(bidirectional):
    learner, window = make(bidirectional=bidirectional), make_window()
    expected = np.zeros(STREAMS)
    names = ("forward", "backward")[: 1 + bidirectional]
    for n, name in enumerate(names):
        for stream, tokens in enumerate(window[name]):
            rows = expected_logits(learner, n, tokens[:-1])
            for o, target in zip(rows, tokens[1:], strict=True):
                drawn = sum(
                    np.exp(o[j]) / (6 * SHARES[j] / SHARES.sum())
                    for j in window["negatives"]
                    if j != target
                )
                y = np.exp(o[target]) / (np.exp(o[target]) + drawn)
                expected[stream] -= np.log(y) / (TIME * len(names))
    found = learner(window)
    assert found.shape == (STREAMS,)
    np.testing.assert_allclose(found, expected, rtol=1e-4)


def test_the_sampled_sum_is_that_of_the_whole_softmax_in_the_mean():
    """Of the tokens that can be drawn; the last never is."""
    drawn = SHARES / SHARES.sum()
    many = 40_000
    made = Windows([np.ones(4, np.int32)], 1, 1, many, drawn, seed=0)
    window = make_window() | {"negatives": made.epoch(0)[0]["negatives"]}
    window["forward"] %= PIECES - 1
    exact = np.zeros(STREAMS)
    learner = make(bidirectional=False, samples=many)
    for stream, tokens in enumerate(window["forward"]):
        rows = np.exp(expected_logits(learner, 0, tokens[:-1])[:, :-1])
        y = rows[np.arange(TIME), tokens[1:]] / rows.sum(axis=1)
        exact[stream] = -np.log(y).mean()
    np.testing.assert_allclose(learner(window), exact, rtol=0.02)

    # Each token exactly as often as expected: not in the mean alone.
    learner = make(bidirectional=False, samples=SHARES.sum())
    window["negatives"] = np.repeat(np.arange(PIECES, dtype=np.int32), SHARES)
    np.testing.assert_allclose(learner(window), exact, rtol=1e-4)


def texts_with_padding():
    return np.array([[0, 3, 1, 4, 6, 2, 0], [0, 5, 2, 0, 0, 0, 0], [0, 0, 0, 0, 0, 0, 0]], np.int32)


def test_the_surprise_is_that_of_the_whole_softmax():
    learner, tokens = make(), texts_with_padding()
    expected = np.zeros((2, *tokens.shape))
    for row, text in enumerate(tokens):
        there = [place for place, token in enumerate(text) if token]
        for n, order in enumerate([there, there[::-1]]):
            # The first token of a text is told from the zero state.
            read = expected_logits(learner, n, text[order])
            q = learner.projections[n].bias.numpy()
            start = learner.embedding.pieces.numpy() @ q + learner.bias.numpy()
            for place, o in zip(order, [start, *read], strict=False):
                expected[n, row, place] = np.log(np.exp(o).sum()) - o[text[place]]
    found = learner.surprise(tokens)
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-5)
    assert not np.asarray(found)[:, tokens == 0].any()


@pytest.mark.parametrize("cell", ["simple_rnn", "lstm", "gru"])
def test_the_surprise_of_a_text_does_not_depend_on_its_batch(cell):
    learner, tokens = make(cell), texts_with_padding()
    together = np.asarray(learner.surprise(tokens))
    assert together[:, :2].any()
    for n, text in enumerate(tokens):
        alone = text[None, : 2 + np.count_nonzero(text)]
        found = np.asarray(learner.surprise(alone))[:, 0]
        np.testing.assert_allclose(found, together[:, n, : alone.shape[1]], rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("cell", ["simple_rnn", "lstm", "gru"])
def test_a_window_goes_on_where_the_last_one_ended(cell):
    learner, whole = make(cell), make_window(2 * TIME)
    for variable in np.ravel(learner.states):
        assert not np.asarray(variable).any()
    parts = []
    for start in (0, TIME):
        cut = {name: whole[name][:, start : start + TIME + 1] for name in learner.DIRECTIONS}
        parts.append(np.asarray(learner(whole | cut)))
    anew = np.asarray(make(cell)(whole | cut))
    assert not np.allclose(parts[1], anew, rtol=1e-3)
    np.testing.assert_allclose(np.mean(parts, axis=0), make(cell)(whole), rtol=1e-4)


def moved(model, before):
    return {
        v.path
        for v, old in zip(model.trainable_variables, before, strict=True)
        if not np.array_equal(v, old)
    }


def test_training_moves_all_of_its_weights_and_with_them_the_classifiers_first_layer():
    classifier = make_classifier("lstm", layers=2)
    learner = compiled(make(classifier=classifier), 1)
    both = [[np.array(v) for v in model.trainable_variables] for model in (learner, classifier)]
    step(learner, make_window())
    assert moved(learner, both[0]) == {v.path for v in learner.trainable_variables}
    first = [classifier.embedding, *classifier.stack.levels[0]]
    shared = {v.path for layer in first for v in layer.trainable_variables}
    assert len(shared) == 7
    assert moved(classifier, both[1]) == shared


def test_a_repeated_text_is_learned_by_heart():
    keras.utils.set_random_seed(0)
    text = np.array([1, 4, 2, 2, 5, 3], np.int32)
    counts = np.bincount([*text, 0], minlength=PIECES)
    model = make_classifier("lstm", units=12, embedding_size=8)
    learner = LanguageModel(model.embedding, model.stack.levels[0], counts, STREAMS, 6)
    made = Windows([text] * 40, STREAMS, 12, 6, learner.probabilities, seed=0)
    read = [window for n in range(8) for window in made.epoch(n)]
    compiled(learner, len(read))
    losses = [step(learner, window) for window in read]
    assert losses[0] > 0.8 * np.log(PIECES)
    assert np.mean(losses[-5:]) < 0.1 * np.log(PIECES)


def test_bfloat16_gives_about_the_same_surprise():
    learner = make("lstm")
    with precision("mixed_bfloat16"):
        half = make("lstm")
    assert half.recurrences[0].compute_dtype == "bfloat16"
    window = make_window()
    found = half(window)
    # Short products, but neither a short state nor a short loss.
    assert {v.dtype for v in half.variables} | {found.dtype.name} == {"float32"}
    np.testing.assert_allclose(found, learner(window), rtol=0.05)
    tokens = texts_with_padding()
    np.testing.assert_allclose(half.surprise(tokens), learner.surprise(tokens), rtol=0.05, atol=0.1)
