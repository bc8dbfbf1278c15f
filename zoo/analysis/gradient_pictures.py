"""The tables of `zoo gradients` as pictures and in a few lines."""

import math
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

from zoo.analysis.compare import read_table
from zoo.analysis.drawing import logarithmic, new_figure, save

Rows = Sequence[Mapping[str, str]]

_STYLES = {"before training": "--", "after training": "-"}


def draw(tables: Path, folder: Path) -> None:
    """Draw gradients.png, forget_gates.png and exploding.png of the tables in one folder."""
    for name, draw_one in (
        ("gradients", _draw_gradients),
        ("forget_gates", _draw_forget_gates),
        ("exploding", _draw_exploding),
    ):
        rows = read_table(tables / f"{name}.csv")
        if rows:  # no model may have forget gates
            save(draw_one(rows), folder / f"{name}.png")


def summaries(folder: Path) -> dict[str, str]:
    """What the tables in a folder say, each as a Markdown table, by the tables' names."""
    tables = {
        "gradients": _vanishing,
        "forget_gates": _memory,
        "exploding": _exploding,
    }
    return {name: say(read_table(folder / f"{name}.csv")) for name, say in tables.items()}


def _lines(rows: Rows, *names: str) -> Iterator[tuple[tuple[str, ...], list[Mapping[str, str]]]]:
    """Rows of one line each, which stand together; and what names the line."""
    for key, line in groupby(rows, key=lambda row: tuple(row[name] for name in names)):
        yield key, list(line)


def _vanishing(rows: Rows) -> str:
    first = max(int(row["moments_after"]) for row in rows)
    shown = [0, *(n for n in (10, 50, 100, 200) if n < first), first]
    head = "| norm of dL/dh, median | " + " | ".join(f"{n} before the end" for n in shown) + " |\n"
    head = head.replace("| 0 before the end", "| at the end")
    text = head + "|---" * (len(shown) + 1) + "|\n"
    for (model, when, layer), line in _lines(rows, "model", "when", "layer"):
        norms = {int(row["moments_after"]): float(row["norm"]) for row in line}
        values = " | ".join(_number(norms[n]) if n in norms else "" for n in shown)
        text += f"| {model}, {when}, {layer_name(layer)} | {values} |\n"
    return text


def _memory(rows: Rows) -> str:
    text = (
        "| LSTM | mean forget gate | memory, the median unit | memory, the longest |\n"
        "|---|---|---|---|\n"
    )
    for (model, when, layer), line in _lines(rows, "model", "when", "layer"):
        mean = sum(float(row["forget_gate"]) for row in line) / len(line)
        median, longest = (float(line[0][f"memory_{name}"]) for name in ("median", "longest"))
        text += (
            f"| {model}, {when}, {layer_name(layer)} | {mean:.3f} | {median:.1f} moments "
            f"| {longest:.1f} moments |\n"
        )
    return text


def _exploding(rows: Rows) -> str:
    text = "| W too large | steps | loss at first | loss at last | longest gradient |\n"
    text += "|---|---|---|---|---|\n"
    for (what,), line in _lines(rows, "what"):
        losses, norms = ([float(row[name]) for row in line] for name in ("loss", "norm"))
        longest = max(norm for norm in norms if math.isfinite(norm))
        text += (
            f"| {what} | {len(line)} | {_number(losses[0])} | {_number(losses[-1])} "
            f"| {_number(longest)} |\n"
        )
    return text


def _number(value: float) -> str:
    if not math.isfinite(value):
        return "not finite"
    return f"{value:.2g}"


def layer_name(name: str) -> str:
    """Forward_0 as a reader counts: layer 1."""
    direction, _, number = name.rpartition("_")
    return f"layer {int(number) + 1}" + (" backwards" if direction == "backward" else "")


def _draw_gradients(rows: Rows) -> Any:
    models = list(dict.fromkeys(row["model"] for row in rows))
    figure, all_axes = new_figure(len(models), sharey=True)
    for axes, model in zip(all_axes, models, strict=True):
        mine = [row for row in rows if row["model"] == model]
        colours = {
            layer: f"C{n}" for n, layer in enumerate(dict.fromkeys(r["layer"] for r in mine))
        }
        for (when, layer), line in _lines(mine, "when", "layer"):
            # A logarithm knows no 0, and what is not finite is told in the table.
            moments = [-int(row["moments_after"]) for row in line]
            axes.plot(
                moments, [_positive(row["norm"]) for row in line], _STYLES[when],
                color=colours[layer], label=f"{layer_name(layer)}, {when}",
            )  # fmt: skip
            low, high = ([_positive(row[name]) for row in line] for name in ("low", "high"))
            axes.fill_between(moments, low, high, color=colours[layer], alpha=0.15, linewidth=0)
        logarithmic(axes)
        axes.set_title(model)
        axes.set_xlabel("moment, 0 is the last")
        axes.legend(fontsize="x-small", loc="lower right")
    all_axes[0].set_ylabel("norm of dL/dh")
    return figure


def _positive(text: str) -> float:
    value = float(text)
    return value if value > 0 and math.isfinite(value) else math.nan


def _draw_forget_gates(rows: Rows) -> Any:
    figure, [axes] = new_figure(width=5)
    colours = {layer: f"C{n}" for n, layer in enumerate(dict.fromkeys(r["layer"] for r in rows))}
    for (model, when, layer), line in _lines(rows, "model", "when", "layer"):
        axes.plot(
            [-int(row["moments_after"]) for row in line],
            [float(row["forget_gate"]) for row in line],
            _STYLES[when],
            color=colours[layer],
            label=f"{model}, {layer_name(layer)}, {when}",
        )
    axes.set_xlabel("moment, 0 is the last")
    axes.set_ylabel("forget gate, mean over units and texts")
    axes.legend(fontsize="x-small")
    return figure


def _draw_exploding(rows: Rows) -> Any:
    figure, all_axes = new_figure(2)
    for axes, name in zip(all_axes, ("loss", "norm"), strict=True):
        for n, ((what,), line) in enumerate(_lines(rows, "what")):
            values = [_positive(row[name]) for row in line]
            steps = [int(row["step"]) for row in line]
            axes.plot(steps, values, marker=".", color=f"C{n}", label=what)
            if math.isnan(values[-1]) and len(line) > 1:
                last = (steps[-2], values[-2])
                axes.annotate("then not finite", last, (8, -3), textcoords="offset points",
                              color=f"C{n}")  # fmt: skip
        logarithmic(axes)
        axes.set_xlabel("step")
        axes.set_ylabel({"loss": "loss", "norm": "norm of the gradient, before clipping"}[name])
        axes.legend(fontsize="x-small")
    return figure
