"""A classifier's labels, and the student that learns from them."""

import dataclasses
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from zoo.data.examples import LabelledTexts, Splits
from zoo.errors import UserError
from zoo.recipes.self_training import label
from zoo.recipes.task import Dataset
from zoo.recipes.text_classifier_config import PretrainedConfig
from zoo.training.run import RunFolder, read_json

TEXTS = ["soup and bread", "the night train", "a bowl of soup"]
TRAIN = LabelledTexts(["a soup", "a train"], ["food", "trains"])


class Linear:
    """Says 2 of trains and -1 of what is none; keeps what it was trained on."""

    def fit(self, texts, truth):
        self.seen = (texts, truth)

    def decision_function(self, texts):
        return np.array([2.0 if "train" in text else -1.0 for text in texts])


@pytest.fixture
def teacher():
    return SimpleNamespace(
        document={"labels": ["food", "trains"]},
        probabilities=lambda texts: np.array([[0.8, 0.2], [0.5, 0.5], [1.0, 0.0]]),
    )


def test_the_logits_of_both_teachers_are_added(teacher, tmp_path):
    linear, run = Linear(), RunFolder(tmp_path)
    found = label(teacher, linear, 0.5, TRAIN, TEXTS, run)
    odds = found.probabilities[:, 1] / found.probabilities[:, 0]
    np.testing.assert_allclose(np.log(odds[:2]), [np.log(0.25) - 0.5, 1.0], rtol=1e-5)
    assert 0 < odds[2] < 1e-5
    np.testing.assert_allclose(found.probabilities.sum(axis=1), 1, rtol=1e-6)
    assert linear.seen == (TRAIN.texts, [False, True])


def test_labels_are_made_once(teacher, tmp_path):
    run = RunFolder(tmp_path)
    first = label(teacher, Linear(), 0.5, TRAIN, TEXTS, run)
    again = label(teacher, None, 0.5, TRAIN, TEXTS, run)
    np.testing.assert_array_equal(first.probabilities, again.probabilities)


@pytest.fixture
def trained(task, tmp_path, monkeypatch):
    """Trains a classifier of a few texts, with or without a student; gives its run."""
    part = LabelledTexts(
        [f"a {x} {n}" for n in range(6) for x in ("win", "tea")], ["spam", "ham"] * 6
    )
    data = Dataset(
        "few", lambda: Splits(part, part, part), "few", "mine", unlabelled=lambda: ["a win", "tea"]
    )
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("zoo.training.fit.draw_curves", lambda *_: None)
    taught = dataclasses.replace(task, linear_teacher=Linear)

    def train(**changes):
        settings = {
            "units": 4, "embedding_size": 4, "vocabulary_size": 60, "ngram_buckets": 0,
            "pretrained": "none", "epochs": 1, "batch_size": 4, **changes,
        }  # fmt: skip
        return taught.train(PretrainedConfig(**settings), data, None, None, "zoo train")

    return train


def test_a_student_goes_on_from_its_teacher(trained):
    alone = trained()
    taught = trained(student_epochs=2)
    assert {path.name for path in Path("runs/spam_detection").iterdir()} == {
        alone.name,
        taught.name,
    }
    assert (alone / "soft_labels.npy").exists()
    facts = read_json(taught / "result.json")
    assert facts["teacher"]["labelled"] == 2
    assert facts["teacher"]["epochs"] == 1
    assert facts["steps"] == facts["epochs"] * 4  # of 12 and 2 texts by four
    before, after = (np.load(run / "best.npz") for run in (alone, taught))
    assert before.files == after.files
    moved = [name for name in before.files if not np.array_equal(before[name], after[name])]
    assert len(moved) == len(before.files)
    assert read_json(alone / "model.json") == read_json(taught / "model.json")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"student_epochs": -1}, "student_epochs is -1, and must be at least 0"),
        ({"student_learning_rate": 0.0}, "student_learning_rate is 0.0"),
        ({"teacher_weight": -1.0}, "teacher_weight is -1.0, and must be at least 0"),
        ({"teacher_weight": float("nan")}, "teacher_weight is nan"),
    ],
)
def test_a_setting_out_of_range_is_refused(changes, said):
    with pytest.raises(UserError, match=said):
        PretrainedConfig(ngram_buckets=0, **changes)
