"""Photos in files, checked with Pillow before a model sees them.

A model reads JPEG and PNG by itself, and answers what it cannot read with an empty caption; here
a person is told what is wrong with a file instead.
"""

from __future__ import annotations

import io
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

from zoo.errors import UserError

if TYPE_CHECKING:
    from PIL.Image import Image

MOST_PIXELS = 50_000_000
_MOST_BYTES = 1 << 28
_FORMATS = ("JPEG", "MPO", "PNG")  # MPO: JPEG of a camera that put a second picture behind it
_ENOUGH = 448  # pixels on the shorter side: twice what the encoder sees
_WHITE = (255, 255, 255, 255)


def read_photo(path: Path) -> bytes:
    """Reads a JPEG or PNG file and checks that all of it can be decoded.

    Args:
        path: The file. Of several pictures in it, the first one is meant.

    Returns:
        The file's content.

    Raises:
        UserError: It cannot be read, is empty, no JPEG or PNG, too large, truncated or damaged.
    """
    if path.is_dir():
        raise UserError(f"{path} is a folder: name a photo in it")
    if not path.exists():
        raise UserError(f"{path} does not exist: check the file's name")
    if not path.is_file():
        raise UserError(f"{path} is no file: name a JPEG or PNG file")
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise UserError(f"{path} is larger than {_MOST_BYTES} bytes: make the photo smaller")
        content = path.read_bytes()
    except OSError as error:
        raise UserError(
            f"{path} cannot be read ({error.strerror}): check who may read it"
        ) from None
    if fault := fault_of(content):
        raise UserError(f"{path} {fault}")
    return content


def fault_of(content: bytes) -> str | None:
    """What is wrong with a photo, and what to do; None where all of it can be decoded.

    Args:
        content: Of a file.
    """
    from PIL import Image, UnidentifiedImageError

    if not content:
        return "is empty: give a JPEG or PNG file"
    damaged = "is truncated or damaged: get the file again"
    too_large = f"has more than {MOST_PIXELS // 10**6} megapixels: make the photo smaller"
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow warns of sizes that are refused below
            image = Image.open(io.BytesIO(content))
    except UnidentifiedImageError:
        return "is not an image: give a JPEG or PNG file"
    except Image.DecompressionBombError:
        return too_large
    except Exception:  # Pillow's readers raise all kinds of errors on damaged files
        return damaged
    if image.format not in _FORMATS:
        return f"is a {image.format}, not a JPEG or PNG: save it as one of these"
    if image.width * image.height > MOST_PIXELS:
        return too_large
    try:
        image.load()
    except Exception:
        return damaged
    return None


def reduced(content: bytes) -> bytes:
    """A photo no larger than a model needs, so that thousands of them fit into memory.

    Args:
        content: As of `read_photo`.

    Returns:
        The same bytes, or, where the shorter side has more than 448 pixels, a JPEG in which it
        has 448, upright, transparent parts white; 16-bit grey stays as it is.
    """
    from PIL import Image

    image = Image.open(io.BytesIO(content))
    # Pillow cuts 16-bit grey off at white where it should scale it.
    if min(image.size) <= _ENOUGH or image.mode.startswith("I"):
        return content
    image.draft("RGB", (2 * _ENOUGH, 2 * _ENOUGH))  # a JPEG is decoded at a fraction of its size
    upright = upright_rgb(image)
    factor = _ENOUGH / min(upright.size)
    size = (round(upright.width * factor), round(upright.height * factor))
    file = io.BytesIO()
    upright.resize(size).save(file, "JPEG", quality=90)
    return file.getvalue()


def upright_rgb(image: Image) -> Image:
    """The picture as people see it: upright, transparent parts white."""
    from PIL import Image, ImageOps

    image = ImageOps.exif_transpose(image)
    if not image.has_transparency_data:
        return image.convert("RGB")
    image = image.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", image.size, _WHITE), image).convert("RGB")
