import hashlib
from pathlib import Path

import pytest

from zoo.data.mirror import mirrored
from zoo.errors import UserError

CONTENT = b"some data\n"
CHECKSUM = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture
def mirror(tmp_path, monkeypatch) -> Path:
    (tmp_path / "set").mkdir()
    (tmp_path / "set/data").write_bytes(CONTENT)
    (tmp_path / "SHA256SUMS").write_text(f"{'0' * 64}  set/other\n{CHECKSUM}  set/data\n")
    monkeypatch.setenv("ZOO_MIRROR", str(tmp_path))
    return tmp_path


@pytest.mark.parametrize("value", [None, ""])
def test_without_a_mirror_there_is_no_file(monkeypatch, value):
    if value is None:
        monkeypatch.delenv("ZOO_MIRROR", raising=False)
    else:
        monkeypatch.setenv("ZOO_MIRROR", value)
    assert mirrored("set/data") is None


@pytest.mark.parametrize("line", ["  set/data", " *set/data", "  ./set/data"])
def test_finds_a_listed_file(mirror, line):
    (mirror / "SHA256SUMS").write_text(f"{CHECKSUM}{line}\n")
    assert mirrored("set/data") == mirror / "set/data"


def test_refuses_a_folder_that_does_not_exist(mirror, monkeypatch):
    monkeypatch.setenv("ZOO_MIRROR", f"{mirror}/nowhere")
    with pytest.raises(UserError, match=r"ZOO_MIRROR=.*nowhere is not a folder: name the mirror"):
        mirrored("set/data")


def test_refuses_a_folder_without_checksums(mirror):
    (mirror / "SHA256SUMS").unlink()
    with pytest.raises(UserError, match=r"has no SHA256SUMS: copy the mirror"):
        mirrored("set/data")


def test_refuses_a_file_that_is_not_listed(mirror):
    (mirror / "SHA256SUMS").write_text(f"{CHECKSUM}  another/set/data\n")
    with pytest.raises(UserError, match=r"SHA256SUMS does not list set/data: copy"):
        mirrored("set/data")


def test_refuses_a_listed_file_that_is_missing(mirror):
    (mirror / "set/data").unlink()
    with pytest.raises(UserError, match=r"set/data is missing: copy it into the mirror again"):
        mirrored("set/data")


@pytest.mark.parametrize("content", [CONTENT[:-1], CONTENT.upper(), b""])
def test_refuses_a_truncated_or_changed_file(mirror, content):
    (mirror / "set/data").write_bytes(content)
    with pytest.raises(
        UserError, match=r"set/data is truncated or was changed .* copy it"
    ) as error:
        mirrored("set/data")
    assert "\n" not in str(error.value)
