"""What the two forms that write a sequence share in learning: vocabulary, loss and perplexity."""

import dataclasses
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

_DECODING = ("beam_width", "length_penalty", "longest_answer")


def learn_vocabulary(texts: Sequence[str], size: int) -> list[str]:
    """The pieces, at most `size` of them, that texts are written with."""
    from zoo.text.clean import clean_texts
    from zoo.text.vocabulary import SEQUENCE_SPECIALS, learn

    return learn(clean_texts(texts), size, spaced=True, specials=SEQUENCE_SPECIALS)


def describe(
    form: str,
    vocabulary: Sequence[str],
    model: Any,
    config: Any,
    max_characters: int,
    turns: bool = False,
) -> dict[str, Any]:
    """A new model but for its weights: what stands in `model.json`.

    Args:
        form: `one_to_many` or `many_to_many`.
        vocabulary: the pieces.
        model: the config of the model.
        config: the settings, of the beam search among them.
        max_characters: a longer text is cut.
        turns: sources are dialogues, a turn on a line each.
    """
    from zoo.text.encoder import EncoderConfig

    encoder = EncoderConfig(
        vocabulary=tuple(vocabulary),
        max_characters=max_characters,
        ngram_buckets=0,
        shortest_ngram=1,
        longest_ngram=1,
        spaced=True,
        turns=turns,
    )
    return {
        "form": form,
        "encoder": dataclasses.asdict(encoder),
        "model": dataclasses.asdict(model),
        **_decoding(config),
    }


def describe_as(start: Path, config: Any) -> dict[str, Any]:
    """The `model.json` of a SavedModel to start from, but with the beam search of the settings.

    Raises:
        UserError: it is no model of this zoo.
    """
    from zoo.export.extra import read_extra

    return {**read_extra(start, "model.json"), **_decoding(config)}


def _decoding(config: Any) -> dict[str, Any]:
    return {name: getattr(config, name) for name in _DECODING}


def surprise(targets: Any, logits: Any, smoothing: float) -> Any:
    """The mean over the tokens of a batch of -log y_t, with smoothed targets.

    Args:
        targets: int32 `[batch, time]`, 0 on padding.
        logits: float32 `[batch, time, pieces]`.
        smoothing: share of a target that is spread over all pieces (Szegedy et al. 2016).

    Returns:
        Float32 `[batch, time]`: its mean is the mean over the tokens that are there.
    """
    from keras import ops

    log_p = ops.log_softmax(logits, axis=-1)
    there = ops.cast(ops.not_equal(targets, 0), "float32")
    chosen = ops.take_along_axis(log_p, ops.cast(targets, "int32")[..., None], axis=-1)[..., 0]
    smoothed = (1 - smoothing) * chosen + smoothing * ops.mean(log_p, axis=-1)
    return -smoothed * there / ops.mean(there)


def mean_surprise(model: Any, batches: Iterable[tuple[Any, np.ndarray]]) -> float:
    """The mean over tokens of -log y_t, in nats: its exponential is the perplexity of a token.

    Args:
        model: a `zoo.models.writer.Writer`.
        batches: features of the model, and targets, int32 `[batch, time]`, 0 on padding.
    """
    from keras import ops

    total, count = 0.0, 0
    for features, targets in batches:
        tokens = int(np.count_nonzero(targets))
        loss = surprise(ops.convert_to_tensor(targets), model.predict_on_batch(features), 0.0)
        total += float(ops.mean(loss)) * tokens
        count += tokens
    return total / count
