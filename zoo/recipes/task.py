"""What the command line asks of a task, whatever its form, and where it finds the tasks."""

import importlib
import pkgutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from zoo.errors import UserError


@dataclass(frozen=True)
class Dataset:
    """A set of data that a task can train on.

    Attributes:
        name: as given to `--dataset`.
        load: gives the set's splits, of the settings that they depend on.
        description: one line for the card.
        licence: of the data, and what it means for weights trained on it.
        file: the path of a user's own file, or None.
        unlabelled: gives further texts without labels, none of them in a split but train; None
            where the set has none.
        settings: of the task's config that suit this set better than the task's defaults.
        further_tests: by name, data of other kinds that a model trained on this set is measured on
            when it is to ship; made of the settings that data depends on.
    """

    name: str
    load: Callable[..., Any]
    description: str
    licence: str
    file: str | None = None
    unlabelled: Callable[[], list[str]] | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)
    further_tests: Mapping[str, Callable[..., Any]] = field(default_factory=dict)


class Task(Protocol):
    """A task: what is particular to it, and the road from its data to a shipped model."""

    name: str
    title: str
    config: Any
    datasets: Mapping[str, Dataset]

    def train(
        self, config: Any, dataset: Dataset, run: Path | None, start: Path | None, command: str
    ) -> Path:
        """Train, or go on; the folder of the run, with the exported model in it."""

    def prepare(
        self, config: Any, dataset: Dataset, run: Path | None, start: Path | None
    ) -> list[Path]:
        """Write all that a training reads, and stop; the folders of its runs."""

    def export(self, run: Path, path: Path) -> None:
        """Export a finished run as a version to ship, measured on its test split."""

    def evaluate(self, model: Path, dataset: Dataset, split: str) -> dict[str, Any]:
        """The figures of a SavedModel on a split."""

    def user_data(self, path: Path) -> Dataset:
        """A user's own file as a data set."""

    def gradients(self, dataset: Dataset, runs: Sequence[Path]) -> Path:
        """Measure how gradients flow back through time; the folder of tables and pictures."""

    def compare(self, rows: Sequence[str], first: int | None) -> Path:
        """Train the named variants side by side; the folder of the tables."""


def task_names() -> list[str]:
    """The names of all tasks: the packages in `tasks`."""
    package = importlib.import_module("tasks")
    return sorted(module.name for module in pkgutil.iter_modules(package.__path__) if module.ispkg)


def find_task(name: str) -> Task:
    """The task of this name.

    Raises:
        UserError: there is none.
    """
    if name not in task_names():
        raise UserError(f"unknown task {name!r}: choose one of {', '.join(task_names())}")
    return importlib.import_module(f"tasks.{name}").TASK
