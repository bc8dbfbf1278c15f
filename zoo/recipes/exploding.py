"""Gradients that explode, for `zoo gradients`."""

import dataclasses
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from zoo.data.examples import LabelledTexts
from zoo.recipes.text_classifier_config import TextClassifierConfig
from zoo.recipes.text_classifier_learning import ordered_labels

# The recurrent matrix is orthogonal times _SCALE; texts are cut to _TOKENS.
_SCALE, _RATE, _CLIP, _STEPS, _TOKENS = 1.05, 0.01, 1.0, 60, 64


def explode(
    config: TextClassifierConfig, vocabulary: Sequence[str], texts: LabelledTexts
) -> Iterator[dict[str, Any]]:
    """Plain gradient descent from a recurrent matrix that is too large.

    Args:
        config: settings of the models, but for the cell and the layers.
        vocabulary: of their encoder.
        texts: that they are trained on.

    Yields:
        For each step of each training its loss, and the norm of the gradient.
    """
    from zoo.analysis.gradients import descend
    from zoo.export.rebuild import rebuild
    from zoo.recipes.description import describe
    from zoo.text.encoder import encode_rows
    from zoo.text.rows import collate, shorten
    from zoo.training import reproducible

    first = texts.select(range(min(config.batch_size * _STEPS, len(texts))))
    labels = ordered_labels(first.labels, None)
    targets = np.eye(len(labels), dtype=np.float32)[[labels.index(name) for name in first.labels]]
    for what, cell, clip in (
        ("linear", "linear_rnn", None),
        ("linear, clipped", "linear_rnn", _CLIP),
        ("tanh", "simple_rnn", None),
    ):
        reproducible.seed_everything(0)
        document = describe(dataclasses.replace(config, cell=cell, layers=1), vocabulary)
        document["model"]["classes"] = len(labels)
        encoder, model = rebuild(document)
        [[layer]] = model.stack.levels
        layer.w.assign(layer.w * _SCALE)
        rows = [shorten(row, _TOKENS) for row in encode_rows(encoder, first.texts)]
        order = np.arange(config.batch_size * _STEPS) % len(rows)
        batches = [
            (collate([rows[n] for n in part]), targets[part])
            for part in np.array_split(order, _STEPS)
        ]
        for number, step in enumerate(descend(model, batches, _RATE, clip)):
            yield {
                "what": what,
                "step": number,
                "loss": f"{step.loss:.3g}",
                "norm": f"{step.norm:.3g}",
            }
