"""The TFDS builder of Multi30k.

Importing this module imports tensorflow_datasets, which takes seconds: `data` does so when it
must.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import tensorflow_datasets as tfds

from tasks.translation.data import LANGUAGES, MULTI30K
from zoo.data.sources import Source, fetched
from zoo.data.tfds_builder import describe

_SPLITS = {"train": "train", "validation": "val", "test": "test_2016_flickr"}

Captions = list[dict[str, str]]


class Multi30k(tfds.core.GeneratorBasedBuilder):
    """Captions of photos in English, German and French, each a translation of the English."""

    VERSION = tfds.core.Version("1.0.0")
    RELEASE_NOTES = {"1.0.0": "The published splits of 2016, raw, in order."}  # noqa: RUF012
    SOURCE = MULTI30K

    def _info(self) -> tfds.core.DatasetInfo:
        return describe(
            self,
            self.SOURCE,
            tfds.features.Translation(languages=LANGUAGES),
        )

    def _split_generators(
        self, dl_manager: tfds.download.DownloadManager
    ) -> dict[str, Iterator[tuple[int, dict[str, str]]]]:
        with fetched(self.SOURCE, dl_manager) as files:
            captions = read_captions(files, self.SOURCE)
        return {split: self._generate_examples(captions[split]) for split in _SPLITS}

    def _generate_examples(self, captions: Captions) -> Iterator[tuple[int, dict[str, str]]]:
        # TFDS writes examples in the order of their keys.
        yield from enumerate(captions)


def read_captions(files: Iterable[tuple[str, bytes]], source: Source) -> dict[str, Captions]:
    """Puts the lines of the data files side by side and checks their counts.

    Args:
        files: Name and content of each data file: one caption a line in one language.
        source: What the counts should be.

    Returns:
        By split, each caption by language, in the files' order.

    Raises:
        UserError: A count is not as published.
    """
    # Only "\n" ends a line, and the last one too.
    lines = {name: content.decode("utf-8").split("\n")[:-1] for name, content in files}
    source.check_counts({name: len(found) for name, found in lines.items()})
    return {
        split: [
            dict(zip(LANGUAGES, captions, strict=True))
            for captions in zip(*(lines[f"{part}.{code}"] for code in LANGUAGES), strict=True)
        ]
        for split, part in _SPLITS.items()
    }
