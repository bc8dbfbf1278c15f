"""A real process, killed by the system."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

TESTS = Path(__file__).parents[1]
SETTINGS = {
    "dataset": "sample",
    "epochs": 2,
    "checkpoint-every": 3,
    "units": 4,
    "embedding-size": 4,
    "vocabulary-size": 300,
    "ngram-buckets": 64,
    "longest-ngram": 3,
    "batch-size": 32,
}
STEPS = 9  # in an epoch


def start(run, kill=""):
    """The same command each time; only the environment knows where it is killed."""
    options = [part for name, value in SETTINGS.items() for part in (f"--{name}", str(value))]
    module = ["tasks.spam_detection.train", *options, "--run", str(run)]
    return subprocess.Popen(
        [sys.executable, str(TESTS / "training" / "killed.py"), *module],
        env={**os.environ, "PYTHONPATH": str(TESTS.parent), "KILL": kill},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def end(process, code=0):
    output, _ = process.communicate()
    assert process.returncode == code, output


def arrays(path):
    with np.load(path) as archive:
        return {name: archive[name] for name in archive.files}


def standing(path):
    state = json.loads(str(arrays(path / "checkpoint.npz")["state"]))
    return state["epoch"], state["step"]


def exported(path):
    reader = tf.train.load_checkpoint(str(path / "spam_detection/1/variables/variables"))
    return {
        name: reader.get_tensor(name)
        for name in reader.get_variable_to_dtype_map()
        if name.startswith("weights/")
    }


def assert_equal(found, expected):
    assert found.keys() == expected.keys()
    assert [name for name in found if not np.array_equal(found[name], expected[name])] == []


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    """A run that was never killed, and one that was, in an epoch and in a write."""
    whole = tmp_path_factory.mktemp("whole") / "run"
    killed = tmp_path_factory.mktemp("killed") / "run"
    beside = start(whole)

    # After the checkpoint of step 6, two steps that are lost.
    end(start(killed, "step:9"), -signal.SIGKILL)
    assert standing(killed) == (0, 6)

    # Goes on at step 7; the writes are those of steps 9, 12 and 15.
    end(start(killed, "write:3"), -signal.SIGKILL)
    assert standing(killed) == (1, 12 - STEPS)
    (half,) = killed.glob(".checkpoint.npz.*")
    assert 0 < half.stat().st_size < (killed / "checkpoint.npz").stat().st_size

    end(start(killed))
    end(beside)
    return whole, killed


def test_a_killed_process_goes_on_to_bit_equal_weights(folders):
    whole, killed = folders
    for name in ("best.npz", "checkpoint.npz"):
        found, expected = arrays(killed / name), arrays(whole / name)
        states = [json.loads(str(a.pop("state"))) | {"seconds": 0} for a in (found, expected)]
        assert states[0] == states[1]
        assert_equal(found, expected)
    assert (killed / "history.csv").read_bytes() == (whole / "history.csv").read_bytes()
    assert len(exported(whole)) > 10
    assert_equal(exported(killed), exported(whole))


def test_nothing_half_written_is_left(folders):
    whole, killed = folders
    names = [
        {str(path.relative_to(folder)) for path in folder.rglob("*") if "tfevents" not in path.name}
        for folder in (killed, whole)
    ]
    assert names[0] == names[1]


def test_what_was_learned_is_more_than_the_start(folders):
    """Else equal weights would say nothing."""
    whole, _ = folders
    state = json.loads(str(arrays(whole / "checkpoint.npz")["state"]))
    assert state["best_epoch"] == 1
    losses = [row["val_loss"] for row in state["history"]]
    assert losses[1] < losses[0]
