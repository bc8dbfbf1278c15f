"""A comparison by the length of the texts."""

import math
import statistics
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from zoo.analysis.compare import Trial
from zoo.metrics.classification import figures


def by_length(
    results: Mapping[str, Sequence[Mapping[str, Any]]],
    trials: Sequence[Trial],
    positive: str | None,
    headline: str,
    edges: Sequence[int],
) -> list[dict[str, Any]]:
    """The headline of each row on texts of each length, its mean and spread over the trials.

    Args:
        results: as `run_trials` gives them.
        trials: the same.
        positive: as for `summarise`.
        headline: as for `summarise`.
        edges: ascending numbers of words: texts are told apart at these.

    Returns:
        For each row a line for each length at which there are texts in every trial.
    """
    bounds = [0, *edges, math.inf]
    names = [
        f"{low} to {high - 1} words" if high < math.inf else f"{low} words and more"
        for low, high in pairwise(bounds)
    ]
    places = [
        np.searchsorted(edges, [len(text.split()) for text in trial.test.texts], side="right")
        for trial in trials
    ]
    lines = []
    for name, row in results.items():
        for n, length in enumerate(names):
            chosen = [np.flatnonzero(place == n) for place in places]
            if not all(map(len, chosen)):
                continue
            found = [
                figures(
                    trial.test.select(indices).labels,
                    [result["answers"][i] for i in indices],
                    positive,
                )[headline]
                for trial, result, indices in zip(trials, row, chosen, strict=True)
            ]
            lines.append(
                {
                    "row": name,
                    "length": length,
                    "texts": len(chosen[0]),
                    "mean": statistics.mean(found),
                    "deviation": statistics.stdev(found) if len(found) > 1 else 0.0,
                }
            )
    return lines


def markdown(lines: Sequence[Mapping[str, str]]) -> str:
    """A comparison by length as a Markdown table: a row for each row, a column for each length."""
    lengths = {line["length"]: line["texts"] for line in lines}
    head = "| row | " + " | ".join(f"{name} ({n} texts)" for name, n in lengths.items()) + " |\n"
    text = head + "|---" * (len(lengths) + 1) + "|\n"
    for row in dict.fromkeys(line["row"] for line in lines):
        cells = [
            f"{float(line['mean']):.4f} ± {float(line['deviation']):.4f}"
            for line in lines
            if line["row"] == row
        ]
        text += f"| {row} | " + " | ".join(cells) + " |\n"
    return text
