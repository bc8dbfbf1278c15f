"""The tab Compare: the comparisons and the pictures that are in the checkout."""

import re
from pathlib import Path
from typing import NamedTuple

import gradio as gr

_NOTHING = "There are no comparisons here: they are in a checkout of the repository."
_PICTURE = re.compile(r"!\[([^\]]+)\]\((pictures/[^)]+)\)")


class Comparison(NamedTuple):
    """What `zoo compare` wrote of a task.

    Attributes:
        task: its name.
        table: in Markdown.
        picture: a file, or None.
    """

    task: str
    table: str
    picture: Path | None


def comparisons(root: Path) -> list[Comparison]:
    """The committed results of `zoo compare` in a checkout, by task."""
    found = []
    for table in sorted(root.glob("tasks/*/comparison.md")):
        picture = table.with_suffix(".png")
        found.append(
            Comparison(
                table.parent.name,
                table.read_text(encoding="utf-8"),
                picture if picture.exists() else None,
            )
        )
    return found


def theory(root: Path) -> list[tuple[Path, str]]:
    """The pictures of docs/all_about_rnn.md that are there, each with what it shows."""
    page = root / "docs" / "all_about_rnn.md"
    if not page.exists():
        return []
    shown = _PICTURE.findall(page.read_text(encoding="utf-8"))
    return [(page.parent / path, title) for title, path in shown if (page.parent / path).exists()]


def tab(root: Path) -> None:
    """Lay out the tab of a checkout."""
    tables, pictures = comparisons(root), theory(root)
    if not tables and not pictures:
        gr.Markdown(_NOTHING)
    for task, table, picture in tables:
        gr.Markdown(f"## {task.replace('_', ' ').capitalize()}: `zoo compare {task}`")
        if picture:
            _picture(picture)
        gr.Markdown(table, elem_classes="wide")
    if pictures:
        gr.Markdown("## How gradients flow: `zoo gradients`")
    for path, title in pictures:
        gr.Markdown(f"### {title}")
        _picture(path)


def _picture(path: Path) -> None:
    gr.Image(str(path), show_label=False, interactive=False, buttons=[], elem_classes="picture")
