"""The Large Movie Review Dataset (IMDB) as this task uses it."""

from __future__ import annotations

import csv
from collections.abc import Container
from pathlib import Path
from typing import TYPE_CHECKING

from zoo.data.examples import LabelledTexts, Splits
from zoo.data.sources import Source
from zoo.data.tfds_builder import prepare

if TYPE_CHECKING:
    import tensorflow_datasets as tfds

IMDB = Source(
    name="Large Movie Review Dataset v1.0",
    homepage="https://ai.stanford.edu/~amaas/data/sentiment/",
    urls=("https://ai.stanford.edu/~amaas/data/sentiment/aclImdb_v1.tar.gz",),
    mirror_paths=("imdb/aclImdb_v1_labelled.tar.gz", "imdb/aclImdb_v1_unsup.tar.gz"),
    # From TensorFlow Datasets' own record of this download.
    sha256={
        "aclImdb_v1.tar.gz": "c40f74a18d3b61f90feba1e17730e0d38e8b97c05fde7008942e91923d1658fe"
    },
    counts={
        "train/neg": 12500,
        "train/pos": 12500,
        "test/neg": 12500,
        "test/pos": 12500,
        "train/unsup": 50000,
        "distinct in train": 24904,
        "of them in test": 123,
        "distinct in train/unsup": 49507,
    },
    licence="none stated: research use, cite the paper",
    citation="""\
@inproceedings{maas2011learning,
  title = {Learning Word Vectors for Sentiment Analysis},
  author = {Maas, Andrew L. and Daly, Raymond E. and Pham, Peter T. and Huang, Dan and
    Ng, Andrew Y. and Potts, Christopher},
  booktitle = {Proceedings of the 49th Annual Meeting of the Association for Computational
    Linguistics: Human Language Technologies},
  year = {2011},
  pages = {142--150},
  url = {https://aclanthology.org/P11-1015/},
}""",
    note="The canonical download was never tried; the mirror's files are the same reviews, "
    "packed again in two archives.",
)

_BATCH = 100  # texts that are read at once: twice as fast as one by one


def load_imdb() -> Splits[LabelledTexts]:
    """Loads the labelled reviews, each `negative` or `positive`.

    The 25,000 to test are the official ones. Of the official 25,000 to train, equal ones are
    folded and those that also stand in test left out; the others are cut 90/10, each label alike:
    22,303 to train, 2,478 to validate. Each split is in the order of the SHA-256 of its texts, so
    that labels are mixed.

    Raises:
        UserError: The set cannot be fetched or prepared.
    """
    from tasks.sentiment.imdb import Imdb

    builder = prepare(Imdb)
    return Splits(
        train=_labelled_texts(builder, "train"),
        validation=_labelled_texts(builder, "validation"),
        test=_labelled_texts(builder, "test"),
    )


def load_unlabelled() -> list[str]:
    """Loads the distinct reviews without a label that stand neither in validation nor in test.

    There are 49,205, in the order of their SHA-256.

    Raises:
        UserError: The set cannot be fetched or prepared.
    """
    from tasks.sentiment.imdb import Imdb

    return [text for text, _ in _rows(prepare(Imdb), "unlabelled")]


def load_sample(kinds: Container[str] | None = None) -> LabelledTexts:
    """Loads the texts written for this project.

    Args:
        kinds: Only texts of these kinds: film, product, restaurant, book or music, travel, short.
    """
    with Path(__file__).with_name("sample.tsv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    chosen = [row for row in rows if kinds is None or row["kind"] in kinds]
    return LabelledTexts([row["text"] for row in chosen], [row["label"] for row in chosen])


def _labelled_texts(builder: tfds.core.DatasetBuilder, split: str) -> LabelledTexts:
    rows = _rows(builder, split)
    name_of_label = builder.info.features["label"].int2str
    return LabelledTexts([text for text, _ in rows], [name_of_label(label) for _, label in rows])


def _rows(builder: tfds.core.DatasetBuilder, split: str) -> list[tuple[str, int]]:
    import tensorflow_datasets as tfds

    return [
        (text.decode("utf-8"), int(label))
        for batch in tfds.as_numpy(builder.as_dataset(split=split, batch_size=_BATCH))
        for text, label in zip(batch["text"], batch["label"], strict=True)
    ]
