"""Learning a many-to-one text classifier: vocabulary, weights and epoch."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from zoo.data.batches import Batches, by_tokens
from zoo.data.examples import LabelledTexts
from zoo.recipes.beginnings import Beginning
from zoo.recipes.config import chosen
from zoo.recipes.description import describe, learn_vocabulary
from zoo.recipes.learned import Learned
from zoo.recipes.text_classifier_config import TextClassifierConfig
from zoo.training.run import RunFolder, read_json, write_json

if TYPE_CHECKING:
    from zoo.recipes.self_training import SoftlyLabelled

_TOKENS_AT_ONCE = 16_384


class LearnedClassifier(Learned):
    """A trained `zoo.models.many_to_one.ManyToOne`."""

    def probabilities(self, texts: Sequence[str]) -> np.ndarray:
        """The probability of each label, float `[texts, labels]`."""
        from zoo.text.encoder import encode_rows

        return _probabilities(self.model, encode_rows(self.encoder, texts))

    def answers(self, texts: Sequence[str]) -> list[str]:
        """The label of each text."""
        labels, threshold = self.document["labels"], self.document["threshold"]
        return [labels[place] for place in decide(self.probabilities(texts), threshold)]


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

    from zoo.text.encoder import collate

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
    further: "SoftlyLabelled | None" = None,
) -> LearnedClassifier:
    """Train a classifier, or go on from the run's last checkpoint.

    Args:
        config: the settings.
        train: what is learned from, the vocabulary too.
        validation: what chooses the epoch.
        run: where checkpoints and the history go.
        positive: the label of two whose probability is served by its name, or None.
        beginning: what is started from; None for a new vocabulary and new weights.
        further: texts with labels of a teacher, learned from beside `train`.
    """
    import keras

    from zoo.export.rebuild import rebuild
    from zoo.metrics.classification import log_loss
    from zoo.text.encoder import collate, encode_rows, shorten
    from zoo.training import reproducible
    from zoo.training.fit import FitConfig, compile_model, fit
    from zoo.training.precision import precision

    reproducible.seed_everything(config.seed)
    labels = ordered_labels(train.labels, positive)
    if not (run.path / "model.json").exists():
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
        write_json(run.path / "model.json", document)
    document = read_json(run.path / "model.json")
    with precision(config.precision):
        encoder, model = rebuild(document)
        if beginning is not None:
            beginning.load(model, document)

    one_hot = np.eye(len(labels), dtype=np.float32)
    number = {label: n for n, label in enumerate(labels)}
    targets = one_hot[[number[label] for label in train.labels]]
    texts = train.texts
    if further is not None:
        texts = [*texts, *further.texts]
        targets = np.concatenate([targets, further.probabilities])
    rows = [shorten(row, config.training_tokens) for row in encode_rows(encoder, texts)]
    validation_rows = encode_rows(encoder, validation.texts)
    validation_targets = np.array([number[label] for label in validation.labels], np.int32)

    def validate(model: Any) -> dict[str, float]:
        p = _probabilities(model, validation_rows)
        return {
            "val_loss": log_loss(p, validation_targets),
            "val_accuracy": float((decide(p, document["threshold"]) == validation_targets).mean()),
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
    return LearnedClassifier(document, encoder, model, batches.per_epoch)


def ordered_labels(labels: Sequence[str], positive: str | None) -> list[str]:
    """The distinct labels, sorted; the positive one last."""
    return sorted(set(labels), key=lambda label: (label == positive, label))
