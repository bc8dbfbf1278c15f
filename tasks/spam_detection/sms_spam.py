"""The TFDS builder of the SMS Spam Collection.

Importing this module imports tensorflow_datasets, which takes seconds: `data` does so when it
must.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import numpy as np
import tensorflow_datasets as tfds

from tasks.spam_detection.data import SMS_SPAM
from zoo.data.examples import LabelledTexts, split
from zoo.data.sources import Source, fetched
from zoo.data.tfds_builder import describe


class SmsSpam(tfds.core.GeneratorBasedBuilder):
    """English text messages, each `ham` or `spam`, repeated ones folded."""

    VERSION = tfds.core.Version("1.0.0")
    RELEASE_NOTES = {  # noqa: RUF012
        "1.0.0": "Repeated messages folded; 60/20/20 in the order of the texts' SHA-256."
    }
    SOURCE = SMS_SPAM

    def _info(self) -> tfds.core.DatasetInfo:
        return describe(
            self,
            self.SOURCE,
            tfds.features.FeaturesDict(
                {
                    # The message's place among the distinct ones of the file, counted from 0.
                    "id": np.int64,
                    "text": tfds.features.Text(),
                    "label": tfds.features.ClassLabel(names=["ham", "spam"]),
                }
            ),
            supervised_keys=("text", "label"),
        )

    def _split_generators(
        self, dl_manager: tfds.download.DownloadManager
    ) -> dict[str, Iterator[tuple[int, dict[str, Any]]]]:
        with fetched(self.SOURCE, dl_manager) as files:
            # The archive holds a readme too.
            content = dict(files).get("SMSSpamCollection", b"")
            messages = distinct_messages(content, self.SOURCE)
        ids = {text: place for place, text in enumerate(messages.texts)}
        splits = split(messages)
        return {
            "train": self._generate_examples(splits.train, ids),
            "validation": self._generate_examples(splits.validation, ids),
            "test": self._generate_examples(splits.test, ids),
        }

    def _generate_examples(
        self, messages: LabelledTexts, ids: dict[str, int]
    ) -> Iterator[tuple[int, dict[str, Any]]]:
        # TFDS writes examples in the order of their keys.
        for key, (text, label) in enumerate(zip(messages.texts, messages.labels, strict=True)):
            yield key, {"id": ids[text], "text": text, "label": label}


def distinct_messages(content: bytes, source: Source) -> LabelledTexts:
    """Parses lines of `label<TAB>text`, checks their counts and folds the repeated ones.

    Args:
        content: The data file.
        source: What the counts should be.

    Returns:
        The distinct messages in the file's order.

    Raises:
        UserError: A count is not as published.
    """
    # Only "\n" ends a line, and the last one too: the texts hold control characters that
    # str.splitlines would split at.
    lines = content.decode("utf-8").split("\n")[:-1]
    pairs = [line.partition("\t") for line in lines]
    messages = LabelledTexts([text for *_, text in pairs], [label for label, *_ in pairs])
    distinct = messages.distinct()
    labels = Counter(messages.labels)
    source.check_counts(
        {
            "lines": len(messages),
            "ham": labels["ham"],
            "spam": labels["spam"],
            "distinct lines": len(distinct),
            "distinct spam": distinct.labels.count("spam"),
        }
    )
    return distinct
