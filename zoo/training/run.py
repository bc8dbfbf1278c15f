"""The run folder: all that a training leaves behind, in one place.

config.json      what was trained, on which data: a run goes on only with the same
model.json       the model but for its weights
lesson.npz       all that training reads, as numbers
first.npz        weights to start from, where there are some
checkpoint.npz   the last state, to go on from
best.npz         the weights with the best validation
history.csv      one line for each epoch
curves.png       the same, to look at
tensorboard/     the same, and the loss of every step
result.json      metrics on the validation data, wall time, versions, machine
"""

import csv
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from zoo.data.atomic import replacing
from zoo.errors import UserError


def write_json(path: Path, value: Any) -> None:
    """Write a JSON document, whole or not at all."""
    with replacing(path) as beside:
        beside.write_text(json.dumps(value, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def read_json(path: Path) -> Any:
    """Read a JSON document.

    Raises:
        UserError: it is not there, or is no JSON.
    """
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise UserError(f"{path} is missing: is {path.parent} the folder you mean?") from error
    except (OSError, ValueError) as error:
        raise UserError(f"{path} cannot be read: {error}") from error


@dataclass(frozen=True)
class RunFolder:
    """A run's folder and the files in it."""

    path: Path

    @classmethod
    def open(cls, path: Path, config: dict[str, Any]) -> "RunFolder":
        """The folder of a run with this config, new or begun.

        Raises:
            UserError: the folder holds a run with another config, or something else.
        """
        if path.exists() and not path.is_dir():
            raise UserError(f"{path} is no folder: choose another --run")
        run = cls(path)
        config = json.loads(json.dumps(config))
        if run.config_file.exists():
            before = read_json(run.config_file)
            if before != config:
                names = sorted(
                    key
                    for key in before.keys() | config.keys()
                    if before.get(key) != config.get(key)
                )
                raise UserError(
                    f"the run in {path} was made with another {', '.join(names)}: "
                    "choose another --run, or delete that folder"
                )
        else:
            begun = set(path.glob(f".{run.config_file.name}.*.partial"))
            if path.is_dir() and set(path.iterdir()) - begun:
                raise UserError(f"{path} is not empty and holds no run: choose another --run")
            write_json(run.config_file, config)
        for left in path.glob(".*.partial"):  # by a process that was killed while it wrote
            left.unlink()
        return run

    @classmethod
    def finished(cls, path: Path) -> "RunFolder":
        """The folder of a run that has ended.

        Raises:
            UserError: it holds no run, or one that has not ended.
        """
        run = cls(path)
        if not run.config_file.exists():
            raise UserError(f"{path} holds no run: give the folder that `zoo train` named")
        if not run.result_file.exists():
            raise UserError(f"the run in {path} has not ended: give its `zoo train` command again")
        return run

    @property
    def config_file(self) -> Path:  # noqa: D102
        return self.path / "config.json"

    @property
    def checkpoint_file(self) -> Path:  # noqa: D102
        return self.path / "checkpoint.npz"

    @property
    def model_file(self) -> Path:  # noqa: D102
        return self.path / "model.json"

    @property
    def lesson_file(self) -> Path:  # noqa: D102
        return self.path / "lesson.npz"

    @property
    def first_file(self) -> Path:  # noqa: D102
        return self.path / "first.npz"

    @property
    def best_file(self) -> Path:  # noqa: D102
        return self.path / "best.npz"

    @property
    def history_file(self) -> Path:  # noqa: D102
        return self.path / "history.csv"

    @property
    def curves_file(self) -> Path:  # noqa: D102
        return self.path / "curves.png"

    @property
    def result_file(self) -> Path:  # noqa: D102
        return self.path / "result.json"

    @property
    def tensorboard_folder(self) -> Path:  # noqa: D102
        return self.path / "tensorboard"

    def write_history(self, rows: list[dict[str, float]]) -> None:
        """Write one line for each epoch to history.csv."""
        with replacing(self.history_file) as beside, beside.open("w", newline="") as file:
            writer = csv.DictWriter(file, rows[0].keys())
            writer.writeheader()
            writer.writerows(rows)
