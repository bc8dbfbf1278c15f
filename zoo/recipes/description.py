"""A text classifier but for its labels and weights: from settings to `model.json`."""

import dataclasses
from collections.abc import Sequence
from typing import Any

from zoo.recipes.config import chosen
from zoo.recipes.text_classifier_config import TextClassifierConfig


def learn_vocabulary(config: TextClassifierConfig, texts: Sequence[str]) -> list[str]:
    """The pieces that texts are cut into, learned from these texts alone."""
    from zoo.text.clean import clean_texts
    from zoo.text.vocabulary import learn

    return learn(clean_texts(texts, config.plain), config.vocabulary_size)


def describe(config: TextClassifierConfig, vocabulary: Sequence[str]) -> dict[str, Any]:
    """A new model but for its labels and weights: what stands in `model.json`."""
    from zoo.models.many_to_one import ManyToOneConfig
    from zoo.text.encoder import EncoderConfig

    encoder = chosen(EncoderConfig, config, vocabulary=tuple(vocabulary))
    model = chosen(
        ManyToOneConfig,
        config,
        pieces=len(vocabulary),
        classes=2,
        cell="mlp" if config.window else config.cell,
        bidirectional=config.bidirectional and not config.window,
    )
    return {
        "form": "many_to_one",
        "encoder": dataclasses.asdict(encoder),
        "model": dataclasses.asdict(model),
    }
