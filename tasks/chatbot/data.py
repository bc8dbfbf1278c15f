"""DailyDialog and the Self-dialogue Corpus as this task uses them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from tasks.chatbot.as_written import as_written
from zoo.data.dialogues import Dialogues, read_dialogues, split_dialogues
from zoo.data.examples import Splits
from zoo.data.sources import Source
from zoo.data.tfds_builder import prepare

if TYPE_CHECKING:
    import tensorflow_datasets as tfds

DAILY_DIALOG = Source(
    name="DailyDialog",
    homepage="http://yanran.li/dailydialog",
    urls=("http://yanran.li/files/ijcnlp_dailydialog.zip",),
    mirror_paths=(
        "daily_dialog/train.zip",
        "daily_dialog/validation.zip",
        "daily_dialog/test.zip",
    ),
    sha256={
        "train/dialogues_train.txt": (
            "71633bd5fdb0b09dd82215b131b56432cf7329a0fe50bc8adec168713d350d1a"
        ),
        "validation/dialogues_validation.txt": (
            "2ad64701fe3a4449e7a6ee7cdc6c2a71c80f77b8a34f708ac0532395f499081c"
        ),
        "test/dialogues_test.txt": (
            "3c323651cdfb09f7b529f850eddf96a638fc6cc9b43330b77956ab248484a1a8"
        ),
    },
    counts={
        "train": 11118,
        "validation": 1000,
        "test": 1000,
        "of validation in train": 69,
        "of test in train": 93,
    },
    licence="CC BY-NC-SA 4.0",
    citation="""\
@inproceedings{li2017dailydialog,
  title = {{DailyDialog}: A Manually Labelled Multi-turn Dialogue Dataset},
  author = {Li, Yanran and Su, Hui and Shen, Xiaoyu and Li, Wenjie and Cao, Ziqiang and
    Niu, Shuzi},
  booktitle = {Proceedings of the Eighth International Joint Conference on Natural Language
    Processing (Volume 1: Long Papers)},
  year = {2017},
  pages = {986--995},
  url = {https://aclanthology.org/I17-1099/},
}""",
    note="The canonical download, an archive that holds the mirror's three, was never tried.",
)

SELF_DIALOGUE = Source(
    name="The Self-dialogue Corpus",
    homepage="https://github.com/jfainberg/self_dialogue_corpus",
    urls=("https://github.com/jfainberg/self_dialogue_corpus/archive/refs/heads/master.zip",),
    mirror_paths=("self_dialogue/self_dialogue.jsonl.gz",),
    sha256={},
    counts={"conversations": 24165, "turns": 372718, "topics": 23},
    licence="BSD 3-Clause",
    citation="""\
@article{fainberg2018talking,
  title = {Talking to myself: self-dialogues as data for conversational agents},
  author = {Fainberg, Joachim and Krause, Ben and Dobre, Mihai and Damonte, Marco and
    Kahembwe, Emmanuel and Duma, Daniel and Webber, Bonnie and Fancellu, Federico},
  journal = {arXiv preprint arXiv:1809.06641},
  year = {2018},
}
@article{krause2017edina,
  title = {Edina: Building an Open Domain Socialbot with Self-dialogues},
  author = {Krause, Ben and Damonte, Marco and Dobre, Mihai and Duma, Daniel and
    Fainberg, Joachim and Fancellu, Federico and Kahembwe, Emmanuel and Cheng, Jianpeng and
    Webber, Bonnie},
  journal = {arXiv preprint arXiv:1709.09816},
  year = {2017},
}""",
    note="The canonical download, sheets of answers, was never tried, nor was their reader on more "
    "than made-up sheets; the mirror has one file that was made of them by their authors' rules.",
)

_BATCH = 500  # dialogues that are read at once: many times as fast as one by one


def load_daily_dialog() -> Splits[Dialogues]:
    """Loads DailyDialog: 9,687 dialogues to train on, 973 to validate on and 1,000 to test on.

    The latter are the published ones; of the others those are left out that stand in two splits
    or twice in one, if only in part, as the builder says. The turns are as people write them, see
    `as_written`.

    Raises:
        UserError: The set cannot be fetched or prepared.
    """
    from tasks.chatbot.daily_dialog import DailyDialog

    splits = _splits(prepare(DailyDialog))
    return Splits(
        *(
            Dialogues([[*map(as_written, turns)] for turns in part.turns])
            for part in (splits.train, splits.validation, splits.test)
        )
    )


def load_self_dialogue() -> Splits[Dialogues]:
    """Loads the Self-dialogue Corpus, about 94 % to train, 3 % to validate and 3 % to test.

    `split_dialogues` cut it, there being no published splits.

    Raises:
        UserError: The set cannot be fetched or prepared.
    """
    from tasks.chatbot.self_dialogue import SelfDialogue

    return _splits(prepare(SelfDialogue))


def load_dialogues() -> Splits[Dialogues]:
    """Loads what this task trains on: both sets.

    Returns:
        In train and validation the dialogues of both, DailyDialog's first; in test DailyDialog's
        alone.

    Raises:
        UserError: A set cannot be fetched or prepared.
    """
    daily, selves = load_daily_dialog(), load_self_dialogue()
    return Splits(
        Dialogues(daily.train.turns + selves.train.turns),
        Dialogues(daily.validation.turns + selves.validation.turns),
        daily.test,
    )


def load_sample() -> Splits[Dialogues]:
    """Loads the dialogues written for this project."""
    return split_dialogues(read_dialogues(Path(__file__).with_name("sample.jsonl")), (80, 10, 10))


def _splits(builder: tfds.core.DatasetBuilder) -> Splits[Dialogues]:
    return Splits(*(_dialogues(builder, split) for split in ("train", "validation", "test")))


def _dialogues(builder: tfds.core.DatasetBuilder, split: str) -> Dialogues:
    batches = builder.as_dataset(split=split).ragged_batch(_BATCH)
    return Dialogues(
        [
            [turn.decode("utf-8") for turn in turns]
            for batch in batches
            for turns in batch["turns"].to_list()
        ]
    )
