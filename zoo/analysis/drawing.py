"""What all pictures share."""

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from zoo.data.atomic import replacing

# A picture of lines and letters needs no more, and is a third as large.
_COLOURS = 64


def new_figure(
    columns: int = 1, width: float = 4.5, height: float = 3.6, sharey: bool = False
) -> tuple[Any, Sequence[Any]]:
    """A figure of some panels side by side, sizes in inches; the figure and its axes."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width * columns, height), layout="constrained")
    axes = figure.subplots(1, columns, sharey=sharey, squeeze=False)[0]
    for one in axes:
        one.grid(alpha=0.3)
    return figure, axes


def logarithmic(axes: Any, names: str = "y") -> None:
    """Make the axes of these names, `x` or `y` or both, logarithmic, their numbers plain."""
    from matplotlib.ticker import LogFormatter

    axes.set(**{f"{name}scale": "log" for name in names})
    for name in names:
        getattr(axes, f"{name}axis").set_major_formatter(LogFormatter())


def save(figure: Any, path: Path) -> None:
    """Write a figure as a small PNG."""
    from PIL import Image

    drawn = io.BytesIO()
    figure.savefig(drawn, format="png", dpi=90)
    with replacing(path) as beside:
        Image.open(drawn).convert("RGB").quantize(_COLOURS).save(
            beside, format="png", optimize=True
        )
