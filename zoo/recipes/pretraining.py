"""Pretraining: language models on texts without labels, which a classifier starts from."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from zoo.data.batches import by_tokens
from zoo.data.windows import BOUNDARY
from zoo.errors import UserError
from zoo.recipes.description import describe, learn_vocabulary
from zoo.recipes.text_classifier_config import PretrainedConfig
from zoo.training import checkpoint, lesson
from zoo.training.run import RunFolder, read_json, write_json

# The whole softmax is some hundred times as dear as the sampled one.
_VALIDATION_TEXTS = 400
# The logits are a number for every token and every piece of the vocabulary.
_TOKENS_AT_ONCE = 4096
_FEWEST_WINDOWS = 8


def load_language_model(model: Any, run: RunFolder) -> None:
    """Give a classifier's layers the weights of a finished run of `teach`.

    Args:
        model: a `zoo.models.many_to_one.ManyToOne`; its embedding and its first recurrent layer
            get them.
        run: of the language models of layers of the same sizes.
    """
    from zoo.models.language_model import LanguageModel

    result = read_json(run.result_file)
    learner = LanguageModel(
        model.embedding,
        model.stack.levels[0],
        np.ones(model.config.pieces),
        result["streams"],
        result["samples"],
    )
    checkpoint.load(run.best_file, learner.variables)


def prepare(
    config: PretrainedConfig, texts: Sequence[str], validation: Sequence[str], run: RunFolder
) -> None:
    """Write `model.json` and the lesson of a run, where they are not there.

    Args:
        config: the settings.
        texts: what is learned from, the vocabulary too.
        validation: what chooses the epoch; the perplexity is of its first texts.
        run: where all that the training leaves behind goes.
    """
    from zoo.export.rebuild import rebuild_encoder
    from zoo.text.encoder import encode_rows

    if run.lesson_file.exists() or run.result_file.exists():
        return
    if not run.model_file.exists():
        write_json(run.model_file, describe(config, learn_vocabulary(config, texts)))
    encoder = rebuild_encoder(read_json(run.model_file))
    parts = {"texts": texts, "held_out": validation[:_VALIDATION_TEXTS]}
    lesson.save(
        run.lesson_file,
        {name: [row.tokens for row in encode_rows(encoder, part)] for name, part in parts.items()},
    )


def teach(config: PretrainedConfig, run: RunFolder) -> None:
    """Train the language models of a classifier's layers, or go on; a finished run stays as it is.

    Args:
        config: the settings.
        run: prepared. It is all that is needed, on any of Keras' backends.

    Raises:
        UserError: the texts do not fill a window.
    """
    import keras

    from zoo.data.windows import Windows
    from zoo.models.described import model_of
    from zoo.models.language_model import LanguageModel
    from zoo.training import reproducible
    from zoo.training.fit import FitConfig, compile_model, fit
    from zoo.training.precision import precision

    if run.result_file.exists():
        return
    reproducible.seed_everything(config.seed)
    parts = lesson.load(run.lesson_file)
    rows = parts["texts"]
    with precision(config.lm_precision):
        model = model_of(read_json(run.model_file))
        counts = np.bincount(np.concatenate(rows), minlength=model.config.pieces)
        counts[BOUNDARY] = len(rows)
        # Of few texts, streams as long as several windows rather than as many as wanted.
        fitting = int(counts.sum()) // (_FEWEST_WINDOWS * config.lm_window + 1)
        streams = max(1, min(config.lm_streams, fitting))
        learner = LanguageModel(
            model.embedding, model.stack.levels[0], counts, streams, config.lm_samples
        )
    windows = Windows(
        rows, streams, config.lm_window, config.lm_samples, learner.probabilities,
        config.seed,
    )  # fmt: skip
    if windows.per_epoch < 1:
        raise UserError(
            f"the texts have {int(counts.sum())} tokens, too few for language models: give "
            "--pretrained none"
        )
    schedule = FitConfig(
        epochs=config.lm_epochs,
        patience=config.lm_epochs,
        learning_rate=config.lm_learning_rate,
        averaging=config.lm_averaging,
        checkpoint_every=config.lm_checkpoint_every,
    )
    # The model's output is its loss: how far it is from zero.
    zero = np.zeros(streams, np.float32)
    loss = keras.losses.MeanAbsoluteError()
    compile_model(learner, schedule, windows.per_epoch * config.lm_epochs, loss)
    history = fit(
        learner,
        windows,
        lambda window: (window, zero),
        lambda learner: {"val_loss": mean_surprise(learner, parts["held_out"])},
        run,
        schedule,
    )
    state = checkpoint.read_state(run.checkpoint_file)
    result = {
        "texts": len(rows),
        "tokens": int(counts.sum()),
        "streams": streams,
        "samples": config.lm_samples,
        "perplexity": float(np.exp(min(row["val_loss"] for row in history))),
        "wall_seconds": round(state["seconds"], 1),
        "machine": "; ".join(state["machines"]),
    }
    write_json(run.result_file, result)


def mean_surprise(learner: Any, texts: Sequence[np.ndarray]) -> float:
    """The mean over directions and tokens of -log y_t, in nats; its exponential is perplexity."""
    from keras import ops

    total, count = 0.0, 0
    for batch in by_tokens([len(text) + 2 for text in texts], _TOKENS_AT_ONCE):
        chosen = [texts[n] for n in batch]
        tokens = np.zeros((len(chosen), max(map(len, chosen)) + 2), np.int32)
        for row, text in zip(tokens, chosen, strict=True):
            row[1 : 1 + len(text)] = text
        total += float(ops.stop_gradient(ops.sum(learner.surprise(tokens))))
        count += len(learner.recurrences) * int(np.count_nonzero(tokens))
    return total / count
