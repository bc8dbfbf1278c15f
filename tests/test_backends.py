"""Layers, models and training work without TensorFlow, and so does training elsewhere.

This file is also the script of a process on Keras' NumPy backend, in which TensorFlow cannot be
imported.
"""

import importlib
import importlib.util
import os
import pkgutil
import subprocess
import sys
from importlib.machinery import ModuleSpec
from pathlib import Path
from unittest.mock import MagicMock

import numpy as np

CELLS = ("simple_rnn", "linear_rnn", "lstm", "gru")
FEATURES = {
    "tokens": np.array([[1, 2, 3, 4], [5, 1, 0, 0], [0, 0, 0, 0]], np.int32),
    "ngrams": np.array([3, 4, 4, 5, 19], np.int32),
    "ngram_tokens": np.array([0, 0, 2, 3, 4], np.int32),
}


def make_model(cell):
    from zoo.models.many_to_one import ManyToOne, ManyToOneConfig

    return ManyToOne(
        ManyToOneConfig(
            pieces=6,
            ngram_buckets=20,
            classes=3,
            cell=cell,
            bidirectional=True,
            layers=2,
            units=4,
            embedding_size=5,
            dropout=0.1,
            ngram_dropout=0.1,
        )
    )


class StandIn:
    """Finds any module of JAX, and knows nothing about it.

    Keras' NumPy backend imports JAX for its convolutions, which nothing here runs.
    """

    def find_spec(self, name, path=None, target=None):
        return ModuleSpec(name, self, is_package=True) if name.split(".")[0] == "jax" else None

    def create_module(self, spec):
        return MagicMock(__path__=[])

    def exec_module(self, module):
        pass


def run_without_tensorflow(folder):
    """Imports every module, and answers with the weights in the folder."""
    sys.modules["tensorflow"] = None
    if importlib.util.find_spec("jax") is None:
        sys.meta_path.append(StandIn())
    for name in ("zoo.layers", "zoo.models", "zoo.training"):
        for module in pkgutil.iter_modules(importlib.import_module(name).__path__, f"{name}."):
            importlib.import_module(module.name)
    importlib.import_module("zoo.recipes.elsewhere")
    for cell in CELLS:
        model = make_model(cell)
        with np.load(folder / f"{cell}.npz") as weights:
            for n, variable in enumerate(model.trainable_variables):
                variable.assign(weights[f"arr_{n}"])
        np.save(folder / f"{cell}.npy", np.asarray(model(FEATURES)))


def test_without_tensorflow_models_give_the_same_logits(tmp_path):
    expected = {}
    for cell in CELLS:
        model = make_model(cell)
        model.output_layer.bias.assign([0.1, 0.2, 0.3])
        np.savez(tmp_path / f"{cell}.npz", *[np.array(v) for v in model.trainable_variables])
        expected[cell] = np.asarray(model(FEATURES))
    environment = {
        **os.environ,
        "KERAS_BACKEND": "numpy",
        "PYTHONPATH": str(Path(__file__).parents[1]),
    }
    command = [sys.executable, __file__, str(tmp_path)]
    child = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert child.returncode == 0, child.stderr
    for cell in CELLS:
        found = np.load(tmp_path / f"{cell}.npy")
        np.testing.assert_allclose(found, expected[cell], rtol=0, atol=1e-6)


if __name__ == "__main__":
    run_without_tensorflow(Path(sys.argv[1]))
