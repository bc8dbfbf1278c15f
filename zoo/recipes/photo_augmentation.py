"""Photos a little different every time, while the encoder learns too."""

import re
from typing import Any

import numpy as np

_SIDES = re.compile(r"\b(left|right)\b", re.IGNORECASE)
_SMALLEST = 0.8  # share of a photo's width and height that is seen at least
_LIGHT = 0.15  # by how much brightness and contrast change at most


def keeps_mirrored(caption: str) -> bool:
    """Whether an English caption says the same of the mirrored photo: it names no side."""
    return _SIDES.search(caption) is None


def varied(pixels: Any, mirrored: Any, random: np.random.Generator) -> Any:
    """Photos cut a little, some of them mirrored, in another light.

    Args:
        pixels: float32 `[batch, size, size, 3]` in [-1, 1].
        mirrored: bool `[batch]`, whether left and right are exchanged.
        random: what decides, in the same way for the same generator.

    Returns:
        As `pixels`.
    """
    import tensorflow as tf

    batch, size = pixels.shape[:2]
    share = random.uniform(_SMALLEST, 1, (batch, 2))
    begin = random.uniform(0, 1 - share)
    end = begin + share
    left, right = (np.where(mirrored, *sides) for sides in (
        (end[:, 1], begin[:, 1]), (begin[:, 1], end[:, 1])
    ))  # fmt: skip
    boxes = np.stack([begin[:, 0], left, end[:, 0], right], axis=1)
    cut = tf.image.crop_and_resize(pixels, boxes, tf.range(batch), [size, size])
    brightness, contrast = random.uniform(-_LIGHT, _LIGHT, (2, batch, 1, 1, 1)).astype(np.float32)
    return tf.clip_by_value(cut * (1 + contrast) + brightness, -1, 1)
