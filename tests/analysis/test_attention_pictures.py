import io

import numpy as np
import pytest
from PIL import Image

from zoo.analysis.attention_pictures import draw_alignment, draw_photo_attention
from zoo.errors import UserError

SOURCE, TARGET = ["Good", "morning", "[END]"], ["Guten", "Mor", "##gen"]

UPPER_LEFT = np.zeros((1, 7, 7))
UPPER_LEFT[0, 1, 1] = 1


def photo(size=(60, 40), kind="PNG", **options):
    file = io.BytesIO()
    Image.new("RGB", size, (200, 100, 100)).save(file, kind, **options)
    return file.getvalue()


def panels(path):
    """The photos of a picture with one row of them, from left to right."""
    pixels = np.asarray(Image.open(path).convert("RGB")).astype(int)
    red = pixels[..., 0] > 1.5 * pixels[..., 2]
    pixels = pixels[red.any(axis=1)]
    edges = np.flatnonzero(np.diff(red.any(axis=0).astype(int), prepend=0, append=0))
    return [pixels[:, left:right, 0] for left, right in edges.reshape(-1, 2)]


def test_more_attention_is_darker(tmp_path):
    path = tmp_path / "new folder" / "alignment.png"
    draw_alignment(SOURCE, TARGET, np.eye(3).tolist(), path)
    pixels = np.asarray(Image.open(path).convert("RGB")).astype(int)
    dark = (pixels[..., 2] - pixels[..., 0] > 60) & (pixels[..., 0] < 60)
    rows, columns = np.nonzero(dark)
    # A falling diagonal.
    assert np.corrcoef(rows, columns)[0, 1] > 0.8


def test_a_dollar_is_a_dollar(tmp_path):
    draw_alignment([r"$\frac$"], ["$1", "$x$"], [[1.0], [0.5]], tmp_path / "alignment.svg")
    draw_photo_attention(photo(), [r"$\frac$"], UPPER_LEFT, tmp_path / "photo.svg")


def test_the_photo_is_bright_where_the_attention_is(tmp_path):
    everywhere = np.full((1, 7, 7), 1 / 49)
    path = tmp_path / "photo.png"
    draw_photo_attention(photo(), ["a", "dog"], np.concatenate([UPPER_LEFT, everywhere]), path)
    plain, corner, lit = panels(path)
    assert plain.shape[1] / plain.shape[0] == pytest.approx(60 / 40, rel=0.03)
    inner = (slice(2, -2), slice(2, -2))  # the rim is mixed with the white around it
    assert plain[inner] == pytest.approx(200, abs=2)
    assert lit[inner] == pytest.approx(200, abs=2)
    height, width = corner.shape
    brightest = np.argwhere(corner[inner] > 190).mean(axis=0) / (height, width)
    assert brightest == pytest.approx(1.5 / 7, abs=0.03)
    assert corner[height // 2 :, width // 2 :][2:-2, 2:-2].max() < 50


def test_a_photo_that_lies_is_set_upright(tmp_path):
    turned = Image.Exif()
    turned[0x0112] = 6
    path = tmp_path / "photo.png"
    draw_photo_attention(photo(kind="JPEG", exif=turned), ["dog"], UPPER_LEFT, path)
    for panel in panels(path):
        assert panel.shape[0] > panel.shape[1]


@pytest.mark.parametrize("size", [(3000, 1), (1, 3000), (1, 1)])
@pytest.mark.parametrize("words", [1, 4, 5, 11])
def test_photos_of_any_shape_with_any_number_of_words(tmp_path, size, words):
    path = tmp_path / "photo.png"
    draw_photo_attention(photo(size), ["dog"] * words, np.ones((words, 7, 7)), path)
    width, height = Image.open(path).size
    assert 100 < width < 2000
    assert 30 < height < 2000


def test_a_caption_that_is_empty_has_no_picture(tmp_path):
    with pytest.raises(UserError, match="the caption is empty: there is no attention to draw"):
        draw_photo_attention(photo(), [], np.ones((0, 7, 7)), tmp_path / "photo.png")


def test_a_damaged_photo_has_no_picture(tmp_path):
    with pytest.raises(UserError, match="the photo is truncated or damaged: get the file again"):
        draw_photo_attention(photo()[:60], ["dog"], UPPER_LEFT, tmp_path / "photo.png")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["alignment.svg", "alignment.PDF"])
def test_other_kinds(tmp_path, name):
    draw_alignment(["日本"], ["\N{SNOWMAN}"], [[1.0]], tmp_path / name)
    assert (tmp_path / name).stat().st_size > 500


@pytest.mark.parametrize("name", ["alignment", "alignment.docx", "alignment.jpg"])
def test_what_is_no_picture_is_refused(tmp_path, name):
    with pytest.raises(UserError, match=r"is no picture's name: end it in .png, .svg, .pdf"):
        draw_alignment(SOURCE, TARGET, np.eye(3).tolist(), tmp_path / name)
    with pytest.raises(UserError, match=r"is no picture's name: end it in .png, .svg, .pdf"):
        draw_photo_attention(photo(), ["dog"], UPPER_LEFT, tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_of_an_empty_answer_there_is_nothing_to_draw(tmp_path):
    with pytest.raises(UserError, match="the answer is empty: there is no attention to draw"):
        draw_alignment(SOURCE, [], [], tmp_path / "alignment.png")


def test_a_folder_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match="file"):
        draw_alignment(SOURCE, TARGET, np.eye(3).tolist(), tmp_path / "file" / "alignment.png")
    with pytest.raises(UserError, match="file"):
        draw_photo_attention(photo(), ["dog"], UPPER_LEFT, tmp_path / "file" / "photo.png")
