import io
import re

import numpy as np
import pytest
from PIL import Image

from tasks.image_captioning.scenes import Group, Scene, described, drawn, load_scenes

WORDS = {
    *("a", "small", "large", "two", "three", "on", "at", "of", "the", "left", "right", "top"),
    *("bottom", "there", "is", "are", "picture", "shows", "and", "ground", ".", ","),
    *("red", "green", "blue", "yellow", "purple", "white", "grey", "black"),
    *(f"{shape}{s}" for shape in ("circle", "square", "triangle", "star") for s in ("", "s")),
}


@pytest.fixture(scope="module")
def splits():
    return load_scenes()


def pixels(*groups, ground="white"):
    return np.asarray(Image.open(io.BytesIO(drawn(Scene(ground, groups)))), int)


def there(picture, colour):
    """Where a colour is: the mean of its rows and columns, and its share of the picture."""
    rows, columns = np.nonzero((picture == colour).all(-1))
    return rows.mean() / len(picture), columns.mean() / len(picture), rows.size / len(picture) ** 2


def test_it_is_made_alike_every_time(splits):
    assert load_scenes() == splits


def test_no_scene_stands_twice(splits):
    parts = list(vars(splits).values())
    assert [len(part) for part in parts] == [480, 60, 60]
    images = [image for part in parts for image in part.images]
    assert len(set(images)) == len(images) == len({c for part in parts for c in part.captions})


def test_the_captions_are_sentences_of_known_words(splits):
    captions = [caption for part in vars(splits).values() for _, caption in part.pairs()]
    assert len(captions) == 3000
    assert {word for caption in captions for word in caption.lower().split()} == WORDS
    for caption in captions:
        assert re.fullmatch(r"[A-Z][a-z ,]+ \.", caption)
        assert re.search(r"\b(two|three) \w+ \w+s\b|\ba \w+ \w+ \w+[^s ]\b", caption.lower())
    assert {len(set(written)) for part in vars(splits).values() for written in part.captions} == {5}


def test_what_is_said_is_what_is_drawn():
    red, blue = (210, 40, 40), (40, 80, 210)
    picture = pixels(
        Group(1, "large", "red", "square", "on the left"),
        Group(2, "small", "blue", "circle", "on the right"),
        ground="grey",
    )
    assert tuple(picture[0, 0]) == (140, 140, 140)
    row, column, share = there(picture, red)
    assert (round(row, 1), round(column, 1)) == (0.5, 0.3)
    assert share == pytest.approx((2 * 42 / 224) ** 2, rel=0.05)
    row, column, share = there(picture, blue)
    assert (round(row, 1), round(column, 1)) == (0.5, 0.7)
    assert share == pytest.approx(2 * np.pi * (20 / 224) ** 2, rel=0.1)


@pytest.mark.parametrize(("place", "row"), [("at the top", 0.3), ("at the bottom", 0.7)])
def test_three_stand_side_by_side_within_the_picture(place, row):
    picture = pixels(Group(3, "small", "green", "star", place))
    found, column, _ = there(picture, (40, 160, 60))
    assert (round(found, 1), round(column, 1)) == (row, 0.5)
    columns = (picture == (40, 160, 60)).all(-1).any(0)
    assert np.count_nonzero(np.diff(columns.astype(int)) == 1) == 3
    assert not columns[0] and not columns[-1]


def test_the_captions_of_a_scene():
    circle = Group(1, "large", "red", "circle", "on the left")
    stars = Group(2, "small", "blue", "star", "on the right")
    assert described(Scene("white", (stars,)))[2] == (
        "There are two blue stars on the right of the picture ."
    )
    assert described(Scene("white", (circle, stars)))[1:3] == (
        "A large red circle and two blue stars on a white ground .",
        "A large red circle on the left and two blue stars on the right .",
    )
