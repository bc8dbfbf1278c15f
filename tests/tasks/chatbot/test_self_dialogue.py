import csv
import gzip
import hashlib
import io
import json
from dataclasses import replace

import pytest

from tasks.chatbot import data
from zoo.errors import UserError

# Those of one topic are in two sheets; two are equal, one is a single turn, one is empty.
CONVERSATIONS = [
    *({"topic": "music", "turns": [f"Do you like song {n}?", "I do."]} for n in range(60)),
    {"topic": "movies", "turns": ["Seen it?", "Yes, twice.", "And?"]},
    {"topic": "music", "turns": ["Do you like song 7?", "I do."]},
    {"topic": "movies", "turns": ["Hello?"]},
    {"topic": "movies", "turns": []},
]
COUNTS = {
    "conversations": len(CONVERSATIONS),
    "turns": sum(len(row["turns"]) for row in CONVERSATIONS),
    "topics": 2,
}


@pytest.fixture
def builder_class(monkeypatch, tmp_path):
    """The builder, told that a small set is the published one."""
    from tasks.chatbot.self_dialogue import SelfDialogue

    monkeypatch.setattr(SelfDialogue, "SOURCE", replace(data.SELF_DIALOGUE, counts=COUNTS))
    monkeypatch.setenv("ZOO_DATA", str(tmp_path / "data"))
    return SelfDialogue


@pytest.fixture
def mirror(builder_class, monkeypatch, tmp_path):
    folder = tmp_path / "mirror"
    (folder / "self_dialogue").mkdir(parents=True)
    lines = "".join(json.dumps({"id": n, **row}) + "\n" for n, row in enumerate(CONVERSATIONS))
    content = gzip.compress(lines.encode())
    [path] = data.SELF_DIALOGUE.mirror_paths
    (folder / path).write_bytes(content)
    (folder / "SHA256SUMS").write_text(f"{hashlib.sha256(content).hexdigest()}  {path}\n")
    monkeypatch.setenv("ZOO_MIRROR", str(folder))


def sheet(rows, sentences=20) -> bytes:
    """What Mechanical Turk gives out, but for most of its columns."""
    answers = sorted(f"Answer.sentence{n}" for n in range(1, sentences + 1))
    file = io.StringIO()
    writer = csv.DictWriter(file, ["AssignmentId", "WorkerId", *answers, "Approve", "Reject"])
    writer.writeheader()
    for number, (worker, turns, rejected) in enumerate(rows):
        given = {f"Answer.sentence{n}": turn for n, turn in enumerate(turns, start=1)}
        key = hashlib.sha256(repr((number, turns)).encode()).hexdigest()
        writer.writerow({"AssignmentId": key, "WorkerId": worker, **given, "Reject": rejected})
    return file.getvalue().encode()


def of_topic(topic):
    return [row["turns"] for row in CONVERSATIONS if row["topic"] == topic]


def sheets() -> dict[str, bytes]:
    music, movies = of_topic("music"), of_topic("movies")
    good = [("W1", turns, "") for turns in music]
    loose = [("W1", [" Seen  it?", "", "Yes,\ntwice. ", "{}", "And?"], "")]
    bad = [("W2", ["Bad", "work"], "too short"), ("W3", ["Blocked", "worker"], "")]
    root = "self_dialogue_corpus-master"
    return {
        f"{root}/README.md": b"# Corpus",
        f"{root}/blocked_workers.txt": b"W0\nW3\n",
        f"{root}/corpus/music/music0.csv": sheet([*good[:30], *bad]),
        f"{root}/corpus/music/music1.csv": sheet(good[30:], sentences=10),
        f"{root}/corpus/movies/movies0.csv": sheet(
            [*loose, *(("W1", turns, "") for turns in movies[1:])]
        ),
    }


def rows(conversations):
    return sorted((found.topic, found.turns) for found in conversations)


def test_the_sheets_of_the_repository_are_read_by_its_rules(builder_class):
    from tasks.chatbot.self_dialogue import read_conversations

    found = read_conversations(sheets().items(), builder_class.SOURCE)
    assert rows(found) == sorted((row["topic"], row["turns"]) for row in CONVERSATIONS)


def test_the_splits_have_each_conversation_once(mirror, capsys):
    splits = data.load_self_dialogue()
    assert capsys.readouterr().out == ""
    parts = [splits.train.turns, splits.validation.turns, splits.test.turns]
    expected = {tuple(row["turns"]) for row in CONVERSATIONS if len(row["turns"]) > 1}
    assert sorted(tuple(turns) for part in parts for turns in part) == sorted(expected)
    assert len(parts[0]) > 50


def test_other_counts_are_refused(mirror, builder_class, monkeypatch):
    counts = COUNTS | {"turns": 5}
    monkeypatch.setattr(builder_class, "SOURCE", replace(builder_class.SOURCE, counts=counts))
    with pytest.raises(UserError, match=r"126 turns, 2 topics, not .* 5 turns") as error:
        data.load_self_dialogue()
    assert "\n" not in str(error.value)
