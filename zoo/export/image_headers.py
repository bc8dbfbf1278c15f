"""What JPEG and PNG files say of themselves before their pixels, read in the graph.

Nothing is decoded, and no bytes, however broken, make an operation fail: all files of a batch are
walked through at once, segment by segment, and what cannot be read is marked.
"""

from typing import NamedTuple

import tensorflow as tf

from zoo.data.photos import MOST_PIXELS

# A file that strings very many segments together would keep a server busy.
_MOST_SEGMENTS = 1000
_JPEG_SIDE, _PNG_SIDE = 65_500, 1_000_000  # what the decoders accept
_ENTRIES = 64  # of an Exif directory, those that are looked through; cameras write 10 to 20
_ORIENTATION, _SHORT = 0x0112, 3

_EXIF = [*b"Exif\0\0"]
_START_OF_SCAN = 0xDA
# Baseline, extended and progressive, Huffman-coded; the others are hardly ever met.
_FRAMES = (0xC0, 0xC1, 0xC2)


class Header(NamedTuple):
    """Of each file, tensors `[batch]`.

    Attributes:
        jpeg: bool, whether it is a JPEG file by its header, of a size that is accepted.
        png: bool, the same for PNG.
        height: int32, in pixels as stored; 0 where neither.
        width: int32.
        orientation: int32, 1 to 8, as Exif has it: how the stored picture is to be turned.
        alpha: bool, whether some of a PNG file may be transparent.
    """

    jpeg: tf.Tensor
    png: tf.Tensor
    height: tf.Tensor
    width: tf.Tensor
    orientation: tf.Tensor
    alpha: tf.Tensor


class _Walk(NamedTuple):
    """What was met on the way through the segments, and where, int64 `[batch]`; 0: not yet.

    Attributes:
        at: of the next segment.
        frame: of the JPEG segment that has the size.
        exif: of what Exif holds.
        transparent: of the PNG segment that makes colours transparent.
        pixels: of the segment where the pixels begin.
        going: bool `[batch]`, whether there may be more before the pixels.
    """

    at: tf.Tensor
    frame: tf.Tensor
    exif: tf.Tensor
    transparent: tf.Tensor
    pixels: tf.Tensor
    going: tf.Tensor


def read_headers(images: tf.Tensor) -> Header:
    """Read the headers of files.

    Args:
        images: string `[batch]`, any bytes.
    """
    start = _bytes(images, tf.zeros_like(images, tf.int64), 8)
    jpeg = _equal(start[:, :3], [0xFF, 0xD8, 0xFF])
    png = _equal(start, [*b"\x89PNG\r\n\x1a\n"])
    walk = _walk(images, jpeg, png)

    frame = _bytes(images, walk.frame, 10)
    jpeg_size = (_number(frame[:, 5:7]), _number(frame[:, 7:9]))
    jpeg_sound = (
        (walk.frame > 0)
        & (frame[:, 4] == 8)  # bits
        & ((frame[:, 9] == 1) | (frame[:, 9] == 3) | (frame[:, 9] == 4))  # components
        & _fits(*jpeg_size, _JPEG_SIDE)
    )
    first = _bytes(images, tf.fill(tf.shape(images), tf.constant(8, tf.int64)), 21)
    png_size = (_number(first[:, 12:16]), _number(first[:, 8:12]))
    depth, colours = first[:, 16], first[:, 17]
    png_sound = (
        _equal(first[:, :8], [0, 0, 0, 13, *b"IHDR"])
        & _is_png_kind(depth, colours)
        & _equal(first[:, 18:20], [0, 0])  # compression and filter
        & (first[:, 20] <= 1)  # interlacing
        & _fits(*png_size, _PNG_SIDE)
    )
    jpeg &= jpeg_sound & (walk.pixels > 0)
    png &= png_sound & (walk.pixels > 0)
    height, width = (
        tf.cast(tf.where(jpeg, of_jpeg, tf.where(png, of_png, tf.zeros_like(of_png))), tf.int32)
        for of_jpeg, of_png in zip(jpeg_size, png_size, strict=True)
    )
    return Header(
        jpeg,
        png,
        height,
        width,
        _orientation(images, walk.exif),
        png & ((colours >= 4) | (walk.transparent > 0)),
    )


def _walk(images: tf.Tensor, jpeg: tf.Tensor, png: tf.Tensor) -> _Walk:
    """Go from segment to segment up to the pixels."""

    def body(n: tf.Tensor, walk: _Walk) -> tuple[tf.Tensor, _Walk]:
        here = _bytes(images, walk.at, 10)

        def first(place: tf.Tensor, met: tf.Tensor, inside: int = 0) -> tf.Tensor:
            return tf.where((place == 0) & met & walk.going, walk.at + inside, place)

        # JPEG: FF, kind, and the length of all but these two. Any number of FF may stand before.
        fill = jpeg & _equal(here[:, :2], [0xFF, 0xFF])
        marked = jpeg & (here[:, 0] == 0xFF) & ~fill
        kind, length = here[:, 1], _number(here[:, 2:4])
        frame = marked & tf.reduce_any([kind == code for code in _FRAMES], axis=0)
        jpeg_exif = marked & (kind == 0xE1) & _equal(here[:, 4:10], _EXIF)
        scan = marked & (kind == _START_OF_SCAN)
        # PNG: the length of the content, kind, content and a checksum of four bytes.
        content, name = _number(here[:, :4]), here[:, 4:8]
        data = png & _equal(name, [*b"IDAT"])
        png_exif = png & _equal(name, [*b"eXIf"])
        skipped = tf.where(fill, tf.ones_like(length), length + 2)
        step = tf.where(png, content + 12, skipped)
        goes_on = tf.where(png, tf.reduce_any(name > 0, axis=1), fill | (marked & (length >= 2)))
        return n + 1, _Walk(
            at=tf.where(walk.going, walk.at + step, walk.at),
            frame=first(walk.frame, frame),
            # Where the content begins.
            exif=first(first(walk.exif, jpeg_exif, 10), png_exif, 8),
            transparent=first(walk.transparent, png & _equal(name, [*b"tRNS"])),
            pixels=first(walk.pixels, scan | data),
            going=walk.going & goes_on & ~scan & ~data,
        )

    nowhere = tf.zeros_like(images, tf.int64)
    begin = tf.where(png, nowhere + 8, nowhere + 2)
    _, walk = tf.while_loop(
        lambda n, walk: (n < _MOST_SEGMENTS) & tf.reduce_any(walk.going),
        body,
        (0, _Walk(begin, nowhere, nowhere, nowhere, nowhere, jpeg | png)),
    )
    return walk


def _orientation(images: tf.Tensor, at: tf.Tensor) -> tf.Tensor:
    """The orientation, int32 `[batch]`, that Exif at some place says; 1, upright, where at 0."""
    head = _bytes(images, at, 8)
    little = head[:, 0] == ord("I")
    sound = (at > 0) & (_equal(head[:, :4], [*b"II*\0"]) | _equal(head[:, :4], [*b"MM\0*"]))
    directory = _bytes(images, at + _number(head[:, 4:], little), 2 + 12 * _ENTRIES)
    count = _number(directory[:, :2], little)
    entries = tf.reshape(directory[:, 2:], [-1, _ENTRIES, 12])
    tag, kind, value = (_number(entries[..., n : n + 2], little[:, None]) for n in (0, 2, 8))
    wanted = (
        sound[:, None]
        & (tf.range(_ENTRIES, dtype=tf.int64) < count[:, None])
        & (tag == _ORIENTATION)
        & (kind == _SHORT)
        & (value >= 1)
        & (value <= 8)
    )
    found = tf.reduce_max(tf.where(wanted, value, tf.zeros_like(value)), axis=1)
    return tf.cast(tf.maximum(found, 1), tf.int32)


def _bytes(images: tf.Tensor, at: tf.Tensor, count: int) -> tf.Tensor:
    """So many bytes of each file from a place on, int32 `[batch, count]`; 0 behind its end."""
    length = tf.cast(tf.strings.length(images), tf.int64)
    counts = tf.fill(tf.shape(at), tf.constant(count, tf.int64))
    read = tf.strings.substr(images, tf.minimum(at, length), counts)
    return tf.cast(tf.io.decode_raw(read, tf.uint8, fixed_length=count), tf.int32)


def _number(digits: tf.Tensor, little: tf.Tensor | bool = False) -> tf.Tensor:
    """The number, int64 `[...]`, of bytes `[..., n]`, the most significant first or last."""
    powers = tf.constant([256**n for n in range(digits.shape[-1])], tf.int64)
    digits = tf.cast(digits, tf.int64)
    big = tf.reduce_sum(digits * powers[::-1], axis=-1)
    return tf.where(little, tf.reduce_sum(digits * powers, axis=-1), big)


def _equal(digits: tf.Tensor, expected: list[int]) -> tf.Tensor:
    return tf.reduce_all(digits == expected, axis=-1)


def _is_png_kind(depth: tf.Tensor, colours: tf.Tensor) -> tf.Tensor:
    """Whether PNG has such a bit depth for such a kind of colours (its specification, 11.2.2)."""
    allowed = {0: (1, 2, 4, 8, 16), 2: (8, 16), 3: (1, 2, 4, 8), 4: (8, 16), 6: (8, 16)}
    return tf.reduce_any(
        [(colours == kind) & (depth == bits) for kind, all_ in allowed.items() for bits in all_],
        axis=0,
    )


def _fits(height: tf.Tensor, width: tf.Tensor, side: int) -> tf.Tensor:
    return (
        (height >= 1)
        & (width >= 1)
        & (height <= side)
        & (width <= side)
        & (height * width <= MOST_PIXELS)
    )
