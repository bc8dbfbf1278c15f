import io
import struct
import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from zoo.data.photos import fault_of, read_photo, reduced
from zoo.errors import UserError


def encoded(image, format="JPEG", **options):
    file = io.BytesIO()
    image.save(file, format, **options)
    return file.getvalue()


def scene(width=60, height=40):
    x, y = np.meshgrid(np.linspace(0, 255, width), np.linspace(0, 255, height))
    return Image.fromarray(np.stack([x, y, x], axis=-1).astype(np.uint8))


def declaring(width, height):
    """A small PNG file that says it has this size."""
    content = encoded(Image.new("RGB", (8, 8)), "PNG")
    head = b"IHDR" + struct.pack(">II", width, height) + content[24:29]
    return content[:12] + head + struct.pack(">I", zlib.crc32(head)) + content[33:]


def animated():
    frames = [Image.new("L", (9, 9), grey) for grey in (0, 90, 180)]
    file = io.BytesIO()
    frames[0].save(file, "GIF", save_all=True, append_images=frames[1:])
    return file.getvalue()


JPEG, PNG = encoded(scene()), encoded(scene(), "PNG")
FAULTS = {
    "empty.jpg": (b"", "is empty: give a JPEG or PNG file"),
    "text.jpg": (b"Dear diary,\n", "is not an image: give a JPEG or PNG file"),
    "moving.gif": (animated(), "is a GIF, not a JPEG or PNG: save it as one of these"),
    "cut.jpg": (JPEG[: len(JPEG) // 2], "is truncated or damaged: get the file again"),
    "cut.png": (PNG[: len(PNG) // 2], "is truncated or damaged: get the file again"),
    "large.png": (
        declaring(10_000, 10_000),
        "has more than 50 megapixels: make the photo smaller",
    ),
    "huge.png": (
        declaring(100_000, 100_000),
        "has more than 50 megapixels: make the photo smaller",
    ),
}


@pytest.mark.parametrize("name", FAULTS)
def test_the_fault_is_named_with_the_file(tmp_path, name, recwarn):
    content, fault = FAULTS[name]
    (tmp_path / name).write_bytes(content)
    with pytest.raises(UserError) as error:
        read_photo(tmp_path / name)
    assert str(error.value) == f"{tmp_path / name} {fault}"
    assert not recwarn.list


@pytest.mark.parametrize(
    "content",
    [
        JPEG,
        PNG,
        encoded(scene(), "MPO"),
        encoded(scene().convert("CMYK")),
        encoded(scene().convert("RGBA"), "PNG"),
        encoded(Image.new("RGB", (1, 1))),
    ],
)
def test_a_sound_photo_is_read_as_it_is(tmp_path, content):
    (tmp_path / "photo").write_bytes(content)
    assert read_photo(tmp_path / "photo") == content


def test_what_is_no_file_is_refused(tmp_path):
    with pytest.raises(UserError, match="is a folder: name a photo in it"):
        read_photo(tmp_path)
    with pytest.raises(UserError, match="does not exist: check the file's name"):
        read_photo(tmp_path / "none.jpg")


@settings(max_examples=200, deadline=None)
@given(
    st.sampled_from([JPEG, PNG]),
    st.dictionaries(st.integers(0, 700), st.integers(0, 255), min_size=1, max_size=4),
)
def test_damage_is_told_and_never_fails(content, changes):
    damaged = bytearray(content)
    for place, value in changes.items():
        damaged[place : place + 1] = bytes([value])
    fault = fault_of(bytes(damaged))
    assert fault is None or "\n" not in fault


def test_a_small_photo_is_not_written_anew():
    assert reduced(JPEG) is JPEG
    sixteen_bits = encoded(Image.new("I;16", (500, 500), 700), "PNG")
    assert reduced(sixteen_bits) is sixteen_bits


@pytest.mark.parametrize("format", ["JPEG", "PNG"])
def test_a_large_photo_is_made_smaller_and_turned_upright(format):
    turned = Image.Exif()
    turned[0x0112] = 6
    large = scene(2000, 1000)
    small = Image.open(io.BytesIO(reduced(encoded(large, format, exif=turned))))
    assert (small.format, small.size) == ("JPEG", (448, 896))
    expected = large.transpose(Image.Transpose.ROTATE_270).resize(small.size)
    difference = np.asarray(small, float) - np.asarray(expected, float)
    assert np.abs(difference).mean() < 2


def test_a_large_photo_with_nothing_in_it_becomes_white():
    small = Image.open(io.BytesIO(reduced(encoded(Image.new("RGBA", (500, 500)), "PNG"))))
    assert small.getpixel((9, 9)) == (255, 255, 255)
