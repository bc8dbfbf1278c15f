"""Learning a many-to-many text model: vocabulary, weights and epoch."""

from pathlib import Path
from typing import Any

from zoo.data.batches import Batches, by_tokens
from zoo.data.pairs import Pairs
from zoo.errors import UserError
from zoo.recipes.config import chosen
from zoo.recipes.learned import Learned
from zoo.recipes.text_to_text_config import TextToTextConfig
from zoo.recipes.writing import describe, describe_as, learn_vocabulary, mean_surprise, surprise
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
    from zoo.export.rebuild import load_weights, rebuild
    from zoo.text.sequences import Sequences
    from zoo.training import reproducible
    from zoo.training.fit import FitConfig, compile_model, fit
    from zoo.training.precision import precision

    reproducible.seed_everything(config.seed)
    file = run.path / "model.json"
    if not file.exists():
        write_json(
            file,
            described(config, train, turns) if start is None else describe_as(start, config),
        )
    document = read_json(file)
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
    schedule = chosen(FitConfig, config)
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
        lambda model: {"val_loss": surprise_of(model, held_out)},
        run,
        schedule,
    )
    return Learned(document, encoder, model, batches.per_epoch)


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
