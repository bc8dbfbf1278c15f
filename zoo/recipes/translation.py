"""The road of a translator: from pairs of sentences to a SavedModel."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from zoo.data.pairs import Pairs
from zoo.recipes.config import setting
from zoo.recipes.text_to_text import TextToText, answers_of, rows_of
from zoo.recipes.text_to_text_config import TextToTextConfig


@dataclass(frozen=True)
class TranslationConfig(TextToTextConfig):
    """Settings of translation."""

    source: str = setting("en", "the language to translate from")
    target: str = setting("de", "the language to translate into")


@dataclass(frozen=True, kw_only=True)
class Translation(TextToText):
    """A many-to-many text task between two languages.

    Attributes:
        shown: pairs whose answers the card of a model to ship shows, all of them; of the settings
            that data depends on.
    """

    config: TranslationConfig
    shown: Callable[..., Pairs]

    data_settings = ("source", "target")

    def _shown(self, model: Path, settings: Mapping[str, Any]) -> dict[str, Any]:
        pairs = self.shown(**settings)
        return {"shown": rows_of(pairs, answers_of(model, pairs.sources))}
