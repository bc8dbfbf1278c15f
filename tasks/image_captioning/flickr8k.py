"""The TFDS builder of Flickr8k.

Importing this module imports tensorflow_datasets, which takes seconds: `data` does so when it
must.
"""

from __future__ import annotations

import io
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import tensorflow_datasets as tfds

from tasks.image_captioning.data import FLICKR8K
from zoo.data.sources import Source, fetched
from zoo.data.tfds_builder import describe

# The archives of the canonical download hold other files beside these, macOS' own among them.
_PHOTO = re.compile(r"Flicker8k_Dataset/(?P<id>[^/]+\.jpg)")
_CAPTIONS = "Flickr8k.token.txt"
_LISTS = {
    "train": ("Flickr_8k.trainImages.txt", "photos to train"),
    "validation": ("Flickr_8k.devImages.txt", "photos to validate"),
    "test": ("Flickr_8k.testImages.txt", "photos to test"),
}
_PER_PHOTO = 5


class Photo(NamedTuple):
    """A photo and what people wrote about it."""

    id: str
    image: bytes
    captions: list[str]


class Flickr8k(tfds.core.GeneratorBasedBuilder):
    """Photos of people and dogs doing something, each with five English captions."""

    VERSION = tfds.core.Version("1.0.0")
    RELEASE_NOTES = {  # noqa: RUF012
        "1.0.0": "The official splits, photos and captions as published, in the lists' order."
    }
    SOURCE = FLICKR8K

    def _info(self) -> tfds.core.DatasetInfo:
        return describe(
            self,
            self.SOURCE,
            tfds.features.FeaturesDict(
                {
                    "id": tfds.features.Text(),
                    "image": tfds.features.Image(encoding_format="jpeg"),
                    "captions": tfds.features.Sequence(tfds.features.Text(), length=_PER_PHOTO),
                }
            ),
        )

    def _split_generators(
        self, dl_manager: tfds.download.DownloadManager
    ) -> dict[str, Iterator[tuple[int, dict[str, Any]]]]:
        with fetched(self.SOURCE, dl_manager) as files:
            photos = read_photos(files, self.SOURCE)
        return {split: self._generate_examples(photos[split]) for split in _LISTS}

    def _generate_examples(self, photos: list[Photo]) -> Iterator[tuple[int, dict[str, Any]]]:
        # TFDS writes examples in the order of their keys, and a file's bytes as they are.
        for key, photo in enumerate(photos):
            yield key, {**photo._asdict(), "image": io.BytesIO(photo.image)}


def read_photos(files: Iterable[tuple[str, bytes]], source: Source) -> dict[str, list[Photo]]:
    """Puts photos, captions and lists of the splits together and checks their counts.

    All photos are in memory at once: of the canonical archives 1.1 GB.

    Args:
        files: Name and content of each data file; others than those needed are ignored.
        source: What the counts should be.

    Returns:
        By split, the photos in the order of its list.

    Raises:
        UserError: A count is not as published; photos without five captions do not count.
    """
    images, texts = {}, defaultdict(str)
    for name, content in files:
        if photo := _PHOTO.fullmatch(name):
            images[photo["id"]] = content
        elif name == _CAPTIONS or name in dict(_LISTS.values()):
            texts[name] = content.decode("utf-8")

    captions: dict[str, list[str]] = defaultdict(list)
    # Only "\n" ends a line, and the last one too.
    for line in texts[_CAPTIONS].split("\n")[:-1]:
        number, _, caption = line.partition("\t")
        captions[number.partition("#")[0]].append(caption)
    photos = {
        split: [
            Photo(id, images[id], captions[id])
            for id in texts[name].split()
            if id in images and len(captions[id]) == _PER_PHOTO
        ]
        for split, (name, _) in _LISTS.items()
    }
    listed = {photo.id for found in photos.values() for photo in found}
    source.check_counts(
        {
            "photos": len(images),
            "captions": sum(map(len, captions.values())),
            **{_LISTS[split][1]: len(found) for split, found in photos.items()},
            "photos in no split": len(images.keys() - listed),
        }
    )
    return photos
