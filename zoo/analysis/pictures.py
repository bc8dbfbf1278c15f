"""The pictures of docs/all_about_rnn.md: `make pictures`."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from zoo import hub
from zoo.analysis.compare import read_table, write_table
from zoo.analysis.drawing import logarithmic, new_figure, save
from zoo.analysis.gradient_pictures import draw
from zoo.analysis.page import PICTURES, parameters
from zoo.errors import UserError

_GRADIENTS = Path("runs") / "gradients" / "sentiment"

# Written for this project; it turns round twice.
_REVIEW = (
    "I was told that this film is boring, and for an hour it was: nothing moved, nobody spoke, I "
    "wanted my money back. Then it became the warmest, funniest thing I have seen all year. Go and "
    "see it!"
)


def verdicts(classifier: Any, text: str) -> list[tuple[str, float]]:
    """The words of a text, and the probability of the positive label after each of them.

    The model is asked anew about the text so far: a layer that reads backwards begins at the last
    word that is there.
    """
    words = text.split()
    so_far = [" ".join(words[: n + 1]) for n in range(len(words))]
    label = classifier.labels[-1]
    answers = classifier(so_far)
    return [(word, a.probabilities[label]) for word, a in zip(words, answers, strict=True)]


def draw_verdicts(rows: Sequence[tuple[str, float]], label: str, path: Path) -> None:
    """Draw what `verdicts` found."""
    figure, [axes] = new_figure(width=9, height=3.2)
    places = range(len(rows))
    axes.plot(places, [p for _, p in rows], marker="o", markersize=4)
    axes.axhline(0.5, color="grey", linewidth=1)
    axes.set_xticks(places, [word for word, _ in rows], rotation=90, fontsize="small")
    axes.set_ylim(0, 1)
    axes.set_ylabel(f"probability of {label}")
    save(figure, path)


def draw_parameters(rows: Sequence[tuple[int, int, int]], path: Path) -> None:
    """Draw what `zoo.analysis.page.parameters` found."""
    figure, [axes] = new_figure(width=5)
    windows, mlp, rnn = zip(*rows, strict=True)
    axes.plot(windows, mlp, marker="o", label="MLP")
    axes.plot(windows, rnn, marker="o", label="SimpleRNN")
    logarithmic(axes, "xy")
    axes.set_xlabel("window, in tokens")
    axes.set_ylabel("weights")
    axes.legend()
    save(figure, path)


def main() -> None:
    """Draw all of them, from the last `zoo gradients sentiment` and the shipped model."""
    for name in ("gradients", "forget_gates", "exploding"):
        table = _GRADIENTS / f"{name}.csv"
        if not table.exists():
            raise UserError(f"{table} is missing: give `zoo gradients sentiment` first")
        write_table(PICTURES / f"{name}.csv", read_table(table))
    draw(PICTURES, PICTURES)
    draw_parameters(parameters([2**n for n in range(10)]), PICTURES / "parameters.png")
    classifier = hub.load("sentiment")
    rows = verdicts(classifier, _REVIEW)
    draw_verdicts(rows, classifier.labels[-1], PICTURES / "verdicts.png")


if __name__ == "__main__":
    main()
