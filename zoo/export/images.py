"""Photos as the encoder sees them, made of their files' bytes in the graph."""

from collections.abc import Callable
from typing import NamedTuple

import tensorflow as tf

from zoo.export.image_headers import Header, read_headers

_DENOMINATORS = (1, 2, 4, 8)
"""The fractions at which a JPEG file can be decoded, which takes that much less time."""

# Decoded at once: each may hold 50 megapixels.
_AT_ONCE = 2


class Photos(NamedTuple):
    """A batch of photos.

    Attributes:
        pixels: float32 `[batch, size, size, 3]` in [-1, 1]; 0 where a file was not readable.
        readable: bool `[batch]`, whether it was a JPEG or PNG file by its header, of at most 50
            megapixels.
    """

    pixels: tf.Tensor
    readable: tf.Tensor


def photo_reader(size: int) -> Callable[[tf.Tensor], Photos]:
    """`read_photos` of photos of this size, as a graph of its own."""
    signature = [tf.TensorSpec([None], tf.string)]
    return tf.function(lambda images: read_photos(images, size), input_signature=signature)


def read_photos(images: tf.Tensor, size: int) -> Photos:
    """Decode photos, turn them upright and squash them to a square.

    All of a photo is seen: nothing is cropped. Grey, palette, CMYK and 16-bit files become RGB,
    and transparent parts white.

    Args:
        images: string `[batch]`, files' bytes. What is no JPEG or PNG file by its header, or
            too large, is not decoded; of a JPEG file that is cut off, what is missing is grey.
        size: pixels on a side.

    Raises:
        tf.errors.InvalidArgumentError: the header is sound, but the rest is damaged.
    """
    header = read_headers(images)

    def one(row: tuple[tf.Tensor, tf.Tensor, tf.Tensor]) -> tf.Tensor:
        image, way, orientation = row
        ways = [
            lambda: tf.zeros([size, size, 3]) + 127.5,
            lambda: _squashed(tf.io.decode_png(image, channels=3), size),
            lambda: _on_white(tf.io.decode_png(image, channels=4), size),
            *(
                lambda n=denominator: _squashed(_decoded_jpeg(image, n), size)
                for denominator in _DENOMINATORS
            ),
        ]
        return _turned(tf.switch_case(way, ways), orientation)

    pixels = tf.map_fn(
        one,
        (images, _ways(header, size), header.orientation),
        fn_output_signature=tf.TensorSpec([size, size, 3], tf.float32),
        parallel_iterations=_AT_ONCE,
    )
    return Photos(pixels / 127.5 - 1, header.jpeg | header.png)


def _ways(header: Header, size: int) -> tf.Tensor:
    """Which of the ways of `read_photos` each file is decoded, int32 `[batch]`."""
    shorter = tf.minimum(header.height, header.width)
    # At least twice the size is decoded, so that what is squashed has been sharp.
    halvings = tf.reduce_sum(
        [tf.cast(shorter >= 2 * size * n, tf.int32) for n in _DENOMINATORS[1:]], axis=0
    )
    of_png = tf.where(header.alpha, 2, 1)
    return tf.where(header.jpeg, 3 + halvings, tf.where(header.png, of_png, 0))


def _decoded_jpeg(image: tf.Tensor, denominator: int) -> tf.Tensor:
    return tf.io.decode_jpeg(
        image,
        channels=3,
        ratio=denominator,
        try_recover_truncated=True,
        dct_method="INTEGER_ACCURATE",  # as everywhere else; the other one is no faster
    )


def _squashed(picture: tf.Tensor, size: int) -> tf.Tensor:
    """A picture `[height, width, channels]` as float32 `[size, size, channels]`."""
    squashed = tf.image.resize(picture, [size, size], antialias=True)
    return tf.ensure_shape(squashed, [size, size, picture.shape[-1]])


def _on_white(picture: tf.Tensor, size: int) -> tf.Tensor:
    """RGB and alpha, uint8 `[height, width, 4]`, over white.

    Colours are weighted by alpha before they are mixed: what is transparent has a colour too.
    """
    wide = tf.cast(picture, tf.uint16)
    colour = _squashed(wide[..., :3] * wide[..., 3:], size) / 255
    return colour + 255 - _squashed(picture[..., 3:], size)


def _turned(picture: tf.Tensor, orientation: tf.Tensor) -> tf.Tensor:
    """A square picture as Exif's orientation wants it shown."""

    def turn() -> tf.Tensor:
        turned = tf.where(orientation >= 5, tf.transpose(picture, [1, 0, 2]), picture)
        right_is_left = tf.reduce_any(orientation == [2, 3, 6, 7])
        turned = tf.where(right_is_left, tf.reverse(turned, [1]), turned)
        upside_down = tf.reduce_any(orientation == [3, 4, 7, 8])
        return tf.where(upside_down, tf.reverse(turned, [0]), turned)

    return tf.cond(orientation > 1, turn, lambda: picture)
