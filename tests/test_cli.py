"""The `zoo` command: what it prints, and what it says of a user's mistakes."""

import functools
import json
import os
import re
import runpy
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import zoo
from zoo import hub
from zoo.training.run import read_json

ROOT = Path(zoo.__file__).parents[1]
GOOD = "text,label\n" + "".join(f"soup {n},food\nplatform {n},trains\n" for n in range(6))


@pytest.fixture(autouse=True)
def surroundings(monkeypatch, tmp_path, few_resamples):
    """No model, no data and no runs but a test's own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ZOO_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("ZOO_MODELS", str(tmp_path / "no models"))
    monkeypatch.setenv("ZOO_MIRROR", "")  # set, so that what --mirror sets is taken back
    monkeypatch.setattr(hub, "load", lambda model, *version: opened(hub.find(model, *version)))


@functools.cache
def opened(path):
    """Loading is `test_hub`'s matter, and takes a second."""
    return hub.TextClassifier(path)


@pytest.fixture
def table(tmp_path):
    def write(content, name="data.csv"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


def document(result):
    """The one JSON document on standard output."""
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def mistake(result) -> str:
    """The one line on standard error."""
    assert isinstance(result.exception, SystemExit), result.exception
    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr.count("\n") == 1, result.stderr
    assert result.stderr.startswith("zoo: ")
    return result.stderr.strip()


# Help.


def run_python(*args):
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        [sys.executable, *args], env=environment, capture_output=True, text=True, check=False
    )


def test_help_does_not_import_tensorflow():
    code = """
import sys
from zoo.cli import zoo
for args in (["--help"], ["train", "spam_detection", "--help"], ["predict", "--help"]):
    try:
        zoo(args)
    except SystemExit as done:
        assert done.code == 0
print(sorted({"tensorflow", "keras", "sklearn", "tensorflow_datasets"} & sys.modules.keys()))
"""
    done = run_python("-c", code)
    assert done.stdout.endswith("\n[]\n"), done.stderr


def test_help_shows_the_examples_line_by_line(cli):
    shown = cli("--help").stdout
    assert "\n    zoo list\n" in shown
    assert "\\b" not in shown


def test_the_training_script_is_zoo_train():
    done = run_python("-m", "tasks.spam_detection.train", "--help")
    assert done.returncode == 0
    assert "Usage: zoo train " in done.stdout
    assert "--units" in done.stdout


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("--units 8", "--units 8"),
        ("--mirror somewhere --units 8", "--units 8"),
        ("--units 8 --mirror=/some/where", "--units 8"),
        ("--data /home/me/texts.csv", "--data texts.csv"),
        ("--data=/home/me/texts.csv", "--data=texts.csv"),
    ],
)
def test_the_training_script_notes_a_command_without_folders(monkeypatch, task, given, said):
    noted = {}
    monkeypatch.setenv("ZOO_MIRROR", "")  # set, so that what --mirror sets is taken back
    monkeypatch.setattr(type(task), "train", lambda *_, **given: noted.update(given) or Path("run"))
    monkeypatch.setattr(sys, "argv", ["train.py", *given.split()])
    with pytest.raises(SystemExit):
        runpy.run_module("tasks.spam_detection.train", run_name="__main__")
    assert noted["command"] == f"zoo train spam_detection {said}"


def test_each_setting_is_an_option(cli, task):
    shown = cli("train", "spam_detection", "--help").stdout
    for name in vars(task.config):
        assert f"--{name.replace('_', '-')}" in shown


# Answers.


def test_list_prints_what_there_is(cli, models, monkeypatch):
    monkeypatch.setenv("ZOO_MODELS", str(models))
    found = document(cli("list", "--json"))
    assert [(info["task"], info["version"]) for info in found] == [
        ("spam_detection", 2),
        ("spam_detection", 9),
        ("spam_detection", 10),
        ("topics", 1),
    ]
    monkeypatch.setenv("COLUMNS", "200")
    shown = cli("list").stdout
    assert "spam_detection" in shown
    assert "Apache 2.0" in shown


def test_list_of_no_models_is_empty(cli):
    assert document(cli("list", "--json")) == []


def test_predict_answers_arguments(cli, spam_model, spam_detector):
    texts = ["WIN a free prize now", "Dinner at ours?"]
    rows = document(cli("predict", "spam_detection", "--model", spam_model, "--json", *texts))
    assert [row["input"] for row in rows] == texts
    for row, answer in zip(rows, spam_detector(texts), strict=True):
        assert row["label"] == answer.label
        assert row["probabilities"] == pytest.approx(answer.probabilities, abs=1e-5)
        assert "explanation" not in row


def test_predict_finds_the_model_by_name(cli, models, monkeypatch):
    monkeypatch.setenv("ZOO_MODELS", str(models))
    (row,) = document(cli("predict", "topics", "--json", "I dreamt of soup."))
    assert set(row["probabilities"]) == {"food", "sport", "trains"}


def test_predict_answers_lines_of_any_bytes(cli, spam_model):
    lines = b"WIN a prize\r\n\ncaf\xe9 \x00\n  spaces  \n\xf0\x9f\x98\x80"
    rows = document(cli("predict", "spam_detection", "--model", spam_model, "--json", input=lines))
    inputs = [row["input"] for row in rows]
    assert inputs == ["WIN a prize", "", "caf\ufffd \x00", "  spaces  ", "😀"]


def test_predict_answers_more_lines_than_a_batch(cli, spam_model, spam_detector):
    lines = "".join(f"message {n}\n" for n in range(600))
    rows = document(cli("predict", "spam_detection", "--model", spam_model, "--json", input=lines))
    assert [row["input"] for row in rows] == lines.splitlines()
    (last,) = spam_detector(["message 599"])
    assert rows[-1]["probabilities"] == pytest.approx(last.probabilities, abs=1e-5)


def test_predict_answers_no_lines(cli, spam_model):
    given = ("predict", "spam_detection", "--model", spam_model)
    assert document(cli(*given, "--json", input="")) == []
    assert cli(*given, input="").stdout == ""


@pytest.mark.parametrize("options", [[], ["--json"], ["--explain"]])
def test_predict_answers_an_argument_that_is_no_utf8(cli, spam_model, options):
    # How Python hands over the byte 0xe9.
    result = cli("predict", "spam_detection", "--model", spam_model, *options, "caf\udce9")
    assert result.exit_code == 0, result.exception
    assert "caf" in result.stdout.replace(" ", "")


def test_predict_explains(cli, spam_model, spam_detector):
    given = ("predict", "spam_detection", "--model", spam_model, "--explain")
    (row,) = document(cli(*given, "--json", "WIN a free prize"))
    (expected,) = spam_detector.explain(["WIN a free prize"])
    assert row["explanation"]["tokens"] == expected.tokens
    assert row["explanation"]["weights"] == pytest.approx(expected.weights, abs=1e-4)
    shown = cli(*given, "WIN a free prize", "").stdout
    assert all(token in shown for token in expected.tokens)
    assert f"({sum(expected.weights):+.1f})" in shown


def test_predict_shows_markup_as_it_is(cli, spam_model):
    text = "pay [bold]now[/bold] :smile: [/]"
    shown = cli("predict", "spam_detection", "--model", spam_model, text).stdout
    assert text in shown


def test_evaluate_measures_a_split(cli, spam_model, sample):
    given = ("evaluate", "spam_detection", "--model", spam_model, "--dataset", "sample")
    found = document(cli(*given, "--json"))
    assert (found["dataset"], found["split"]) == ("sample", "validation")
    assert found["model"] == str(spam_model)
    assert found["metrics"]["examples"] == len(sample.validation)
    low, high = found["metrics"]["mcc_95"]
    shown = cli(*given).stdout
    assert re.search(f"accuracy +{found['metrics']['accuracy']:.4f}\n", shown)
    assert re.search(f"mcc_95 +{low:.4f} to {high:.4f}\n", shown)


def test_a_users_file_with_three_labels_trains_and_answers(cli, topics):
    assert str(topics.model) in topics.said
    rows = document(cli("predict", "spam_detection", "--model", topics.model, "--json", "soup", ""))
    assert {tuple(row["probabilities"]) for row in rows} == {("food", "sport", "trains")}
    found = document(
        cli(
            "evaluate", "spam_detection", "--model", topics.model, "--data", topics.file, "--json",
            "--split", "train",
        )
    )  # fmt: skip
    assert found["metrics"]["examples"] == 30
    assert 0 <= found["metrics"]["macro_f1"] <= 1


def test_a_training_can_start_from_a_model_of_other_labels(cli, topics, table, tmp_path):
    run = tmp_path / "run"
    result = cli(
        "train", "spam_detection", "--data", table(GOOD), "--from", topics.model, "--run", run,
        "--epochs", "1",
    )  # fmt: skip
    assert result.exit_code == 0, result.output
    extra = run / "spam_detection" / "1" / "assets.extra"
    document, start = (
        read_json(folder / "model.json") for folder in (extra, topics.model / "assets.extra")
    )
    assert document["labels"] == ["food", "trains"]
    assert document["encoder"] == start["encoder"]
    facts = read_json(extra / "facts.json")
    # Those of the model started from, not of the config.
    assert (facts["cell"], facts["bidirectional"]) == ("simple_rnn", False)


def test_a_training_can_be_prepared_for_another_machine(cli, table, tmp_path):
    run = tmp_path / "run"
    result = cli("train", "spam_detection", "--data", table(GOOD), "--run", run, "--prepare")
    assert result.exit_code == 0, result.output
    assert f"python -m zoo.recipes.elsewhere {run}\n" in result.stdout
    assert {path.name for path in run.iterdir()} == {"config.json", "model.json", "lesson.npz"}


def test_a_finished_run_is_exported_with_its_figures(cli, spam_run, spam_model, tmp_path):
    path = tmp_path / "shipped" / "spam_detection" / "2"
    result = cli("export", spam_run, path)
    assert result.exit_code == 0, result.output
    assert str(path) in result.stdout
    extra = path / "assets.extra"
    facts = read_json(extra / "facts.json")
    assert set(facts["metrics"]) == {"validation", "test"}
    assert 0 < facts["metrics"]["test"]["accuracy"] <= 1
    before, after = (
        read_json(folder / "golden.json")["requests"][0]["outputs"]["spam_probability"]
        for folder in (spam_model / "assets.extra", extra)
    )
    assert after == pytest.approx(before, abs=1e-6)
    assert "exists and is not overwritten" in mistake(cli("export", spam_run, path))


def test_verify_passes_a_good_model(cli, topics):
    found = document(cli("verify", topics.model, "--json"))
    assert found["ok"] is True
    assert found["saved_model"] == str(topics.model)


def test_verify_fails_a_broken_model(cli, spam_copy):
    shutil.rmtree(spam_copy / "variables")
    result = cli("verify", spam_copy, "--json")
    assert result.exit_code == 1
    assert json.loads(result.stdout)["ok"] is False
    result = cli("verify", spam_copy)
    assert result.exit_code == 1
    assert re.search("FAILED +variables", result.stdout)


# Mistakes.


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["nonsense"], "No such command 'nonsense'"),
        (["--nonsense"], "No such option"),
        (["train"], "Missing argument 'TASK'"),
        (["train", "juggling"], "unknown task 'juggling': choose one of chatbot, "),
        (["train", "spam_detection", "--nonsense", "1"], "No such option"),
        (["train", "spam_detection", "--units"], "--units"),
        (["train", "spam_detection", "--units", "many"], "'many' is not a valid integer"),
        (["train", "spam_detection", "--dataset", "mnist"], "choose one of sms_spam, sample"),
        (["train", "spam_detection", "--dataset", "sample", "--data", "d.csv"], "not both"),
        (["train", "spam_detection", "--dataset", "sample", "--from", "mine"], "unknown model"),
        (["train", "spam_detection", "--data", "nowhere.csv"], "nowhere.csv does not exist"),
        (["train", "spam_detection", "--mirror", "nowhere"], "nowhere is not a folder"),
        (["predict", "juggling", "a"], "unknown model 'juggling'"),
        (["predict", "spam_detection", "--model", "no/model", "a"], "holds no SavedModel"),
        (["evaluate", "juggling"], "unknown task 'juggling'"),
        (["evaluate", "spam_detection"], "unknown model 'spam_detection'"),
        (["evaluate", "spam_detection", "--dataset", "a", "--data", "b"], "not both"),
        (["evaluate", "spam_detection", "--dataset", "mnist"], "unknown data set 'mnist'"),
        (["export", "nowhere", "1"], "nowhere holds no run"),
        (["verify", "nowhere"], "nowhere is no folder"),
        (["compare", "juggling"], "unknown task 'juggling'"),
        (["compare", "translation", "--rows", "transformer"], "unknown row 'transformer': choose"),
        (["gradients", "juggling"], "unknown task 'juggling'"),
        (["gradients", "translation", "--dataset", "sample"], "translation is not many to one"),
        (["gradients", "spam_detection", "--dataset", "sample", "--run", "nowhere"],
         "is nowhere the folder you mean?"),
        (["train", "spam_detection", "--data", "nowhere.csv", "--window", "9"], "give --bare"),
    ],
    ids=lambda given: " ".join(given) if isinstance(given, list) else "",
)  # fmt: skip
def test_a_mistake_is_told_in_one_line(cli, args, said):
    assert said in mistake(cli(*args))


@pytest.mark.parametrize(
    ("option", "value"),
    [("--units", "0"), ("--dropout", "2"), ("--dropout", "nan"), ("--cell", "transformer"),
     ("--learning-rate", "0"), ("--learning-rate", "nan"), ("--longest-ngram", "0"),
     ("--seed", "-1"), ("--seed", str(2**32)), ("--label-smoothing", "1")],
)  # fmt: skip
def test_a_setting_out_of_range_is_told_before_the_data_is_read(cli, option, value):
    message = mistake(cli("train", "spam_detection", "--data", "nowhere.csv", option, value))
    assert option.strip("-").replace("-", "_") in message
    assert "nowhere.csv" not in message


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (GOOD + ",food\nno label\n", "has bad rows (2): line 14: empty 'text'; line 15: fields"),
        (GOOD.replace("text,", "message,"), "needs one column 'text'"),
        (GOOD.replace("trains", "food"), "every label is 'food'"),
        (GOOD.encode("utf-16"), "is not UTF-8 at byte 0"),
        ("text,label\nsoup,food\ntram,trains\n", "each label needs 4 different texts"),
        ("", "is empty: add rows"),
    ],
    ids=["bad rows", "no column", "one label", "encoding", "few rows", "empty"],
)
@pytest.mark.parametrize("command", ["train", "evaluate"])
def test_a_bad_file_is_told_in_one_line(cli, table, topics, command, content, said):
    model = ["--model", topics.model] if command == "evaluate" else []
    assert said in mistake(cli(command, "spam_detection", "--data", table(content), *model))
    assert not Path("runs").exists()


def test_the_options_may_stand_before_the_task(cli):
    result = cli("train", "--dataset", "mnist", "--units", "3", "spam_detection")
    assert "unknown data set 'mnist'" in mistake(result)


def test_the_run_of_another_config_is_not_gone_on_with(cli, spam_run):
    before = (spam_run / "config.json").read_bytes()
    given = ("train", "spam_detection", "--dataset", "sample", "--run", spam_run)
    message = mistake(cli(*given, "--units", "9"))
    assert "was made with another" in message
    assert "units" in message
    assert (spam_run / "config.json").read_bytes() == before


def test_a_folder_of_something_else_is_no_run(cli, tmp_path):
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "me.jpg").write_bytes(b"")
    given = ("train", "spam_detection", "--dataset", "sample", "--run")
    assert "is not empty and holds no run" in mistake(cli(*given, tmp_path / "photos"))
    assert "me.jpg" in mistake(cli(*given, tmp_path / "photos" / "me.jpg"))
    assert "holds no run" in mistake(cli("export", tmp_path / "photos", tmp_path / "1"))


def test_a_run_that_has_not_ended_is_not_exported(cli, spam_run, tmp_path):
    run = shutil.copytree(spam_run, tmp_path / "run")
    (run / "result.json").unlink()
    message = mistake(cli("export", run, tmp_path / "1"))
    assert "has not ended: give its `zoo train` command again" in message


def test_a_run_on_a_users_data_is_exported_with_its_figures(cli, topics, tmp_path):
    assert cli("export", topics.run, tmp_path / "topics" / "1").exit_code == 0
    facts = json.loads((tmp_path / "topics" / "1" / "assets.extra" / "facts.json").read_text())
    assert facts["metrics"]["test"]["examples"] > 0
    assert "macro_f1" in facts["metrics"]["test"]


def test_a_version_is_a_number(cli, spam_run, tmp_path):
    assert "is no version" in mistake(cli("export", spam_run, tmp_path / "best"))


def test_an_unknown_split_is_told_before_anything_is_downloaded(cli, spam_model):
    given = ("evaluate", "spam_detection", "--model", spam_model, "--mirror", "nowhere")
    assert "unknown split 'trial': choose train" in mistake(cli(*given, "--split", "trial"))


def test_labels_that_the_model_does_not_know_are_told(cli, spam_model, topics):
    given = ("evaluate", "spam_detection", "--model", spam_model, "--data", topics.file)
    assert "answers ham, spam, and the data has the label 'food'" in mistake(cli(*given))


def test_a_damaged_model_is_told_in_one_line(cli, spam_copy):
    (spam_copy / "variables" / "variables.index").unlink()
    given = ("predict", "spam_detection", "--model", spam_copy, "a")
    assert "is damaged: get it again" in mistake(cli(*given))
