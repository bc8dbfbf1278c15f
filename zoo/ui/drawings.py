"""Pictures to try a captioner on, drawn for this project; nobody's photo is handed on.

A picture is its shapes from the back to the front, each with its corners in per cent of the sides.
"""

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from PIL.Image import Image

_WIDTH, _HEIGHT = 480, 360
_FINER = 3  # drawn so many times as large, for smooth edges

Points = list[tuple[float, float]]


class Shape(NamedTuple):
    """A filled shape: within two corners, or with three and more.

    Attributes:
        kind: a method of `PIL.ImageDraw.ImageDraw`.
        points: its corners.
        colour: as Pillow names it.
    """

    kind: str
    points: Points
    colour: str


def _box(kind: str, left: float, top: float, right: float, bottom: float, colour: str) -> Shape:
    return Shape(kind, [(left, top), (right, bottom)], colour)


_DOG_ON_GRASS = [
    _box("rectangle", 0, 0, 100, 55, "#9cc9ee"),
    _box("ellipse", 80, 6, 92, 22, "#ffe27a"),
    _box("rectangle", 0, 52, 100, 100, "#4f8f3a"),
    Shape("polygon", [(26, 50), (13, 33), (17, 31), (31, 44)], "#6b4526"),  # the tail
    *[_box("rectangle", x, 60, x + 5, 82, "#6b4526") for x in (29, 37, 54, 62)],
    _box("ellipse", 24, 42, 71, 68, "#7d5330"),
    _box("ellipse", 60, 26, 80, 52, "#7d5330"),
    _box("ellipse", 73, 37, 88, 50, "#8d6440"),
    _box("ellipse", 84, 38, 89, 43, "#201510"),
    _box("ellipse", 71, 33, 74, 37, "#201510"),
    _box("ellipse", 59, 27, 67, 49, "#553519"),  # an ear
]
_BOAT_AT_SEA = [
    _box("rectangle", 0, 0, 100, 60, "#bfe0f2"),
    *[_box("ellipse", x, 8, x + 20, 20, "#ffffff") for x in (10, 18, 66)],
    _box("rectangle", 0, 58, 100, 100, "#2a6fa8"),
    _box("rectangle", 49, 12, 51, 62, "#5a4030"),
    Shape("polygon", [(52, 14), (52, 55), (76, 55)], "#fafafa"),
    Shape("polygon", [(48, 20), (48, 55), (30, 55)], "#d93b30"),
    Shape("polygon", [(26, 60), (78, 60), (68, 75), (36, 75)], "#8b5a2b"),
    *[_box("rectangle", x, y, x + 14, y + 1, "#8fc1e6") for x, y in ((8, 72), (70, 84), (36, 90))],
]
_CHILD_WITH_A_BALL = [
    _box("rectangle", 0, 0, 100, 45, "#a9d6f5"),
    _box("rectangle", 0, 44, 100, 58, "#3f86bd"),
    _box("rectangle", 0, 57, 100, 100, "#e8d3a2"),
    _box("ellipse", 34, 15, 49, 35, "#4a2f1d"),  # hair, and the face on it
    _box("ellipse", 36, 20, 49, 37, "#e3ae88"),
    _box("rectangle", 33, 36, 50, 58, "#c9352b"),
    _box("rectangle", 34, 58, 49, 66, "#26457a"),
    *[_box("rectangle", x, 66, x + 5, 84, "#e3ae88") for x in (35, 43)],
    Shape("polygon", [(48, 37), (68, 50), (66, 54), (47, 44)], "#e3ae88"),
    _box("rectangle", 29, 37, 33, 56, "#e3ae88"),
    _box("ellipse", 65, 44, 80, 64, "#f2c230"),
]


def drawings() -> "list[Image]":
    """Three pictures of 480 by 360 pixels: a dog, a boat, a child with a ball."""
    return [_drawn(shapes) for shapes in (_DOG_ON_GRASS, _BOAT_AT_SEA, _CHILD_WITH_A_BALL)]


def _drawn(shapes: list[Shape]) -> "Image":
    from PIL import Image, ImageDraw

    image = Image.new("RGB", (_WIDTH * _FINER, _HEIGHT * _FINER))
    draw = ImageDraw.Draw(image)
    for kind, points, colour in shapes:
        corners = [(x / 100 * image.width, y / 100 * image.height) for x, y in points]
        getattr(draw, kind)(corners, fill=colour)
    return image.resize((_WIDTH, _HEIGHT))
