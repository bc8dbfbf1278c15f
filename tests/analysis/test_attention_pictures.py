import numpy as np
import pytest
from PIL import Image

from zoo.analysis.attention_pictures import draw_alignment
from zoo.errors import UserError

SOURCE, TARGET = ["Good", "morning", "[END]"], ["Guten", "Mor", "##gen"]


def test_more_attention_is_darker(tmp_path):
    path = tmp_path / "new folder" / "alignment.png"
    draw_alignment(SOURCE, TARGET, np.eye(3).tolist(), path)
    pixels = np.asarray(Image.open(path).convert("RGB")).astype(int)
    dark = (pixels[..., 2] - pixels[..., 0] > 60) & (pixels[..., 0] < 60)
    rows, columns = np.nonzero(dark)
    # A falling diagonal.
    assert np.corrcoef(rows, columns)[0, 1] > 0.8


@pytest.mark.parametrize("name", ["alignment.svg", "alignment.PDF"])
def test_other_kinds(tmp_path, name):
    draw_alignment(["日本"], ["\N{SNOWMAN}"], [[1.0]], tmp_path / name)
    assert (tmp_path / name).stat().st_size > 500


@pytest.mark.parametrize("name", ["alignment", "alignment.docx", "alignment.jpg"])
def test_what_is_no_picture_is_refused(tmp_path, name):
    with pytest.raises(UserError, match=r"is no picture's name: end it in .png, .svg, .pdf"):
        draw_alignment(SOURCE, TARGET, np.eye(3).tolist(), tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_of_an_empty_answer_there_is_nothing_to_draw(tmp_path):
    with pytest.raises(UserError, match="the answer is empty: there is no attention to draw"):
        draw_alignment(SOURCE, [], [], tmp_path / "alignment.png")


def test_a_folder_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match="file"):
        draw_alignment(SOURCE, TARGET, np.eye(3).tolist(), tmp_path / "file" / "alignment.png")
