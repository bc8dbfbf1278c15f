"""The road of `zoo gradients`: small models of a task, and how gradients flow in them."""

import dataclasses
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from zoo.data.examples import LabelledTexts, Splits
from zoo.errors import UserError
from zoo.recipes.exploding import explode
from zoo.recipes.recipe import digest
from zoo.recipes.text_classifier_config import TextClassifierConfig
from zoo.recipes.text_classifier_learning import learn
from zoo.training.run import RunFolder, read_json

# The network of the textbooks, small enough to be trained in half a minute: what the answer knows
# of the text has passed through the recurrence to its end.
_SMALL: dict[str, Any] = {
    "bare": True, "window": 0, "bidirectional": False, "layers": 2, "units": 32,
    "embedding_size": 32, "vocabulary_size": 4000, "ngram_buckets": 0, "training_tokens": 128,
    "dropout": 0.0, "batch_size": 32, "epochs": 3, "patience": 3, "learning_rate": 0.003,
    "averaging": 0.98, "precision": "float32",
}  # fmt: skip
_CELLS = {"SimpleRNN": "simple_rnn", "LSTM": "lstm"}
_TRAINING_TEXTS, _VALIDATION_TEXTS = 4000, 500

# What is measured: the longest texts, cut to one length as in training.
_EXAMPLES = 32
_MOMENTS = 400


def measure(
    config: TextClassifierConfig,
    splits: Splits[LabelledTexts],
    positive: str | None,
    runs: Sequence[Path],
    work: Path,
    folder: Path,
) -> Path:
    """Measure how gradients vanish and explode, and what an LSTM's gates do about it.

    Args:
        config: the task's settings, of which the small models keep those of the text.
        splits: texts; the small models are trained on the first of them.
        positive: as for `learn`.
        runs: folders of runs to measure in the place of small models.
        work: where small models are trained; a finished one is not trained again.
        folder: gets the tables and pictures.

    Returns:
        The folder.

    Raises:
        UserError: a run has no checkpoint or is no recurrent classifier of these labels, or the
            texts are too short.
    """
    from zoo.analysis import gradient_pictures
    from zoo.analysis.compare import write_table

    small = dataclasses.replace(config, **_SMALL, **_not_pretrained(config))
    if runs:
        models = {str(run): run for run in runs}
    else:
        models = {
            name: _train(dataclasses.replace(small, cell=cell), splits, positive, work)
            for name, cell in _CELLS.items()
        }
    gradients, gates = [], []
    for name, run in models.items():
        for when, model, x, targets in _measured(run, splits.validation):
            gradients += list(_gradient_rows(name, when, model, x, targets))
            gates += list(_gate_rows(name, when, model, x))
    first = read_json(next(iter(models.values())) / "model.json")
    explosions = list(explode(small, first["encoder"]["vocabulary"], splits.train))
    tables = {"gradients": gradients, "forget_gates": gates, "exploding": explosions}
    for name, rows in tables.items():
        write_table(folder / f"{name}.csv", rows)
    gradient_pictures.draw(folder, folder)
    return folder


def _not_pretrained(config: TextClassifierConfig) -> dict[str, Any]:
    return {"pretrained": "none"} if hasattr(config, "pretrained") else {}


def _train(
    config: TextClassifierConfig,
    splits: Splits[LabelledTexts],
    positive: str | None,
    work: Path,
) -> Path:
    """The folder of a small model's finished run."""
    train, validation = (
        part.select(range(min(count, len(part))))
        for part, count in (
            (splits.train, _TRAINING_TEXTS),
            (splits.validation, _VALIDATION_TEXTS),
        )
    )
    identity = {"texts": len(train), **dataclasses.asdict(config)}
    run = RunFolder.open(work / f"{config.cell}-{digest(sorted(identity.items()))[:8]}", identity)
    learn(config, train, validation, run, positive)
    return run.path


def _measured(run: Path, texts: LabelledTexts) -> Iterator[tuple[str, Any, np.ndarray, np.ndarray]]:
    """A run's model with new weights and with its best ones; what it reads, and the targets."""
    from zoo.export.rebuild import rebuild
    from zoo.text.encoder import encode_rows
    from zoo.text.rows import collate, shorten
    from zoo.training import checkpoint, reproducible
    from zoo.training.precision import precision

    document = read_json(run / "model.json")
    best = RunFolder(run).best_file
    if not best.exists():
        raise UserError(f"{run} holds no checkpoint: give its `zoo train` command again")
    if document["form"] != "many_to_one" or document["model"].get("window"):
        raise UserError(f"the model of {run} is no recurrent network of the form many to one")
    unknown = sorted(set(texts.labels) - set(document["labels"]))
    if unknown:
        raise UserError(f"the model of {run} does not know the label {unknown[0]!r} of the data")
    reproducible.seed_everything(0)
    with precision("float32"):
        _, trained = rebuild(document)
        checkpoint.load(best, trained.variables)
    # Over some hundred moments a norm may fall below the least number that float32 knows.
    with precision("float64"):
        encoder, model = rebuild(document)

    rows = encode_rows(encoder, texts.texts)
    longest = sorted(range(len(rows)), key=lambda n: -len(rows[n].tokens))[:_EXAMPLES]
    time = min(_MOMENTS, len(rows[longest[-1]].tokens))
    if time < 2:
        raise UserError("the texts are of one token: there is no past for a gradient to flow to")
    features = collate([shorten(rows[n], time) for n in longest])
    places = [document["labels"].index(texts.labels[n]) for n in longest]
    targets = np.eye(len(document["labels"]), dtype=np.float32)[places]

    for when in ("before training", "after training"):
        if when == "after training":
            for variable, value in zip(model.variables, trained.variables, strict=True):
                variable.assign(np.asarray(value))
        x, _ = model.embed(features)
        yield when, model, np.asarray(x), targets


def _gradient_rows(
    name: str, when: str, model: Any, x: np.ndarray, targets: np.ndarray
) -> Iterator[dict[str, Any]]:
    """For layers and moments the median over the examples, and between what half of them lie."""
    from zoo.analysis.gradients import gradient_norms

    for layer, norms in gradient_norms(model, x, targets).items():
        low, median, high = np.percentile(norms, [25, 50, 75], axis=0)
        for t, after in _moments(norms.shape[1]):
            yield {
                "model": name,
                "when": when,
                "layer": layer,
                "moments_after": after,
                "norm": f"{median[t]:.3g}",
                "low": f"{low[t]:.3g}",
                "high": f"{high[t]:.3g}",
            }


def _gate_rows(name: str, when: str, model: Any, x: np.ndarray) -> Iterator[dict[str, Any]]:
    """For the layers of an LSTM the mean forget gate at moments, and how long they remember."""
    from zoo.analysis.gradients import forget_gates, memory_lengths

    if model.config.cell != "lstm":
        return
    for layer, gates in forget_gates(model, x).items():
        lengths = memory_lengths(gates)
        mean = gates.mean(axis=(0, 2))
        for t, after in _moments(gates.shape[1]):
            yield {
                "model": name,
                "when": when,
                "layer": layer,
                "moments_after": after,
                "forget_gate": f"{mean[t]:.4f}",
                "memory_median": f"{np.median(lengths):.3g}",
                "memory_longest": f"{lengths.max():.3g}",
            }


def _moments(time: int) -> list[tuple[int, int]]:
    """The moments that are written: the first, the last twenty, and every tenth between them.

    Each with how many come after it.
    """
    every = [(t, time - 1 - t) for t in range(time)]
    return [(t, after) for t, after in every if t == 0 or after < 20 or after % 10 == 0]
