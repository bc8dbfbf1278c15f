"""Learning a captioner: vocabulary, decoder, and then encoder and decoder together."""

import dataclasses
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from zoo.data.batches import Draw
from zoo.data.captioned import Captioned
from zoo.recipes.captioning_config import CaptioningConfig
from zoo.recipes.captioning_lessons import Lessons, Look
from zoo.recipes.config import chosen
from zoo.recipes.learned import Learned
from zoo.recipes.writing import (
    describe,
    describe_as,
    learn_vocabulary,
    mean_surprise,
    surprise,
)
from zoo.training import checkpoint
from zoo.training.run import RunFolder, read_json, write_json

NONE = "none"
_PHOTOS_TO_CALIBRATE = 32
_PHOTOS_AT_ONCE = 16
_LONGEST_CAPTION = 1000  # characters that are read of one
_LONGEST_VALIDATED = 10_000  # tokens: none is left out


def learn_to_write(
    config: CaptioningConfig,
    train: Captioned,
    validation: Captioned,
    run: RunFolder,
    start: Path | None = None,
) -> Learned:
    """Train the decoder on what a frozen encoder sees, or go on from the last checkpoint.

    Args:
        config: the settings.
        train: what is learned from, the vocabulary too.
        validation: what chooses the epoch.
        run: where checkpoints and the history go.
        start: a SavedModel whose vocabulary, architecture and weights are started from.

    Raises:
        UserError: no caption is short enough to train on, or the encoder's weights do not fit.
    """
    from zoo.export.rebuild import load_weights
    from zoo.layers.photo_encoder import load_pretrained

    described = run.model_file
    if not described.exists():
        write_json(
            described,
            _described(config, train) if start is None else describe_as(start, config),
        )
    document = read_json(described)
    encoder, model = _rebuilt(config, document)
    if start is not None:
        load_weights(model, start)
    elif config.encoder_weights == NONE:
        _calibrate(config, model, train)
    else:
        load_pretrained(model.encoder, config.encoder_width, config.encoder_weights)
    model.encoder.trainable = False
    lessons, held_out = _lessons(config, encoder, train, validation)
    steps = _fit(
        config, model, lessons, held_out, lessons.cached(model), held_out.cached(model), run
    )
    model.encoder.trainable = True
    return Learned(document, encoder, model, steps)


def learn_to_look(
    config: CaptioningConfig,
    train: Captioned,
    validation: Captioned,
    run: RunFolder,
    before: RunFolder,
) -> Learned:
    """Train encoder and decoder together, or go on from the last checkpoint.

    Args:
        config: the settings.
        train: what is learned from.
        validation: what chooses the epoch.
        run: where checkpoints and the history go.
        before: a finished run of `learn_to_write`.
    """
    document = read_json(before.model_file)
    write_json(run.model_file, document)
    encoder, model = _rebuilt(config, document)
    checkpoint.load(before.best_file, model.variables)
    lessons, held_out = _lessons(config, encoder, train, validation)
    together = dataclasses.replace(
        config, epochs=config.tuning_epochs, learning_rate=config.tuning_rate
    )
    steps = _fit(
        together, model, lessons, held_out, lessons.looked_at(model), held_out.looked_at(model), run
    )
    return Learned(document, encoder, model, steps)


def _rebuilt(config: CaptioningConfig, document: dict[str, Any]) -> tuple[Any, Any]:
    from zoo.export.rebuild import rebuild
    from zoo.training import reproducible
    from zoo.training.precision import precision

    reproducible.seed_everything(config.seed)
    with precision(config.precision):
        return rebuild(document)


def _calibrate(config: CaptioningConfig, model: Any, train: Captioned) -> None:
    import tensorflow as tf

    from zoo.export.images import photo_reader
    from zoo.layers.photo_encoder import calibrate

    images = tf.constant(train.images[:_PHOTOS_TO_CALIBRATE], tf.string)
    photos = photo_reader(config.photo_size)(images).pixels
    calibrate(model.encoder, config.encoder_width, photos)


def _lessons(
    config: CaptioningConfig, encoder: Any, train: Captioned, validation: Captioned
) -> tuple[Lessons, Lessons]:
    return (
        Lessons(encoder, train, config.training_tokens),
        Lessons(encoder, validation, _LONGEST_VALIDATED),
    )


def _fit(
    config: CaptioningConfig,
    model: Any,
    lessons: Lessons,
    held_out: Lessons,
    look: Look,
    look_at_held_out: Look,
    run: RunFolder,
) -> int:
    """Train a model by the settings; the steps of an epoch."""
    from zoo.training.fit import FitConfig, compile_model, fit

    draws = lessons.draws(config.batch_size, config.seed)
    schedule = chosen(FitConfig, config)
    compile_model(
        model,
        schedule,
        draws.per_epoch * config.epochs,
        lambda targets, logits: surprise(targets, logits, config.label_smoothing),
    )

    def collate(draw: Draw) -> tuple[dict[str, Any], np.ndarray]:
        places, seed = draw
        features, targets = lessons.told(places)
        return {**look(places, np.random.default_rng(seed)), **features}, targets

    fit(
        model,
        draws,
        collate,
        lambda model: {"val_loss": mean_surprise(model, _by_photos(held_out, look_at_held_out))},
        run,
        schedule,
    )
    return draws.per_epoch


def _by_photos(lessons: Lessons, look: Look) -> Iterator[tuple[dict[str, Any], np.ndarray]]:
    """All captions, of some photos at a time, as they are."""
    for begin in range(0, len(lessons.rows), _PHOTOS_AT_ONCE):
        places = np.arange(begin, min(begin + _PHOTOS_AT_ONCE, len(lessons.rows)))
        features, targets = lessons.told(places)
        yield {**look(places, None), **features}, targets


def _described(config: CaptioningConfig, train: Captioned) -> dict[str, Any]:
    """What stands in `model.json` of a new model."""
    from zoo.models.one_to_many import OneToManyConfig

    captions = [caption for _, caption in train.pairs()]
    vocabulary = learn_vocabulary(captions, config.vocabulary_size)
    model = chosen(OneToManyConfig, config, pieces=len(vocabulary))
    return describe("one_to_many", vocabulary, model, config, _LONGEST_CAPTION)
