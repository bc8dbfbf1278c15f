import hashlib
import io
import tarfile
from dataclasses import replace

import pytest

from tasks.sentiment import data
from zoo.errors import UserError

# Raw texts: tags, white space at the ends, odd characters; some stand in two places.
NEGATIVE = [f" Dull, part {n}.<br /><br />\x85 I left.\n" for n in range(20)]
POSITIVE = [f"Très bon, n° {n}! " for n in range(30)]
TEST_NEGATIVE = ["A bore.", "A bore.", NEGATIVE[3]]
TEST_POSITIVE = ["A joy.", "", POSITIVE[4]]
UNLABELLED = [f"Perhaps {n}." for n in range(9)]
FILES = {
    "train/neg": [*NEGATIVE, NEGATIVE[7]],
    "train/pos": [*POSITIVE, POSITIVE[8], POSITIVE[8]],
    "test/neg": TEST_NEGATIVE,
    "test/pos": TEST_POSITIVE,
    "train/unsup": [*UNLABELLED, UNLABELLED[2], "A bore.", *NEGATIVE, *POSITIVE],
}
COUNTS = {
    "train/neg": 21,
    "train/pos": 32,
    "test/neg": 3,
    "test/pos": 3,
    "train/unsup": 61,
    "distinct in train": 50,
    "of them in test": 2,
    "distinct in train/unsup": 60,
}
OTHERS = ["aclImdb/README", "aclImdb/train/urls_pos.txt", "aclImdb/train/pos/.0_9.txt"]
OTHERS += ["aclImdb/train/pos/../neg/0_1.txt", "/aclImdb/train/pos/0_9.txt", "train/pos/0_9.txt"]


def tarred(folders) -> bytes:
    members = [(name, b"x") for name in OTHERS]
    for folder in folders:
        rating = {"neg": 1, "pos": 10, "unsup": 0}[folder.rpartition("/")[2]]
        members += [
            (f"aclImdb/{folder}/{n}_{rating}.txt", text.encode())
            for n, text in enumerate(FILES[folder])
        ]
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for name, content in members:
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return buffer.getvalue()


@pytest.fixture
def builder_class(monkeypatch, tmp_path):
    """The builder, told that a small set is the published one."""
    from tasks.sentiment.imdb import Imdb

    monkeypatch.setattr(Imdb, "SOURCE", replace(data.IMDB, counts=COUNTS))
    monkeypatch.setenv("ZOO_DATA", str(tmp_path / "data"))
    return Imdb


@pytest.fixture
def fill(monkeypatch, tmp_path):
    """Fills a mirror with the two archives."""
    folder = tmp_path / "mirror"
    (folder / "imdb").mkdir(parents=True)
    monkeypatch.setenv("ZOO_MIRROR", str(folder))

    def fill(labelled: bytes, unlabelled: bytes):
        lines = []
        for path, content in zip(data.IMDB.mirror_paths, (labelled, unlabelled), strict=True):
            (folder / path).write_bytes(content)
            lines.append(f"{hashlib.sha256(content).hexdigest()}  {path}\n")
        (folder / "SHA256SUMS").write_text("".join(lines))

    return fill


@pytest.fixture
def mirror(fill):
    fill(tarred([*FILES][:4]), tarred([*FILES][4:]))


def hashes(texts):
    return [hashlib.sha256(text.encode()).hexdigest() for text in texts]


def texts_of(examples, label):
    return [t for t, found in zip(examples.texts, examples.labels, strict=True) if found == label]


def test_the_splits(builder_class, mirror, capsys):
    splits = data.load_imdb()
    unlabelled = data.load_unlabelled()
    assert capsys.readouterr().out == ""
    # The test split is the official one, repeated reviews included.
    assert sorted(texts_of(splits.test, "negative")) == sorted(TEST_NEGATIVE)
    assert sorted(texts_of(splits.test, "positive")) == sorted(TEST_POSITIVE)
    # The others hold each review once, and none that stands in test.
    for label, texts in (("negative", NEGATIVE), ("positive", POSITIVE)):
        train, validation = (texts_of(s, label) for s in (splits.train, splits.validation))
        assert sorted(train + validation) == sorted(set(texts) - set(splits.test.texts))
        assert len(validation) == {"negative": 2, "positive": 3}[label]
        assert max(hashes(train)) < min(hashes(validation))
    held_out = {*splits.validation.texts, *splits.test.texts}
    assert sorted(unlabelled) == sorted({*FILES["train/unsup"]} - held_out)
    for texts in (*(s.texts for s in vars(splits).values()), unlabelled):
        assert hashes(texts) == sorted(hashes(texts))


def test_one_archive_and_any_order_make_the_same_splits(builder_class, fill, monkeypatch, tmp_path):
    fill(tarred([*FILES][:4]), tarred([*FILES][4:]))
    expected = data.load_imdb(), data.load_unlabelled()
    monkeypatch.setenv("ZOO_DATA", str(tmp_path / "data again"))
    fill(tarred(reversed(FILES)), tarred([]))
    assert (data.load_imdb(), data.load_unlabelled()) == expected


def test_batches_are_joined(builder_class, mirror, monkeypatch):
    expected = data.load_imdb()
    monkeypatch.setattr(data, "_BATCH", 7)
    assert data.load_imdb() == expected


def test_other_counts_are_refused(builder_class, fill):
    fill(tarred([*FILES][:4]), tarred([]))
    with pytest.raises(
        UserError, match=r"32 train/pos, .* 0 train/unsup, .*, not 21 train"
    ) as error:
        data.load_imdb()
    assert "\n" not in str(error.value)


def test_a_corrupt_archive_is_one_line_and_nothing_is_left(builder_class, fill, tmp_path):
    fill(tarred([*FILES][:4]), tarred([*FILES][4:])[:-100])
    with pytest.raises(UserError) as error:
        data.load_imdb()
    assert str(error.value).startswith(
        "Large Movie Review Dataset v1.0: aclImdb_v1_unsup.tar.gz is no whole archive; run this "
        "again to download it from https://ai.stanford.edu/"
    )
    assert "\n" not in str(error.value)
    assert not list((tmp_path / "data").glob("imdb/*"))
