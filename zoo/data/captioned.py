"""Photos and their captions, and how people's own are read and split."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from zoo.data.examples import Splits, parts_by_digest
from zoo.data.files import Fault, read_rows, refuse_faults
from zoo.data.photos import read_photo, reduced
from zoo.errors import UserError

_CAPTION_FILES = ("captions.csv", "captions.tsv", "captions.jsonl", "captions.ndjson")


@dataclass(frozen=True)
class Captioned:
    """Photos and their captions, index by index.

    Attributes:
        images: JPEG or PNG files' content.
        captions: of each photo, one or more.
    """

    images: list[bytes]
    captions: list[tuple[str, ...]]

    def __post_init__(self) -> None:
        if len(self.images) != len(self.captions):
            raise ValueError(f"{len(self.images)} images but captions of {len(self.captions)}")

    def __len__(self) -> int:
        return len(self.images)

    def select(self, indices: Iterable[int]) -> "Captioned":
        """Gives the photos at these indices, in the indices' order."""
        chosen = list(indices)
        return Captioned([self.images[n] for n in chosen], [self.captions[n] for n in chosen])

    def pairs(self) -> list[tuple[int, str]]:
        """Each caption with the place of its photo, photo by photo."""
        return [(n, caption) for n, captions in enumerate(self.captions) for caption in captions]


def read_captioned(path: Path) -> Captioned:
    """Reads a file of captions and the photos that it names.

    Args:
        path: A CSV, TSV or JSON-lines file, as `read_rows` takes it, with the columns `image`, a
            JPEG or PNG file's path from the folder that the captions' file is in, and `caption`;
            a photo with several captions has several rows. Or the folder of such a file, which is
            then called `captions.csv`, `.tsv`, `.jsonl` or `.ndjson`.

    Returns:
        The photos in the order of their first rows, no larger than a model needs (see `reduced`).

    Raises:
        UserError: The file cannot be read as such, or names something that is no sound photo.
    """
    file = _captions_file(path) if path.is_dir() else path
    captions: dict[str, list[str]] = defaultdict(list)
    images: dict[str, bytes] = {}
    faults = []
    for line, row in read_rows(file, ("image", "caption")):
        name = row["image"]
        if name not in captions:  # what is wrong with a photo is said once
            try:
                images[name] = reduced(read_photo(file.parent / name))
            except UserError as error:
                faults.append((line, Fault(str(error))))
        captions[name].append(row["caption"])
    refuse_faults(file, faults)
    return Captioned(list(images.values()), [tuple(captions[name]) for name in images])


def _captions_file(folder: Path) -> Path:
    found = [folder / name for name in _CAPTION_FILES if (folder / name).is_file()]
    if len(found) != 1:
        number = "several of" if found else "none of"
        raise UserError(
            f"{folder} holds {number} {', '.join(_CAPTION_FILES)}: name the file of captions, "
            "with the columns image and caption"
        )
    return found[0]


def split_captioned(photos: Captioned, percents: tuple[int, int, int]) -> Splits[Captioned]:
    """Cuts photos, each with all its captions, by the SHA-256 of their files: `parts_by_digest`.

    Equal photos are folded into one, which has the different captions of all.

    Args:
        photos: To be cut.
        percents: To train on, to validate on and to test on; together 100.

    Returns:
        The three splits, each in the order of the SHA-256, so that they are mixed.

    Raises:
        UserError: A split would be empty.
    """
    captions: dict[bytes, dict[str, None]] = defaultdict(dict)
    for image, written in zip(photos.images, photos.captions, strict=True):
        captions[image].update(dict.fromkeys(written))
    folded = Captioned(list(captions), [tuple(written) for written in captions.values()])
    places = parts_by_digest(folded.images, percents)
    if not all(places):
        raise UserError(
            f"too few different photos ({len(folded)}) to train, validate and test on: add more"
        )
    return Splits(*map(folded.select, places))
