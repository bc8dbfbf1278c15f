"""The road of a captioner: from photos and their captions to a SavedModel."""

import dataclasses
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from zoo.data.captioned import Captioned, read_captioned, split_captioned
from zoo.data.examples import Splits
from zoo.recipes.captioning_config import CaptioningConfig
from zoo.recipes.captioning_learning import learn_to_look, learn_to_write
from zoo.recipes.captioning_reward import learn_by_reward
from zoo.recipes.learned import Learned
from zoo.recipes.recipe import Recipe
from zoo.recipes.task import Dataset
from zoo.training import checkpoint
from zoo.training.run import RunFolder, read_json

if TYPE_CHECKING:
    from zoo.analysis.compare import Trial

_ANSWER = "caption"
_PERCENTS = (80, 10, 10)
_WORST = 10
_PHOTOS_AT_ONCE = 64


@dataclass(frozen=True, kw_only=True)
class Captioning(Recipe):
    """A one-to-many task.

    Attributes:
        examples: makes files' content, photos and none, that golden requests and warm-up are of.
        trials: of `zoo compare`: what each row is trained and measured on.
    """

    form = "one_to_many"

    config: CaptioningConfig
    examples: Callable[[], Sequence[bytes]]
    trials: Callable[[], list["Trial"]] = list

    def user_data(self, path: Path) -> Dataset:
        """A user's own photos as a data set (see `zoo.data.captioned.read_captioned`)."""
        return Dataset(
            name=path.name,
            load=lambda: split_captioned(read_captioned(path), _PERCENTS),
            description=f"the captions of {path.name}",
            licence="the user's own",
            file=str(path.resolve()),
        )

    def _learn(
        self,
        config: CaptioningConfig,
        splits: Splits[Captioned],
        dataset: Dataset,
        folder: RunFolder,
        start: Path | None,
    ) -> tuple[Learned, dict[str, Any]]:
        parts = (splits.train, splits.validation)
        if config.reward_epochs:
            before, facts = self._before(
                dataclasses.replace(config, reward_epochs=0), splits, dataset, start
            )
            return learn_by_reward(config, *parts, folder, before), facts
        if config.tuning_epochs:
            before, facts = self._before(
                dataclasses.replace(config, tuning_epochs=0), splits, dataset, start
            )
            return learn_to_look(config, *parts, folder, before), facts
        return learn_to_write(config, *parts, folder, start), {}

    def _before(
        self,
        config: CaptioningConfig,
        splits: Splits[Captioned],
        dataset: Dataset,
        start: Path | None,
    ) -> tuple[RunFolder, dict[str, Any]]:
        """The finished run that there would be without the last stage, and what facts say of it."""
        folder = self._folder(config, splits, dataset, start)
        _, facts = self._learn(config, splits, dataset, folder, start)
        state = checkpoint.read_state(folder.checkpoint_file)
        stage = "encoder_too" if config.tuning_epochs else "decoder_alone"
        return folder, {
            **facts,
            stage: {
                "epochs": state["best_epoch"] + 1,
                "wall_seconds": round(state["seconds"], 1),
                "validation_loss": state["best_loss"],
            },
        }

    def _export(self, folder: RunFolder, path: Path, facts: dict[str, Any]) -> None:
        from zoo.export.captioner import Captioner
        from zoo.export.rebuild import rebuild
        from zoo.export.saved_model import export

        document = {**read_json(folder.model_file), "answer": _ANSWER}
        encoder, model = rebuild(document)
        checkpoint.load(folder.best_file, model.variables)
        module = Captioner(encoder.config.vocabulary, model, document)
        images = list(self.examples())
        requests = [(name, {"image_bytes": images}) for name in module.functions]
        export(module, path, model=document, facts=facts, golden=requests, warmup=requests)

    def _measure(self, model: Path, part: Captioned) -> dict[str, Any]:
        return _figures(part, captions_of(model, part.images))

    def evaluate(self, model: Path, dataset: Dataset, split: str) -> dict[str, Any]:
        """The figures of a SavedModel on a split, those of two baselines, and its worst captions.

        The baselines are the caption that is most frequent in the training split, and one of the
        training photo that is most like the photo to the model's encoder.

        Raises:
            UserError: the split does not exist.
        """
        from zoo import hub
        from zoo.metrics.caption_baselines import most_frequent, nearest
        from zoo.metrics.captions import worst

        part = self._part(model, dataset, split)
        known = self._part(model, dataset, "train")
        answers = captions_of(model, part.images)
        always = [most_frequent(known.captions)] * len(part)
        eyes = hub.load(model).keras_model()
        alike = nearest(_means(eyes, part), _means(eyes, known), known.captions)
        return {
            **_figures(part, answers),
            "baselines": {
                "the most frequent caption": _figures(part, always),
                "the caption of the nearest photo": _figures(part, alike),
            },
            "worst": [
                {"expected": " / ".join(part.captions[n]), "answer": answers[n]}
                for n in worst(part.captions, answers, _WORST)
            ],
        }

    def compare(self, rows: Sequence[str], first: int | None) -> Path:
        """Train decoders side by side in the same trials, on what the frozen encoder sees.

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
            config: CaptioningConfig,
            train: Captioned,
            held_out: Captioned,
            test: Captioned,
            run: RunFolder,
        ) -> Outcome:
            learned = learn_to_write(config, train, held_out, run)
            return Outcome(_written(learned, test), learned.model.count_params())

        return compare_variants(
            self,
            answered,
            self.trials,
            "bleu_4",
            lambda trial, given: _figures(trial.test, given),
            rows,
            first,
        )


def _written(learned: Learned, photos: Captioned) -> list[str]:
    """What a trained model writes, by its beam search."""
    import tensorflow as tf

    from zoo.export.captioner import Captioner

    document = {**learned.document, "answer": _ANSWER}
    captioner = Captioner(learned.encoder.config.vocabulary, learned.model, document)
    captions = captioner.functions["serving_default"](tf.constant(photos.images))[_ANSWER]
    return [caption.decode() for caption in captions.numpy()]


def captions_of(model: Path, images: Sequence[bytes]) -> list[str]:
    """What a SavedModel writes to each of these."""
    from zoo import hub

    describe = hub.load(model)
    return [
        answer.text
        for begin in range(0, len(images), _PHOTOS_AT_ONCE)
        for answer in describe(images[begin : begin + _PHOTOS_AT_ONCE])
    ]


def _figures(part: Captioned, answers: Sequence[str]) -> dict[str, Any]:
    from zoo.metrics.captions import figures

    return {**figures(part.captions, answers), "distinct": len(set(answers)) / len(answers)}


def _means(model: Any, part: Captioned) -> np.ndarray:
    """What a model's encoder sees of each photo on the whole, float32 `[photos, size]`."""
    from zoo.recipes.photo_features import grids

    return np.stack([grid.mean(axis=0, dtype=np.float32) for grid in grids(model, part.images)])
