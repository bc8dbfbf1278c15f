"""The TFDS builder of the ManyThings sentence pairs.

Importing this module imports tensorflow_datasets, which takes seconds: `data` does so when it
must.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import tensorflow_datasets as tfds

from tasks.translation.data import MANYTHINGS
from zoo.data.pairs import Pairs, split_pairs
from zoo.data.sources import Source, fetched
from zoo.data.tfds_builder import describe

_PERCENTS = (98, 1, 1)
_ABOUT = "_about.txt"


class Manythings(tfds.core.GeneratorBasedBuilder):
    """English sentences from Tatoeba, chosen by ManyThings, and their translations."""

    VERSION = tfds.core.Version("1.0.0")
    RELEASE_NOTES = {  # noqa: RUF012
        "1.0.0": "98/1/1 by the SHA-256 of the English sentence, equal pairs folded."
    }
    BUILDER_CONFIGS = [  # noqa: RUF012
        tfds.core.BuilderConfig(name=other, description=source.name)
        for other, source in MANYTHINGS.items()
    ]
    SOURCES = MANYTHINGS

    @property
    def _other(self) -> str:
        """The language that is not English."""
        return self.builder_config.name

    def _info(self) -> tfds.core.DatasetInfo:
        source = self.SOURCES[self._other]
        return describe(
            self,
            source,
            tfds.features.Translation(languages=("en", self._other)),
        )

    def _split_generators(
        self, dl_manager: tfds.download.DownloadManager
    ) -> dict[str, Iterator[tuple[int, dict[str, str]]]]:
        source = self.SOURCES[self._other]
        with fetched(source, dl_manager) as files:
            pairs = read_sentences(files, source)
        splits = split_pairs(pairs, pairs.sources, _PERCENTS)
        return {
            "train": self._generate_examples(splits.train),
            "validation": self._generate_examples(splits.validation),
            "test": self._generate_examples(splits.test),
        }

    def _generate_examples(self, pairs: Pairs) -> Iterator[tuple[int, dict[str, str]]]:
        # TFDS writes examples in the order of their keys.
        for key, (english, other) in enumerate(zip(pairs.sources, pairs.targets, strict=True)):
            yield key, {"en": english, self._other: other}


def read_sentences(files: Iterable[tuple[str, bytes]], source: Source) -> Pairs:
    """Parses lines of `English<TAB>other`, newer ones with an attribution, and checks their counts.

    Args:
        files: Name and content of each data file; what the archive says about itself is ignored.
        source: What the counts should be.

    Returns:
        The pairs, English first, in the file's order.

    Raises:
        UserError: There are no pairs at all.
    """
    lines = [
        line
        for name, content in files
        if name != _ABOUT
        # Only "\n" ends a line: sentences may hold other characters that str.splitlines knows.
        for line in content.decode("utf-8").split("\n")
        if line
    ]
    rows = [line.split("\t")[:2] for line in lines]
    rows = [row for row in rows if len(row) == 2 and all(map(str.strip, row))]
    pairs = Pairs([english for english, _ in rows], [other for _, other in rows])
    source.check_counts(
        {
            "lines": len(lines),
            "pairs": len(pairs),
            "English sentences": len(set(pairs.sources)),
        }
    )
    return pairs
