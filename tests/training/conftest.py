"""A small training with dropout, compiled once and begun anew by every test."""

from dataclasses import dataclass, replace
from typing import Any

import keras
import numpy as np
import pytest

from zoo.data.batches import Batches
from zoo.models.many_to_one import ManyToOne, ManyToOneConfig
from zoo.text.rows import Row, collate
from zoo.training.fit import FitConfig, compile_model, fit
from zoo.training.run import RunFolder

CONFIG = FitConfig(
    epochs=3,
    patience=3,
    learning_rate=0.02,
    averaging=0.8,
    checkpoint_every=2,
)
LOSS = keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=0.1)


@dataclass
class Training:
    """A model, what it learns, and every value it started from."""

    model: Any
    rows: list[Row]
    targets: np.ndarray
    batches: Batches
    start: list[np.ndarray]

    @property
    def variables(self):
        return [*self.model.variables, *self.model.optimizer.variables]

    def values(self):
        return [np.array(variable) for variable in self.variables]

    def restart(self):
        """What a new process does."""
        for variable, value in zip(self.variables, self.start, strict=True):
            variable.assign(value)

    def scramble(self):
        """Leaves nothing in memory that a run could go on from."""
        for variable, value in zip(self.variables, self.start, strict=True):
            variable.assign(np.full_like(value, 3))

    def collate(self, indices):
        return collate([self.rows[i] for i in indices]), self.targets[indices]

    def validate(self, model):
        inputs, targets = self.collate(np.arange(8))
        return {"val_loss": float(model.test_on_batch(inputs, targets))}

    def fit(self, path, collate=None, validate=None, **changes):
        run = RunFolder.open(path, {"seed": 0})
        config = replace(CONFIG, **changes)
        arguments = (collate or self.collate, validate or self.validate, run, config)
        return fit(self.model, self.batches, *arguments)


@pytest.fixture(scope="package")
def compiled():
    keras.utils.set_random_seed(0)
    random = np.random.default_rng(0)
    rows = []
    for length in random.integers(1, 7, 22):
        tokens, ngrams = random.integers(1, 9, length), random.integers(0, 20, 2 * length)
        owners = np.repeat(np.arange(length), 2)
        rows.append(Row(*(values.astype(np.int32) for values in (tokens, ngrams, owners))))
    config = ManyToOneConfig(
        pieces=9,
        ngram_buckets=20,
        classes=2,
        cell="lstm",
        bidirectional=False,
        layers=2,
        units=4,
        embedding_size=3,
        dropout=0.3,
        ngram_dropout=0.3,
    )
    model = ManyToOne(config)
    batches = Batches([len(row.tokens) for row in rows], size=5, seed=0)
    compile_model(model, CONFIG, batches.per_epoch * CONFIG.epochs, LOSS)
    targets = np.eye(2, dtype=np.float32)[[row.tokens[0] % 2 for row in rows]]
    training = Training(model, rows, targets, batches, [])
    training.start = training.values()
    return training


@pytest.fixture
def training(compiled, monkeypatch):
    """The training before its first step; no curves are drawn."""
    monkeypatch.setattr("zoo.training.fit.draw_curves", lambda *_: None)
    compiled.restart()
    return compiled


@pytest.fixture(scope="package")
def uninterrupted(compiled, tmp_path_factory):
    """The run that every resumed one must equal: history, all variables, files."""
    compiled.restart()
    path = tmp_path_factory.mktemp("uninterrupted") / "run"
    return compiled.fit(path), compiled.values(), path
