"""`zoo gradients` on small data: its tables, its pictures, and what it refuses."""

import shutil

import numpy as np
import pytest

from zoo.analysis.compare import read_table
from zoo.analysis.gradient_pictures import summaries
from zoo.data.examples import LabelledTexts, Splits
from zoo.errors import UserError
from zoo.recipes import exploding, gradients
from zoo.recipes.task import Dataset, find_task
from zoo.training.run import read_json, write_json


@pytest.fixture(autouse=True)
def smaller(monkeypatch, tmp_path):
    """A moment instead of minutes, and the tables in a folder of the test's own."""
    for name, value in {"units": 4, "embedding_size": 4, "epochs": 1}.items():
        monkeypatch.setitem(gradients._SMALL, name, value)
    monkeypatch.setattr(exploding, "_STEPS", 3)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def run_copy(topics, tmp_path):
    return shutil.copytree(topics.run, tmp_path / "copy")


def measured(task, topics, *runs):
    folder = task.gradients(task.user_data(topics.file), runs)
    return read_table(folder / "gradients.csv"), summaries(folder)


def test_small_models_are_trained_and_measured(cli, topics, tmp_path):
    result = cli("gradients", "spam_detection", "--data", topics.file)
    assert result.exit_code == 0, result.output
    folder = tmp_path / "runs" / "gradients" / "spam_detection"
    rows = read_table(folder / "gradients.csv")
    lines = {(row["model"], row["when"], row["layer"]) for row in rows}
    assert len(lines) == 2 * 2 * 2
    assert {model for model, *_ in lines} == {"SimpleRNN", "LSTM"}
    assert all(float(row["low"]) <= float(row["norm"]) <= float(row["high"]) for row in rows)
    gates = read_table(folder / "forget_gates.csv")
    assert {row["model"] for row in gates} == {"LSTM"}
    before = [float(row["forget_gate"]) for row in gates if row["when"] == "before training"]
    assert np.mean(before) == pytest.approx(1 / (1 + np.exp(-1)), abs=0.02)  # a bias of 1
    assert len(read_table(folder / "exploding.csv")) <= 3 * 3
    for name in ("gradients", "forget_gates", "exploding"):
        picture = (folder / f"{name}.png").read_bytes()
        assert picture.startswith(b"\x89PNG")
        assert len(picture) < 60_000
    for table in summaries(folder).values():
        assert table in result.stdout


def test_a_run_is_measured_and_one_that_is_not_finite_told_beside_it(task, topics, run_copy):
    best = run_copy / "best.npz"
    with np.load(best) as archive:
        arrays = {name: archive[name] for name in archive.files}
    weights = {name: array for name, array in arrays.items() if array.dtype == np.float32}
    np.savez(best, **arrays | {name: np.full_like(w, np.nan) for name, w in weights.items()})
    rows, said = measured(task, topics, topics.run, run_copy)
    finite = {str(topics.run): True, str(run_copy): False}
    for row in rows:
        good = finite[row["model"]] or row["when"] == "before training"
        assert np.isfinite(float(row["norm"])) == good
    assert f"| {run_copy}, after training, layer 1 | not finite |" in said["gradients"]
    assert said["forget_gates"].count("\n") == 2  # a SimpleRNN has none


def test_a_run_without_checkpoints_is_told(task, topics, run_copy):
    (run_copy / "best.npz").unlink()
    with pytest.raises(UserError, match="copy holds no checkpoint: give its `zoo train` command"):
        measured(task, topics, run_copy)


def test_so_is_a_folder_of_something_else(task, topics, tmp_path):
    with pytest.raises(UserError, match=r"model.json is missing: is .* the folder you mean"):
        measured(task, topics, tmp_path)


def test_so_is_a_run_of_an_mlp(task, topics, run_copy):
    document = read_json(run_copy / "model.json")
    document["model"] |= {"window": 3, "bare": True}
    write_json(run_copy / "model.json", document)
    with pytest.raises(UserError, match="is no recurrent network of the form many to one"):
        measured(task, topics, run_copy)


def test_so_are_labels_that_the_model_does_not_know(task, spam_run, topics):
    with pytest.raises(UserError, match=r"does not know the label 'food' of the data"):
        measured(task, topics, spam_run)


def test_so_are_texts_of_one_token(task, topics):
    part = LabelledTexts(["a", "", "a", "a"], ["food", "sport", "trains", "food"])
    short = Dataset("short", lambda: Splits(part, part, part), "letters", "the user's own")
    with pytest.raises(UserError, match="are of one token: there is no past for a gradient"):
        task.gradients(short, [topics.run])


def test_a_task_of_another_form_is_told():
    task = find_task("translation")
    with pytest.raises(UserError, match="translation is not many to one: gradients are measured"):
        task.gradients(task.datasets["sample"], [])
