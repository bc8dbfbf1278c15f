"""The TFDS builder of DailyDialog.

Importing this module imports tensorflow_datasets, which takes seconds: `data` does so when it
must.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import pairwise

import tensorflow_datasets as tfds

from tasks.chatbot.data import DAILY_DIALOG
from zoo.data.sources import Source, fetched
from zoo.data.tfds_builder import describe

_SPLITS = ("train", "validation", "test")
_FILE = "{split}/dialogues_{split}.txt"
_END_OF_TURN = "__eou__"
_NO_LETTER = re.compile(r"[\W_]+")
_CHANCE = 30  # letters: what two say to each other by chance, such as thanks, has fewer

Turns = list[str]


class DailyDialog(tfds.core.GeneratorBasedBuilder):
    """Everyday English dialogues, written for learners of the language."""

    VERSION = tfds.core.Version("1.0.0")
    RELEASE_NOTES = {  # noqa: RUF012
        "1.0.0": "The published test split, whole. Of the published train and validation splits "
        "repeated dialogues are folded, and those left out that share a turn and the reply to it, "
        "or all turns, with a dialogue of test or, in train, of validation."
    }
    SOURCE = DAILY_DIALOG

    def _info(self) -> tfds.core.DatasetInfo:
        turns = tfds.features.Sequence(tfds.features.Text())
        return describe(self, self.SOURCE, tfds.features.FeaturesDict({"turns": turns}))

    def _split_generators(
        self, dl_manager: tfds.download.DownloadManager
    ) -> dict[str, Iterator[tuple[int, dict[str, Turns]]]]:
        with fetched(self.SOURCE, dl_manager) as files:
            published = read_dialogues(files, self.SOURCE)
        test = published["test"]
        validation = distinct(published["validation"], test)
        train = distinct(published["train"], validation + test)
        return {
            "train": self._generate_examples(train),
            "validation": self._generate_examples(validation),
            "test": self._generate_examples(test),
        }

    def _generate_examples(self, dialogues: list[Turns]) -> Iterator[tuple[int, dict[str, Turns]]]:
        # TFDS writes examples in the order of their keys.
        for key, turns in enumerate(dialogues):
            yield key, {"turns": turns}


def read_dialogues(files: Iterable[tuple[str, bytes]], source: Source) -> dict[str, list[Turns]]:
    """Reads the published splits and checks their counts.

    Args:
        files: Name and content of each data file; the labels of the dialogues are ignored.
        source: What the counts should be.

    Returns:
        By split, the dialogues in the files' order, without the space at the ends of their turns.

    Raises:
        UserError: A count is not as published.
    """
    contents = {name: content.decode("utf-8") for name, content in files}
    lines = {
        split: contents.get(_FILE.format(split=split), "").split("\n")[:-1] for split in _SPLITS
    }
    in_train = set(lines["train"])
    source.check_counts(
        {split: len(lines[split]) for split in _SPLITS}
        | {
            f"of {split} in train": sum(line in in_train for line in lines[split])
            for split in ("validation", "test")
        }
    )
    return {
        # The end of a turn ends the line too.
        split: [[turn.strip() for turn in line.split(_END_OF_TURN)[:-1]] for line in lines[split]]
        for split in _SPLITS
    }


def distinct(dialogues: list[Turns], held_out: list[Turns]) -> list[Turns]:
    """The dialogues without repeated ones and those that are partly held out.

    Spaces, marks and capitals do not count: the set has dialogues that differ in them alone.

    Args:
        dialogues: Some of them.
        held_out: With none of these may one have all turns in common, or a turn and the reply to
            it, unless it is a very short one.
    """
    seen = set[str]().union(*map(_exchanges, held_out), map(_letters, held_out))
    kept: dict[str, Turns] = {}
    for turns in dialogues:
        if seen.isdisjoint({_letters(turns), *_exchanges(turns)}):
            kept.setdefault(_letters(turns), turns)
    return list(kept.values())


def _exchanges(turns: Turns) -> set[str]:
    """Each turn with the reply to it, but for those that stand in many a dialogue."""
    return {said for pair in pairwise(turns) if len(said := _letters(pair)) > _CHANCE}


def _letters(turns: Iterable[str]) -> str:
    return _NO_LETTER.sub("", "".join(turns).lower())
