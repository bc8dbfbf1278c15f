"""The road that all forms share: from a data set to a SavedModel with its figures."""

import dataclasses
import hashlib
import platform
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

from zoo.data.examples import Splits, load_part
from zoo.errors import UserError
from zoo.recipes.learned import Learned
from zoo.recipes.task import Dataset
from zoo.training.run import RunFolder, read_json, write_json


@dataclass(frozen=True, kw_only=True)
class Recipe(ABC):
    """A task of some form.

    Attributes:
        name: of the task's folder.
        title: one line.
        config: the settings, with this task's defaults.
        datasets: by name; the first is the default.
        limits: what a user of the model must know, one sentence each.
        variants: rows of `zoo compare`: what each changes in the config.
    """

    name: str
    title: str
    config: Any
    datasets: Mapping[str, Dataset]
    limits: Sequence[str]
    variants: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    form: ClassVar[str]
    """Of its models, as `model.json` has it."""

    turns: ClassVar[bool] = False
    """Whether its models read dialogues, a turn on a line each."""

    data_settings: ClassVar[Sequence[str]] = ()
    """The settings that data depends on; `Dataset.load` gets them by name."""

    @abstractmethod
    def user_data(self, path: Path) -> Dataset:
        """A user's own file as a data set."""

    @abstractmethod
    def _learn(
        self, config: Any, splits: Splits[Any], dataset: Dataset, folder: RunFolder, start: Any
    ) -> tuple[Learned, dict[str, Any]]:
        """Train, or go on; the model, and what its facts say beside what all facts say."""

    @abstractmethod
    def _export(self, folder: RunFolder, path: Path, facts: dict[str, Any]) -> None:
        """Write the SavedModel of a finished run."""

    @abstractmethod
    def _measure(self, model: Path, part: Any) -> dict[str, Any]:
        """The figures of a SavedModel on data, with the 95 % interval of the headline."""

    def train(
        self, config: Any, dataset: Dataset, run: Path | None, start: Path | None, command: str
    ) -> Path:
        """Train, or go on where the same command was killed, and export.

        Args:
            config: the settings.
            dataset: what to train on.
            run: the run's folder; by default one named by data, settings and start.
            start: a SavedModel to start from.
            command: as the user gave it, for the model's facts.

        Returns:
            The run's folder; the exported model is in `<run>/<task>/1`.

        Raises:
            UserError: the model to start from is one of another form.
        """
        if start is not None:
            self._check_start(start)
        splits = dataset.load(**self._data_settings(config))
        folder = self._folder(config, splits, dataset, start, run)
        path = folder.path
        if not folder.result_file.exists():
            learned, further = self._learn(config, splits, dataset, folder, start)
            write_json(
                folder.result_file,
                {
                    **self._facts(dataset, config, folder, learned, command),
                    **_descent(dataset, start),
                    **further,
                },
            )
        exported = path / self.name / "1"
        if not exported.exists():
            self._export(folder, exported, read_json(folder.result_file))
        return path

    def prepare(
        self, config: Any, dataset: Dataset, run: Path | None, start: Path | None
    ) -> list[Path]:
        """Write all that a training reads, and stop (see `zoo.recipes.elsewhere`).

        Args:
            config: the settings.
            dataset: what to train on.
            run: the run's folder; by default one named by data, settings and start.
            start: a SavedModel to start from.

        Returns:
            The folders of the runs that there will be, in their order.

        Raises:
            UserError: trainings of this form cannot go elsewhere.
        """
        raise UserError(f"{self.name} is not text alone: leave out --prepare")

    def _check_start(self, start: Path) -> None:
        from zoo.export.extra import read_extra

        document = read_extra(start, "model.json")
        turns = document.get("encoder", {}).get("turns", False)
        if (document.get("form"), turns) != (self.form, self.turns):
            raise UserError(f"{start} is a model of another form: {self.name} cannot start from it")

    def _folder(
        self,
        config: Any,
        splits: Splits[Any],
        dataset: Dataset,
        start: Path | None,
        run: Path | None = None,
    ) -> RunFolder:
        """The folder of a run, by default one named by data, settings and start."""
        identity = {
            "task": self.name,
            "dataset": dataset.name,
            "file": dataset.file,
            "data_sha256": fingerprint(splits),
            "start": start and str(start.resolve()),
            **dataclasses.asdict(config),
        }
        key = digest(sorted(identity.items()))[:8]
        path = run or Path("runs") / self.name / f"{Path(dataset.name).stem}-{key}"
        return RunFolder.open(path, identity)

    def export(self, run: Path, path: Path) -> None:
        """Export a finished run as a version to ship, with its figures on the test split.

        This is where the test split is read, once for each version.

        Raises:
            UserError: the run is not finished, its data has changed, or the folder exists.
        """
        from zoo.export.saved_model import check_new_version

        check_new_version(path)
        folder = RunFolder.finished(run)
        identity = read_json(folder.config_file)
        if identity["file"] is None:
            dataset = self.datasets[identity["dataset"]]
        else:
            dataset = self.user_data(Path(identity["file"]))
        facts = read_json(folder.result_file)
        settings = {name: identity[name] for name in self.data_settings}
        splits = dataset.load(**settings)
        if fingerprint(splits) != identity["data_sha256"]:
            raise UserError(f"{dataset.name} has changed since the run in {run}: train again")
        measured = {"validation": splits.validation, "test": splits.test}
        measured |= {name: load(**settings) for name, load in dataset.further_tests.items()}
        exported = run / self.name / "1"
        facts["metrics"] = {name: self._measure(exported, part) for name, part in measured.items()}
        self._export(folder, path, {**facts, **self._shown(exported, settings)})

    def _shown(self, model: Path, settings: Mapping[str, Any]) -> dict[str, Any]:
        """What the card of a model to ship shows beside figures."""
        return {}

    def evaluate(self, model: Path, dataset: Dataset, split: str) -> dict[str, Any]:
        """The figures of a SavedModel on a split, with the 95 % interval of the headline.

        Raises:
            UserError: the split does not exist, or the model is none for the data.
        """
        return self._measure(model, self._part(model, dataset, split))

    def _part(self, model: Path, dataset: Dataset, split: str) -> Any:
        """A split, by the settings that the model was trained with."""
        from zoo.export.extra import read_extra

        settings = read_extra(model, "facts.json").get("data_settings", {})
        return load_part(lambda: dataset.load(**settings), split)

    def gradients(self, dataset: Dataset, runs: Sequence[Path]) -> Path:
        """Measure how gradients flow back through time (see `zoo.recipes.gradients`).

        Raises:
            UserError: the task is not many to one.
        """
        raise UserError(
            f"{self.name} is not many to one: gradients are measured where one loss stands at the "
            "end of the sequence"
        )

    def _data_settings(self, config: Any) -> dict[str, Any]:
        return {name: getattr(config, name) for name in self.data_settings}

    def _facts(
        self, dataset: Dataset, config: Any, folder: RunFolder, learned: Learned, command: str
    ) -> dict[str, Any]:
        import keras
        import tensorflow as tf

        from zoo.training.checkpoint import read_state

        state = read_state(folder.checkpoint_file)
        epochs = state["best_epoch"] + 1
        return {
            "task": self.name,
            "title": self.title,
            "cell": learned.model.config.cell,
            "bidirectional": getattr(learned.model.config, "bidirectional", False),
            "parameters": learned.model.count_params(),
            "data": dataset.name,
            "data_description": dataset.description,
            "data_settings": self._data_settings(config),
            "licence": dataset.licence,
            "seed": config.seed,
            "epochs": epochs,
            "steps": learned.steps_per_epoch * epochs,
            "wall_seconds": round(state["seconds"], 1),
            "machine": "; ".join(state["machines"]),
            "versions": {
                "python": platform.python_version(),
                "tensorflow": tf.__version__,
                "keras": keras.__version__,
            },
            "command": command,
            "limits": list(self.limits),
            "metrics": {},
        }


def _descent(dataset: Dataset, start: Path | None) -> dict[str, Any]:
    """What facts say of the model that training started from, whose licences are passed on."""
    if start is None:
        return {}
    from zoo.export.extra import read_extra

    first = read_extra(start, "facts.json")
    told = (
        "data", "data_description", "licence", "seed", "epochs", "steps", "wall_seconds", "machine",
    )  # fmt: skip
    licences = [*dataset.licence.split("; "), *first["licence"].split("; ")]
    return {
        "start": {name: first[name] for name in (*told, "command", "start") if name in first},
        "licence": "; ".join(dict.fromkeys(licences)),
    }


def digest(value: Any) -> str:
    """The SHA-256 of a value's written form."""
    return hashlib.sha256(repr(value).encode()).hexdigest()


def fingerprint(splits: Splits[Any]) -> str:
    """The SHA-256 of all examples, each part a dataclass of columns."""
    return fingerprint_of(splits.train, splits.validation, splits.test)


def fingerprint_of(*parts: Any) -> str:
    """The SHA-256 of all examples of parts, each a dataclass of columns."""
    result = hashlib.sha256()
    for part in parts:
        columns = [getattr(part, column.name) for column in reversed(dataclasses.fields(part))]
        for row in zip(*columns, strict=True):
            result.update(("\t".join(map(str, row)) + "\n").encode("utf-8", "replace"))
        result.update(b"\n")
    return result.hexdigest()
