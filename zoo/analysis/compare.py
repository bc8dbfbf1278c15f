"""Comparisons: named rows, trained under one protocol, each trial kept as soon as it is done."""

import csv
import hashlib
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console

from zoo.data.atomic import replacing
from zoo.data.examples import LabelledTexts, Splits
from zoo.errors import UserError
from zoo.metrics.classification import figures, mcnemar
from zoo.metrics.headlines import HEADLINES
from zoo.training.run import read_json, write_json


@dataclass(frozen=True)
class Trial:
    """One training and one measuring: a fold, or a seed.

    Attributes:
        name: of its results.
        train: all that a row may look at.
        test: what it is measured on.
        seed: of the training.
    """

    name: str
    train: Any
    test: Any
    seed: int


@dataclass(frozen=True)
class Outcome:
    """What a row answered in a trial.

    Attributes:
        answers: one for each text of the trial's test part.
        parameters: number of weights.
    """

    answers: list[str]
    parameters: int


Row = Callable[[Trial, Path], Outcome]


def ten_folds(examples: LabelledTexts) -> list[Trial]:
    """Ten stratified folds, each measured once: for sets of some thousand examples."""
    from sklearn.model_selection import StratifiedKFold

    folds = StratifiedKFold(10, shuffle=True, random_state=0)
    return [
        Trial(f"fold {n + 1}", examples.select(train), examples.select(test), seed=n)
        for n, (train, test) in enumerate(folds.split(examples.texts, examples.labels))
    ]


def three_seeds(splits: Splits[LabelledTexts]) -> list[Trial]:
    """Three seeds on one published split: for sets too large for folds."""
    train = LabelledTexts(
        splits.train.texts + splits.validation.texts, splits.train.labels + splits.validation.labels
    )
    return [Trial(f"seed {seed}", train, splits.test, seed) for seed in range(3)]


def run_trials(
    rows: Mapping[str, Row], trials: Sequence[Trial], folder: Path, protocol: str
) -> dict[str, list[dict[str, Any]]]:
    """The results of all rows in all trials; what stands in the folder is not done again.

    A row that cannot be trained, as its loss is not finite, is told and left out.

    Args:
        rows: by name; a row gets a trial and a folder of its own to work in.
        trials: the same for all rows.
        folder: keeps one JSON file for each row and trial.
        protocol: tells results of other settings or data apart: their files have other names.

    Returns:
        For each row the results of the trials in order.

    Raises:
        UserError: no row could be trained.
    """
    console = Console(stderr=True, highlight=False)
    results: dict[str, list[dict[str, Any]]] = {}
    failure: UserError | None = None
    for name, row in rows.items():
        done = []
        try:
            for trial in trials:
                key = hashlib.sha256(f"{protocol}\n{name}".encode()).hexdigest()[:8]
                file = folder / f"{_slug(name)}-{key}" / f"{trial.name}.json"
                if not file.exists():
                    console.print(f"{name}, {trial.name} of {len(trials)}")
                    _run_trial(row, trial, file)
                done.append(read_json(file))
        except UserError as error:
            failure = error
            console.print(f"{name} is left out: {error}", style="yellow", markup=False)
        else:
            results[name] = done
    if not results and failure is not None:
        raise failure
    return results


def _run_trial(row: Row, trial: Trial, file: Path) -> None:
    began = time.monotonic()
    outcome = row(trial, file.with_suffix(""))
    seconds = time.monotonic() - began
    write_json(
        file,
        {
            "seconds": round(seconds, 1),
            "parameters": outcome.parameters,
            "answers": outcome.answers,
        },
    )


def summarise(
    results: Mapping[str, Sequence[Mapping[str, Any]]],
    trials: Sequence[Trial],
    positive: str | None,
    reference: str,
    headline: str,
) -> list[dict[str, Any]]:
    """One line of figures for each row, over all trials together and with their spread.

    Args:
        results: as `run_trials` gives them.
        trials: the same.
        positive: the label that F1 and the errors are about.
        reference: the row that the others are tested against, pair by pair.
        headline: the figure whose mean and spread over the trials are given.

    Returns:
        For each row its figures; `p` is McNemar's against the reference. Of trials that are
        measured on the same texts only the first takes part in that test, which wants each once.
    """
    truth = [label for trial in trials for label in trial.test.labels]
    once = np.concatenate(
        [
            np.full(len(trial.test), all(trial.test != before.test for before in trials[:n]))
            for n, trial in enumerate(trials)
        ]
    )
    answers = {
        name: [answer for result in row for answer in result["answers"]]
        for name, row in results.items()
    }

    def tested(labels: Sequence[str]) -> np.ndarray:
        return np.array(labels)[once]

    points = points_of(
        results, trials, lambda trial, given: figures(trial.test.labels, given, positive)[headline]
    )
    lines = []
    for name, row in results.items():
        test = mcnemar(tested(truth), tested(answers[reference]), tested(answers[name]))
        lines.append(
            {
                "row": name,
                **figures(truth, answers[name], positive),
                **spread(points[name]),
                **cost(row),
                "p": "" if name == reference else test["p"],
            }
        )
    return lines


def points_of(
    results: Mapping[str, Sequence[Mapping[str, Any]]],
    trials: Sequence[Trial],
    figure: Callable[[Trial, list[str]], float],
) -> dict[str, list[float]]:
    """A figure of each row in each trial.

    Args:
        results: as `run_trials` gives them.
        trials: the same.
        figure: of the answers in a trial.
    """
    return {
        name: [figure(trial, result["answers"]) for trial, result in zip(trials, row, strict=True)]
        for name, row in results.items()
    }


def spread(points: Sequence[float]) -> dict[str, float]:
    """Mean and standard deviation of a row's figure over the trials."""
    deviation = statistics.stdev(points) if len(points) > 1 else 0.0
    return {"mean": statistics.mean(points), "deviation": deviation}


def cost(row: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """What a row takes: its weights, and the median seconds of a trial."""
    return {
        "parameters": max(result["parameters"] for result in row),
        "seconds": statistics.median(result["seconds"] for result in row),
    }


def write_tables(
    lines: Sequence[Mapping[str, Any]],
    points: Mapping[str, Sequence[float]],
    headline: str,
    folder: Path,
) -> None:
    """Write comparison.csv, comparison.md and comparison.png to a folder.

    Args:
        lines: of the tables, one for each row.
        points: of the picture, the headline of each row in each trial.
        headline: its name.
        folder: gets the files.
    """
    write_table(folder / "comparison.csv", lines)
    with replacing(folder / "comparison.md") as beside:
        table = markdown(read_table(folder / "comparison.csv"), headline)
        beside.write_text(table, encoding="utf-8")
    _draw(points, headline, folder / "comparison.png")


def write_table(path: Path, lines: Sequence[Mapping[str, Any]]) -> None:
    """Write lines of the same figures as CSV; none make an empty file."""
    with replacing(path) as beside, beside.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, lines[0].keys() if lines else [], lineterminator="\n")
        writer.writeheader()
        writer.writerows({k: _rounded(v) for k, v in line.items()} for line in lines)


def read_table(path: Path) -> list[dict[str, str]]:
    """The lines of a CSV file."""
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def markdown(lines: Sequence[Mapping[str, str]], headline: str) -> str:
    """A comparison as a Markdown table."""
    if "mcc" in lines[0]:
        return _classifiers(lines, headline)
    return _speakers(lines) if "distinct_2" in lines[0] else _writers(lines, headline)


def _classifiers(lines: Sequence[Mapping[str, str]], headline: str) -> str:
    head = (
        f"| row | {HEADLINES[headline]} over trials | MCC | F1 | accuracy | false positives "
        "| false negatives | parameters | seconds a fit | p |\n"
        "|---|---|---|---|---|---|---|---|---|---|\n"
    )
    return head + "".join(
        f"| {line['row']} "
        f"| {float(line['mean']):.4f} ± {float(line['deviation']):.4f} | {float(line['mcc']):.4f} "
        f"| {float(line.get('f1') or line['macro_f1']):.4f} | {float(line['accuracy']):.4f} "
        f"| {line.get('false_positives', '')} | {line.get('false_negatives', '')} "
        f"| {int(line['parameters']):,} | {float(line['seconds']):.1f} "
        f"| {_p(line['p'])} |\n"
        for line in lines
    )


def _writers(lines: Sequence[Mapping[str, str]], headline: str) -> str:
    head = (
        f"| row | {HEADLINES[headline]} over trials | parameters | seconds a fit |\n"
        "|---|---|---|---|\n"
    )
    return head + "".join(
        f"| {line['row']} | {float(line['mean']):.2f} ± {float(line['deviation']):.2f} "
        f"| {int(line['parameters']):,} | {float(line['seconds']):.1f} |\n"
        for line in lines
    )


def _speakers(lines: Sequence[Mapping[str, str]]) -> str:
    head = (
        "| row | BLEU-1 | BLEU-2 | distinct-1 | distinct-2 | different replies "
        "| the most frequent reply | words | seconds |\n|---|---|---|---|---|---|---|---|---|\n"
    )
    names = ("bleu_1", "bleu_2", "distinct_1", "distinct_2", "distinct_replies")
    return head + "".join(
        f"| {line['row']} | {' | '.join(f'{float(line[name]):.3f}' for name in names)} "
        f"| {float(line['most_frequent_reply']):.2%} | {float(line['mean_length']):.1f} "
        f"| {float(line['seconds']):.1f} |\n"
        for line in lines
    )


def _draw(points: Mapping[str, Sequence[float]], headline: str, path: Path) -> None:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8, 0.5 * len(points) + 1.2), layout="constrained")
    axes = figure.subplots()
    for place, row in enumerate(points.values()):
        axes.plot(row, [place] * len(row), "o", alpha=0.4, color="C0")
        axes.plot(statistics.mean(row), place, "|", markersize=18, color="C3")
    axes.set_yticks(range(len(points)), list(points))
    axes.invert_yaxis()
    axes.set_xlabel(f"{HEADLINES[headline]}: one point a trial, the line is the mean")
    axes.grid(axis="x", alpha=0.3)
    with replacing(path) as beside:
        figure.savefig(beside, format="png", dpi=110)


def _p(written: str) -> str:
    if not written:
        return ""
    return f"{float(written):.3g}" if float(written) else "< 1e-06"


def _rounded(value: Any) -> Any:
    return round(value, 6) if isinstance(value, float) else value


def _slug(name: str) -> str:
    return "".join(c if c.isalnum() else "-" for c in name.lower())
