"""The TFDS builder of the Large Movie Review Dataset.

Importing this module imports tensorflow_datasets, which takes seconds: `data` does so when it
must.
"""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import tensorflow_datasets as tfds

from tasks.sentiment.data import IMDB
from zoo.data.examples import LabelledTexts, cut
from zoo.data.sources import Source, fetched
from zoo.data.tfds_builder import describe

_TRAIN_PERCENT = 90
_LABELS = {"neg": "negative", "pos": "positive"}
_FOLDERS = ("train/neg", "train/pos", "test/neg", "test/pos", "train/unsup")
_REVIEW = re.compile(rf"aclImdb/(?P<folder>{'|'.join(_FOLDERS)})/\d+_\d+\.txt")
_NO_LABEL = -1  # as TFDS has it


class Reviews(NamedTuple):
    """The parts that the archive has."""

    train: LabelledTexts
    test: LabelledTexts
    unlabelled: list[str]


class Imdb(tfds.core.GeneratorBasedBuilder):
    """English film reviews, each `negative` or `positive`, and more of them without a label."""

    VERSION = tfds.core.Version("1.0.0")
    RELEASE_NOTES = {  # noqa: RUF012
        "1.0.0": "The official test split, whole; the official train split, repeated reviews "
        "folded and those of test left out, cut 90/10 in the order of the texts' SHA-256; the "
        "reviews without a label, repeated ones folded and those of test and validation left out."
    }
    SOURCE = IMDB

    def _info(self) -> tfds.core.DatasetInfo:
        return describe(
            self,
            self.SOURCE,
            tfds.features.FeaturesDict(
                {
                    "text": tfds.features.Text(),
                    "label": tfds.features.ClassLabel(names=list(_LABELS.values())),
                }
            ),
            supervised_keys=("text", "label"),
        )

    def _split_generators(
        self, dl_manager: tfds.download.DownloadManager
    ) -> dict[str, Iterator[tuple[int, dict[str, Any]]]]:
        with fetched(self.SOURCE, dl_manager) as files:
            reviews = read_reviews(files, self.SOURCE)
        held_out = set(reviews.test.texts)
        train, validation = cut(
            reviews.train.select(
                index for index, text in enumerate(reviews.train.texts) if text not in held_out
            ),
            (_TRAIN_PERCENT,),
        )
        held_out.update(validation.texts)
        unlabelled = sorted((t for t in reviews.unlabelled if t not in held_out), key=_digest)
        return {
            "train": self._generate_examples(train.texts, train.labels),
            "validation": self._generate_examples(validation.texts, validation.labels),
            "test": self._generate_examples(reviews.test.texts, reviews.test.labels),
            "unlabelled": self._generate_examples(unlabelled, [_NO_LABEL] * len(unlabelled)),
        }

    def _generate_examples(
        self, texts: list[str], labels: list[str] | list[int]
    ) -> Iterator[tuple[int, dict[str, Any]]]:
        # TFDS writes examples in the order of their keys.
        for key, (text, label) in enumerate(zip(texts, labels, strict=True)):
            yield key, {"text": text, "label": label}


def read_reviews(files: Iterable[tuple[str, bytes]], source: Source) -> Reviews:
    """Sorts the archive's files into its parts and checks their counts.

    Args:
        files: Name and content of each file; those that are no reviews are ignored.
        source: What the counts should be.

    Returns:
        The distinct reviews to train on, all reviews to test on in the order of the SHA-256 of
        their texts, and the distinct reviews without a label.

    Raises:
        UserError: A count is not as published.
    """
    texts: dict[str, list[str]] = defaultdict(list)
    for name, content in files:
        if review := _REVIEW.fullmatch(name):
            texts[review["folder"]].append(content.decode("utf-8"))
    train = _labelled(texts, "train").distinct()
    test = _labelled(texts, "test")
    unlabelled = list(dict.fromkeys(texts["train/unsup"]))
    source.check_counts(
        {folder: len(texts[folder]) for folder in _FOLDERS}
        | {
            "distinct in train": len(train),
            "of them in test": len(set(train.texts) & set(test.texts)),
            "distinct in train/unsup": len(unlabelled),
        }
    )
    order = sorted(range(len(test)), key=lambda n: (_digest(test.texts[n]), test.labels[n]))
    return Reviews(train, test.select(order), unlabelled)


def _labelled(texts: dict[str, list[str]], part: str) -> LabelledTexts:
    """Joins a part's folders."""
    pairs = [(text, _LABELS[name]) for name in _LABELS for text in texts[f"{part}/{name}"]]
    return LabelledTexts([text for text, _ in pairs], [label for _, label in pairs])


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8")).digest()
