"""Learning a many-to-one text classifier: vocabulary, weights and epoch."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from zoo.data.batches import Batches, by_tokens
from zoo.data.examples import LabelledTexts
from zoo.recipes.beginnings import Beginning
from zoo.recipes.config import chosen
from zoo.recipes.description import describe, learn_vocabulary
from zoo.recipes.learned import Learned
from zoo.recipes.text_classifier_config import TextClassifierConfig
from zoo.text.rows import Row, collate, shorten
from zoo.training import lesson
from zoo.training.run import RunFolder, read_json, write_json

_TOKENS_AT_ONCE = 16_384


class LearnedClassifier(Learned):
    """A trained `zoo.models.many_to_one.ManyToOne`."""

    def answers(self, texts: Sequence[str]) -> list[str]:
        """The label of each text."""
        from zoo.text.encoder import encode_rows

        labels, threshold = self.document["labels"], self.document["threshold"]
        p = _probabilities(self.model, encode_rows(self.encoder, texts))
        return [labels[place] for place in decide(p, threshold)]


def decide(probabilities: np.ndarray, threshold: float | None) -> np.ndarray:
    """The answered label's place: of two labels the second from a threshold, else the likeliest.

    Args:
        probabilities: float `[texts, labels]`.
        threshold: for two labels; None for more.

    Returns:
        Int `[texts]`.
    """
    if threshold is None:
        return probabilities.argmax(axis=1)
    return (probabilities[:, 1] >= threshold).astype(int)


def _probabilities(model: Any, rows: Sequence[Any]) -> np.ndarray:
    from keras import ops

    result = np.zeros((len(rows), model.config.classes), np.float32)
    for batch in by_tokens([len(row.tokens) for row in rows], _TOKENS_AT_ONCE):
        logits = model.predict_on_batch(collate([rows[i] for i in batch]))
        result[batch] = ops.convert_to_numpy(ops.softmax(logits))
    return result


def learn(
    config: TextClassifierConfig,
    train: LabelledTexts,
    validation: LabelledTexts,
    run: RunFolder,
    positive: str | None,
    beginning: Beginning | None = None,
) -> LearnedClassifier:
    """Train a classifier, or go on from the run's last checkpoint.

    Args:
        config: the settings.
        train: what is learned from, the vocabulary too.
        validation: what chooses the epoch.
        run: where checkpoints and the history go.
        positive: the label of two whose probability is served by its name, or None.
        beginning: what is started from; None for a new vocabulary and new weights.
    """
    from zoo.export.rebuild import rebuild_encoder

    prepare(config, train, validation, run, positive, beginning)
    document = read_json(run.model_file)
    load = None if beginning is None else lambda model: beginning.load(model, document)
    model, steps = teach(config, run, load)
    return LearnedClassifier(document, rebuild_encoder(document), model, steps)


def prepare(
    config: TextClassifierConfig,
    train: LabelledTexts,
    validation: LabelledTexts,
    run: RunFolder,
    positive: str | None,
    beginning: Beginning | None = None,
) -> None:
    """Write `model.json` and the lesson of a run (see `learn`), where they are not there."""
    from zoo.export.rebuild import rebuild_encoder
    from zoo.text.encoder import encode_rows

    if run.lesson_file.exists():
        return
    labels = ordered_labels(train.labels, positive)
    if not run.model_file.exists():
        if beginning is not None:
            begun = beginning.document
        else:
            begun = describe(config, learn_vocabulary(config, train.texts))
        document = {
            **begun,
            "labels": labels,
            "positive": positive,
            "threshold": None if positive is None else config.threshold,
            "model": {**begun["model"], "classes": len(labels)},
        }
        write_json(run.model_file, document)
    encoder = rebuild_encoder(read_json(run.model_file))

    number = {label: n for n, label in enumerate(labels)}
    one_hot = np.eye(len(labels), dtype=np.float32)
    targets = one_hot[[number[label] for label in train.labels]]

    def shortened(texts: Sequence[str]) -> list[Row]:
        return [shorten(row, config.training_tokens) for row in encode_rows(encoder, texts)]

    lesson.save(
        run.lesson_file,
        {
            **_columns("", shortened(train.texts)),
            "targets": targets,
            **_columns("held_out_", encode_rows(encoder, validation.texts)),
            "held_out_targets": np.array([number[label] for label in validation.labels], np.int32),
        },
    )


def _columns(name: str, rows: Sequence[Row]) -> dict[str, list[np.ndarray]]:
    """Rows as parts of a lesson."""
    there = [field for field in Row._fields if all(getattr(row, field) is not None for row in rows)]
    return {name + field: [getattr(row, field) for row in rows] for field in there}


def _rows(parts: Mapping[str, Any], name: str) -> list[Row]:
    """The rows of a lesson."""
    count = len(parts[f"{name}tokens"])
    columns = [parts.get(name + field, [None] * count) for field in Row._fields]
    return [Row(*row) for row in zip(*columns, strict=True)]


def teach(
    config: TextClassifierConfig, run: RunFolder, load: Callable[[Any], None] | None = None
) -> tuple[Any, int]:
    """Train as `learn` does, by a prepared run alone: on any of Keras' backends.

    Args:
        config: the settings.
        run: prepared.
        load: gives the model weights to start from.

    Returns:
        The model, and its steps in an epoch.
    """
    import keras

    from zoo.metrics.classification import log_loss
    from zoo.models.described import model_of
    from zoo.training import reproducible
    from zoo.training.fit import FitConfig, compile_model, fit
    from zoo.training.precision import precision

    reproducible.seed_everything(config.seed)
    document = read_json(run.model_file)
    with precision(config.precision):
        model = model_of(document)
    if load is not None:
        load(model)
    parts = lesson.load(run.lesson_file)
    rows, held_out = (_rows(parts, name) for name in ("", "held_out_"))
    targets, wanted = parts["targets"], parts["held_out_targets"]

    def validate(_: Any) -> dict[str, float]:
        p = _probabilities(model, held_out)
        return {
            "val_loss": log_loss(p, wanted),
            "val_accuracy": float((decide(p, document["threshold"]) == wanted).mean()),
        }

    batches = Batches([len(row.tokens) for row in rows], config.batch_size, config.seed)
    schedule = chosen(FitConfig, config)
    # A share of each target is spread over all labels (Szegedy et al. 2016).
    loss = keras.losses.CategoricalCrossentropy(
        from_logits=True, label_smoothing=config.label_smoothing
    )
    compile_model(model, schedule, batches.per_epoch * config.epochs, loss)
    fit(
        model,
        batches,
        lambda indices: (collate([rows[i] for i in indices]), targets[indices]),
        validate,
        run,
        schedule,
    )
    return model, batches.per_epoch


def ordered_labels(labels: Sequence[str], positive: str | None) -> list[str]:
    """The distinct labels, sorted; the positive one last."""
    return sorted(set(labels), key=lambda label: (label == positive, label))
