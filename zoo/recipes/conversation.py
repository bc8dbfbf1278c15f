"""The road of a partner in conversation: from dialogues to a SavedModel."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from zoo.data.dialogues import Dialogues, read_dialogues, replies, split_dialogues, written
from zoo.data.examples import Splits
from zoo.data.pairs import Pairs
from zoo.recipes.config import check_at_least_zero, setting
from zoo.recipes.learned import Learned
from zoo.recipes.recipe import digest
from zoo.recipes.task import Dataset
from zoo.recipes.text_to_text import TextToText, answers_of
from zoo.recipes.text_to_text_config import TextToTextConfig
from zoo.recipes.text_to_text_learning import learn, surprise_of
from zoo.training.run import RunFolder, read_json

_PERCENTS = (80, 10, 10)
_HEADLINE = "distinct_2"
_RANKING = ("draws", "draw_temperature", "dullness_penalty", "length_reward")

Baseline = Callable[[Pairs, Sequence[str]], list[str]]
"""Maps what may be learned from, and contexts, to replies."""


@dataclass(frozen=True)
class ConversationConfig(TextToTextConfig):
    """Settings of a partner in conversation."""

    draws: int = setting(0, "replies that are drawn to choose from; 0 for those of a beam search")
    draw_temperature: float = setting(0.6, "of these replies")
    dullness_penalty: float = setting(
        0.3, "how much of a reply's likelihood after nothing is taken from that after its context"
    )
    length_reward: float = setting(0.0, "what a reply gains by each of its tokens")

    def __post_init__(self) -> None:
        super().__post_init__()
        check_at_least_zero(self, *_RANKING)


@dataclass(frozen=True, kw_only=True)
class Conversation(TextToText):
    """A many-to-many text task whose sources are dialogues.

    Attributes:
        baselines: by name, what the model is measured beside.
        fixed_reply: where every other reply has a word of the list of slurs.
        openings: categories and turns of conversations whose replies the card of a model to ship
            shows, all of them.
        variants: rows of `zoo compare`: ways to choose a reply, what each changes in the shipped
            model's `model.json`.
        measured_on: of `zoo compare`: contexts and replies, by the settings that data depends on.
    """

    config: ConversationConfig
    baselines: Mapping[str, Baseline]
    fixed_reply: str
    openings: Callable[[], Sequence[tuple[str, list[str]]]]
    measured_on: Callable[..., Pairs]

    turns = True
    data_settings = ("max_characters",)

    def user_data(self, path: Path) -> Dataset:
        """A user's own file as a data set (see `zoo.data.dialogues.read_dialogues`)."""

        def load(max_characters: int) -> Splits[Pairs]:
            return reply_splits(split_dialogues(read_dialogues(path), _PERCENTS), max_characters)

        return Dataset(
            name=path.name,
            load=load,
            description=f"the file {path.name}",
            licence="the user's own",
            file=str(path.resolve()),
        )

    def evaluate(self, model: Path, dataset: Dataset, split: str) -> dict[str, Any]:
        """The figures of a SavedModel on a split, and those of the baselines.

        Raises:
            UserError: the split does not exist.
        """
        part, train = (self._part(model, dataset, name) for name in (split, "train"))
        baselines = {
            name: self.figures(part.targets, answer(train, part.sources))
            for name, answer in self.baselines.items()
        }
        return {**self._measure(model, part), "baselines": baselines}

    def compare(self, rows: Sequence[str], first: int | None) -> Path:
        """Have the shipped model reply in different ways, side by side; nothing is trained.

        Args:
            rows: names of rows; all where none is given.
            first: only so many trials; there is one.

        Returns:
            The folder of comparison.csv, comparison.md and comparison.png.

        Raises:
            UserError: no model is shipped, or there is no row of a name.
        """
        from zoo import hub
        from zoo.analysis.compare import Outcome, Row, Trial, cost, points_of, write_tables
        from zoo.export.extra import read_extra
        from zoo.recipes.comparison import results_of

        path = hub.find(self.name)
        speaker = hub.load(path)
        settings = read_extra(path, "facts.json")["data_settings"]
        part = self.measured_on(**settings)
        encoder, model = speaker.encoder(), speaker.keras_model()

        def way(changes: Mapping[str, Any]) -> Row:
            def run(trial: Trial, _: Path) -> Outcome:
                document = {**speaker.document, **changes}
                answers = self._written(encoder, model, document, trial.test)
                return Outcome(answers, model.count_params())

            return run

        makers = {name: way(changes) for name, changes in self.variants.items()}
        weights = (path / "fingerprint.pb").read_bytes()
        trials = [Trial(f"validation {digest(weights)[:8]}", part, part, 0)]
        results, trials, folder = results_of(self, makers, lambda: trials, rows, first)
        lines = [
            {"row": name, **self.figures(part.targets, done[0]["answers"]), **cost(done)}
            for name, done in results.items()
        ]
        points = points_of(
            results, trials, lambda trial, given: self.figures(trial.test.targets, given)[_HEADLINE]
        )
        write_tables(lines, points, _HEADLINE, folder)
        return folder

    def _shown(self, model: Path, settings: Mapping[str, Any]) -> dict[str, Any]:
        openings = self.openings()
        contexts = [written(turns) for _, turns in openings]
        answers = answers_of(model, contexts)
        rows = zip(openings, contexts, answers, strict=True)
        return {
            "shown": [
                {"about": about, "turns": context, "reply": answer}
                for (about, _), context, answer in rows
            ]
        }

    def _measure(self, model: Path, part: Pairs) -> dict[str, Any]:
        from zoo import hub
        from zoo.metrics.dialogue import word_perplexity
        from zoo.text.sequences import Sequences

        loaded = hub.load(model)
        rows = Sequences.encoded(loaded.encoder(), part.sources, part.targets)
        tokens = sum(len(target) - 1 for target in rows.targets)
        nats = surprise_of(loaded.keras_model(), rows) * tokens
        perplexity = word_perplexity(nats, part.targets)
        return {**super()._measure(model, part), "word_perplexity": perplexity}

    def _learn(
        self,
        config: TextToTextConfig,
        splits: Splits[Pairs],
        dataset: Dataset,
        folder: RunFolder,
        start: Path | None,
    ) -> tuple[Learned, dict[str, Any]]:
        train = _with_empty_contexts(splits.train)
        return learn(config, train, splits.validation, folder, start, turns=True), {}

    def _document(self, folder: RunFolder) -> dict[str, Any]:
        settings = read_json(folder.config_file)
        return {
            **super()._document(folder),
            **{name: settings[name] for name in _RANKING},
            "fixed_reply": self.fixed_reply,
        }

    def _servable(self, encoder: Any, model: Any, document: Mapping[str, Any]) -> Any:
        from zoo.export.speaker import Speaker

        return Speaker(encoder, model, document)

    def _request(self, signature: str, texts: list[bytes]) -> dict[str, Any]:
        if signature != "sample":
            return {"text": texts}
        rows = len(texts)
        return {
            "text": texts,
            "seed": np.arange(rows, dtype=np.int64),
            "temperature": np.linspace(0.5, 1.2, rows, dtype=np.float32),
            "top_p": np.full(rows, 0.9, np.float32),
        }


def reply_splits(splits: Splits[Dialogues], max_characters: int) -> Splits[Pairs]:
    """The replies in dialogues with their contexts (see `zoo.data.dialogues.replies`).

    A reply with a word of the list of slurs (see `zoo.text.slurs`) is left out of train.
    """
    from zoo.text.slurs import has_slur

    train, validation, test = (
        replies(part, max_characters) for part in (splits.train, splits.validation, splits.test)
    )
    kept = (n for n, reply in enumerate(train.targets) if not has_slur(reply))
    return Splits(train.select(kept), validation, test)


def _with_empty_contexts(pairs: Pairs) -> Pairs:
    """Every tenth reply once more without its context: the model learns what is said anyway."""
    again = pairs.targets[::10]
    return Pairs(pairs.sources + [""] * len(again), pairs.targets + again)
