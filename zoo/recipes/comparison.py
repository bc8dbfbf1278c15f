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

_HELD_OUT = 20  # of the training part of a trial, one example in so many

Answer = Callable[[Any, Any, Any, Any, RunFolder], Outcome]
"""Trains by a config on a part, chooses the epoch on another, and answers a third, in a folder of
its own."""


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
        raise UserError(f"unknown row {unknown[0]!r}: choose from {'; '.join(makers)}")
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
    answer: Answer,
    make_trials: Callable[[], list[Trial]],
    headline: str,
    measure: Callable[[Trial, list[str]], Mapping[str, Any]],
    rows: Sequence[str],
    first: int | None,
) -> Path:
    """Train a task's variants side by side in the same trials, and write the tables of a figure.

    In each trial a variant learns from the training part alone, a twentieth of which is held out
    to choose the epoch on.

    Args:
        task: whose variants they are.
        answer: trains by a variant's config, and answers.
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
            folder = RunFolder.open(path, dataclasses.asdict(config))
            places = range(len(trial.train))
            train = trial.train.select(n for n in places if n % _HELD_OUT)
            held_out = trial.train.select(places[::_HELD_OUT])
            outcome = answer(config, train, held_out, trial.test, folder)
            shutil.rmtree(path)
            return outcome

        return run

    makers = {name: variant(changes) for name, changes in task.variants.items()}
    results, trials, folder = results_of(task, makers, make_trials, rows, first)
    points = points_of(results, trials, lambda trial, given: measure(trial, given)[headline])
    lines = [{"row": name, **spread(points[name]), **cost(row)} for name, row in results.items()]
    write_tables(lines, points, headline, folder)
    return folder
