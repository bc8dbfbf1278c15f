"""A text classifier but for its labels and weights: from settings to `model.json`."""

import dataclasses
from collections.abc import Sequence
from typing import Any

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

    encoder = EncoderConfig(
        vocabulary=tuple(vocabulary),
        max_characters=config.max_characters,
        ngram_buckets=config.ngram_buckets,
        shortest_ngram=config.shortest_ngram,
        longest_ngram=config.longest_ngram,
        plain=config.plain,
    )
    model = ManyToOneConfig(
        pieces=len(vocabulary),
        ngram_buckets=config.ngram_buckets,
        classes=2,
        cell="mlp" if config.window else config.cell,
        bidirectional=config.bidirectional and not config.window,
        layers=config.layers,
        units=config.units,
        embedding_size=config.embedding_size,
        dropout=config.dropout,
        ngram_dropout=config.ngram_dropout,
        mean=config.mean,
        bare=config.bare,
        window=config.window,
    )
    return {
        "form": "many_to_one",
        "encoder": dataclasses.asdict(encoder),
        "model": dataclasses.asdict(model),
    }
