"""The TFDS builder of the Self-dialogue Corpus.

Importing this module imports tensorflow_datasets, which takes seconds: `data` does so when it
must.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import PurePosixPath
from typing import NamedTuple

import tensorflow_datasets as tfds

from tasks.chatbot.data import SELF_DIALOGUE
from zoo.data.dialogues import Dialogues, one_line, split_dialogues
from zoo.data.sources import Source, fetched
from zoo.data.tfds_builder import describe

_PERCENTS = (94, 3, 3)
_NOTHING = "{}"  # what stands in a few sheets where nobody wrote anything
_BLOCKED = "blocked_workers.txt"


class Conversation(NamedTuple):
    """What one person wrote for two."""

    topic: str
    turns: list[str]


class SelfDialogue(tfds.core.GeneratorBasedBuilder):
    """English conversations on films, music and sport, each made up by one person."""

    VERSION = tfds.core.Version("1.0.0")
    RELEASE_NOTES = {  # noqa: RUF012
        "1.0.0": "94/3/3 by the SHA-256 of the conversation, equal ones folded, those of a single "
        "turn left out."
    }
    SOURCE = SELF_DIALOGUE

    def _info(self) -> tfds.core.DatasetInfo:
        turns = tfds.features.Sequence(tfds.features.Text())
        return describe(self, self.SOURCE, tfds.features.FeaturesDict({"turns": turns}))

    def _split_generators(
        self, dl_manager: tfds.download.DownloadManager
    ) -> dict[str, Iterator[tuple[int, dict[str, list[str]]]]]:
        with fetched(self.SOURCE, dl_manager) as files:
            conversations = read_conversations(files, self.SOURCE)
        dialogues = Dialogues([found.turns for found in conversations if len(found.turns) > 1])
        splits = split_dialogues(dialogues, _PERCENTS)
        return {
            "train": self._generate_examples(splits.train),
            "validation": self._generate_examples(splits.validation),
            "test": self._generate_examples(splits.test),
        }

    def _generate_examples(
        self, dialogues: Dialogues
    ) -> Iterator[tuple[int, dict[str, list[str]]]]:
        # TFDS writes examples in the order of their keys.
        for key, turns in enumerate(dialogues.turns):
            yield key, {"turns": turns}


def read_conversations(files: Iterable[tuple[str, bytes]], source: Source) -> list[Conversation]:
    """Reads the conversations and checks their counts.

    Args:
        files: Name and content of each data file: those of the authors' repository, or the one
            file of JSON lines that was made of them.
        source: What the counts should be.

    Returns:
        The conversations, with one space between the words of a turn.

    Raises:
        UserError: A count is not as published.
    """
    sheets = dict(files)
    lines = [content for name, content in sheets.items() if name.endswith(".jsonl")]
    conversations = _from_lines(lines[0]) if lines else _from_sheets(sheets)
    source.check_counts(
        {
            "conversations": len(conversations),
            "turns": sum(len(found.turns) for found in conversations),
            "topics": len({found.topic for found in conversations}),
        }
    )
    return conversations


def _from_lines(content: bytes) -> list[Conversation]:
    rows = map(json.loads, content.decode("utf-8").split("\n")[:-1])
    return [Conversation(row["topic"], row["turns"]) for row in rows]


def _from_sheets(sheets: Mapping[str, bytes]) -> list[Conversation]:
    """What the repository's own script, get_data.py, takes of its sheets, a folder to a topic.

    It leaves out rejected work and that of the workers who did not do as they were told. A sheet
    has a row for a conversation, with columns Answer.sentence1 to Answer.sentence20 or fewer.
    """
    texts = {PurePosixPath(name): content.decode("utf-8") for name, content in sheets.items()}
    blocked = {
        worker for path, text in texts.items() if path.name == _BLOCKED for worker in text.split()
    }
    conversations: dict[str, Conversation] = {}
    for path, text in texts.items():
        if path.suffix != ".csv":
            continue
        for row in csv.DictReader(io.StringIO(text, newline="")):
            if not row["Reject"] and row["WorkerId"] not in blocked:
                conversations[row["AssignmentId"]] = Conversation(path.parent.name, _turns(row))
    return list(conversations.values())


def _turns(row: Mapping[str, str]) -> list[str]:
    count = sum(name.startswith("Answer.sentence") for name in row if name)
    turns = (one_line(row[f"Answer.sentence{n}"]) for n in range(1, count + 1))
    return [turn for turn in turns if turn and turn != _NOTHING]
