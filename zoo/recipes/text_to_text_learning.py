"""Learning a many-to-many text model: vocabulary, weights and epoch."""

from pathlib import Path
from typing import Any

import numpy as np

from zoo.data.batches import Batches, Draw, Draws, by_tokens
from zoo.data.pairs import Pairs
from zoo.errors import UserError
from zoo.recipes.config import chosen
from zoo.recipes.learned import Learned
from zoo.recipes.text_to_text_config import TextToTextConfig
from zoo.recipes.writing import describe, describe_as, learn_vocabulary, mean_surprise, surprise
from zoo.training import checkpoint, lesson
from zoo.training.run import RunFolder, read_json, write_json

# The logits are a number for every token and every piece of the vocabulary.
_TOKENS_AT_ONCE = 4096


def learn(
    config: TextToTextConfig,
    train: Pairs,
    validation: Pairs,
    run: RunFolder,
    start: Path | None = None,
    turns: bool = False,
) -> Learned:
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
    from zoo.export.rebuild import rebuild_encoder

    prepare(config, train, validation, run, start, turns)
    model, steps = teach(config, run)
    document = read_json(run.model_file)
    return Learned(document, rebuild_encoder(document), model, steps)


def prepare(
    config: TextToTextConfig,
    train: Pairs,
    validation: Pairs,
    run: RunFolder,
    start: Path | None = None,
    turns: bool = False,
) -> None:
    """Write `model.json`, first weights and the lesson of a run (see `learn`), where they lack.

    Raises:
        UserError: no pair is short enough to train on.
    """
    from zoo.export.rebuild import load_weights, rebuild
    from zoo.text.sequences import Sequences

    if run.lesson_file.exists() and (start is None or run.first_file.exists()):
        return
    if not run.model_file.exists():
        write_json(
            run.model_file,
            described(config, train, turns) if start is None else describe_as(start, config),
        )
    encoder, model = rebuild(read_json(run.model_file))
    if start is not None:
        load_weights(model, start)
        checkpoint.save(run.first_file, model.variables, {})
    rows, held_out = (
        Sequences.encoded(encoder, part.sources, part.targets) for part in (train, validation)
    )
    kept = rows.within(config.training_tokens)
    if not len(kept):
        raise UserError(
            f"no pair has at most {config.training_tokens} tokens on both sides: raise "
            "--training-tokens"
        )
    lesson.save(
        run.lesson_file,
        {
            "sources": [rows.sources[n] for n in kept],
            "targets": [rows.targets[n] for n in kept],
            "held_out_sources": held_out.sources,
            "held_out_targets": held_out.targets,
        },
    )


def teach(config: TextToTextConfig, run: RunFolder) -> tuple[Any, int]:
    """Train as `learn` does, by a prepared run alone: on any of Keras' backends.

    Args:
        config: the settings.
        run: prepared.

    Returns:
        The model, and its steps in an epoch.
    """
    from zoo.models.described import model_of
    from zoo.text.sequences import Sequences
    from zoo.text.subword_dropout import SubwordDropout
    from zoo.training import reproducible
    from zoo.training.fit import FitConfig, compile_model, fit
    from zoo.training.precision import precision

    reproducible.seed_everything(config.seed)
    document = read_json(run.model_file)
    with precision(config.precision):
        model = model_of(document)
    if run.first_file.exists():
        checkpoint.load(run.first_file, model.variables)
    parts = lesson.load(run.lesson_file)
    rows = Sequences(parts["sources"], parts["targets"])
    held_out = Sequences(parts["held_out_sources"], parts["held_out_targets"])
    draws = Draws(Batches([len(row) for row in rows.targets], config.batch_size, config.seed))
    cut = SubwordDropout(document["encoder"]["vocabulary"], config.subword_dropout)

    def collate(draw: Draw) -> tuple[dict[str, np.ndarray], np.ndarray]:
        places, seed = draw
        random = np.random.default_rng(seed)
        sources = cut([rows.sources[n] for n in places], random)
        targets = [rows.targets[n] for n in places]
        return Sequences(sources, targets).collate(range(len(places)))

    schedule = chosen(FitConfig, config)
    compile_model(
        model,
        schedule,
        draws.per_epoch * config.epochs,
        lambda targets, logits: surprise(targets, logits, config.label_smoothing),
    )
    fit(
        model,
        draws,
        collate,
        lambda model: {"val_loss": surprise_of(model, held_out)},
        run,
        schedule,
    )
    return model, draws.per_epoch


def surprise_of(model: Any, rows: Any) -> float:
    """The mean over the tokens of all targets of -log y_t, in nats.

    Args:
        model: a `zoo.models.many_to_many.ManyToMany`.
        rows: `zoo.text.sequences.Sequences`.
    """
    batches = by_tokens([len(row) for row in rows.targets], _TOKENS_AT_ONCE)
    return mean_surprise(model, (rows.collate(batch) for batch in batches))


def described(config: TextToTextConfig, train: Pairs, turns: bool) -> dict[str, Any]:
    """A new model but for its weights: what stands in `model.json`.

    Args:
        config: the settings.
        train: what the vocabulary is learned from, which sources and targets share.
        turns: sources are dialogues, a turn on a line each.
    """
    from zoo.models.many_to_many import ManyToManyConfig
    from zoo.text.turns import TURN

    # Every turn of a dialogue but the first is a target; in sources each stands often.
    texts = [*train.targets, f"a{TURN}a"] if turns else train.sources + train.targets
    vocabulary = learn_vocabulary(texts, config.vocabulary_size)
    model = chosen(ManyToManyConfig, config, pieces=len(vocabulary))
    return describe("many_to_many", vocabulary, model, config, config.max_characters, turns)
