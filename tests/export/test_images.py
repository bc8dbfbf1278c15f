import io
import struct
import zlib

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageOps

from zoo.export import image_headers
from zoo.export.image_headers import read_headers
from zoo.export.images import read_photos

SIZE = 32
ORIENTATION = 0x0112


@pytest.fixture(scope="module")
def read():
    """Pixels as 0 to 255, and which files were readable."""
    function = tf.function(
        lambda images: read_photos(images, SIZE), input_signature=[tf.TensorSpec([None], tf.string)]
    )

    def read(*images):
        pixels, readable = function(tf.constant(list(images), tf.string))
        return (pixels.numpy() + 1) * 127.5, readable.numpy().tolist()

    return read


@pytest.fixture(scope="module")
def headers():
    return tf.function(read_headers, input_signature=[tf.TensorSpec([None], tf.string)])


def scene(width=120, height=90):
    """A smooth picture without any symmetry."""
    x, y = np.meshgrid(np.linspace(0, 1, width), np.linspace(0, 1, height))
    rgb = np.stack([x, y, (x + 2 * y) / 3], axis=-1)
    return Image.fromarray((rgb * 255).astype(np.uint8))


def encoded(image, format="JPEG", **options):
    if format == "JPEG":
        options = {"quality": 95, "subsampling": 0, **options}
    file = io.BytesIO()
    image.save(file, format, **options)
    return file.getvalue()


def squashed(image):
    """As Pillow does it."""
    return np.asarray(image.convert("RGB").resize((SIZE, SIZE), Image.Resampling.BILINEAR), float)


def exif(orientation, **_):
    tags = Image.Exif()
    tags[0x010F] = "a maker of cameras"
    tags[ORIENTATION] = orientation
    return tags


def declaring(width, height, format):
    """A small file that says it has this size."""
    content = encoded(Image.new("RGB", (8, 8)), format)
    if format == "PNG":
        head = b"IHDR" + struct.pack(">II", width, height) + content[24:29]
        return content[:12] + head + struct.pack(">I", zlib.crc32(head)) + content[33:]
    frame = content.index(b"\xff\xc0")
    return content[: frame + 5] + struct.pack(">HH", height, width) + content[frame + 9 :]


@pytest.mark.parametrize("options", [{}, {"progressive": True}, {"optimize": True}])
def test_a_jpeg_is_what_pillow_makes_of_it(read, options):
    [pixels], readable = read(encoded(scene(), **options))
    assert readable == [True]
    assert np.abs(pixels - squashed(scene())).max() < 3


@pytest.mark.parametrize("mode", ["L", "CMYK"])
def test_grey_and_cmyk_become_rgb(read, mode):
    picture = scene().convert(mode)
    [pixels], _ = read(encoded(picture))
    assert np.abs(pixels - squashed(picture)).max() < 4


@pytest.mark.parametrize("mode", ["L", "P", "1", "RGB"])
def test_a_png_is_what_pillow_makes_of_it(read, mode):
    picture = scene().convert(mode)
    [pixels], readable = read(encoded(picture, "PNG"))
    assert readable == [True]
    assert np.abs(pixels - squashed(picture)).max() < 1.5


def test_16_bits_become_8(read):
    grey = np.asarray(scene().convert("L"))
    picture = Image.fromarray(grey.astype(np.uint16) * 257)
    [pixels], _ = read(encoded(picture, "PNG"))
    assert np.abs(pixels - squashed(Image.fromarray(grey))).max() < 1.5


@pytest.mark.parametrize("mode", ["RGBA", "LA"])
def test_what_is_transparent_is_white(read, mode):
    picture = scene().convert(mode)
    alpha = np.zeros((90, 120), np.uint8)
    alpha[:, :40], alpha[:, 40:80] = 255, 128
    picture.putalpha(Image.fromarray(alpha))
    white = Image.new("RGBA", picture.size, "white")
    expected = squashed(Image.alpha_composite(white, picture.convert("RGBA")))
    [pixels], _ = read(encoded(picture, "PNG"))
    assert np.abs(pixels - expected).max() < 2
    assert np.all(pixels[:, 23:] > 254)


@pytest.mark.parametrize(
    ("mode", "colour", "transparency"), [("P", 1, 1), ("L", 7, 7), ("RGB", (7, 8, 9), (7, 8, 9))]
)
def test_one_colour_may_be_transparent(read, mode, colour, transparency):
    picture = Image.new(mode, (8, 8))
    if mode == "P":
        picture.putpalette([0, 0, 0, 99, 0, 0])
    picture.paste(colour, (0, 0, 4, 8))
    [pixels], _ = read(encoded(picture, "PNG", transparency=transparency))
    assert pixels[:, 0].min() > 254
    assert pixels[:, -1].max() < 1


@pytest.mark.parametrize("format", ["JPEG", "PNG"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_says_how_a_photo_is_turned(read, headers, format, orientation):
    content = encoded(scene(), format, exif=exif(orientation))
    assert headers([content]).orientation.numpy().tolist() == [orientation]
    upright = ImageOps.exif_transpose(Image.open(io.BytesIO(content)))
    [pixels], _ = read(content)
    assert np.abs(pixels - squashed(upright)).max() < 3


@pytest.mark.parametrize("order", ["<", ">"])
def test_both_orders_of_bytes_are_exif(headers, order):
    entries = [(0x0100, 3, 1, 5), (ORIENTATION, 3, 1, 6)]
    tiff = (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(f"{order}IxxH", 10, len(entries))
    for tag, kind, count, value in entries:
        tiff += struct.pack(f"{order}HHIHxx", tag, kind, count, value)
    content = encoded(scene(), exif=b"Exif\0\0" + tiff)
    assert headers([content]).orientation.numpy().tolist() == [6]


@pytest.mark.parametrize("payload", [b"Exif\0\0", b"Exif\0\0II*\0\xff\xff\xff\xff", b"Exif\0\0XX*"])
def test_broken_exif_is_upright(read, headers, payload):
    content = encoded(scene(), exif=payload)
    assert headers([content]).orientation.numpy().tolist() == [1]
    assert read(content)[1] == [True]


def test_an_orientation_that_is_none_is_upright(headers):
    contents = [encoded(scene(), exif=exif(value)) for value in (0, 9, 65535)]
    assert headers(contents).orientation.numpy().tolist() == [1, 1, 1]


@pytest.mark.parametrize("format", ["JPEG", "PNG"])
@pytest.mark.parametrize("size", [(1, 1), (1, 300), (300, 1), (SIZE, SIZE), (65, 31)])
def test_any_shape_is_squashed(read, headers, format, size):
    content = encoded(scene(*size), format)
    header = headers([content])
    assert (int(header.width[0]), int(header.height[0])) == size
    [pixels], readable = read(content)
    assert readable == [True]
    assert np.abs(pixels - squashed(Image.open(io.BytesIO(content)))).max() < 2


@pytest.mark.parametrize("times", [2, 3, 4, 8, 9])
def test_a_large_jpeg_is_decoded_at_a_fraction(read, times):
    picture = scene(SIZE * times * 2, SIZE * times * 3)
    [pixels], _ = read(encoded(picture))
    assert np.abs(pixels - squashed(picture)).max() < 4


def test_the_edges_of_the_photo_are_seen(read):
    picture = Image.new("RGB", (400, 200), "white")
    picture.paste((0, 0, 0), (0, 0, 25, 200))
    [pixels], _ = read(encoded(picture, "PNG"))
    assert np.all(pixels[:, 0] < 1)
    assert np.all(pixels[:, 3:] > 250)


UNREADABLE = {
    "nothing": b"",
    "text": b"This is no photo, whatever its name.\n",
    "GIF": encoded(scene(), "GIF"),
    "BMP": encoded(scene(), "BMP"),
    "WebP": encoded(scene(), "WEBP"),
    "only the mark of JPEG": b"\xff\xd8\xff",
    "only the mark of PNG": b"\x89PNG\r\n\x1a\n",
    "JPEG cut off in its header": encoded(scene())[:100],
    "PNG cut off in its header": encoded(scene(), "PNG")[:30],
    "JPEG of 50 megapixels and more": declaring(10_000, 10_000, "JPEG"),
    "PNG of 50 megapixels and more": declaring(10_000, 10_000, "PNG"),
    "PNG of more than fits into 32 bits": declaring(2**31 - 1, 2**31 - 1, "PNG"),
    "PNG that is too wide": declaring(1_000_001, 1, "PNG"),
    "JPEG without a height": declaring(8, 0, "JPEG"),
    "PNG without a width": declaring(0, 8, "PNG"),
    "JPEG that is too wide": declaring(65_535, 8, "JPEG"),
    "lossless JPEG": encoded(scene()).replace(b"\xff\xc0", b"\xff\xc3"),
    "many segments": b"\xff\xd8" + b"\xff\xe5\0\2" * 100_000 + encoded(scene())[2:],
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_what_is_no_photo_is_marked_and_touches_no_other(read, name):
    sound = encoded(scene()), encoded(scene(50, 40), "PNG", exif=exif(6))
    pixels, readable = read(sound[0], UNREADABLE[name], sound[1])
    assert readable == [True, False, True]
    assert np.all(pixels[1] == 127.5)
    for row, content in zip((0, 2), sound, strict=True):
        np.testing.assert_array_equal(pixels[row], read(content)[0][0])


def test_50_megapixels_are_accepted(headers):
    header = headers([declaring(10_000, 5_000, format) for format in ("JPEG", "PNG")])
    assert header.width.numpy().tolist() == [10_000, 10_000]
    assert header.jpeg.numpy().tolist() == [True, False]
    assert header.png.numpy().tolist() == [False, True]


def test_no_files_are_no_photos(read):
    pixels, readable = read()
    assert pixels.shape == (0, SIZE, SIZE, 3)
    assert readable == []


def test_of_a_jpeg_that_is_cut_off_the_rest_is_seen(read):
    content = encoded(scene())
    [pixels], readable = read(content[: len(content) * 2 // 3])
    assert readable == [True]
    assert np.abs(pixels - squashed(scene()))[: SIZE // 3].max() < 4


def test_a_damaged_png_fails(read):
    content = encoded(scene(), "PNG")
    with pytest.raises(tf.errors.InvalidArgumentError):
        read(content[: len(content) // 2])


def test_a_header_may_have_segments_and_padding(read):
    content = encoded(scene())
    comment = b"\xff\xff\xff\xfe" + struct.pack(">H", 2 + 6000) + b"\xff\xc0" * 3000
    [pixels], readable = read(content[:2] + comment + content[2:])
    assert readable == [True]
    np.testing.assert_array_equal(pixels, read(content)[0][0])


SOUND = [
    encoded(scene(9, 7), exif=exif(3)),
    encoded(scene(9, 7).convert("P"), "PNG", transparency=3, exif=exif(8)),
]


@settings(max_examples=150, deadline=None)
@given(
    st.one_of(
        st.binary(max_size=60),
        st.tuples(
            st.sampled_from(SOUND),
            st.dictionaries(st.integers(0, 260), st.integers(0, 255), max_size=4),
            st.integers(0, 400),
        ),
    )
)
def test_no_bytes_fail(headers, drawn):
    if isinstance(drawn, bytes):
        content = drawn
    else:
        source, changes, length = drawn
        changed = bytearray(source[:length])
        for place, value in changes.items():
            changed[place : place + 1] = bytes([value])
        content = bytes(changed)
    header = headers([content, SOUND[0]])
    assert bool(header.jpeg[1]) and int(header.orientation[1]) == 3
    height, width = int(header.height[0]), int(header.width[0])
    if header.jpeg[0] or header.png[0]:
        assert 1 <= height * width <= image_headers.MOST_PIXELS
        assert 1 <= int(header.orientation[0]) <= 8
    else:
        assert height == width == 0
