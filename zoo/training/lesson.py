"""All that a training reads, as numbers, in one file of its run.

Texts become numbers by TensorFlow's operations. What comes after needs none of them: a run folder
with its lesson can go on on another machine and another of Keras' backends.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from zoo.data.atomic import replacing
from zoo.training.checkpoint import opened

Part = np.ndarray | Sequence[np.ndarray]
"""An array, or rows of integers of different lengths."""

_LENGTHS = "/lengths"


def save(path: Path, parts: Mapping[str, Part]) -> None:
    """Write a lesson, whole or not at all; rows in the shortest type that holds them.

    Raises:
        UserError: the file could not be written.
    """
    arrays: dict[str, np.ndarray] = {}
    for name, part in parts.items():
        if isinstance(part, np.ndarray):
            arrays[name] = part
            continue
        joined = np.concatenate([*part, np.zeros(0, np.int32)])
        largest = joined.max(initial=0)
        arrays[name] = joined.astype(np.min_scalar_type(largest))
        arrays[name + _LENGTHS] = np.array([len(row) for row in part], np.int32)
    with replacing(path) as beside, beside.open("wb") as file:
        np.savez(file, allow_pickle=False, **arrays)


def load(path: Path) -> dict[str, Any]:
    """Read a lesson; rows are int32.

    Raises:
        UserError: the file is missing or damaged.
    """
    with opened(path) as archive:
        arrays = {name: archive[name] for name in archive.files}
    parts: dict[str, Any] = {}
    for name, array in arrays.items():
        if name.endswith(_LENGTHS):
            continue
        lengths = arrays.get(name + _LENGTHS)
        if lengths is None:
            parts[name] = array
        else:
            ends = np.cumsum(lengths)
            parts[name] = np.split(array.astype(np.int32), ends)[: len(ends)]
    return parts
