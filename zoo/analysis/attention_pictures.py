"""Pictures of where a decoder looked."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from zoo.data.atomic import replacing
from zoo.errors import UserError

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_KINDS = ("png", "svg", "pdf")
_INCHES_PER_TOKEN = 0.32


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
        range(len(source)), list(source), rotation=60, ha="left", rotation_mode="anchor"
    )
    axes.set_yticks(range(len(target)), list(target))
    axes.tick_params(top=True, labeltop=True, bottom=False, labelbottom=False, length=0)
    axes.set_xticks([n - 0.5 for n in range(1, len(source))], minor=True)
    axes.set_yticks([n - 0.5 for n in range(1, len(target))], minor=True)
    axes.grid(which="minor", color="white", linewidth=1)
    axes.tick_params(which="minor", length=0)
    axes.spines[:].set_visible(False)
    return figure


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
