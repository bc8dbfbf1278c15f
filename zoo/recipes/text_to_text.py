"""The road of a many-to-many text task: from pairs of texts to a SavedModel."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zoo.data.examples import Splits
from zoo.data.pairs import Pairs, read_pairs, split_pairs
from zoo.recipes.learned import Learned
from zoo.recipes.recipe import Recipe
from zoo.recipes.task import Dataset
from zoo.recipes.text_to_text_config import TextToTextConfig
from zoo.recipes.text_to_text_learning import learn, prepare
from zoo.training.run import RunFolder, read_json

if TYPE_CHECKING:
    from zoo.analysis.compare import Trial

_PERCENTS = (80, 10, 10)
_WORST = 10

Figures = Callable[[Sequence[str], Sequence[str]], dict[str, Any]]
"""Maps the right answers and the model's to figures, the 95 % interval of the headline among them.
"""


@dataclass(frozen=True, kw_only=True)
class TextToText(Recipe):
    """A many-to-many text task.

    Attributes:
        answer: what an output is called.
        examples: texts written for the task: golden requests and warm-up are made of them.
        figures: by which answers are measured.
        headline: the figure among them that rows of `zoo compare` are compared by.
        trials: of `zoo compare`: what each row is trained and measured on.
        worst: the places of the answers that one should look at first; of none by default.
    """

    form = "many_to_many"

    config: TextToTextConfig
    answer: str
    examples: Sequence[str]
    figures: Figures
    headline: str = "bleu"
    trials: Callable[[], list["Trial"]] = list
    worst: Callable[[Sequence[str], Sequence[str], int], list[int]] = lambda *_: []

    def user_data(self, path: Path) -> Dataset:
        """A user's own file as a data set (see `zoo.data.pairs.read_pairs`)."""

        def load(**_: Any) -> Splits[Pairs]:
            pairs = read_pairs(path)
            return split_pairs(pairs, pairs.sources, _PERCENTS)

        return Dataset(
            name=path.name,
            load=load,
            description=f"the file {path.name}",
            licence="the user's own",
            file=str(path.resolve()),
        )

    def _learn(
        self,
        config: TextToTextConfig,
        splits: Splits[Pairs],
        dataset: Dataset,
        folder: RunFolder,
        start: Path | None,
    ) -> tuple[Learned, dict[str, Any]]:
        return learn(config, splits.train, splits.validation, folder, start), {}

    def prepare(
        self, config: TextToTextConfig, dataset: Dataset, run: Path | None, start: Path | None
    ) -> list[Path]:
        """Write all that a training reads, and stop."""
        if start is not None:
            self._check_start(start)
        splits = dataset.load(**self._data_settings(config))
        folder = self._folder(config, splits, dataset, start, run)
        prepare(config, splits.train, splits.validation, folder, start, self.turns)
        return [folder.path]

    def _export(self, folder: RunFolder, path: Path, facts: dict[str, Any]) -> None:
        from zoo.export.rebuild import rebuild
        from zoo.export.saved_model import export
        from zoo.training import checkpoint

        document = self._document(folder)
        encoder, model = rebuild(document)
        checkpoint.load(folder.best_file, model.variables)
        module = self._servable(encoder, model, document)
        texts = [text.encode() for text in self.examples]
        requests = [(name, self._request(name, texts)) for name in module.functions]
        export(module, path, model=document, facts=facts, golden=requests, warmup=requests)

    def _document(self, folder: RunFolder) -> dict[str, Any]:
        """What stands in `model.json` of the SavedModel."""
        return {**read_json(folder.model_file), "answer": self.answer}

    def _servable(self, encoder: Any, model: Any, document: Mapping[str, Any]) -> Any:
        from zoo.export.translator import Translator

        return Translator(encoder, model, document)

    def _request(self, signature: str, texts: list[bytes]) -> dict[str, Any]:
        """The inputs of a signature for these texts."""
        return {"text": texts}

    def _measure(self, model: Path, part: Pairs) -> dict[str, Any]:
        return self.figures(part.targets, answers_of(model, part.sources))

    def evaluate(self, model: Path, dataset: Dataset, split: str) -> dict[str, Any]:
        """The figures of a SavedModel on a split, and its worst answers.

        Raises:
            UserError: the split does not exist.
        """
        part = self._part(model, dataset, split)
        answers = answers_of(model, part.sources)
        rows = rows_of(part, answers)
        worst = [rows[n] for n in self.worst(part.targets, answers, _WORST)]
        return {**self.figures(part.targets, answers), "worst": worst}

    def compare(self, rows: Sequence[str], first: int | None) -> Path:
        """Train the variants side by side in the same trials.

        In each trial vocabulary, weights and epoch are chosen on its training part alone, a
        twentieth of which is held out for the epoch.

        Args:
            rows: names of rows; all where none is given.
            first: only so many trials, for a quick look.

        Returns:
            The folder of comparison.csv, comparison.md and comparison.png.

        Raises:
            UserError: the task has no rows, or none of a name, or no trial is asked for.
        """
        from zoo.analysis.compare import Outcome
        from zoo.recipes.comparison import compare_variants

        def answered(
            config: TextToTextConfig, train: Pairs, held_out: Pairs, test: Pairs, run: RunFolder
        ) -> Outcome:
            learned = learn(config, train, held_out, run)
            document = {**learned.document, "answer": self.answer}
            answers = self._written(learned.encoder, learned.model, document, test)
            return Outcome(answers, learned.model.count_params())

        return compare_variants(
            self,
            answered,
            self.trials,
            self.headline,
            lambda trial, given: self.figures(trial.test.targets, given),
            rows,
            first,
        )

    def _written(
        self, encoder: Any, model: Any, document: Mapping[str, Any], test: Pairs
    ) -> list[str]:
        """What a model answers, by its beam search."""
        import tensorflow as tf

        functions = self._servable(encoder, model, document).functions
        answers = functions["serving_default"](tf.constant(test.sources))[self.answer].numpy()
        return [answer.decode() for answer in answers]


def answers_of(model: Path, sources: Sequence[str]) -> list[str]:
    """What a SavedModel answers to each of these."""
    from zoo import hub

    return [answer.text for answer in hub.load(model)(sources)]


def rows_of(pairs: Pairs, answers: Sequence[str]) -> list[dict[str, str]]:
    """Sources, expected answers and answers, side by side, for people to read."""
    return [
        {"source": source, "expected": target, "answer": answer}
        for source, target, answer in zip(pairs.sources, pairs.targets, answers, strict=True)
    ]
