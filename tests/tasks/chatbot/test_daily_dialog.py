import hashlib
import io
import zipfile
from dataclasses import replace

import pytest

from tasks.chatbot import data
from zoo.errors import UserError

LONG = "I would like to have a room with a view of the sea ."
TEST = [["Good evening .", LONG, "Certainly ."], ["Hi .", "Hi ."], ["Hi .", "Hi ."]]
VALIDATION = [
    ["Nice weather today , isn \u2019 t it ?", "It is , and tomorrow will be as nice ."],
    ["Thank you .", "Thank you ."],
    ["Certainly .", "Good evening .", LONG.replace(" sea", "sea").upper(), "Fine ."],  # of test
]
TRAIN = [
    ["Where is it ?", "Over there , by the old church on the hill .", "Thank you .", "Thank you ."],
    ["Where is it ?", "Over there by the old church , on the hill .", "Thank you .", "Thank you ."],
    ["Hi .", "Hi ."],  # of test, if short
    ["Hi .", "Hi .", "Hi ."],
    ["So .", "Nice weather today isn't it ?", "It is , and tomorrow will be as nice ."],
    ["He said \u201c no \u201d .", "Did he ?"],
    VALIDATION[0],
]
DIALOGUES = {"train": TRAIN, "validation": VALIDATION, "test": TEST}
COUNTS = {
    "train": 7,
    "validation": 3,
    "test": 3,
    "of validation in train": 1,
    "of test in train": 2,
}


def zipped(**files: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def archive(split: str) -> bytes:
    lines = ["".join(f"{turn} __eou__ " for turn in turns) for turns in DIALOGUES[split]]
    content = "".join(f"{line.removesuffix(' ')}\n" for line in lines).encode()
    other = {f"{split}/dialogues_act_{split}.txt": b"1 2\n"}
    return zipped(**{f"{split}/dialogues_{split}.txt": content}, **other)


@pytest.fixture
def builder_class(monkeypatch, tmp_path):
    """The builder, told that a small set is the published one."""
    from tasks.chatbot.daily_dialog import DailyDialog

    source = replace(data.DAILY_DIALOG, counts=COUNTS, sha256={})
    monkeypatch.setattr(DailyDialog, "SOURCE", source)
    monkeypatch.setenv("ZOO_DATA", str(tmp_path / "data"))
    return DailyDialog


@pytest.fixture
def mirror(builder_class, monkeypatch, tmp_path):
    folder = tmp_path / "mirror"
    (folder / "daily_dialog").mkdir(parents=True)
    lines = []
    for path in data.DAILY_DIALOG.mirror_paths:
        content = archive(path.rpartition("/")[2].removesuffix(".zip"))
        (folder / path).write_bytes(content)
        lines.append(f"{hashlib.sha256(content).hexdigest()}  {path}\n")
    (folder / "SHA256SUMS").write_text("".join(lines))
    monkeypatch.setenv("ZOO_MIRROR", str(folder))


def test_no_dialogue_stands_in_two_splits(mirror, capsys):
    splits = data.load_daily_dialog()
    assert capsys.readouterr().out == ""
    assert splits.test.turns == [
        ["Good evening.", "I would like to have a room with a view of the sea.", "Certainly."],
        ["Hi.", "Hi."],
        ["Hi.", "Hi."],
    ]
    assert splits.validation.turns == [
        ["Nice weather today, isn't it?", "It is, and tomorrow will be as nice."],
        ["Thank you.", "Thank you."],
    ]
    assert splits.train.turns == [
        ["Where is it?", "Over there, by the old church on the hill.", "Thank you.", "Thank you."],
        ["Hi.", "Hi.", "Hi."],
        ['He said "no".', "Did he?"],
    ]


def test_the_canonical_archive_holds_archives(builder_class):
    from tasks.chatbot.daily_dialog import read_dialogues
    from zoo.data import sources

    inner = {f"ijcnlp_dailydialog/{split}.zip": archive(split) for split in DIALOGUES}
    packed = io.BytesIO(zipped(**{"ijcnlp_dailydialog/dialogues_text.txt": b"x"}, **inner))
    files = ((name, file.read()) for name, file in sources._unzipped(packed))
    assert read_dialogues(files, builder_class.SOURCE) == DIALOGUES


def test_batches_are_joined(mirror, monkeypatch):
    expected = data.load_daily_dialog()
    monkeypatch.setattr(data, "_BATCH", 2)
    assert data.load_daily_dialog() == expected


def test_other_counts_are_refused(mirror, builder_class, monkeypatch):
    counts = builder_class.SOURCE.counts | {"of test in train": 1}
    monkeypatch.setattr(builder_class, "SOURCE", replace(builder_class.SOURCE, counts=counts))
    with pytest.raises(UserError, match=r"2 of test in train, not .* 1 of test in train") as error:
        data.load_daily_dialog()
    assert "\n" not in str(error.value)


def test_other_data_is_refused_and_nothing_is_left(mirror, builder_class, monkeypatch, tmp_path):
    monkeypatch.setattr(builder_class, "SOURCE", data.DAILY_DIALOG)
    with pytest.raises(
        UserError, match=r"the SHA-256 of train/dialogues_train\.txt is .*, not 7163"
    ):
        data.load_daily_dialog()
    assert not list((tmp_path / "data").glob("daily_dialog/*"))
