"""Rows of a task side by side: which are trained, and where their tables belong."""

import dataclasses
import shutil
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from zoo.analysis.compare import (
    Outcome,
    Row,
    Trial,
    cost,
    points_of,
    run_trials,
    spread,
    write_tables,
)
from zoo.errors import UserError
from zoo.recipes.recipe import Recipe, fingerprint_of
from zoo.training.run import RunFolder


def results_of(
    task: Recipe,
    makers: Mapping[str, Row],
    make_trials: Callable[[], list[Trial]],
    rows: Sequence[str],
    first: int | None,
) -> tuple[dict[str, list[dict[str, Any]]], list[Trial], Path]:
    """The results of a task's rows in trials, the trials, and the folder their tables belong in.

    In a checkout that is the task's, beside its card, for all rows in all trials, and runs/compare
    for any other.

    Args:
        task: whose rows they are.
        makers: the rows by name.
        make_trials: what each is trained and measured on.
        rows: names of rows; all where none is given.
        first: only so many trials.

    Raises:
        UserError: there is no row of a name, or no trial is asked for.
    """
    unknown = sorted(set(rows) - set(makers))
    if unknown:
        raise UserError(f"unknown row {unknown[0]!r}: choose from {', '.join(makers)}")
    every = make_trials()
    if first is not None and not 1 <= first <= len(every):
        raise UserError(f"{first} trials: choose 1 to {len(every)}")

    trials = every[:first]
    work = Path("runs") / "compare" / task.name
    chosen = {name: makers[name] for name in makers if name in rows or not rows}
    learned_from = fingerprint_of(*(trial.train for trial in trials[:1]))
    results = run_trials(chosen, trials, work, repr((task.config, task.variants, learned_from)))
    whole = len(results) == len(makers) and len(trials) == len(every)
    card = Path("tasks") / task.name
    return results, trials, card if whole and card.is_dir() else work


def compare_variants(
    task: Recipe,
    answer: Callable[[Any, Trial, RunFolder], Outcome],
    make_trials: Callable[[], list[Trial]],
    headline: str,
    measure: Callable[[Trial, list[str]], Mapping[str, Any]],
    rows: Sequence[str],
    first: int | None,
) -> Path:
    """Train a task's variants side by side in the same trials, and write the tables of a figure.

    Args:
        task: whose variants they are.
        answer: trains by a config in a trial, in a folder of its own.
        make_trials: what each variant is trained and measured on.
        headline: the figure.
        measure: the figures, it among them, of the answers in a trial.
        rows: names of rows; all where none is given.
        first: only so many trials.

    Returns:
        The folder of comparison.csv, comparison.md and comparison.png.

    Raises:
        UserError: the task has no rows, or none of a name, or no trial is asked for.
    """
    if not task.variants:
        raise UserError(f"{task.name} has no rows to compare: choose another task")

    def variant(changes: Mapping[str, Any]) -> Row:
        def run(trial: Trial, path: Path) -> Outcome:
            config = dataclasses.replace(task.config, **changes, seed=trial.seed)
            outcome = answer(config, trial, RunFolder.open(path, dataclasses.asdict(config)))
            shutil.rmtree(path)
            return outcome

        return run

    makers = {name: variant(changes) for name, changes in task.variants.items()}
    results, trials, folder = results_of(task, makers, make_trials, rows, first)
    points = points_of(results, trials, lambda trial, given: measure(trial, given)[headline])
    lines = [{"row": name, **spread(points[name]), **cost(row)} for name, row in results.items()]
    write_tables(lines, points, headline, folder)
    return folder
