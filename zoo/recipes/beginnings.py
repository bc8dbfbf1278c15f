"""What a classifier's training can start from instead of new weights."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from zoo.recipes.description import describe
from zoo.recipes.pretraining import load_language_model
from zoo.recipes.text_classifier_config import TextClassifierConfig
from zoo.training.run import RunFolder, read_json


@dataclass(frozen=True)
class Beginning:
    """A vocabulary, an architecture and weights.

    Attributes:
        document: as of `model.json`, but for labels.
        load: gives a model of this architecture the weights; it also gets the new document.
    """

    document: dict[str, Any]
    load: Callable[[Any, dict[str, Any]], None]


def from_saved_model(path: Path) -> Beginning:
    """A SavedModel; its output layer too where the labels are the same."""
    from zoo.export.extra import read_extra
    from zoo.export.rebuild import load_weights

    before = read_extra(path, "model.json")

    def load(model: Any, document: dict[str, Any]) -> None:
        load_weights(model, path, output=before["labels"] == document["labels"])

    return Beginning(before, load)


def from_language_model(config: TextClassifierConfig, run: RunFolder) -> Beginning:
    """A finished run of `zoo.recipes.pretraining.pretrain`: its vocabulary and its weights."""
    vocabulary = read_json(run.model_file)["encoder"]["vocabulary"]
    return Beginning(describe(config, vocabulary), lambda model, _: load_language_model(model, run))
