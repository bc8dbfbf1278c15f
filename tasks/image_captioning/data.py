"""Flickr8k as this task uses it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zoo.data.captioned import Captioned
from zoo.data.examples import Splits
from zoo.data.sources import Source
from zoo.data.tfds_builder import prepare

if TYPE_CHECKING:
    import tensorflow_datasets as tfds

_RELEASE = "https://github.com/jbrownlee/Datasets/releases/download/Flickr8k"

FLICKR8K = Source(
    name="Flickr8k",
    homepage="http://hockenmaier.cs.illinois.edu/8k-pictures.html",
    urls=(f"{_RELEASE}/Flickr8k_Dataset.zip", f"{_RELEASE}/Flickr8k_text.zip"),
    mirror_paths=("flickr8k/Flickr8k_Dataset.zip", "flickr8k/Flickr8k_text.zip"),
    sha256={},
    counts={
        "photos": 8091,
        "captions": 40460,
        "photos to train": 6000,
        "photos to validate": 1000,
        "photos to test": 1000,
        "photos in no split": 91,
    },
    licence="no open licence: non-commercial research; photos belong to their Flickr owners",
    citation="""\
@article{hodosh2013framing,
  title = {Framing Image Description as a Ranking Task: Data, Models and Evaluation Metrics},
  author = {Hodosh, Micah and Young, Peter and Hockenmaier, Julia},
  journal = {Journal of Artificial Intelligence Research},
  volume = {47},
  year = {2013},
  pages = {853--899},
  doi = {10.1613/jair.3994},
}""",
    note="The authors' own address is gone; the download is the copy of their archives that is "
    "commonly used, and was never tried. The mirror's photos are squashed to 224x224 pixels, JPEG "
    "quality 70, where the canonical ones have up to 500 on a side.",
)

_BATCH = 100  # photos that are read at once: twice as fast as one by one


def load_flickr8k() -> Splits[Captioned]:
    """Loads the official splits: 6,000 photos to train, 1,000 to validate, 1,000 to test.

    Each has five captions, as published: words and marks apart from each other. The photos are
    JPEG files, their bytes as published, in the order of the split's list. The 91 photos in no
    split are not loaded.

    Raises:
        UserError: The set cannot be fetched or prepared.
    """
    from tasks.image_captioning.flickr8k import Flickr8k

    builder = prepare(Flickr8k)
    return Splits(
        train=_captioned(builder, "train"),
        validation=_captioned(builder, "validation"),
        test=_captioned(builder, "test"),
    )


def _captioned(builder: tfds.core.DatasetBuilder, split: str) -> Captioned:
    import tensorflow_datasets as tfds

    photos = Captioned([], [])
    examples = builder.as_dataset(
        split=split, batch_size=_BATCH, decoders={"image": tfds.decode.SkipDecoding()}
    )
    for batch in tfds.as_numpy(examples):
        photos.images.extend(batch["image"])
        photos.captions.extend(
            tuple(caption.decode("utf-8") for caption in captions) for captions in batch["captions"]
        )
    return photos
