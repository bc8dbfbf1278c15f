"""Learning a many-to-many text model: vocabulary, weights and epoch."""

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from zoo.data.batches import Batches, by_tokens
from zoo.data.pairs import Pairs
from zoo.errors import UserError
from zoo.recipes.text_to_text_config import TextToTextConfig
from zoo.training.run import RunFolder, read_json, write_json

# The logits are a number for every token and every piece of the vocabulary.
_TOKENS_AT_ONCE = 4096


@dataclass(frozen=True)
class LearnedPairs:
    """A trained many-to-many model.

    Attributes:
        document: what stands in `model.json`, see `describe`.
        encoder: a `zoo.text.encoder.TextEncoder`.
        model: a `zoo.models.many_to_many.ManyToMany` with its best weights.
        steps_per_epoch: of its training.
    """

    document: dict[str, Any]
    encoder: Any
    model: Any
    steps_per_epoch: int


def describe(config: TextToTextConfig, texts: Sequence[str], turns: bool = False) -> dict[str, Any]:
    """A new model but for its weights: what stands in `model.json`.

    Args:
        config: the settings.
        texts: what the vocabulary is learned from, which sources and targets share.
        turns: sources are dialogues, a turn on a line each.
    """
    from zoo.models.many_to_many import ManyToManyConfig
    from zoo.text.clean import clean_texts
    from zoo.text.encoder import EncoderConfig
    from zoo.text.turns import TURN
    from zoo.text.vocabulary import SEQUENCE_SPECIALS
    from zoo.text.vocabulary import learn as learn_vocabulary

    vocabulary = learn_vocabulary(
        clean_texts([*texts, f"a{TURN}a"] if turns else texts),
        config.vocabulary_size,
        spaced=True,
        specials=SEQUENCE_SPECIALS,
    )
    encoder = EncoderConfig(
        vocabulary=tuple(vocabulary),
        max_characters=config.max_characters,
        ngram_buckets=0,
        shortest_ngram=1,
        longest_ngram=1,
        spaced=True,
        turns=turns,
    )
    model = ManyToManyConfig(
        pieces=len(vocabulary),
        cell=config.cell,
        bidirectional=config.bidirectional,
        encoder_layers=config.encoder_layers,
        encoder_units=config.encoder_units,
        decoder_layers=config.decoder_layers,
        decoder_units=config.decoder_units,
        attention=config.attention,
        embedding_size=config.embedding_size,
        dropout=config.dropout,
    )
    return {
        "form": "many_to_many",
        "encoder": dataclasses.asdict(encoder),
        "model": dataclasses.asdict(model),
        "beam_width": config.beam_width,
        "length_penalty": config.length_penalty,
        "longest_answer": config.longest_answer,
    }


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


def learn(
    config: TextToTextConfig,
    train: Pairs,
    validation: Pairs,
    run: RunFolder,
    start: Path | None = None,
    turns: bool = False,
) -> LearnedPairs:
    """Train a model of pairs, or go on from the run's last checkpoint.

    Args:
        config: the settings.
        train: what is learned from, the vocabulary too.
        validation: what chooses the epoch.
        run: where checkpoints and the history go.
        start: a SavedModel whose vocabulary, architecture and weights are started from.
        turns: sources are dialogues, a turn on a line each.

    Raises:
        UserError: no pair is short enough to train on.
    """
    from zoo.export.extra import read_extra
    from zoo.export.rebuild import load_weights, rebuild
    from zoo.text.sequences import Sequences
    from zoo.training import reproducible
    from zoo.training.fit import FitConfig, compile_model, fit
    from zoo.training.precision import precision

    reproducible.seed_everything(config.seed)
    described = run.path / "model.json"
    if not described.exists():
        write_json(
            described,
            read_extra(start, "model.json")
            if start is not None
            # Every turn of a dialogue but the first is a target; in sources each stands often.
            else describe(config, train.targets if turns else train.sources + train.targets, turns),
        )
    document = read_json(described)
    with precision(config.precision):
        encoder, model = rebuild(document)
    if start is not None:
        load_weights(model, start)
    rows, held_out = (
        Sequences(encoder, part.sources, part.targets) for part in (train, validation)
    )
    kept = rows.within(config.training_tokens)
    if not len(kept):
        raise UserError(
            f"no pair has at most {config.training_tokens} tokens on both sides: raise "
            "--training-tokens"
        )
    batches = Batches([len(rows.targets[n]) for n in kept], config.batch_size, config.seed)
    schedule = FitConfig(
        epochs=config.epochs,
        patience=config.patience,
        learning_rate=config.learning_rate,
        averaging=config.averaging,
        checkpoint_every=config.checkpoint_every,
        log_gradients=config.log_gradients,
    )
    compile_model(
        model,
        schedule,
        batches.per_epoch * config.epochs,
        lambda targets, logits: surprise(targets, logits, config.label_smoothing),
    )
    fit(
        model,
        batches,
        lambda places: rows.collate(kept[places]),
        lambda model: {"val_loss": mean_surprise(model, held_out)},
        run,
        schedule,
    )
    return LearnedPairs(document, encoder, model, batches.per_epoch)


def mean_surprise(model: Any, rows: Any) -> float:
    """The mean over tokens of -log y_t, in nats: its exponential is the perplexity of a token.

    Args:
        model: a `zoo.models.many_to_many.ManyToMany`.
        rows: `zoo.text.sequences.Sequences`.
    """
    from keras import ops

    total, count = 0.0, 0
    for batch in by_tokens([len(row) for row in rows.targets], _TOKENS_AT_ONCE):
        features, targets = rows.collate(batch)
        tokens = int(np.count_nonzero(targets))
        loss = surprise(ops.convert_to_tensor(targets), model.predict_on_batch(features), 0.0)
        total += float(ops.mean(loss)) * tokens
        count += tokens
    return total / count
