"""The measured tables of docs/all_about_rnn.md."""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path

from zoo.analysis import lengths
from zoo.analysis.compare import read_table
from zoo.analysis.gradient_pictures import summaries
from zoo.metrics.headlines import HEADLINES

# Where the page's pictures are, and the tables that they were drawn from.
PICTURES = Path("docs") / "pictures"

_UNITS = _SIZE = 32
_COMPARED = {"spam_detection": "mcc", "sentiment": "accuracy"}
_VERDICTS = "![The verdict of the sentiment model after each word](pictures/verdicts.png)\n"
_NOT_YET = "Not measured yet.\n"


def parts(root: Path) -> dict[str, str]:
    """What stands at the marked places of the page of a checkout.

    Raises:
        UserError: a table of the pictures is missing.
    """
    rows = [f"| {w:,} | {mlp:,} | {rnn:,} |\n" for w, mlp, rnn in parameters((1, 10, 100, 1000))]
    drawn = (root / PICTURES / "verdicts.png").exists()
    return {
        "verdicts": _VERDICTS if drawn else _NOT_YET,
        "parameters": "| window | MLP | SimpleRNN |\n|---|---|---|\n" + "".join(rows),
        **summaries(root / PICTURES),
        **{task: _comparison(root / "tasks" / task, task) for task in _COMPARED},
        "lengths": _lengths(root / "tasks" / "sentiment" / "comparison_by_length.csv"),
    }


def parameters(windows: Sequence[int]) -> list[tuple[int, int, int]]:
    """Weights of a bare MLP and a bare SimpleRNN over windows, but for the vectors of tokens.

    Args:
        windows: their lengths, in tokens.

    Returns:
        For each window its length, the weights of the MLP and those of the SimpleRNN.
    """
    from zoo.models.many_to_one import ManyToOne, ManyToOneConfig

    def count(cell: str, window: int) -> int:
        model = ManyToOne(
            ManyToOneConfig(
                pieces=1, ngram_buckets=0, classes=2, cell=cell, bidirectional=False, layers=1,
                units=_UNITS, embedding_size=_SIZE, dropout=0.0, ngram_dropout=0.0, bare=True,
                window=window,
            )
        )  # fmt: skip
        return model.stack.count_params() + model.output_layer.count_params()

    return [(window, count("mlp", window), count("simple_rnn", 0)) for window in windows]


def _comparison(task: Path, name: str) -> str:
    rows = _bare(task / "comparison.csv")
    if not rows:
        return _NOT_YET
    head = f"| row | {HEADLINES[_COMPARED[name]]} over trials | weights |\n|---|---|---|\n"
    return head + "".join(
        f"| {row['row']} | {float(row['mean']):.4f} ± {float(row['deviation']):.4f} "
        f"| {int(row['parameters']):,} |\n"
        for row in rows
    )


def _lengths(path: Path) -> str:
    rows = _bare(path)
    if not rows:
        return _NOT_YET
    return lengths.markdown(rows) + "\n" + "".join(
        f"- {name}: {_gain(rows, name)}\n" for name in dict.fromkeys(row["length"] for row in rows)
    )  # fmt: skip


def _gain(rows: Sequence[Mapping[str, str]], length: str) -> str:
    """By how much the LSTM is better than the SimpleRNN; the spreads add as independent ones."""
    found = {row["row"]: row for row in rows if row["length"] == length}
    lstm, simple = found["bare LSTM"], found["bare SimpleRNN"]
    gain = float(lstm["mean"]) - float(simple["mean"])
    spread = math.hypot(float(lstm["deviation"]), float(simple["deviation"]))
    if gain > 2 * spread:
        verdict = "the LSTM is better"
    elif gain < -2 * spread:
        verdict = "the SimpleRNN is better"
    else:
        verdict = "the trials do not tell them apart"
    return f"LSTM less SimpleRNN {gain:+.4f} ± {spread:.4f}: {verdict}"


def _bare(path: Path) -> list[dict[str, str]]:
    if not path.exists():
        return []
    return [row for row in read_table(path) if row["row"].startswith("bare ")]
