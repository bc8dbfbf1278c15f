"""The road from texts without labels to a classifier that starts from them."""

import csv
import dataclasses
import json
from types import SimpleNamespace

import numpy as np
import pytest
from keras import ops

from zoo.export.rebuild import rebuild
from zoo.models.language_model import LanguageModel
from zoo.recipes.pretraining import load_language_model, mean_surprise, prepare, teach
from zoo.recipes.text_classifier_config import PretrainedConfig
from zoo.training.run import RunFolder, read_json

TEXTS = [
    "the night train leaves at nine",
    "a train to the sea, at night",
    "soup and bread at nine",
    "",
    "bread, soup and the sea",
    "nine nights at the sea",
]
CONFIG = PretrainedConfig(
    units=4,
    embedding_size=3,
    vocabulary_size=60,
    ngram_buckets=0,
    lm_streams=2,
    lm_window=5,
    lm_samples=8,
    lm_epochs=2,
    lm_averaging=0.8,
    lm_checkpoint_every=2,
)


def opened(path):
    names = [field.name for field in dataclasses.fields(CONFIG)]
    return RunFolder.open(path, {name: getattr(CONFIG, name) for name in names})


def pretrained(path):
    run = opened(path)
    prepare(CONFIG, TEXTS, TEXTS[:2], run)
    teach(CONFIG, run)
    return run


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """Not to be changed."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("zoo.training.fit.draw_curves", lambda *_: None)
        return pretrained(tmp_path_factory.mktemp("language_model") / "run")


def arrays(path):
    with np.load(path) as archive:
        found = {name: archive[name] for name in archive.files}
    return found | {"state": json.loads(str(found["state"])) | {"seconds": 0}}


class Killed(BaseException):
    """Ends a run at once, as nothing in the loop catches it."""


def test_a_run_leaves_all_that_it_promises(finished):
    names = {path.name for path in finished.path.iterdir()}
    assert names >= {"config.json", "model.json", "checkpoint.npz", "best.npz", "result.json"}
    result = read_json(finished.result_file)
    encoder, _ = rebuild(read_json(finished.path / "model.json"))
    assert len(encoder.config.vocabulary) <= 60
    tokens = sum(len(row) for row in encoder(TEXTS).tokens.to_list())
    assert (result["texts"], result["tokens"]) == (len(TEXTS), tokens + len(TEXTS))
    with finished.history_file.open() as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 2
    lowest = min(float(row["val_loss"]) for row in rows)
    assert result["perplexity"] == pytest.approx(np.exp(lowest))
    assert result["wall_seconds"] >= 0


def test_a_finished_run_is_not_trained_again(finished, monkeypatch):
    monkeypatch.setattr("zoo.training.fit.fit", None)
    before = {path: path.stat().st_mtime_ns for path in finished.path.iterdir()}
    pretrained(finished.path)
    assert {path: path.stat().st_mtime_ns for path in finished.path.iterdir()} == before


def test_a_killed_run_goes_on_to_bit_equal_weights(finished, tmp_path, monkeypatch):
    monkeypatch.setattr("zoo.training.fit.draw_curves", lambda *_: None)
    train, calls = LanguageModel.train_on_batch, 0
    result = read_json(finished.result_file)
    steps = (result["tokens"] // result["streams"] - 1) // CONFIG.lm_window
    assert steps > 3

    def killing(*arguments):
        nonlocal calls
        calls += 1
        if calls == steps + 4:
            raise Killed
        return train(*arguments)

    with monkeypatch.context() as patch, pytest.raises(Killed):
        patch.setattr(LanguageModel, "train_on_batch", killing)
        pretrained(tmp_path)
    state = arrays(tmp_path / "checkpoint.npz")["state"]
    assert state["epoch"] == 1
    assert 0 < state["step"] < steps
    pretrained(tmp_path)
    for name in ("best.npz", "checkpoint.npz"):
        found, expected = arrays(tmp_path / name), arrays(finished.path / name)
        assert found.keys() == expected.keys()
        different = [n for n in found if not np.array_equal(found[n], expected[n])]
        assert different == []


def test_a_classifier_gets_the_embedding_and_the_first_layer(finished):
    document = read_json(finished.path / "model.json")
    document["model"] |= {"layers": 2, "classes": 3, "dropout": 0.1}
    _, model = rebuild(document)
    before = {v.path: np.array(v) for v in model.trainable_variables}
    load_language_model(model, finished)
    trained = arrays(finished.best_file)
    first = [model.embedding, *model.stack.levels[0]]
    loaded = [variable for layer in first for variable in layer.trainable_variables]
    places = [[n for n in trained if np.array_equal(trained[n], v)] for v in loaded]
    # Each once, and the directions in their order.
    assert places == sorted(places)
    assert {len(place) for place in places} == {1}
    changed = {v.path for v in model.trainable_variables if not np.array_equal(v, before[v.path])}
    assert changed == {variable.path for variable in loaded}


def test_the_mean_surprise_is_that_of_all_tokens(monkeypatch):
    """With a learner whose surprise is the token's number, and twice that backwards."""
    seen = []

    def surprise(tokens):
        assert not tokens[:, 0].any()
        assert not tokens[:, -1].any()
        seen.append(tokens.shape)
        return ops.convert_to_tensor(np.stack([tokens, 2 * tokens]).astype(np.float32))

    monkeypatch.setattr("zoo.recipes.pretraining._TOKENS_AT_ONCE", 12)
    learner = SimpleNamespace(recurrences=["forward", "backward"], surprise=surprise)
    texts = [np.array(text, np.int32) for text in ([1, 2, 3, 4], [], [5], [6, 7])]
    assert mean_surprise(learner, texts) == pytest.approx(3 * 28 / (2 * 7))
    # Texts of about one length share a batch, which holds so many tokens at most.
    assert seen == [(2, 6), (2, 3)]
