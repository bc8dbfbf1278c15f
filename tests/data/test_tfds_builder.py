from pathlib import Path

import pytest

from zoo.data.tfds_builder import data_folder, prepare
from zoo.errors import UserError


def test_the_data_folder_is_the_users_choice(monkeypatch):
    monkeypatch.setenv("ZOO_DATA", "~/data")
    assert data_folder() == Path.home() / "data"
    monkeypatch.setenv("ZOO_DATA", "")
    assert data_folder() == Path.home() / ".cache/rnn-zoo"


def test_a_folder_that_cannot_be_made_is_one_line(monkeypatch, tmp_path):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("ZOO_DATA", f"{tmp_path}/file/data")

    class Builder: ...

    with pytest.raises(UserError, match=r"Builder could not be prepared in .*: make room") as error:
        prepare(Builder)
    assert "\n" not in str(error.value)
