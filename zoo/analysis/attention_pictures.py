"""Pictures of where a decoder looked."""

import io
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from zoo.data.atomic import replacing
from zoo.data.photos import fault_of, upright_rgb
from zoo.errors import UserError

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from PIL.Image import Image

_KINDS = ("png", "svg", "pdf")
_INCHES_PER_TOKEN = 0.32

_PANELS_PER_ROW = 5
_INCHES_PER_PANEL = 2.0  # the longer side of the photo
_PIXELS_PER_PANEL = 320
_UNSEEN = 0.2  # the brightness that is left where the decoder did not look


def draw_alignment(
    source: Sequence[str],
    target: Sequence[str],
    attention: Sequence[Sequence[float]],
    path: Path,
) -> None:
    """Draw a row for each token of the answer and a column for each of the source.

    Args:
        source: tokens.
        target: tokens.
        attention: for each token of the target the weight of each of the source, in [0, 1].
        path: of the picture, a .png, .svg or .pdf.

    Raises:
        UserError: there is nothing to draw, or the file is of another kind or cannot be written.
    """
    kind = picture_kind(path)
    if not target:
        raise UserError("the answer is empty: there is no attention to draw")
    _save(alignment_figure(source, target, attention), path, kind)


def alignment_figure(
    source: Sequence[str], target: Sequence[str], attention: Sequence[Sequence[float]]
) -> "Figure":
    """The picture that `draw_alignment` writes; there is one token or more on each side."""
    from matplotlib.figure import Figure

    size = (1.6 + _INCHES_PER_TOKEN * len(source), 1.2 + _INCHES_PER_TOKEN * len(target))
    figure = Figure(figsize=size, layout="constrained")
    axes = figure.subplots()
    axes.imshow(attention, cmap="Blues", vmin=0, vmax=1)
    axes.set_xticks(
        range(len(source)),
        list(source),
        rotation=60,
        ha="left",
        rotation_mode="anchor",
        parse_math=False,  # a $ is a $
    )
    axes.set_yticks(range(len(target)), list(target), parse_math=False)
    axes.tick_params(top=True, labeltop=True, bottom=False, labelbottom=False, length=0)
    axes.set_xticks([n - 0.5 for n in range(1, len(source))], minor=True)
    axes.set_yticks([n - 0.5 for n in range(1, len(target))], minor=True)
    axes.grid(which="minor", color="white", linewidth=1)
    axes.tick_params(which="minor", length=0)
    axes.spines[:].set_visible(False)
    return figure


def draw_photo_attention(
    image_bytes: bytes,
    tokens: Sequence[str],
    attention: Sequence[Sequence[Sequence[float]]] | np.ndarray,
    path: Path,
) -> None:
    """Draw the photo, and for each token of its caption the photo lit where the decoder looked.

    Each token's photo is brightest where its own attention is highest.

    Args:
        image_bytes: of a JPEG or PNG file.
        tokens: of the caption.
        attention: for each token the weight of each place of the photo, `[tokens, rows, columns]`,
            the photo being upright and squashed to the grid.
        path: of the picture, a .png, .svg or .pdf.

    Raises:
        UserError: there is nothing to draw, the photo is damaged, or the picture is of another kind
            or cannot be written.
    """
    from matplotlib.figure import Figure

    kind = picture_kind(path)
    if not tokens:
        raise UserError("the caption is empty: there is no attention to draw")
    photo, *lit = lit_photos(image_bytes, attention)
    columns = min(_PANELS_PER_ROW, 1 + len(tokens))
    rows = -(-(1 + len(tokens)) // columns)
    width, height = (_INCHES_PER_PANEL * side / _PIXELS_PER_PANEL for side in photo.size)
    figure = Figure(
        figsize=(columns * max(width, 0.9), rows * (height + 0.35)), layout="constrained"
    )
    panels = figure.subplots(rows, columns, squeeze=False).ravel()
    for panel in panels:
        panel.set_axis_off()
    panels[0].imshow(photo)
    looks = zip(tokens, lit, strict=True)
    for panel, (token, look) in zip(panels[1:], looks, strict=False):
        panel.imshow(look)
        panel.set_title(token, fontsize=11, pad=3, parse_math=False)
    _save(figure, path, kind)


def lit_photos(
    image_bytes: bytes, attention: Sequence[Sequence[Sequence[float]]] | np.ndarray
) -> list["Image"]:
    """The photo as large as a panel, and for each token as `draw_photo_attention` lights it.

    Args:
        image_bytes: of a JPEG or PNG file.
        attention: `[tokens, rows, columns]`.

    Raises:
        UserError: the photo is damaged.
    """
    photo = _small(image_bytes)
    return [photo, *(_lit(photo, weights) for weights in np.asarray(attention))]


def _small(image_bytes: bytes) -> "Image":
    """The photo as large as a panel."""
    from PIL import Image

    if fault := fault_of(image_bytes):
        raise UserError(f"the photo {fault}")
    file = Image.open(io.BytesIO(image_bytes))
    file.draft("RGB", (_PIXELS_PER_PANEL, _PIXELS_PER_PANEL))  # of a JPEG no more than needed
    photo = upright_rgb(file)
    factor = _PIXELS_PER_PANEL / max(photo.size)
    width, height = (max(1, round(side * factor)) for side in photo.size)
    return photo.resize((width, height))


def _lit(photo: "Image", weights: np.ndarray) -> "Image":
    """The photo, with the brightness of its places by their weights."""
    from PIL import Image

    share = weights / max(weights.max(), np.finfo(np.float32).tiny)
    smooth = Image.fromarray(share.astype(np.float32)).resize(photo.size, Image.Resampling.BICUBIC)
    brightness = _UNSEEN + (1 - _UNSEEN) * np.clip(np.asarray(smooth), 0, 1)
    lit = np.asarray(photo) * brightness[..., np.newaxis]
    return Image.fromarray(lit.astype(np.uint8))


def picture_kind(path: Path) -> str:
    """The kind of a picture by its name.

    Raises:
        UserError: it is none of those that can be drawn.
    """
    kind = path.suffix.lower().removeprefix(".")
    if kind not in _KINDS:
        raise UserError(f"{path} is no picture's name: end it in .{', .'.join(_KINDS)}")
    return kind


def _save(figure: "Figure", path: Path, kind: str) -> None:
    import warnings

    with replacing(path) as beside, warnings.catch_warnings():
        # A letter that the font lacks is drawn as a box; that is no reason to talk.
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        figure.savefig(beside, format=kind, dpi=130)
