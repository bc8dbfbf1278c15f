import io

import pytest
from PIL import Image

from zoo.errors import UserError
from zoo.training.curves import draw_curves
from zoo.training.run import RunFolder, read_json, write_json

CONFIG = {"task": "spam", "units": 3, "sizes": (1, 2), "start": None}


def message(function, *arguments):
    with pytest.raises(UserError) as error:
        function(*arguments)
    return str(error.value)


def test_a_new_folder_is_made_and_the_same_config_opens_it_again(tmp_path):
    path = tmp_path / "runs" / "new"
    run = RunFolder.open(path, CONFIG)
    assert RunFolder.open(path, {**CONFIG, "sizes": [1, 2]}) == run
    assert read_json(run.config_file) == {**CONFIG, "sizes": [1, 2]}


def test_an_empty_folder_will_do(tmp_path):
    assert RunFolder.open(tmp_path, CONFIG).config_file.exists()


def test_another_config_is_refused_by_the_names_of_what_differs(tmp_path):
    RunFolder.open(tmp_path, CONFIG)
    before = (tmp_path / "config.json").read_bytes()
    other = {"task": "spam", "units": 4, "sizes": (1, 2), "start": None, "cell": "gru"}
    assert message(RunFolder.open, tmp_path, other) == (
        f"the run in {tmp_path} was made with another cell, units: "
        "choose another --run, or delete that folder"
    )
    assert (tmp_path / "config.json").read_bytes() == before


def test_a_folder_of_something_else_is_refused_and_left_alone(tmp_path):
    (tmp_path / ".mine.partial").write_text("mine")
    assert message(RunFolder.open, tmp_path, CONFIG) == (
        f"{tmp_path} is not empty and holds no run: choose another --run"
    )
    assert [path.name for path in tmp_path.iterdir()] == [".mine.partial"]


def test_what_killed_processes_left_is_swept_away(tmp_path):
    (tmp_path / ".config.json.17.partial").write_text("{")
    RunFolder.open(tmp_path, CONFIG)
    (tmp_path / ".checkpoint.npz.18.partial").write_text("half")
    RunFolder.open(tmp_path, CONFIG)
    assert [path.name for path in tmp_path.iterdir()] == ["config.json"]


def test_only_a_run_that_has_ended_is_finished(tmp_path):
    assert message(RunFolder.finished, tmp_path) == (
        f"{tmp_path} holds no run: give the folder that `zoo train` named"
    )
    run = RunFolder.open(tmp_path, CONFIG)
    assert message(RunFolder.finished, tmp_path) == (
        f"the run in {tmp_path} has not ended: give its `zoo train` command again"
    )
    write_json(run.result_file, {})
    assert RunFolder.finished(tmp_path) == run


def test_a_missing_or_broken_document_is_named(tmp_path):
    path = tmp_path / "facts.json"
    assert message(read_json, path) == f"{path} is missing: is {tmp_path} the folder you mean?"
    path.write_bytes(b"{\xff")
    assert message(read_json, path).startswith(f"{path} cannot be read: ")
    write_json(path, {"text": "é"})
    assert read_json(path) == {"text": "é"}
    assert "é" in path.read_text(encoding="utf-8")


def test_the_history_has_a_line_for_each_epoch(tmp_path):
    run = RunFolder(tmp_path)
    rows = [{"epoch": 1.0, "loss": 0.1 + 0.2}, {"epoch": 2.0, "loss": 1e-9}]
    run.write_history(rows)
    run.write_history(rows)
    lines = run.history_file.read_text().splitlines()
    assert lines == ["epoch,loss", "1.0,0.30000000000000004", "2.0,1e-09"]


@pytest.mark.parametrize(
    "row", [{"epoch": 1, "loss": 1.0}, {"epoch": 1, "loss": 1, "val_loss": 2, "val_accuracy": 0.5}]
)
def test_curves_are_a_picture_of_the_history(tmp_path, row):
    path = tmp_path / "curves.png"
    draw_curves([row], path)
    one = path.read_bytes()
    draw_curves([row, {**row, "epoch": 2, "loss": 3}], path)
    assert path.read_bytes() != one
    picture = Image.open(io.BytesIO(one))
    assert (picture.format, picture.size) == ("PNG", (1080, 420))
    assert [file.name for file in tmp_path.iterdir()] == ["curves.png"]
