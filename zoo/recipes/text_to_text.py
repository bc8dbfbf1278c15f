"""The road of a many-to-many text task: from pairs of texts to a SavedModel."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from zoo.data.examples import Splits
from zoo.data.pairs import Pairs, read_pairs, split_pairs
from zoo.errors import UserError
from zoo.recipes.recipe import Recipe
from zoo.recipes.task import Dataset
from zoo.recipes.text_to_text_config import TextToTextConfig
from zoo.recipes.text_to_text_learning import LearnedPairs, learn
from zoo.training.run import RunFolder, read_json

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
        worst: the places of the answers that one should look at first.
        shown: pairs whose answers the card of a model to ship shows, all of them; made of the
            settings that data depends on.
    """

    config: TextToTextConfig
    answer: str
    examples: Sequence[str]
    figures: Figures
    worst: Callable[[Sequence[str], Sequence[str], int], list[int]]
    shown: Callable[..., Pairs]

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
    ) -> tuple[LearnedPairs, dict[str, Any]]:
        return learn(config, splits.train, splits.validation, folder, start), {}

    def _export(self, folder: RunFolder, path: Path, facts: dict[str, Any]) -> None:
        from zoo.export.rebuild import rebuild
        from zoo.export.saved_model import export
        from zoo.export.text_generator import ServableTextGenerator
        from zoo.training import checkpoint

        document = {**read_json(folder.path / "model.json"), "answer": self.answer}
        encoder, model = rebuild(document)
        checkpoint.load(folder.best_file, model.variables)
        module = ServableTextGenerator(encoder, model, document)
        texts = [text.encode() for text in self.examples]
        requests = [(signature, {"text": texts}) for signature in module.functions]
        export(module, path, model=document, facts=facts, golden=requests, warmup=requests)

    def _measure(self, model: Path, part: Pairs) -> dict[str, Any]:
        return self.figures(part.targets, _answers(model, part.sources))

    def evaluate(self, model: Path, dataset: Dataset, split: str) -> dict[str, Any]:
        """The figures of a SavedModel on a split, and its worst answers.

        Raises:
            UserError: the split does not exist.
        """
        part = self._part(model, dataset, split)
        answers = _answers(model, part.sources)
        rows = _rows(part, answers)
        worst = [rows[n] for n in self.worst(part.targets, answers, _WORST)]
        return {**self.figures(part.targets, answers), "worst": worst}

    def _shown(self, model: Path, settings: Mapping[str, Any]) -> dict[str, Any]:
        pairs = self.shown(**settings)
        return {"shown": _rows(pairs, _answers(model, pairs.sources))}

    def compare(self, rows: Sequence[str], first: int | None) -> Path:
        """Refuse: only classifiers are compared.

        Raises:
            UserError: always.
        """
        raise UserError(
            f"{self.name} has no rows to compare: choose a task that classifies, or give "
            "`zoo train` other settings"
        )


def _answers(model: Path, sources: Sequence[str]) -> list[str]:
    from zoo import hub

    return [answer.text for answer in hub.load(model)(sources)]


def _rows(pairs: Pairs, answers: Sequence[str]) -> list[dict[str, str]]:
    return [
        {"source": source, "right": target, "answer": answer}
        for source, target, answer in zip(pairs.sources, pairs.targets, answers, strict=True)
    ]
