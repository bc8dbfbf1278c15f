"""The road from labelled texts to a SavedModel."""

import dataclasses
import re
import shutil
from pathlib import Path

import numpy as np
import pytest

from zoo.data.examples import LabelledTexts, Splits
from zoo.errors import UserError
from zoo.export.rebuild import load_weights, rebuild
from zoo.recipes.beginnings import from_saved_model
from zoo.recipes.description import describe, learn_vocabulary
from zoo.recipes.task import Dataset
from zoo.recipes.text_classifier_config import PretrainedConfig, TextClassifierConfig
from zoo.recipes.text_classifier_learning import learn, ordered_labels
from zoo.training.run import RunFolder, read_json


def dataset(labels, name="mine", load=None):
    texts = [f"{label} number {n}" for label in labels for n in range(4)]
    part = LabelledTexts(texts, [text.split()[0] for text in texts])
    return Dataset(name, load or (lambda: Splits(part, part, part)), "words", "the user's own")


# Settings.


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"units": 0}, "units is 0, and must be at least 1"),
        ({"epochs": -1}, "epochs is -1"),
        ({"dropout": 1.0}, r"dropout is 1.0, and must be in \[0, 1\)"),
        ({"ngram_dropout": -0.1}, "ngram_dropout is -0.1"),
        ({"averaging": float("nan")}, "averaging is nan"),
        ({"learning_rate": 0.0}, "learning_rate is 0.0"),
        ({"learning_rate": float("nan")}, "learning_rate is nan"),
        ({"learning_rate": float("inf")}, "learning_rate is inf"),
        ({"seed": -1}, "seed is -1"),
        ({"shortest_ngram": 3, "longest_ngram": 2}, "longest_ngram is less than shortest_ngram"),
        (
            {"cell": "transformer"},
            "unknown cell 'transformer': choose simple_rnn, linear_rnn, lstm or gru",
        ),
        ({"training_tokens": 0}, "training_tokens is 0, and must be at least 1"),
        ({"ngram_buckets": -1}, "ngram_buckets is -1, and must be at least 0"),
        ({"window": -1}, "window is -1, and must be at least 0"),
        ({"window": 9}, "an MLP has no states to pool: give --bare with --window"),
        ({"precision": "half"}, "unknown precision 'half': choose float32 or mixed_bfloat16"),
    ],
)
def test_a_setting_out_of_range_is_refused(changes, said):
    with pytest.raises(UserError, match=said):
        TextClassifierConfig(**changes)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"pretrained": "bert"}, "unknown pretrained 'bert': choose language_model or none"),
        (
            {"ngram_buckets": 9},
            "read no character n-grams: give --ngram-buckets 0, or --pretrained",
        ),
        ({"window": 9, "bare": True}, "an MLP starts from no language model: give --pretrained no"),
        ({"lm_epochs": 0}, "lm_epochs is 0, and must be at least 1"),
        ({"lm_streams": 0}, "lm_streams is 0"),
        ({"lm_window": -1}, "lm_window is -1"),
        ({"lm_samples": 0}, "lm_samples is 0"),
        ({"lm_checkpoint_every": 0}, "lm_checkpoint_every is 0"),
        ({"lm_averaging": 1.0}, r"lm_averaging is 1.0, and must be in \[0, 1\)"),
        ({"lm_learning_rate": 0.0}, "lm_learning_rate is 0.0, and must be more than 0"),
        ({"lm_learning_rate": float("nan")}, "lm_learning_rate is nan"),
        ({"units": 0}, "units is 0"),
    ],
)
def test_so_is_one_of_pretraining(changes, said):
    with pytest.raises(UserError, match=said):
        PretrainedConfig(**{"ngram_buckets": 0, **changes})


def test_without_pretraining_there_may_be_ngrams():
    assert PretrainedConfig(pretrained="none", ngram_buckets=9).ngram_buckets == 9


def test_the_positive_label_stands_last():
    assert ordered_labels(["spam", "ham", "spam"], "ham") == ["spam", "ham"]
    assert ordered_labels(["spam", "ham", "spam"], "spam") == ["ham", "spam"]
    assert ordered_labels(["b", "c", "a"], None) == ["a", "b", "c"]


def test_the_vocabulary_is_learned_from_the_texts_given(small_config):
    document = describe(small_config, learn_vocabulary(small_config, ["aaaa bbbb"] * 5))
    assert set("".join(document["encoder"]["vocabulary"][2:])) <= set("ab#")
    assert document["model"]["pieces"] == len(document["encoder"]["vocabulary"])


# Runs.


@pytest.fixture
def no_training(monkeypatch):
    """Whatever would be trained is kept as it is before the first step."""
    kept = []
    monkeypatch.setattr("zoo.training.fit.fit", lambda model, *_: kept.append(model))
    return kept


def test_a_run_leaves_all_that_it_promises(spam_run, spam_detector):
    names = {path.name for path in spam_run.iterdir()}
    assert names >= {
        "config.json", "checkpoint.npz", "best.npz", "history.csv", "curves.png", "tensorboard",
        "result.json", "model.json",
    }  # fmt: skip
    header, *rows = (spam_run / "history.csv").read_text().splitlines()
    assert "val_loss" in header
    assert len(rows) == 4
    assert (spam_run / "curves.png").read_bytes().startswith(b"\x89PNG")
    facts = read_json(spam_run / "result.json")
    assert facts["parameters"] == spam_detector.keras_model().count_params()
    assert (facts["data"], facts["licence"], facts["seed"]) == ("sample", "Apache 2.0", 0)
    assert facts["command"] == "zoo train spam_detection --dataset sample"
    # The test split is not read before the model is exported to ship.
    assert facts["metrics"] == {}


def test_a_small_detector_beats_the_larger_label(spam_detector, sample):
    answers = [answer.label for answer in spam_detector(sample.train.texts)]
    right = np.mean([a == b for a, b in zip(answers, sample.train.labels, strict=True)])
    assert right > 0.85


def test_an_ended_run_is_not_trained_again(task, topics, no_training, tmp_path):
    run = tmp_path / "run"
    shutil.copytree(topics.run, run)
    identity = read_json(run / "config.json")
    names = {field.name for field in dataclasses.fields(TextClassifierConfig)}
    config = TextClassifierConfig(**{k: v for k, v in identity.items() if k in names})
    golden = run / "spam_detection" / "1" / "assets.extra" / "golden.json"
    before = read_json(golden)
    shutil.rmtree(run / "spam_detection")

    assert task.train(config, task.user_data(topics.file), run, None, "again") == run
    assert no_training == []
    for old, new in zip(before["requests"], read_json(golden)["requests"], strict=True):
        for name, values in old["outputs"].items():
            if np.asarray(values).dtype.kind == "f":
                np.testing.assert_allclose(values, new["outputs"][name], atol=1e-5)
            else:
                assert values == new["outputs"][name]


@pytest.mark.parametrize(
    ("changes", "said"), [({"units": 5}, "units"), ({}, "data_sha256, dataset")]
)
def test_another_run_is_not_gone_on_with(task, small_config, spam_run, changes, said):
    chosen = task.datasets["sample"] if changes else dataset(["ham", "spam"])
    with pytest.raises(UserError, match=rf"was made with another {said}: choose another --run"):
        task.train(dataclasses.replace(small_config, **changes), chosen, spam_run, None, "")


def test_a_run_is_named_by_its_data_and_settings(
    task, small_config, no_training, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("zoo.recipes.text_classifier.learn", no_training.append)
    for config in (small_config, dataclasses.replace(small_config, seed=1)):
        for chosen in (dataset(["ham", "spam"]), dataset(["ham", "spam", "eggs"])):
            with pytest.raises(TypeError):
                task.train(config, chosen, None, None, "")
    names = sorted(path.name for path in (tmp_path / "runs" / "spam_detection").iterdir())
    assert len(set(names)) == 4
    assert all(name.startswith("mine-") for name in names)


# Starting from a model.


def values(model):
    """By name, without the numbers that Keras gives to later layers of a kind."""
    return {
        re.sub(r"_\d+/", "/", variable.path): np.asarray(variable)
        for variable in model.trainable_variables
    }


@pytest.fixture(scope="module")
def topic_weights(topics):
    _, model = rebuild(read_json(topics.model / "assets.extra" / "model.json"))
    load_weights(model, topics.model)
    return values(model)


def started(task_data, start, small_config, folder):
    part = task_data.load().train
    run = RunFolder.open(folder, {})
    return learn(small_config, part, part, run, None, from_saved_model(start))


def test_a_training_starts_from_the_models_weights(
    no_training, topics, topic_weights, small_config, tmp_path
):
    learned = started(dataset(["trains", "food", "sport"]), topics.model, small_config, tmp_path)
    assert learned.model is no_training[0]
    assert learned.document["labels"] == ["food", "sport", "trains"]
    found = values(learned.model)
    assert found.keys() == topic_weights.keys()
    for name, value in topic_weights.items():
        np.testing.assert_array_equal(found[name], value)
    assert (
        list(learned.encoder.config.vocabulary)
        == (read_json(topics.model / "assets.extra" / "model.json")["encoder"]["vocabulary"])
    )


@pytest.mark.parametrize("labels", [["dogs", "cats"], ["dogs", "cats", "pigs"]])
def test_other_labels_have_a_new_output_layer(
    no_training, topics, topic_weights, small_config, tmp_path, labels
):
    learned = started(dataset(labels), topics.model, small_config, tmp_path)
    assert learned.document["labels"] == sorted(labels)
    assert learned.model.config.classes == len(labels)
    for name, value in values(learned.model).items():
        before = topic_weights[name]
        kept = value.shape == before.shape and (value == before).all()
        assert kept == (not name.startswith("output/")), name


# Starting from language models.


class Begun(BaseException):
    """Ends a training before its first step."""


@pytest.fixture
def begin(task, tmp_path, monkeypatch):
    """Trains language models in earnest, and gives the classifier as it is before its first step.

    Its calls also say how many trainings of language models there have been.
    """
    from zoo.models.language_model import LanguageModel
    from zoo.training.fit import fit

    trained = []

    def until_the_classifier(model, *arguments):
        trained.append(model)
        if isinstance(model, LanguageModel):
            return fit(model, *arguments)
        raise Begun

    def begin(start=None, **changes):
        config = PretrainedConfig(
            **{
                "units": 4, "embedding_size": 3, "vocabulary_size": 60, "ngram_buckets": 0,
                "lm_streams": 2, "lm_window": 5, "lm_samples": 8, "lm_epochs": 1, **changes,
            }
        )  # fmt: skip
        with pytest.raises(Begun):
            task.train(config, dataset(["ham", "spam"]), None, start, "")
        count = sum(isinstance(model, LanguageModel) for model in trained)
        return values(trained[-1]), count

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("zoo.training.fit.fit", until_the_classifier)
    monkeypatch.setattr("zoo.training.fit.draw_curves", lambda *_: None)
    return begin


def test_classifiers_start_from_language_models_that_they_share(begin, topics):
    first, count = begin()
    assert count == 1
    (folder,) = (
        folder
        for folder in Path("runs/spam_detection").iterdir()
        if folder.name.startswith("language")
    )
    with np.load(folder / "best.npz") as archive:
        learned = [archive[name] for name in archive.files if name != "state"]
    found = {
        name for name, value in first.items() if any(np.array_equal(value, v) for v in learned)
    }
    assert found == {name for name in first if not name.startswith("output/")}

    # Other settings of the classifier alone.
    second, count = begin(dropout=0.2, mean=True, learning_rate=0.1)
    assert count == 1
    for name in found:
        assert np.array_equal(second[name], first[name])

    # Another language model, and none.
    assert begin(seed=1)[1] == 2
    without, count = begin(pretrained="none")
    assert count == 2
    assert not any(
        np.array_equal(without[name], first[name]) for name in found if "bias" not in name
    )
    begun, count = begin(start=topics.model)
    assert count == 2
    assert begun.keys() != first.keys()
    names = [folder.name for folder in Path("runs/spam_detection").iterdir()]
    assert sum(name.startswith("language-model-") for name in names) == 2
    assert len(names) == 2 + 5


# Figures and export.


def test_the_figures_are_those_of_the_answers(
    few_resamples, task, spam_model, spam_detector, sample
):
    found = task.evaluate(spam_model, task.datasets["sample"], "test")
    answers = [answer.label for answer in spam_detector(sample.test.texts)]
    pairs = list(zip(answers, sample.test.labels, strict=True))
    assert found["examples"] == len(pairs)
    assert found["accuracy"] == pytest.approx(np.mean([a == b for a, b in pairs]))
    assert found["false_positives"] == pairs.count(("spam", "ham"))
    assert found["false_negatives"] == pairs.count(("ham", "spam"))
    assert len(found["mcc_95"]) == 2


def test_labels_that_the_model_does_not_know_are_refused(task, topics):
    with pytest.raises(UserError, match=r"answers food, .*, and the data has the label 'ham'"):
        task.evaluate(topics.model, dataset(["food", "ham"]), "train")


def test_an_unknown_split_is_refused_before_the_data_is_read(task, topics):
    def load():
        raise AssertionError("read")

    with pytest.raises(
        UserError, match="unknown split 'trial': choose train, validation, test or all"
    ):
        task.evaluate(topics.model, dataset([], load=load), "trial")


def test_data_that_has_changed_is_not_what_a_run_was_trained_on(task, spam_run, tmp_path):
    changed = dataclasses.replace(task, datasets={"sample": dataset(["ham", "spam"], "sample")})
    with pytest.raises(UserError, match="sample has changed since the run"):
        changed.export(spam_run, tmp_path / "2")
    assert list(tmp_path.iterdir()) == []
