"""The road of a many-to-one text task: from labelled texts to a SavedModel."""

import dataclasses
import hashlib
import math
import os
import platform
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from zoo.data.batches import Batches
from zoo.data.examples import LabelledTexts, Splits, cut
from zoo.errors import UserError
from zoo.recipes.config import setting
from zoo.recipes.task import Dataset
from zoo.training.run import RunFolder, read_json, write_json

Texts = Splits[LabelledTexts]

_FOLDS = 10


@dataclass(frozen=True)
class TextClassifierConfig:
    """All settings of a many-to-one text task."""

    cell: str = setting("lstm", "simple_rnn, lstm or gru")
    bidirectional: bool = setting(True, "read the text in both directions")
    layers: int = setting(1, "recurrent layers on top of each other")
    units: int = setting(48, "size of the state, per direction")
    embedding_size: int = setting(32, "length of a token's vector")
    vocabulary_size: int = setting(4000, "pieces that the tokenizer learns, at most")
    max_characters: int = setting(1000, "a longer text is cut")
    ngram_buckets: int = setting(16384, "rows of the table of hashed character n-grams")
    shortest_ngram: int = setting(1, "characters in the shortest n-gram")
    longest_ngram: int = setting(5, "characters in the longest n-gram")
    dropout: float = setting(0.5, "share of each layer's inputs dropped in training")
    ngram_dropout: float = setting(0.4, "share of the character n-grams dropped in training")
    batch_size: int = setting(32, "texts in a batch")
    epochs: int = setting(6, "times through the data, at most")
    patience: int = setting(3, "epochs without a better validation loss before stopping")
    learning_rate: float = setting(0.003, "at its peak")
    averaging: float = setting(0.98, "decay of the moving average of the weights")
    threshold: float = setting(0.5, "probability from which a text gets the positive label")
    label_smoothing: float = setting(0.05, "share of a target spread over all labels")
    checkpoint_every: int = setting(50, "steps between checkpoints")
    seed: int = setting(0, "of weights, order and dropout")

    def __post_init__(self) -> None:
        for name in ("layers", "units", "embedding_size", "vocabulary_size", "max_characters",
                     "ngram_buckets", "shortest_ngram", "batch_size", "epochs", "patience",
                     "checkpoint_every"):  # fmt: skip
            if getattr(self, name) < 1:
                raise UserError(f"{name} is {getattr(self, name)}, and must be at least 1")
        for name in (
            "dropout",
            "ngram_dropout",
            "label_smoothing",
            "averaging",
            "threshold",
        ):
            if not 0 <= getattr(self, name) < 1:
                raise UserError(f"{name} is {getattr(self, name)}, and must be in [0, 1)")
        if self.longest_ngram < self.shortest_ngram:
            raise UserError("longest_ngram is less than shortest_ngram")
        if not 0 < self.learning_rate < math.inf:
            raise UserError(f"learning_rate is {self.learning_rate}, and must be more than 0")
        if not 0 <= self.seed < 2**32:
            raise UserError(f"seed is {self.seed}, and must be in [0, 2**32)")
        if self.cell not in ("simple_rnn", "lstm", "gru"):
            raise UserError(f"unknown cell {self.cell!r}: choose simple_rnn, lstm or gru")


@dataclass(frozen=True)
class Learned:
    """A trained classifier.

    Attributes:
        document: what stands in `model.json`, see `describe`.
        encoder: a `zoo.text.encoder.TextEncoder`.
        model: a `zoo.models.many_to_one.ManyToOne` with its best weights.
    """

    document: dict[str, Any]
    encoder: Any
    model: Any

    def probabilities(self, texts: Sequence[str]) -> np.ndarray:
        """The probability of each label, float `[texts, labels]`."""
        from zoo.text.encoder import encode_rows

        return _probabilities(self.model, encode_rows(self.encoder, texts))

    def answers(self, texts: Sequence[str]) -> list[str]:
        """The label of each text."""
        labels, threshold = self.document["labels"], self.document["threshold"]
        return [labels[place] for place in decide(self.probabilities(texts), threshold)]


def decide(probabilities: np.ndarray, threshold: float | None) -> np.ndarray:
    """The answered label's place: of two labels the second from a threshold, else the likeliest.

    Args:
        probabilities: float `[texts, labels]`.
        threshold: for two labels; None for more.

    Returns:
        Int `[texts]`.
    """
    if threshold is None:
        return probabilities.argmax(axis=1)
    return (probabilities[:, 1] >= threshold).astype(int)


def _probabilities(model: Any, rows: Sequence[Any]) -> np.ndarray:
    from keras import ops

    from zoo.text.encoder import collate

    result = np.zeros((len(rows), model.config.classes), np.float32)
    for batch in Batches([len(row.tokens) for row in rows], 256, 0).in_order():
        logits = model.predict_on_batch(collate([rows[i] for i in batch]))
        result[batch] = ops.convert_to_numpy(ops.softmax(logits))
    return result


def describe(
    config: TextClassifierConfig, texts: Sequence[str], labels: Sequence[str], positive: str | None
) -> dict[str, Any]:
    """A new model but for its weights: what stands in `model.json`.

    The vocabulary is learned from these texts; nothing else is looked at.
    """
    from zoo.models.many_to_one import ManyToOneConfig
    from zoo.text.clean import clean_texts
    from zoo.text.encoder import EncoderConfig
    from zoo.text.vocabulary import learn

    vocabulary = learn(clean_texts(texts), config.vocabulary_size)
    encoder = EncoderConfig(
        vocabulary=tuple(vocabulary),
        max_characters=config.max_characters,
        ngram_buckets=config.ngram_buckets,
        shortest_ngram=config.shortest_ngram,
        longest_ngram=config.longest_ngram,
    )
    model = ManyToOneConfig(
        pieces=len(vocabulary),
        ngram_buckets=config.ngram_buckets,
        classes=len(labels),
        cell=config.cell,
        bidirectional=config.bidirectional,
        layers=config.layers,
        units=config.units,
        embedding_size=config.embedding_size,
        dropout=config.dropout,
        ngram_dropout=config.ngram_dropout,
    )
    return {
        "form": "many_to_one",
        "labels": list(labels),
        "positive": positive,
        "threshold": None if positive is None else config.threshold,
        "encoder": dataclasses.asdict(encoder),
        "model": dataclasses.asdict(model),
    }


def learn(
    config: TextClassifierConfig,
    train: LabelledTexts,
    validation: LabelledTexts,
    run: RunFolder,
    positive: str | None,
    start: Path | None = None,
) -> Learned:
    """Train a classifier, or go on from the run's last checkpoint.

    Args:
        config: the settings.
        train: what is learned from, the vocabulary too.
        validation: what chooses the epoch.
        run: where checkpoints and the history go.
        positive: the label of two whose probability is served by its name, or None.
        start: a SavedModel whose vocabulary and weights are started from; its architecture is
            kept, and its output layer too where the labels are the same.
    """
    from zoo.export.extra import read_extra
    from zoo.export.rebuild import load_weights, rebuild
    from zoo.metrics.classification import log_loss
    from zoo.text.encoder import collate, encode_rows
    from zoo.training import reproducible
    from zoo.training.fit import FitConfig, compile_model, fit

    reproducible.seed_everything(config.seed)
    labels = ordered_labels(train.labels, positive)
    if not (run.path / "model.json").exists():
        if start is None:
            document = describe(config, train.texts, labels, positive)
        else:
            started = read_extra(start, "model.json")
            document = {
                **started,
                "labels": labels,
                "positive": positive,
                "threshold": None if positive is None else config.threshold,
                "model": {**started["model"], "classes": len(labels)},
            }
        write_json(run.path / "model.json", document)
    document = read_json(run.path / "model.json")
    encoder, model = rebuild(document)
    if start is not None:
        known = read_extra(start, "model.json")["labels"] == document["labels"]
        load_weights(model, start, output=known)

    rows, validation_rows = (encode_rows(encoder, part.texts) for part in (train, validation))
    number = {label: n for n, label in enumerate(labels)}
    targets, validation_targets = (
        np.array([number[label] for label in part.labels], np.int32) for part in (train, validation)
    )

    def validate(model: Any) -> dict[str, float]:
        p = _probabilities(model, validation_rows)
        return {
            "val_loss": log_loss(p, validation_targets),
            "val_accuracy": float((decide(p, document["threshold"]) == validation_targets).mean()),
        }

    one_hot = np.eye(len(labels), dtype=np.float32)
    batches = Batches([len(row.tokens) for row in rows], config.batch_size, config.seed)
    schedule = FitConfig(
        epochs=config.epochs,
        patience=config.patience,
        learning_rate=config.learning_rate,
        averaging=config.averaging,
        label_smoothing=config.label_smoothing,
        checkpoint_every=config.checkpoint_every,
    )
    compile_model(model, schedule, batches.per_epoch * config.epochs)
    fit(
        model,
        batches,
        lambda indices: (collate([rows[i] for i in indices]), one_hot[targets[indices]]),
        validate,
        run,
        schedule,
    )
    return Learned(document, encoder, model)


def ordered_labels(labels: Sequence[str], positive: str | None) -> list[str]:
    """The distinct labels, sorted; the positive one last."""
    return sorted(set(labels), key=lambda label: (label == positive, label))


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
        comparison_data: the examples that `zoo compare` splits into folds.
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
    comparison_data: Callable[[], LabelledTexts]

    def user_data(self, path: Path) -> Dataset:
        """A user's own file as a data set (see `zoo.data.files`)."""
        from zoo.data.examples import split
        from zoo.data.files import read_labelled_texts

        return Dataset(
            name=path.name,
            load=lambda: split(read_labelled_texts(path)),
            description=f"the file {path.name}",
            licence="the user's own",
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
            "data_sha256": _fingerprint(texts),
            "start": start and str(start.resolve()),
            **dataclasses.asdict(config),
        }
        digest = hashlib.sha256(repr(sorted(identity.items())).encode()).hexdigest()[:8]
        path = run or Path("runs") / self.name / f"{Path(dataset.name).stem}-{digest}"
        folder = RunFolder.open(path, identity)
        if not folder.result_file.exists():
            positive = self._positive(texts.train.labels)
            learned = learn(config, texts.train, texts.validation, folder, positive, start)
            facts = self._facts(dataset, config, folder, learned, command)
            write_json(folder.result_file, facts)
        exported = path / self.name / "1"
        if not exported.exists():
            self._export(folder, exported, read_json(folder.result_file))
        return path

    def _positive(self, labels: Sequence[str]) -> str | None:
        return self.positive if len(set(labels)) == 2 and self.positive in labels else None

    def _facts(
        self,
        dataset: Dataset,
        config: TextClassifierConfig,
        folder: RunFolder,
        learned: Learned,
        command: str,
    ) -> dict[str, Any]:
        import keras
        import tensorflow as tf

        from zoo.training.checkpoint import read_state

        state = read_state(folder.checkpoint_file)
        texts: Texts = dataset.load()
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
            "steps": -(-len(texts.train) // config.batch_size) * (state["best_epoch"] + 1),
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
        if identity["dataset"] not in self.datasets:
            raise UserError(
                f"the run in {run} was trained on {identity['dataset']}, which is no data set of "
                f"{self.name}: its model is {exported}, measure it with `zoo evaluate`"
            )
        dataset = self.datasets[identity["dataset"]]
        if _fingerprint(dataset.load()) != identity["data_sha256"]:
            raise UserError(f"{dataset.name} has changed since the run in {run}: train again")
        facts = read_json(folder.result_file)
        facts["metrics"] = {
            split: self.evaluate(exported, dataset, split) for split in ("validation", "test")
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
        """The figures of a SavedModel on a split, with the 95 % interval of MCC.

        Raises:
            UserError: the split does not exist, or the model does not know its labels.
        """
        from zoo import hub
        from zoo.metrics.classification import bootstrap_interval, figures, mcc

        if split not in ("train", "validation", "test"):
            raise UserError(f"unknown split {split!r}: choose train, validation or test")
        texts: LabelledTexts = getattr(dataset.load(), split)
        classifier = hub.load(model)
        unknown = sorted(set(texts.labels) - set(classifier.labels))
        if unknown:
            raise UserError(
                f"{model} answers {', '.join(classifier.labels)}, and the data has the label "
                f"{unknown[0]!r}: train on data with these labels first"
            )
        answers = [answer.label for answer in classifier(texts.texts)]
        result = figures(texts.labels, answers, self._positive(texts.labels))
        return {**result, "mcc_95": bootstrap_interval(mcc, texts.labels, answers)}

    def compare(self, rows: Sequence[str], folds: int | None) -> Path:
        """Train the variants and baselines side by side on ten stratified folds.

        In each fold vocabulary, weights and epoch are chosen on its training part alone, a tenth
        of which is held out for the epoch. A full comparison is written beside the task's card.

        Args:
            rows: names of rows; all where none is given.
            folds: only the first of the ten, for a quick look.

        Returns:
            The folder of comparison.csv, comparison.md and comparison.png.

        Raises:
            UserError: there is no row of a name, or no fold is asked for.
        """
        from zoo.analysis.compare import Outcome, Row, Trial, run_trials, summarise, write_tables

        def baseline(make: Callable[[], Any]) -> Row:
            def run(trial: Trial, _: Path) -> Outcome:
                pipeline = make().fit(trial.train.texts, trial.train.labels)
                features = len(pipeline[0].get_feature_names_out())
                return Outcome(list(pipeline.predict(trial.test.texts)), features)

            return run

        def variant(changes: Mapping[str, Any]) -> Row:
            def run(trial: Trial, folder: Path) -> Outcome:
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
        if folds is not None and not 1 <= folds <= _FOLDS:
            raise UserError(f"{folds} folds: choose 1 to {_FOLDS}")

        trials = _ten_folds(self.comparison_data())[:folds]
        work = Path("runs") / "compare" / self.name
        chosen = {name: makers[name] for name in makers if name in rows or not rows}
        protocol = repr((self.config, [trial.train.texts for trial in trials[:1]]))
        results = run_trials(chosen, trials, work, protocol)
        whole = len(chosen) == len(makers) and len(trials) == _FOLDS
        folder = Path("tasks") / self.name if whole else work
        reference = self.shipped_variant if self.shipped_variant in chosen else next(iter(chosen))
        lines = summarise(results, trials, self.positive, reference)
        write_tables(lines, results, trials, self.positive, folder)
        return folder


def _ten_folds(examples: LabelledTexts) -> list[Any]:
    from sklearn.model_selection import StratifiedKFold

    from zoo.analysis.compare import Trial

    folds = StratifiedKFold(_FOLDS, shuffle=True, random_state=0)
    return [
        Trial(f"fold {n + 1}", examples.select(train), examples.select(test), seed=n)
        for n, (train, test) in enumerate(folds.split(examples.texts, examples.labels))
    ]


def _example(tf: Any, text: bytes) -> bytes:
    feature = tf.train.Feature(bytes_list=tf.train.BytesList(value=[text]))
    return tf.train.Example(
        features=tf.train.Features(feature={"text": feature})
    ).SerializeToString()


def _fingerprint(texts: Texts) -> str:
    digest = hashlib.sha256()
    for part in (texts.train, texts.validation, texts.test):
        for text, label in zip(part.texts, part.labels, strict=True):
            digest.update(f"{label}\t{text}\n".encode())
        digest.update(b"\n")
    return digest.hexdigest()
