import gzip
import hashlib
from dataclasses import replace

import pytest

from tasks.translation import data
from zoo.errors import UserError

SIZES = {"train": 12, "val": 3, "test_2016_flickr": 2}
# White space at the ends, characters that str.splitlines would split at, a caption that repeats.
CAPTIONS = {
    f"{part}.{language}": [f"{language} {part} caption {n % 10}\x85\u2028. " for n in range(size)]
    for part, size in SIZES.items()
    for language in ("en", "de", "fr")
}


@pytest.fixture
def mirror(monkeypatch, tmp_path):
    """A mirror of a small set, which the builder takes for the published one."""
    from tasks.translation.multi30k import Multi30k

    counts = {name: len(lines) for name, lines in CAPTIONS.items()}
    monkeypatch.setattr(Multi30k, "SOURCE", replace(data.MULTI30K, sha256={}, counts=counts))
    folder = tmp_path / "mirror"
    checksums = []
    for path in data.MULTI30K.mirror_paths:
        lines = CAPTIONS[path.rpartition("/")[2].removesuffix(".gz")]
        content = gzip.compress("".join(f"{line}\n" for line in lines).encode())
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
        checksums.append(f"{hashlib.sha256(content).hexdigest()}  {path}\n")
    (folder / "SHA256SUMS").write_text("".join(checksums))
    monkeypatch.setenv("ZOO_MIRROR", str(folder))
    monkeypatch.setenv("ZOO_DATA", str(tmp_path / "data"))
    return Multi30k


@pytest.mark.parametrize(("source", "target"), [("en", "de"), ("fr", "en"), ("de", "fr")])
def test_the_splits_are_the_published_ones_in_order(mirror, source, target, capsys):
    splits = data.load_multi30k(source, target)
    parts = (splits.train, splits.validation, splits.test)
    for part, name in zip(parts, SIZES, strict=True):
        assert part.sources == CAPTIONS[f"{name}.{source}"]
        assert part.targets == CAPTIONS[f"{name}.{target}"]
    assert capsys.readouterr().out == ""


def test_batches_are_joined(mirror, monkeypatch):
    expected = data.load_multi30k("en", "de")
    monkeypatch.setattr(data, "_BATCH", 5)
    assert data.load_multi30k("en", "de") == expected


@pytest.mark.parametrize(("source", "target"), [("en", "en"), ("en", "es"), ("german", "en")])
def test_an_unknown_pair_of_languages_is_refused(source, target):
    with pytest.raises(UserError) as error:
        data.load_multi30k(source, target)
    assert str(error.value) == (
        f"Multi30k has no pairs {source}-{target}: "
        "choose one of en-de, en-fr, de-en, de-fr, fr-en, fr-de"
    )


def test_other_counts_are_refused(mirror, monkeypatch):
    counts = mirror.SOURCE.counts | {"val.fr": 4}
    monkeypatch.setattr(mirror, "SOURCE", replace(mirror.SOURCE, counts=counts))
    with pytest.raises(UserError, match=r"3 val\.fr, .*, not .* 4 val\.fr, ") as error:
        data.load_multi30k("en", "de")
    assert "\n" not in str(error.value)


def test_other_data_is_refused_and_nothing_is_left(mirror, monkeypatch, tmp_path):
    monkeypatch.setattr(mirror, "SOURCE", data.MULTI30K)
    with pytest.raises(UserError, match=r"the SHA-256 of train\.en is .*, not 460a15fb") as error:
        data.load_multi30k("en", "de")
    assert "\n" not in str(error.value)
    assert not list((tmp_path / "data").glob("multi30k/*"))


def test_the_files_are_those_that_are_counted():
    files = {url.rpartition("/")[2].removesuffix(".gz") for url in data.MULTI30K.urls}
    assert files == set(data.MULTI30K.counts) == set(data.MULTI30K.sha256) == set(CAPTIONS)
