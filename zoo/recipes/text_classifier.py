"""The road of a many-to-one text task: from labelled texts to a SavedModel."""

import dataclasses
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeGuard

from zoo.data.examples import LabelledTexts, Splits, cut
from zoo.errors import UserError
from zoo.recipes import pretraining
from zoo.recipes.beginnings import from_language_model, from_saved_model
from zoo.recipes.recipe import Recipe, digest, fingerprint
from zoo.recipes.task import Dataset
from zoo.recipes.text_classifier_config import (
    LANGUAGE_MODEL_SETTINGS,
    PretrainedConfig,
    TextClassifierConfig,
)
from zoo.recipes.text_classifier_learning import LearnedClassifier, learn, prepare
from zoo.training.run import RunFolder, read_json

if TYPE_CHECKING:
    from zoo.analysis.compare import Trial

Texts = Splits[LabelledTexts]


@dataclass(frozen=True, kw_only=True)
class TextClassification(Recipe):
    """A many-to-one text task.

    Attributes:
        positive: the label that figures and the served probability are about.
        examples: texts written for the task: golden requests and warm-up are made of them.
        shipped_variant: the one of them that ships, which the others are tested against.
        baselines: rows of `zoo compare` that are scikit-learn pipelines.
        trials: of `zoo compare`: what each row is trained and measured on.
        headline: the figure that the task is judged by, `mcc` or `accuracy`.
        length_edges: numbers of words at which `zoo compare` tells texts apart, to measure each
            length by itself; none for no such table.
    """

    form = "many_to_one"

    config: TextClassifierConfig
    positive: str
    examples: Sequence[str]
    shipped_variant: str
    baselines: Mapping[str, Callable[[], Any]]
    trials: Callable[[], list["Trial"]]
    headline: str = "mcc"
    length_edges: Sequence[int] = ()

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

    def _learn(
        self,
        config: TextClassifierConfig,
        splits: Texts,
        dataset: Dataset,
        folder: RunFolder,
        start: Path | None,
    ) -> tuple[LearnedClassifier, dict[str, Any]]:
        beginning, facts = None, {}
        if start is not None:
            beginning = from_saved_model(start)
        elif _reads_first(config):
            language_model = self._language_model(config, dataset, splits)
            pretraining.teach(config, language_model)
            beginning = from_language_model(config, language_model)
            facts["pretraining"] = read_json(language_model.result_file)
        positive = self._positive(splits.train.labels)
        return learn(config, splits.train, splits.validation, folder, positive, beginning), facts

    def prepare(
        self, config: TextClassifierConfig, dataset: Dataset, run: Path | None, start: Path | None
    ) -> list[Path]:
        """Write all that a training reads, and stop.

        Raises:
            UserError: it is to start from a SavedModel.
        """
        if start is not None:
            raise UserError(f"{self.name} is prepared from its data alone: leave out --from")
        splits = dataset.load()
        folder = self._folder(config, splits, dataset, None, run)
        beginning, runs = None, [folder.path]
        if _reads_first(config):
            language_model = self._language_model(config, dataset, splits)
            beginning = from_language_model(config, language_model)
            runs.insert(0, language_model.path)
        positive = self._positive(splits.train.labels)
        prepare(config, splits.train, splits.validation, folder, positive, beginning)
        return runs

    def _language_model(
        self, config: PretrainedConfig, dataset: Dataset, splits: Texts
    ) -> RunFolder:
        """The prepared run of these settings' language models, for all that start from it."""
        further = dataset.unlabelled() if dataset.unlabelled else []
        read = [*splits.train.texts, *further]
        identity = {
            "task": self.name,
            "dataset": dataset.name,
            "file": dataset.file,
            "data_sha256": digest(read),
            **{name: getattr(config, name) for name in LANGUAGE_MODEL_SETTINGS},
        }
        name = f"language-model-{digest(sorted(identity.items()))[:8]}"
        folder = RunFolder.open(Path("runs") / self.name / name, identity)
        pretraining.prepare(config, read, splits.validation.texts, folder)
        return folder

    def _positive(self, labels: Sequence[str]) -> str | None:
        return self.positive if len(set(labels)) == 2 and self.positive in labels else None

    def _export(self, folder: RunFolder, path: Path, facts: dict[str, Any]) -> None:
        import tensorflow as tf

        from zoo.export.rebuild import rebuild
        from zoo.export.saved_model import export
        from zoo.export.text_classifier import ServableTextClassifier
        from zoo.training import checkpoint

        document = read_json(folder.model_file)
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

    def gradients(self, dataset: Dataset, runs: Sequence[Path]) -> Path:
        """Measure how gradients flow back through time (see `zoo.recipes.gradients`).

        Args:
            dataset: whose texts are read.
            runs: to measure; small models are trained where none is given.

        Returns:
            The folder of tables and pictures, in runs/gradients.
        """
        from zoo.recipes.gradients import measure

        splits = dataset.load()
        positive = self._positive(splits.train.labels)
        folder = Path("runs") / "gradients" / self.name
        work = folder / f"{Path(dataset.name).stem}-{fingerprint(splits)[:8]}"
        return measure(self.config, splits, positive, runs, work, folder)

    def compare(self, rows: Sequence[str], first: int | None) -> Path:
        """Train the variants and baselines side by side in the same trials, without pretraining.

        In each trial vocabulary, weights and epoch are chosen on its training part alone, a tenth
        of which is held out for the epoch. In a checkout a full comparison is written beside the
        task's card; any other to runs/compare.

        Args:
            rows: names of rows; all where none is given.
            first: only so many trials, for a quick look.

        Returns:
            The folder of comparison.csv, comparison.md and comparison.png, and of
            comparison_by_length.csv where the task has lengths.

        Raises:
            UserError: there is no row of a name, or no trial is asked for.
        """
        from zoo.analysis.compare import (
            Outcome,
            Row,
            points_of,
            summarise,
            write_table,
            write_tables,
        )  # fmt: skip
        from zoo.analysis.lengths import by_length
        from zoo.metrics.classification import figures
        from zoo.recipes.comparison import results_of

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
        results, trials, folder = results_of(self, makers, self.trials, rows, first)
        reference = self.shipped_variant if self.shipped_variant in results else next(iter(results))
        lines = summarise(results, trials, self.positive, reference, self.headline)
        points = points_of(
            results,
            trials,
            lambda trial, given: figures(trial.test.labels, given, self.positive)[self.headline],
        )
        write_tables(lines, points, self.headline, folder)
        if self.length_edges:
            lengths = by_length(results, trials, self.positive, self.headline, self.length_edges)
            write_table(folder / "comparison_by_length.csv", lengths)
        return folder


def _example(tf: Any, text: bytes) -> bytes:
    feature = tf.train.Feature(bytes_list=tf.train.BytesList(value=[text]))
    return tf.train.Example(
        features=tf.train.Features(feature={"text": feature})
    ).SerializeToString()


def _reads_first(config: TextClassifierConfig) -> TypeGuard[PretrainedConfig]:
    """Whether a classifier starts from language models."""
    return isinstance(config, PretrainedConfig) and config.pretrained != "none"
