"""The sample set: scenes of shapes, drawn and described by rule.

Nothing is downloaded: a seed makes the same scenes everywhere.
"""

import io
import random
from dataclasses import dataclass
from typing import TYPE_CHECKING

from zoo.data.captioned import Captioned
from zoo.data.examples import Splits

if TYPE_CHECKING:
    from PIL.ImageDraw import ImageDraw

_SIZE = 224
_PARTS = {"train": 480, "validation": 60, "test": 60}

_GROUNDS = {"white": (250, 250, 250), "grey": (140, 140, 140), "black": (15, 15, 15)}
_COLOURS = {
    "red": (210, 40, 40),
    "green": (40, 160, 60),
    "blue": (40, 80, 210),
    "yellow": (240, 200, 40),
    "purple": (140, 60, 170),
}
_SHAPES = ("circle", "square", "triangle", "star")
_SIZES = {"small": 20, "large": 42}  # half of their height, in pixels
_NUMBERS = ("one", "two", "three")
# Where the middle of a group is, as shares of width and height.
_PLACES = {
    "on the left": (0.27, 0.5),
    "on the right": (0.73, 0.5),
    "at the top": (0.5, 0.27),
    "at the bottom": (0.5, 0.73),
}
# What is left or at the top comes first: the other order would be the same picture.
_LAYOUTS = [
    *((place,) for place in _PLACES),
    *[("on the left", "on the right"), ("at the top", "at the bottom")] * 2,
]


@dataclass(frozen=True)
class Group:
    """Equal shapes side by side.

    Attributes:
        number: 1 to 3.
        size: a key of the sizes; several are small.
        colour: a key of the colours.
        shape: one of the shapes.
        place: a key of the places.
    """

    number: int
    size: str
    colour: str
    shape: str
    place: str

    @property
    def name(self) -> str:
        """As in `a large red circle`, `two blue stars`."""
        if self.number == 1:
            return f"a {self.size} {self.colour} {self.shape}"
        return f"{_NUMBERS[self.number - 1]} {self.colour} {self.shape}s"

    @property
    def verb(self) -> str:
        """What agrees with the name."""
        return "is" if self.number == 1 else "are"


@dataclass(frozen=True)
class Scene:
    """One group, or two in opposite places, on a ground.

    Attributes:
        ground: a key of the grounds.
        groups: one or two.
    """

    ground: str
    groups: tuple[Group, ...]


def load_scenes() -> Splits[Captioned]:
    """Draws the sample set: 480 scenes to train, 60 to validate, 60 to test, none of them twice.

    Each is a PNG file of 224x224 pixels with five captions.
    """
    chance = random.Random(0)
    scenes: dict[Scene, None] = {}
    while len(scenes) < sum(_PARTS.values()):
        scenes[_thought_up(chance)] = None
    made = iter(scenes)
    parts = []
    for count in _PARTS.values():
        chosen = [next(made) for _ in range(count)]
        parts.append(
            Captioned([drawn(scene) for scene in chosen], [described(scene) for scene in chosen])
        )
    return Splits(*parts)


def _thought_up(chance: random.Random) -> Scene:
    groups = []
    for place in chance.choice(_LAYOUTS):
        number = chance.choice([1, 1, 2, 3])
        size = chance.choice(list(_SIZES)) if number == 1 else "small"
        colour, shape = chance.choice(list(_COLOURS)), chance.choice(_SHAPES)
        groups.append(Group(number, size, colour, shape, place))
    return Scene(chance.choice(list(_GROUNDS)), tuple(groups))


def described(scene: Scene) -> tuple[str, ...]:
    """Five captions, which say more or less of what is there."""
    first, *others = scene.groups
    where = f"on a {scene.ground} ground"
    if not others:
        return (
            f"{_capital(first.name)} {first.place} .",
            f"{_capital(first.name)} {where} .",
            f"There {first.verb} {first.name} {first.place} of the picture .",
            f"The picture shows {first.name} {where} .",
            f"{_capital(first.name)} {first.place} {where} .",
        )
    [second] = others
    both = f"{first.name} and {second.name}"
    return (
        f"{_capital(both)} .",
        f"{_capital(both)} {where} .",
        f"{_capital(first.name)} {first.place} and {second.name} {second.place} .",
        f"The picture shows {both} .",
        f"{_capital(second.name)} {second.verb} {second.place} , {first.name} {first.place} .",
    )


def drawn(scene: Scene) -> bytes:
    """A PNG file."""
    from PIL import Image, ImageDraw

    image = Image.new("RGB", (_SIZE, _SIZE), _GROUNDS[scene.ground])
    draw = ImageDraw.Draw(image)
    for group in scene.groups:
        across, down = (share * _SIZE for share in _PLACES[group.place])
        radius = _SIZES[group.size]
        for n in range(group.number):
            shift = (n - (group.number - 1) / 2) * 2.2 * radius
            # Side by side where there is room for it: along the edge that the group stands at.
            aside = group.place in ("on the left", "on the right")
            x, y = (across, down + shift) if aside else (across + shift, down)
            _draw(draw, group.shape, x, y, radius, _COLOURS[group.colour])
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


def _draw(
    draw: "ImageDraw", shape: str, x: float, y: float, radius: float, colour: tuple[int, int, int]
) -> None:
    if shape == "circle":
        draw.ellipse((x - radius, y - radius, x + radius, y + radius), colour)
    elif shape == "square":
        draw.rectangle((x - radius, y - radius, x + radius, y + radius), colour)
    elif shape == "triangle":
        draw.polygon([(x, y - radius), (x + radius, y + radius), (x - radius, y + radius)], colour)
    else:  # a star of four points
        waist = radius / 3
        draw.polygon(
            [
                (x, y - radius), (x + waist, y - waist), (x + radius, y), (x + waist, y + waist),
                (x, y + radius), (x - waist, y + waist), (x - radius, y), (x - waist, y - waist),
            ],
            colour,
        )  # fmt: skip


def _capital(text: str) -> str:
    return text[0].upper() + text[1:]


def load_examples() -> list[bytes]:
    """Files to try a captioner on: scenes as PNG and JPEG files, and what is no photo."""
    from PIL import Image

    chance = random.Random(_SIZE)
    scenes = [drawn(_thought_up(chance)) for _ in range(4)]
    photo = io.BytesIO()
    Image.open(io.BytesIO(scenes[0])).convert("RGB").save(photo, "JPEG")
    return [*scenes, photo.getvalue(), b"", b"no image at all"]
