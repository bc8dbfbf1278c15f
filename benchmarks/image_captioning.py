"""How long the shipped captioner takes: `python -m benchmarks.image_captioning`.

Run it with nothing else under way. The photos are drawn scenes as JPEG files of 500x375 pixels.
"""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import tensorflow as tf
from PIL import Image

from benchmarks.timing import Timed, median_ms, write
from tasks.image_captioning.scenes import load_scenes
from zoo import hub

_SIZE = (500, 375)
_MANY = 32


def main() -> None:
    """Measure one photo by each signature, and many at once."""
    model = tf.saved_model.load(str(hub.find("image_captioning")))
    photos = [_jpeg(image) for image in load_scenes().test.images[:_MANY]]

    def signature(name: str, images: list[bytes]) -> Callable[[], Any]:
        given = tf.constant(images)
        return lambda: model.signatures[name](image_bytes=given)

    beam = median_ms(signature("serving_default", photos[:1]), 50)
    rows = [Timed("1 photo: shipped model, beam", beam, 1.0)]
    for name in ("greedy", "n_best", "explain"):
        one = median_ms(signature(name, photos[:1]), 50)
        rows.append(Timed(f"1 photo: shipped model, {name}", one, one / beam))
    many = median_ms(signature("serving_default", photos), 10)
    rows.append(Timed(f"{_MANY} photos: shipped model, beam", many, many / beam))
    write(rows, Path(__file__).with_suffix(".csv"))


def _jpeg(image: bytes) -> bytes:
    file = io.BytesIO()
    Image.open(io.BytesIO(image)).convert("RGB").resize(_SIZE).save(file, "JPEG", quality=90)
    return file.getvalue()


if __name__ == "__main__":
    main()
