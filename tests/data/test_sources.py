import gzip
import hashlib
import io
import tarfile
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
import requests

from zoo.data import sources
from zoo.data.sources import Source, fetched
from zoo.errors import UserError

CONTENT = b"ham\thello\n"
URL = "http://set.test/set.zip"
SOURCE = Source(
    name="A Set",
    homepage="http://set.test",
    urls=(URL,),
    mirror_paths=("set/data",),
    sha256={"data": hashlib.sha256(CONTENT).hexdigest()},
    counts={"lines": 1, "ham": 1},
    licence="CC0",
    citation="@misc{set}",
    note="",
)


def zipped(**members: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(name), content)  # of no time
    return buffer.getvalue()


def tarred(*members: tuple[str, bytes] | tarfile.TarInfo) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for member in members:
            if isinstance(member, tarfile.TarInfo):
                archive.addfile(member)
            else:
                info = tarfile.TarInfo(member[0])
                info.size = len(member[1])
                archive.addfile(info, io.BytesIO(member[1]))
    return buffer.getvalue()


class Manager:
    """Stands in for the download manager: keeps what the addresses give."""

    def __init__(self, folder: Path, *contents: bytes, urls: tuple[str, ...] = (URL,)):
        self.folder = folder
        self.contents = dict(zip(urls, contents, strict=True))

    def download(self, url: str) -> Path:
        path = self.folder / f"kept_{url.rpartition('/')[2]}"
        path.write_bytes(self.contents[url])
        path.with_name(f"{path.name}.INFO").write_text("{}")
        return path


def read(source: Source, manager: Manager) -> list[tuple[str, bytes]]:
    with fetched(source, manager) as files:
        return list(files)


@pytest.fixture
def answer(monkeypatch):
    """The answer of the canonical address to a knock."""
    answer = requests.Response()
    answer.status_code = 200
    answer.raw = io.BytesIO()
    monkeypatch.setattr(requests, "get", lambda *_, **__: answer)
    monkeypatch.delenv("ZOO_MIRROR", raising=False)
    return answer


def test_reads_the_files_of_the_canonical_archive(answer, tmp_path):
    manager = Manager(tmp_path, zipped(readme=b"x", data=CONTENT))
    assert read(SOURCE, manager) == [("readme", b"x"), ("data", CONTENT)]
    assert (tmp_path / "kept_set.zip").exists()


def test_reads_the_files_of_several_downloads(answer, tmp_path):
    urls = ("http://set.test/a.tar.gz", "http://set.test/b.zip", "http://set.test/c")
    packed = tarred(("a/1", b"one"), ("a/2", b""))
    source = replace(SOURCE, urls=urls, sha256={"a.tar.gz": hashlib.sha256(packed).hexdigest()})
    manager = Manager(tmp_path, packed, zipped(data=CONTENT), b"plain", urls=urls)
    expected = [("a/1", b"one"), ("a/2", b""), ("data", CONTENT), ("c", b"plain")]
    assert read(source, manager) == expected


def test_archives_in_an_archive_are_opened(answer, tmp_path):
    inner = {"set/inner.zip": zipped(data=CONTENT, more=b""), "set/._inner.zip": b"no archive"}
    manager = Manager(tmp_path, zipped(readme=b"x", **inner))
    expected = [
        ("readme", b"x"),
        ("data", CONTENT),
        ("more", b""),
        ("set/._inner.zip", b"no archive"),
    ]
    assert read(SOURCE, manager) == expected


@pytest.mark.parametrize("inner", [zipped(data=CONTENT)[:-30], b"no archive"])
def test_a_broken_archive_in_an_archive_is_thrown_away(answer, tmp_path, inner):
    with pytest.raises(UserError, match=r"A Set: set\.zip is no whole archive; run this again"):
        read(SOURCE, Manager(tmp_path, zipped(**{"set/inner.zip": inner})))
    assert list(tmp_path.iterdir()) == []


def test_a_compressed_file_is_read_under_its_own_name(answer, tmp_path):
    urls = ("http://set.test/data.gz", "http://set.test/more.en.gz")
    manager = Manager(tmp_path, gzip.compress(CONTENT), gzip.compress(b"more"), urls=urls)
    expected = [("data", CONTENT), ("more.en", b"more")]
    assert read(replace(SOURCE, urls=urls), manager) == expected


@pytest.mark.parametrize("place", [slice(5), slice(-1), slice(3, None)])
def test_a_broken_compressed_file_is_thrown_away(answer, tmp_path, place):
    url = "http://set.test/data.gz"
    manager = Manager(tmp_path, gzip.compress(CONTENT)[place], urls=(url,))
    with pytest.raises(UserError, match=r"A Set: data\.gz is no whole archive; run this again"):
        read(replace(SOURCE, urls=(url,)), manager)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("download", "reason"),
    [
        (zipped(data=b"ham\tother\n"), "A Set is not the published set: the SHA-256 of data is"),
        (zipped(data=CONTENT)[:-30], "A Set: set.zip is no whole archive"),
        (zipped(data=CONTENT).replace(CONTENT, b"HAM\thello\n"), "set.zip is no whole archive"),
        (b"<html>Log in to this network</html>", "set.zip is no whole archive"),
    ],
)
def test_throws_a_wrong_download_away(answer, tmp_path, download, reason):
    with pytest.raises(UserError) as error:
        read(SOURCE, Manager(tmp_path, download))
    assert reason in str(error.value)
    assert f"run this again to download it from {URL}, or set ZOO_MIRROR" in str(error.value)
    assert "\n" not in str(error.value)
    assert list(tmp_path.iterdir()) == []


TAR = tarred(("data", CONTENT), ("more", bytes(range(256)) * 40))


def flipped(content: bytes, place: int) -> bytes:
    changed = bytearray(content)
    changed[place] ^= 1
    return bytes(changed)


@pytest.mark.parametrize(
    "download",
    [
        *(TAR[:size] for size in (0, 5, len(TAR) // 2, len(TAR) - 9, len(TAR) - 1)),
        flipped(TAR, len(TAR) // 2),
        flipped(TAR, -6),  # in the checksum at the end
        gzip.compress(CONTENT * 100),
        b"<html>Log in to this network</html>",
    ],
    # The names that pytest makes of bytes would hold the second in which they were packed.
    ids=[
        "empty", "only a head", "half", "no checksum", "one byte short", "flipped bit",
        "flipped checksum", "no tar", "a page",
    ],
)  # fmt: skip
def test_a_broken_tar_is_thrown_away(answer, tmp_path, download):
    url = "http://set.test/set.tar.gz"
    manager = Manager(tmp_path, download, urls=(url,))
    with pytest.raises(UserError, match=r"set\.tar\.gz is no whole archive; run this") as error:
        read(replace(SOURCE, urls=(url,)), manager)
    assert "\n" not in str(error.value)
    assert list(tmp_path.iterdir()) == []


def test_what_its_reader_refuses_is_thrown_away(answer, tmp_path):
    manager = Manager(tmp_path, zipped(data=CONTENT))
    with pytest.raises(UserError, match="it has 2 lines"), fetched(SOURCE, manager):
        SOURCE.check_counts({"lines": 2})
    assert list(tmp_path.iterdir()) == []


def test_another_download_than_the_known_one_is_thrown_away(answer, tmp_path):
    source = replace(SOURCE, sha256={"set.zip": "0" * 64})
    with pytest.raises(UserError, match=r"the SHA-256 of set\.zip is .*, not 0000"):
        read(source, Manager(tmp_path, zipped(data=CONTENT)))
    assert list(tmp_path.iterdir()) == []


def link(name: str, kind: bytes, target: str) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type = kind
    info.linkname = target
    return info


def test_an_archive_cannot_write_and_its_links_are_not_followed(answer, tmp_path):
    url = "http://set.test/set.tar.gz"
    escapes = [("../../evil", b"x"), (f"{tmp_path}/evil", b"y")]
    links = [
        link("symbolic", tarfile.SYMTYPE, "/etc/passwd"),
        link("hard", tarfile.LNKTYPE, "../../evil"),
        link("device", tarfile.CHRTYPE, ""),
        link("folder", tarfile.DIRTYPE, ""),
    ]
    folder = tmp_path / "a" / "b"
    folder.mkdir(parents=True)
    manager = Manager(folder, tarred(*escapes, *links), urls=(url,))
    assert read(replace(SOURCE, urls=(url,)), manager) == escapes
    found = {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*")}
    assert found == {"a", "a/b", "a/b/kept_set.tar.gz", "a/b/kept_set.tar.gz.INFO"}


@pytest.mark.parametrize("pack", [lambda **members: tarred(*members.items()), zipped])
def test_a_file_that_is_too_large_is_refused(answer, tmp_path, monkeypatch, pack):
    monkeypatch.setattr(sources, "_LARGEST_FILE", 99)
    url = "http://set.test/set.tar.gz" if pack is not zipped else URL
    source = replace(SOURCE, urls=(url,))
    assert len(read(source, Manager(tmp_path, pack(good=bytes(99)), urls=(url,)))) == 1
    with pytest.raises(UserError, match=r"'bad' in set.* is larger than 99 bytes; run this"):
        read(source, Manager(tmp_path, pack(bad=bytes(100)), urls=(url,)))


def test_a_refused_request_names_the_address_and_the_mirror(answer, tmp_path):
    answer.status_code = 404
    with pytest.raises(UserError) as error:
        read(SOURCE, Manager(tmp_path, b""))
    assert "A Set could not be downloaded (status 404): check the network" in str(error.value)
    assert URL in str(error.value)
    assert "set ZOO_MIRROR to a folder that holds set/data and SHA256SUMS" in str(error.value)


def test_no_network_is_one_line(monkeypatch, tmp_path):
    def unreachable(*_, **__):
        raise requests.ConnectionError("several\nlines")

    monkeypatch.setattr(requests, "get", unreachable)
    monkeypatch.delenv("ZOO_MIRROR", raising=False)
    with pytest.raises(UserError, match=r"could not be downloaded \(ConnectionError\)") as error:
        read(SOURCE, Manager(tmp_path, b""))
    assert "\n" not in str(error.value)


def make_mirror(folder: Path, files: dict[str, bytes]) -> None:
    (folder / "set").mkdir()
    for path, content in files.items():
        (folder / path).write_bytes(content)
    lines = [f"{hashlib.sha256(content).hexdigest()}  {path}\n" for path, content in files.items()]
    (folder / "SHA256SUMS").write_text("".join(lines))


def test_a_mirror_needs_no_network(monkeypatch, tmp_path):
    def forbidden(*_, **__):
        raise AssertionError("the network was used")

    packed = tarred(("more", b"more"))
    make_mirror(tmp_path, {"set/data": CONTENT, "set/more.tar.gz": packed})
    monkeypatch.setenv("ZOO_MIRROR", str(tmp_path))
    monkeypatch.setattr(requests, "get", forbidden)
    monkeypatch.setattr(Manager, "download", forbidden)
    source = replace(SOURCE, mirror_paths=("set/data", "set/more.tar.gz"))
    assert read(source, Manager(tmp_path, b"")) == [("data", CONTENT), ("more", b"more")]


def test_all_of_a_mirrors_files_must_be_there(monkeypatch, tmp_path):
    make_mirror(tmp_path, {"set/data": CONTENT})
    monkeypatch.setenv("ZOO_MIRROR", str(tmp_path))
    source = replace(SOURCE, mirror_paths=("set/data", "set/more.tar.gz"))
    with pytest.raises(UserError, match=r"does not list set/more\.tar\.gz: copy the mirror"):
        read(source, Manager(tmp_path, b""))


def test_a_mirror_with_other_data_is_refused(monkeypatch, tmp_path):
    make_mirror(tmp_path, {"set/data": b"ham\tother\n"})
    monkeypatch.setenv("ZOO_MIRROR", str(tmp_path))
    manager = Manager(tmp_path, b"")
    with pytest.raises(UserError, match="A Set is not the published set: the SHA-256 of data"):
        read(SOURCE, manager)
    assert read(replace(SOURCE, sha256={}), manager) == [("data", b"ham\tother\n")]
    assert (tmp_path / "set/data").exists()


def test_other_counts_are_refused():
    SOURCE.check_counts({"ham": 1, "lines": 1})
    with pytest.raises(UserError, match="it has 2 lines, 1 ham, not 1 lines, 1 ham; run this"):
        SOURCE.check_counts({"lines": 2, "ham": 1})


def test_other_counts_of_a_set_that_grows_are_told(capsys):
    source = replace(SOURCE, grows=True)
    source.check_counts({"ham": 1, "lines": 1})
    assert capsys.readouterr() == ("", "")
    source.check_counts({"lines": 2, "ham": 1})
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(
        "A Set has changed at its source: it has 2 lines, 1 ham, not 1 lines, 1 ham; "
    )
    assert err.count("\n") == 1


def test_a_set_that_grows_is_refused_when_it_holds_nothing():
    with pytest.raises(UserError, match="it has 3 lines, 0 ham, not 1 lines, 1 ham; run this"):
        replace(SOURCE, grows=True).check_counts({"lines": 3, "ham": 0})


def test_files_of_one_folder_are_named_together():
    source = replace(
        SOURCE,
        urls=("http://set.test/a/1.gz", "http://set.test/a/2.gz", "http://set.test/b/1.gz"),
        mirror_paths=("1.gz", "2.gz"),
    )
    with pytest.raises(UserError) as error:
        source.check_counts({})
    assert str(error.value).endswith(
        "download it from http://set.test/a/{1.gz,2.gz}, http://set.test/b/1.gz, or set "
        "ZOO_MIRROR to a folder that holds {1.gz,2.gz} and SHA256SUMS"
    )
