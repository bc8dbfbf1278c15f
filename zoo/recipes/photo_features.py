"""What a frozen encoder sees in photos, computed once and kept on the disk."""

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from zoo.data.atomic import replacing
from zoo.data.tfds_builder import data_folder
from zoo.errors import UserError

_BATCH = 32


def grids(model: Any, images: Sequence[bytes], mirrored: bool = False) -> np.ndarray:
    """The grids of photos, from the disk or, the first time, from the encoder.

    They are kept below `$ZOO_DATA`, in a file named by the encoder's weights and the photos: with
    others, other grids are made. 8,000 photos take 1 GB.

    Args:
        model: a `zoo.models.one_to_many.OneToMany`.
        images: files' content, each of them readable (see `zoo.data.photos`).
        mirrored: whether left and right are exchanged before they are looked at.

    Returns:
        Float16 `[images, places, size]`, not to be written to, which the system reads from the
        disk as it is needed.

    Raises:
        UserError: a photo is not readable, or the disk is full.
    """
    path = data_folder() / "photo_features" / f"{_key(model, images, mirrored)}.npy"
    if not path.exists():
        with replacing(path) as beside:
            _write(model, images, mirrored, beside)
    return np.load(path, mmap_mode="r")


def _key(model: Any, images: Sequence[bytes], mirrored: bool) -> str:
    key = hashlib.sha256(f"{model.config.photo_size} {mirrored}".encode())
    for variable in model.encoder.variables:
        key.update(np.ascontiguousarray(variable).tobytes())
    for image in images:
        key.update(hashlib.sha256(image).digest())
    return key.hexdigest()[:32]


def _write(model: Any, images: Sequence[bytes], mirrored: bool, path: Path) -> None:
    import tensorflow as tf
    from rich.progress import track

    from zoo.export.images import read_photos

    _, rows, columns, size = model.encoder.output_shape

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string)])
    def seen(batch: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        pixels, readable = read_photos(batch, model.config.photo_size)
        pixels = tf.reverse(pixels, [2]) if mirrored else pixels
        return tf.cast(model.see(pixels), tf.float16), readable

    shape = (len(images), rows * columns, size)
    # Named with a file, since NumPy would give the name its own ending.
    with path.open("wb+") as file:
        header = {"descr": "<f2", "fortran_order": False, "shape": shape}
        np.lib.format.write_array_header_1_0(file, header)
        for begin in track(range(0, len(images), _BATCH), "looking at the photos"):
            grid, readable = seen(tf.constant(images[begin : begin + _BATCH], tf.string))
            if not np.all(readable):
                number = begin + int(np.argmin(readable)) + 1
                raise UserError(f"photo {number} of {len(images)} is no readable JPEG or PNG file")
            file.write(grid.numpy().tobytes())
