import hashlib
import io
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
import requests

from zoo.data.sources import Source, fetch
from zoo.errors import UserError

CONTENT = b"ham\thello\n"
URL = "http://set.test/set.zip"
SOURCE = Source(
    name="A Set",
    homepage="http://set.test",
    url=URL,
    member="data",
    mirror_path="set/data",
    sha256=hashlib.sha256(CONTENT).hexdigest(),
    counts={"lines": 1, "ham": 1},
    licence="CC0",
    citation="@misc{set}",
    note="",
)


def zipped(**members: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()


class Manager:
    """Stands in for the download manager: keeps what the address gives."""

    def __init__(self, archive: Path, content: bytes):
        self.archive = archive
        self.content = content

    def download(self, url: str) -> Path:
        assert url == URL
        self.archive.write_bytes(self.content)
        self.archive.with_name("set.zip.INFO").write_text("{}")
        return self.archive


@pytest.fixture
def answer(monkeypatch):
    """The answer of the canonical address to a knock."""
    answer = requests.Response()
    answer.status_code = 200
    answer.raw = io.BytesIO()
    monkeypatch.setattr(requests, "get", lambda *_, **__: answer)
    monkeypatch.delenv("ZOO_MIRROR", raising=False)
    return answer


def test_reads_the_member_of_the_canonical_archive(answer, tmp_path):
    manager = Manager(tmp_path / "set.zip", zipped(readme=b"x", data=CONTENT))
    assert fetch(SOURCE, manager) == CONTENT
    assert manager.archive.exists()


@pytest.mark.parametrize(
    ("download", "reason"),
    [
        (zipped(data=b"ham\tother\n"), "A Set is not the published set: the SHA-256 of data is"),
        (zipped(readme=CONTENT), "the download is no whole zip archive with data in it"),
        (zipped(data=CONTENT)[:-30], "the download is no whole zip archive"),
        (zipped(data=CONTENT).replace(CONTENT, b"HAM\thello\n"), "no whole zip archive"),
        (b"<html>Log in to this network</html>", "the download is no whole zip archive"),
    ],
)
def test_throws_a_wrong_download_away(answer, tmp_path, download, reason):
    manager = Manager(tmp_path / "set.zip", download)
    with pytest.raises(UserError) as error:
        fetch(SOURCE, manager)
    assert reason in str(error.value)
    assert f"run this again to download it from {URL}, or set ZOO_MIRROR" in str(error.value)
    assert "\n" not in str(error.value)
    assert list(tmp_path.iterdir()) == []


def test_a_refused_request_names_the_address_and_the_mirror(answer, tmp_path):
    answer.status_code = 404
    with pytest.raises(UserError) as error:
        fetch(SOURCE, Manager(tmp_path / "set.zip", b""))
    assert "A Set could not be downloaded (status 404): check the network" in str(error.value)
    assert URL in str(error.value)
    assert "set ZOO_MIRROR to a folder that holds set/data and SHA256SUMS" in str(error.value)


def test_no_network_is_one_line(monkeypatch, tmp_path):
    def unreachable(*_, **__):
        raise requests.ConnectionError("several\nlines")

    monkeypatch.setattr(requests, "get", unreachable)
    monkeypatch.delenv("ZOO_MIRROR", raising=False)
    with pytest.raises(UserError, match=r"could not be downloaded \(ConnectionError\)") as error:
        fetch(SOURCE, Manager(tmp_path / "set.zip", b""))
    assert "\n" not in str(error.value)


def make_mirror(folder: Path, content: bytes) -> None:
    (folder / "set").mkdir()
    (folder / "set/data").write_bytes(content)
    (folder / "SHA256SUMS").write_text(f"{hashlib.sha256(content).hexdigest()}  set/data\n")


def test_a_mirror_needs_no_network(monkeypatch, tmp_path):
    def forbidden(*_, **__):
        raise AssertionError("the network was used")

    make_mirror(tmp_path, CONTENT)
    monkeypatch.setenv("ZOO_MIRROR", str(tmp_path))
    monkeypatch.setattr(requests, "get", forbidden)
    monkeypatch.setattr(Manager, "download", forbidden)
    assert fetch(SOURCE, Manager(tmp_path / "set.zip", b"")) == CONTENT


def test_a_mirror_with_other_data_is_refused(monkeypatch, tmp_path):
    make_mirror(tmp_path, b"ham\tother\n")
    monkeypatch.setenv("ZOO_MIRROR", str(tmp_path))
    manager = Manager(tmp_path / "set.zip", b"")
    with pytest.raises(UserError, match="A Set is not the published set: the SHA-256 of data"):
        fetch(SOURCE, manager)
    assert fetch(replace(SOURCE, sha256=None), manager) == b"ham\tother\n"


def test_other_counts_are_refused():
    SOURCE.check_counts({"ham": 1, "lines": 1})
    with pytest.raises(UserError, match="it has 2 lines, 1 ham, not 1 lines, 1 ham; run this"):
        SOURCE.check_counts({"lines": 2, "ham": 1})
