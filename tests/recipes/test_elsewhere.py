"""Prepared runs: what they hold is all that a training needs."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from tasks.translation import TASK
from zoo.data.examples import LabelledTexts, Splits
from zoo.errors import UserError
from zoo.recipes.elsewhere import teach
from zoo.recipes.task import Dataset
from zoo.recipes.text_classifier_config import PretrainedConfig, TextClassifierConfig
from zoo.training.run import RunFolder

SMALL = {"units": 4, "embedding_size": 4, "vocabulary_size": 60, "epochs": 1, "batch_size": 4}
LANGUAGE_MODELS = {
    "ngram_buckets": 0, "lm_epochs": 1, "lm_streams": 2, "lm_window": 5, "lm_samples": 8,
}  # fmt: skip


@pytest.fixture(autouse=True)
def workplace(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("zoo.training.fit.draw_curves", lambda *_: None)


@pytest.fixture(scope="module")
def texts():
    part = LabelledTexts(
        [f"a {x} {n}" for n in range(6) for x in ("win", "tea")], ["spam", "ham"] * 6
    )
    further = ["a win and another", "tea"] * 20
    return Dataset(
        "few", lambda: Splits(part, part, part), "few", "mine", unlabelled=lambda: further
    )


def weights(path):
    with np.load(path / "best.npz") as archive:
        return {name: archive[name] for name in archive.files if name != "state"}


def assert_equal(found, expected):
    assert found.keys() == expected.keys()
    for name, value in found.items():
        np.testing.assert_array_equal(value, expected[name])


@pytest.mark.parametrize(
    "config",
    [
        TextClassifierConfig(**SMALL),
        PretrainedConfig(**SMALL, **LANGUAGE_MODELS),
    ],
    ids=["n-grams", "language models"],
)
def test_a_prepared_classifier_learns_what_it_would_have_learned_here(task, texts, config):
    whole = task.train(config, texts, None, None, "zoo train")
    whole.parent.rename("here")
    runs = task.prepare(config, texts, None, None)
    assert len(runs) == 1 + (getattr(config, "pretrained", "none") != "none")
    assert {path.name for path in runs[-1].iterdir()} == {"config.json", "model.json", "lesson.npz"}
    teach(runs)
    for run in runs:
        assert_equal(weights(run), weights(run.parents[2] / "here" / run.name))
    # And here it goes on to the end.
    assert task.train(config, texts, None, None, "zoo train") == runs[-1]
    assert (runs[-1] / task.name / "1" / "saved_model.pb").exists()


def test_so_does_a_prepared_translator_with_weights_to_start_from(translation_run):
    sample = TASK.datasets["sample"]
    config = dataclasses.replace(TASK.config, epochs=1, precision="float32")
    (run,) = TASK.prepare(config, sample, None, translation_run.model)
    start = RunFolder(run).first_file
    start.rename("kept.npz")
    with pytest.raises(UserError, match=r"lacks first\.npz, the weights to start from: prepare it"):
        teach([run])
    TASK.prepare(config, sample, None, translation_run.model)
    assert start.read_bytes() == Path("kept.npz").read_bytes()
    teach([run])
    whole = TASK.train(config, sample, run.parent / "whole", translation_run.model, "zoo train")
    assert_equal(weights(run), weights(whole))


def test_what_is_no_prepared_run_is_refused(tmp_path, task, texts):
    with pytest.raises(UserError, match="give the run folders that --prepare named"):
        teach([])
    with pytest.raises(UserError, match="holds no prepared run: give the folders that --prepare"):
        teach([tmp_path])
    config = PretrainedConfig(**SMALL, **LANGUAGE_MODELS)
    _, classifier = task.prepare(config, texts, None, None)
    with pytest.raises(UserError, match="starts from language models: give their run before it"):
        teach([classifier])


def test_what_cannot_be_prepared_is_refused(task, texts, tmp_path):
    with pytest.raises(UserError, match="is prepared from its data alone: leave out --from"):
        task.prepare(TextClassifierConfig(**SMALL), texts, None, tmp_path)
