"""The road of a many-to-one text task: from labelled texts to a SavedModel."""

import dataclasses
import hashlib
import os
import platform
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zoo.data.examples import LabelledTexts, Splits, cut, load_part
from zoo.errors import UserError
from zoo.recipes.pretraining import pretrain
from zoo.recipes.task import Dataset
from zoo.recipes.text_classifier_config import (
    LANGUAGE_MODEL_SETTINGS,
    PretrainedConfig,
    TextClassifierConfig,
)
from zoo.recipes.text_classifier_learning import Learned, learn
from zoo.training.run import RunFolder, read_json, write_json

if TYPE_CHECKING:
    from zoo.analysis.compare import Trial

Texts = Splits[LabelledTexts]


@dataclass(frozen=True)
class TextClassification:
    """A many-to-one text task.

    Attributes:
        name: of the task's folder.
        title: one line.
        config: the settings, with this task's defaults.
        datasets: by name; the first is the default.
        positive: the label that figures and the served probability are about.
        examples: texts written for the task: golden requests and warm-up are made of them.
        limits: what a user of the model must know, one sentence each.
        variants: rows of `zoo compare`: what each changes in the config.
        shipped_variant: the one of them that ships, which the others are tested against.
        baselines: rows of `zoo compare` that are scikit-learn pipelines.
        trials: of `zoo compare`: what each row is trained and measured on.
        headline: the figure that the task is judged by, `mcc` or `accuracy`.
        further_tests: by name, texts of other kinds that a model to ship is measured on too.
    """

    name: str
    title: str
    config: TextClassifierConfig
    datasets: Mapping[str, Dataset]
    positive: str
    examples: Sequence[str]
    limits: Sequence[str]
    variants: Mapping[str, Mapping[str, Any]]
    shipped_variant: str
    baselines: Mapping[str, Callable[[], Any]]
    trials: Callable[[], list["Trial"]]
    headline: str = "mcc"
    further_tests: Mapping[str, Callable[[], LabelledTexts]] = field(default_factory=dict)

    def user_data(self, path: Path) -> Dataset:
        """A user's own file as a data set (see `zoo.data.files`)."""
        from zoo.data.examples import split
        from zoo.data.files import read_labelled_texts

        return Dataset(
            name=path.name,
            load=lambda: split(read_labelled_texts(path)),
            description=f"the file {path.name}",
            licence="the user's own",
            file=str(path.resolve()),
        )

    def train(
        self,
        config: TextClassifierConfig,
        dataset: Dataset,
        run: Path | None,
        start: Path | None,
        command: str,
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
        """
        texts: Texts = dataset.load()
        identity = {
            "task": self.name,
            "dataset": dataset.name,
            "file": dataset.file,
            "data_sha256": _fingerprint(texts),
            "start": start and str(start.resolve()),
            **dataclasses.asdict(config),
        }
        digest = _digest(sorted(identity.items()))[:8]
        path = run or Path("runs") / self.name / f"{Path(dataset.name).stem}-{digest}"
        folder = RunFolder.open(path, identity)
        if not folder.result_file.exists():
            positive = self._positive(texts.train.labels)
            language_model: RunFolder | None = None
            if isinstance(config, PretrainedConfig) and config.pretrained != "none" and not start:
                language_model = self._language_model(config, dataset, texts)
            learned = learn(
                config, texts.train, texts.validation, folder, positive, start, language_model
            )
            facts = self._facts(dataset, len(texts.train), config, folder, learned, command)
            if language_model is not None:
                facts["pretraining"] = read_json(language_model.result_file)
            write_json(folder.result_file, facts)
        exported = path / self.name / "1"
        if not exported.exists():
            self._export(folder, exported, read_json(folder.result_file))
        return path

    def _language_model(
        self, config: PretrainedConfig, dataset: Dataset, texts: Texts
    ) -> RunFolder:
        """The finished run of these settings' language models, shared by all that start from it."""
        unlabelled = dataset.unlabelled() if dataset.unlabelled else []
        read = [*texts.train.texts, *unlabelled]
        identity = {
            "task": self.name,
            "dataset": dataset.name,
            "file": dataset.file,
            "data_sha256": _digest(read),
            **{name: getattr(config, name) for name in LANGUAGE_MODEL_SETTINGS},
        }
        folder = RunFolder.open(
            Path("runs") / self.name / f"language-model-{_digest(sorted(identity.items()))[:8]}",
            identity,
        )
        pretrain(config, read, texts.validation.texts, folder)
        return folder

    def _positive(self, labels: Sequence[str]) -> str | None:
        return self.positive if len(set(labels)) == 2 and self.positive in labels else None

    def _facts(
        self,
        dataset: Dataset,
        examples: int,
        config: TextClassifierConfig,
        folder: RunFolder,
        learned: Learned,
        command: str,
    ) -> dict[str, Any]:
        import keras
        import tensorflow as tf

        from zoo.training.checkpoint import read_state

        state = read_state(folder.checkpoint_file)
        return {
            "task": self.name,
            "title": self.title,
            "cell": learned.model.config.cell,
            "bidirectional": learned.model.config.bidirectional,
            "parameters": learned.model.count_params(),
            "data": dataset.name,
            "data_description": dataset.description,
            "licence": dataset.licence,
            "seed": config.seed,
            "epochs": state["best_epoch"] + 1,
            "steps": -(-examples // config.batch_size) * (state["best_epoch"] + 1),
            "wall_seconds": round(state["seconds"], 1),
            "machine": f"{os.cpu_count()} cores, {platform.machine()}, no accelerator"
            if not tf.config.list_physical_devices("GPU")
            else f"{platform.machine()} with an accelerator",
            "versions": {
                "python": platform.python_version(),
                "tensorflow": tf.__version__,
                "keras": keras.__version__,
            },
            "command": command,
            "limits": list(self.limits),
            "metrics": {},
        }

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
        exported = run / self.name / "1"
        if identity["file"] is None:
            dataset = self.datasets[identity["dataset"]]
        else:
            dataset = self.user_data(Path(identity["file"]))
        if _fingerprint(dataset.load()) != identity["data_sha256"]:
            raise UserError(f"{dataset.name} has changed since the run in {run}: train again")
        facts = read_json(folder.result_file)
        measured = {split: load_part(dataset.load, split) for split in ("validation", "test")}
        measured |= {name: load() for name, load in self.further_tests.items()}
        facts["metrics"] = {
            name: self._measure(exported, texts) for name, texts in measured.items()
        }
        self._export(folder, path, facts)

    def _export(self, folder: RunFolder, path: Path, facts: dict[str, Any]) -> None:
        import tensorflow as tf

        from zoo.export.rebuild import rebuild
        from zoo.export.saved_model import export
        from zoo.export.text_classifier import ServableTextClassifier
        from zoo.training import checkpoint

        document = read_json(folder.path / "model.json")
        encoder, model = rebuild(document)
        checkpoint.load(folder.best_file, model.variables)
        texts = [text.encode() for text in self.examples]
        serialised = [_example(tf, text) for text in texts]
        requests = [
            ("serving_default", {"text": texts}),
            ("classify", {"inputs": serialised}),
            ("explain", {"text": texts[:4]}),
        ]
        export(
            ServableTextClassifier(encoder, model, document),
            path,
            model=document,
            facts=facts,
            golden=requests,
            warmup=requests,
        )

    def evaluate(self, model: Path, dataset: Dataset, split: str) -> dict[str, Any]:
        """The figures of a SavedModel on a split, with the 95 % interval of the headline.

        Raises:
            UserError: the split does not exist, or the model does not know its labels.
        """
        return self._measure(model, load_part(dataset.load, split))

    def _measure(self, model: Path, texts: LabelledTexts) -> dict[str, Any]:
        from zoo import hub
        from zoo.metrics.classification import bootstrap_interval, figures

        classifier = hub.load(model)
        unknown = sorted(set(texts.labels) - set(classifier.labels))
        if unknown:
            raise UserError(
                f"{model} answers {', '.join(classifier.labels)}, and the data has the label "
                f"{unknown[0]!r}: train on data with these labels first"
            )
        answers = [answer.label for answer in classifier(texts.texts)]
        result = figures(texts.labels, answers, self._positive(texts.labels))
        interval = bootstrap_interval(self.headline, texts.labels, answers)
        return {**result, f"{self.headline}_95": interval}

    def compare(self, rows: Sequence[str], first: int | None) -> Path:
        """Train the variants and baselines side by side in the same trials, without pretraining.

        In each trial vocabulary, weights and epoch are chosen on its training part alone, a tenth
        of which is held out for the epoch. In a checkout a full comparison is written beside the
        task's card; any other to runs/compare.

        Args:
            rows: names of rows; all where none is given.
            first: only so many trials, for a quick look.

        Returns:
            The folder of comparison.csv, comparison.md and comparison.png.

        Raises:
            UserError: there is no row of a name, or no trial is asked for.
        """
        from zoo.analysis.compare import Outcome, Row, run_trials, summarise, write_tables

        def baseline(make: Callable[[], Any]) -> Row:
            def run(trial: "Trial", _: Path) -> Outcome:
                pipeline = make().fit(trial.train.texts, trial.train.labels)
                features = len(pipeline[0].get_feature_names_out())
                return Outcome(list(pipeline.predict(trial.test.texts)), features)

            return run

        def variant(changes: Mapping[str, Any]) -> Row:
            def run(trial: "Trial", folder: Path) -> Outcome:
                config = dataclasses.replace(self.config, **changes, seed=trial.seed)
                train, held_out = cut(trial.train, (90,))
                run = RunFolder.open(folder, dataclasses.asdict(config))
                learned = learn(config, train, held_out, run, self.positive)
                shutil.rmtree(folder)
                return Outcome(learned.answers(trial.test.texts), learned.model.count_params())

            return run

        makers = {name: baseline(make) for name, make in self.baselines.items()}
        makers |= {name: variant(changes) for name, changes in self.variants.items()}
        unknown = sorted(set(rows) - set(makers))
        if unknown:
            raise UserError(f"unknown row {unknown[0]!r}: choose from {', '.join(makers)}")
        every = self.trials()
        if first is not None and not 1 <= first <= len(every):
            raise UserError(f"{first} trials: choose 1 to {len(every)}")

        trials = every[:first]
        work = Path("runs") / "compare" / self.name
        chosen = {name: makers[name] for name in makers if name in rows or not rows}
        protocol = repr((self.config, self.variants, [trial.train.texts for trial in trials[:1]]))
        results = run_trials(chosen, trials, work, protocol)
        whole = len(chosen) == len(makers) and len(trials) == len(every)
        card = Path("tasks") / self.name
        folder = card if whole and card.is_dir() else work
        reference = self.shipped_variant if self.shipped_variant in chosen else next(iter(chosen))
        lines = summarise(results, trials, self.positive, reference, self.headline)
        write_tables(lines, results, trials, self.positive, self.headline, folder)
        return folder


def _example(tf: Any, text: bytes) -> bytes:
    feature = tf.train.Feature(bytes_list=tf.train.BytesList(value=[text]))
    return tf.train.Example(
        features=tf.train.Features(feature={"text": feature})
    ).SerializeToString()


def _digest(value: Any) -> str:
    """The SHA-256 of a value's written form."""
    return hashlib.sha256(repr(value).encode()).hexdigest()


def _fingerprint(texts: Texts) -> str:
    digest = hashlib.sha256()
    for part in (texts.train, texts.validation, texts.test):
        for text, label in zip(part.texts, part.labels, strict=True):
            digest.update(f"{label}\t{text}\n".encode())
        digest.update(b"\n")
    return digest.hexdigest()
