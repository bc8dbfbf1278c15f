import errno
import os

import pytest

from zoo.data.atomic import replacing
from zoo.errors import UserError


@pytest.fixture
def old(tmp_path):
    path = tmp_path / "file"
    path.write_text("old")
    return path


def test_a_file_is_replaced_when_all_is_written(old):
    with replacing(old) as beside:
        beside.write_text("new")
        assert old.read_text() == "old"
        assert beside.parent == old.parent  # else the rename may copy
    assert old.read_text() == "new"
    assert os.listdir(old.parent) == ["file"]  # noqa: PTH208


def test_folders_on_the_way_are_made(tmp_path):
    path = tmp_path / "a" / "b" / "file"
    with replacing(path) as beside:
        beside.write_text("new")
    assert path.read_text() == "new"


def test_a_folder_is_put_in_place_whole(tmp_path):
    path = tmp_path / "model" / "1"
    with replacing(path) as beside:
        (beside / "deep").mkdir(parents=True)
        (beside / "deep" / "file").write_text("new")
        assert not path.exists()
    assert (path / "deep" / "file").read_text() == "new"
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize("error", [ValueError("mistake"), KeyboardInterrupt()])
def test_on_an_error_the_old_file_stands_and_nothing_lies_beside_it(old, error):
    with pytest.raises(type(error)) as raised, replacing(old) as beside:
        beside.write_text("half")
        raise error
    assert raised.value is error
    assert old.read_text() == "old"
    assert list(old.parent.iterdir()) == [old]


def test_on_an_error_no_folder_is_left(tmp_path):
    with pytest.raises(ValueError, match="mistake"), replacing(tmp_path / "model") as beside:
        (beside / "deep").mkdir(parents=True)
        (beside / "deep" / "file").write_text("half")
        raise ValueError("mistake")
    assert list(tmp_path.iterdir()) == []


def full(*_):
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_a_full_disk_is_one_line_and_keeps_the_old_file(old, monkeypatch):
    expected = (
        f"could not write {old}: {os.strerror(errno.ENOSPC)}; what stood there before is kept"
    )
    with pytest.raises(UserError) as error, replacing(old) as beside:
        beside.write_text("half")
        full()
    assert str(error.value).startswith(expected)
    assert "\n" not in str(error.value)
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(UserError) as error, replacing(old) as beside:
        beside.write_text("all, but not on the disk")
    assert str(error.value).startswith(expected)
    assert old.read_text() == "old"
    assert list(old.parent.iterdir()) == [old]


def test_a_folder_that_is_in_the_way_is_kept(tmp_path):
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "mine").write_text("mine")
    with pytest.raises(UserError), replacing(tmp_path / "model") as beside:
        beside.mkdir()
        (beside / "new").write_text("new")
    assert [path.name for path in tmp_path.iterdir()] == ["model"]
    assert (tmp_path / "model" / "mine").read_text() == "mine"


def test_a_file_where_a_folder_should_be_is_one_line(old):
    with pytest.raises(UserError, match=f"could not write {old}/below: "), replacing(old / "below"):
        pass
