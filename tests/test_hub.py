"""Models by name and by path, and what they answer in Python."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import zoo
from zoo import hub
from zoo.errors import UserError
from zoo.forms import Classification, Explanation
from zoo.hub import ModelInfo

TEXTS = ["WIN a free prize now", "Dinner at ours?", "", "😀"]


@pytest.fixture(autouse=True)
def use_models(monkeypatch, models):
    monkeypatch.setenv("ZOO_MODELS", str(models))


def refusal(call, *args, **kwargs) -> str:
    with pytest.raises(UserError) as error:
        call(*args, **kwargs)
    message = str(error.value)
    assert "\n" not in message
    return message


def probabilities(model, texts):
    return np.array([list(answer.probabilities.values()) for answer in model(texts)])


# Finding.


def test_every_version_is_listed(models):
    found = zoo.list_models()
    assert [(info.task, info.version) for info in found] == [
        ("spam_detection", 2),
        ("spam_detection", 9),
        ("spam_detection", 10),
        ("topics", 1),
    ]
    assert all(isinstance(info, ModelInfo) and info.path.is_relative_to(models) for info in found)


def test_the_list_tells_what_a_model_is(spam_detector):
    spam, *_, topics = zoo.list_models()
    assert spam.title == "Is a text message spam?"
    assert (spam.cell, topics.cell) == ("bidirectional lstm", "simple_rnn")
    assert spam.parameters == spam_detector.keras_model().count_params()
    assert 0.1 < spam.megabytes < 5
    assert (spam.data, spam.licence) == ("sample", "Apache 2.0")
    assert (topics.data, topics.licence) == ("topics.csv", "the user's own")


def test_no_folder_of_models_is_an_empty_list(monkeypatch, tmp_path):
    monkeypatch.setenv("ZOO_MODELS", str(tmp_path / "nowhere"))
    assert zoo.list_models() == []


def test_the_greatest_version_is_taken(models):
    assert hub.find("spam_detection") == models / "spam_detection" / "10"
    assert zoo.load("spam_detection").path == models / "spam_detection" / "10"


def test_a_version_can_be_named(models):
    assert hub.find("spam_detection", 9) == models / "spam_detection" / "9"


@pytest.mark.parametrize("kind", [str, lambda path: path])
def test_a_path_is_a_version_or_a_folder_of_versions(models, kind):
    folder = models / "spam_detection"
    assert hub.find(kind(folder / "2")) == folder / "2"
    assert hub.find(kind(folder)) == folder / "10"
    assert hub.find(kind(folder), 9) == folder / "9"


def test_a_folder_of_a_models_name_does_not_hide_the_model(models, monkeypatch, tmp_path):
    (tmp_path / "spam_detection").mkdir()
    monkeypatch.chdir(tmp_path)
    assert hub.find("spam_detection") == models / "spam_detection" / "10"


def test_an_unknown_model_is_told_what_there_is(models):
    message = refusal(zoo.load, "span_detection")
    assert "unknown model 'span_detection'" in message
    assert message.endswith("has spam_detection, topics")


def test_an_unknown_model_is_told_that_there_is_none(monkeypatch, tmp_path):
    monkeypatch.setenv("ZOO_MODELS", str(tmp_path))
    assert refusal(zoo.load, "spam_detection").endswith("has none")


def test_an_unknown_version_is_told_which_there_are():
    message = refusal(zoo.load, "spam_detection", 3)
    assert "has no version 3: choose one of 2, 9, 10" in message


@pytest.mark.parametrize("name", ["drafts", "drafts/1", "nowhere/1"])
def test_a_folder_without_a_model_is_refused(models, name):
    assert "holds no SavedModel: give a folder with saved_model.pb" in refusal(
        zoo.load, models / name
    )


# Damage.


def remove(name):
    def change(path):
        (path / name).unlink()

    return change


def truncate(name):
    def change(path):
        content = (path / name).read_bytes()
        (path / name).write_bytes(content[: len(content) // 2])

    return change


def rewrite(name, content):
    def change(path):
        (path / name).write_text(content)

    return change


DATA = "variables/variables.data-00000-of-00001"
MODEL_JSON = "assets.extra/model.json"


@pytest.mark.parametrize(
    "change",
    [
        remove(DATA),
        truncate(DATA),
        remove("variables/variables.index"),
        truncate("variables/variables.index"),
        truncate("saved_model.pb"),
        rewrite("saved_model.pb", ""),
        remove(MODEL_JSON),
        truncate(MODEL_JSON),
        rewrite(MODEL_JSON, "[]"),
        rewrite(MODEL_JSON, "{}"),
        rewrite(MODEL_JSON, '{"form": "many_to_one"}'),
    ],
)
def test_a_damaged_model_is_refused_in_one_line(spam_copy, change):
    change(spam_copy)
    assert str(spam_copy) in refusal(zoo.load, spam_copy)


@pytest.mark.parametrize("content", ["{}", '{"title": "half', "[]"])
def test_damaged_facts_are_named_in_the_list(spam_copy, monkeypatch, content):
    (spam_copy / "assets.extra" / "facts.json").write_text(content)
    monkeypatch.setenv("ZOO_MODELS", str(spam_copy.parent.parent))
    assert "facts.json" in refusal(zoo.list_models)
    assert "unknown model 'other'" in refusal(zoo.load, "other")


def test_an_unknown_form_is_refused(spam_copy):
    (spam_copy / MODEL_JSON).write_text(json.dumps({"form": "many_to_naught"}))
    assert "'many_to_naught', which this version does not know" in refusal(zoo.load, spam_copy)


# Answers.


def test_an_answer_is_typed(spam_detector):
    answers = spam_detector(TEXTS)
    assert len(answers) == len(TEXTS)
    for answer in answers:
        assert isinstance(answer, Classification)
        assert list(answer.probabilities) == spam_detector.labels == ["ham", "spam"]
        assert all(type(p) is float for p in answer.probabilities.values())
        assert sum(answer.probabilities.values()) == pytest.approx(1, abs=1e-6)
        assert answer.label == max(answer.probabilities, key=answer.probabilities.get)


def test_three_labels_are_answered(topics):
    model = zoo.load(topics.model)
    for answer in model(["I dreamt of soup.", "platform nine?"]):
        assert list(answer.probabilities) == model.labels == ["food", "sport", "trains"]
        assert sum(answer.probabilities.values()) == pytest.approx(1, abs=1e-6)
        assert answer.label == max(answer.probabilities, key=answer.probabilities.get)


def test_an_explanation_is_typed(spam_detector):
    first, _, empty, _ = spam_detector.explain(TEXTS)
    assert isinstance(first, Explanation)
    assert "".join(first.tokens) == "WINafreeprizenow"
    assert len(first.weights) == len(first.tokens)
    assert all(type(weight) is float for weight in first.weights)
    assert empty == Explanation([], [])


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        " \t\n",
        "free " * 20_000,
        b"\xff\xfe\x80 caf\xe9",
        "a\x00b\x00",
        "😀👩‍👩‍👧‍👦",
        "مرحبا، هل أنت في البيت؟",
        "half a pair \ud83d",
        "\udcff",
    ],
    ids=ascii,
)
def test_any_text_gets_an_answer(spam_detector, text):
    first, second = spam_detector([text, "ok"])
    assert 0 <= first.probabilities["spam"] <= 1
    assert second.probabilities == pytest.approx(spam_detector(["ok"])[0].probabilities, abs=1e-5)
    (explanation,) = spam_detector.explain([text])
    assert np.isfinite(explanation.weights).all()


def test_str_and_bytes_are_the_same_text(spam_detector):
    first, second = probabilities(spam_detector, ["café £5", "café £5".encode()])
    np.testing.assert_allclose(first, second, atol=1e-6)


def test_any_number_of_texts_is_answered(spam_detector):
    assert spam_detector([]) == []
    assert spam_detector.explain([]) == []
    assert len(spam_detector(text for text in TEXTS)) == len(TEXTS)
    assert len(spam_detector(np.array(TEXTS))) == len(TEXTS)


@pytest.mark.parametrize("text", ["one text", b"one text"])
def test_one_text_alone_is_refused(spam_detector, text):
    for call in (spam_detector, spam_detector.explain, spam_detector.features):
        assert refusal(call, text).startswith("give a list of texts")


@pytest.mark.parametrize(("wrong", "name"), [(5, "int"), (None, "NoneType"), (["a"], "list")])
def test_what_is_no_text_is_refused(spam_detector, wrong, name):
    message = refusal(spam_detector, ["fine", wrong])
    assert message == f"a text is a str or bytes, and this is a {name}"


# The trainable model.


def test_the_keras_model_answers_as_the_saved_model(spam_detector, sample):
    import keras

    texts = [*sample.validation.texts[:40], "", "😀"]
    logits = spam_detector.keras_model()(spam_detector.features(texts))
    np.testing.assert_allclose(
        keras.ops.softmax(logits), probabilities(spam_detector, texts), atol=1e-5
    )


def test_the_keras_model_can_be_trained_further(spam_detector):
    import keras

    model = spam_detector.keras_model()
    x, y = spam_detector.features(TEXTS), np.array([0, 1, 1, 0])
    before = np.asarray(keras.ops.softmax(model(x)))
    # Eager: tracing takes longer than the step.
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.SGD(0.1), loss, run_eagerly=True)
    model.train_on_batch(x, y)
    after = np.asarray(keras.ops.softmax(model(x)))
    right = np.arange(4), y
    assert np.log(after[right]).sum() > np.log(before[right]).sum() + 1e-3
    np.testing.assert_allclose(probabilities(spam_detector, TEXTS), before, atol=1e-5)


def test_a_model_needs_no_tasks_and_the_import_no_tensorflow(monkeypatch, tmp_path):
    code = """
import sys
import zoo
assert "tensorflow" not in sys.modules and "keras" not in sys.modules
sys.modules["tasks"] = None
(info, *_) = zoo.list_models()
assert "tensorflow" not in sys.modules
model = zoo.load("spam_detection")
print(model(["WIN a free prize now"])[0].probabilities["spam"])
model.keras_model()
"""
    monkeypatch.setenv("PYTHONPATH", str(Path(zoo.__file__).parents[1]))
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    (expected,) = zoo.load("spam_detection")(TEXTS[:1])
    assert float(done.stdout) == pytest.approx(expected.probabilities["spam"], abs=1e-5)


def test_a_model_can_be_moved(spam_model, tmp_path, spam_detector):
    moved = shutil.copytree(spam_model, tmp_path / "a folder" / "7")
    np.testing.assert_allclose(
        probabilities(zoo.load(moved), TEXTS), probabilities(spam_detector, TEXTS), atol=1e-6
    )
