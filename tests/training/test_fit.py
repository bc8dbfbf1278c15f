import errno
import json
import os
import pkgutil
from contextlib import contextmanager

import keras
import numpy as np
import pytest

from zoo.errors import UserError
from zoo.training import checkpoint
from zoo.training.fit import FitConfig, averaged_weights, compile_model
from zoo.training.run import RunFolder

STEPS, EPOCHS = 5, 3
FIT = FitConfig(
    epochs=1,
    patience=1,
    learning_rate=0.1,
    averaging=0.9,
    checkpoint_every=1,
)


class Killed(BaseException):
    """Ends a run at once, as nothing in the loop catches it."""


def killing(function, call):
    """The function, until its call of that number."""
    calls = 0

    def wrapped(*arguments):
        nonlocal calls
        calls += 1
        if calls == call:
            raise Killed
        return function(*arguments)

    return wrapped


def equal(found, expected):
    return all(np.array_equal(f, e) for f, e in zip(found, expected, strict=True))


def arrays(path):
    with np.load(path) as archive:
        return {name: archive[name] for name in archive.files}


def files_equal(found, expected):
    """Compares two archives but for the seconds that the runs took."""
    found, expected = arrays(found), arrays(expected)
    states = [json.loads(str(a.pop("state"))) | {"seconds": 0} for a in (found, expected)]
    return (
        states[0] == states[1]
        and found.keys() == expected.keys()
        and equal(found.values(), expected.values())
    )


def go_on(training, path, **arguments):
    """A new process: nothing of the old one is left but its folder."""
    if RunFolder(path).checkpoint_file.exists():
        training.scramble()
    else:
        training.restart()
    return training.fit(path, **arguments)


def assert_same_end(training, path, history, uninterrupted):
    expected_history, expected, whole = uninterrupted
    assert history == expected_history
    assert equal(training.values(), expected)
    for name in ("checkpoint.npz", "best.npz"):
        assert files_equal(path / name, whole / name)
    assert (path / "history.csv").read_bytes() == (whole / "history.csv").read_bytes()


@pytest.mark.parametrize("step", range(1, STEPS * EPOCHS + 1))
def test_a_run_killed_at_any_step_ends_as_if_it_had_not_been(
    training, uninterrupted, tmp_path, step
):
    with pytest.raises(Killed):
        training.fit(tmp_path, collate=killing(training.collate, step))
    history = go_on(training, tmp_path)
    assert_same_end(training, tmp_path, history, uninterrupted)


@pytest.mark.parametrize("epoch", range(1, EPOCHS + 1))
def test_so_does_one_killed_while_it_validates(training, uninterrupted, tmp_path, epoch):
    with pytest.raises(Killed):
        training.fit(tmp_path, validate=killing(training.validate, epoch))
    history = go_on(training, tmp_path)
    assert_same_end(training, tmp_path, history, uninterrupted)


def test_so_does_one_killed_again_and_again(training, uninterrupted, tmp_path):
    kills = 0
    while True:
        try:
            history = go_on(training, tmp_path, collate=killing(training.collate, 4))
            break
        except Killed:
            kills += 1
    assert kills > 3
    assert_same_end(training, tmp_path, history, uninterrupted)


@pytest.mark.parametrize(
    ("step", "call"),
    [("zoo.training.fit.draw_curves", 1), ("zoo.training.run.RunFolder.write_history", EPOCHS)],
)
def test_so_does_one_killed_between_its_last_checkpoint_and_its_end(
    training, uninterrupted, tmp_path, monkeypatch, step, call
):
    with monkeypatch.context() as patch:
        patch.setattr(step, killing(pkgutil.resolve_name(step), call))
        with pytest.raises(Killed):
            training.fit(tmp_path)
    history = go_on(training, tmp_path, collate=killing(training.collate, 1))
    assert_same_end(training, tmp_path, history, uninterrupted)


def test_dropout_is_on(training, uninterrupted, tmp_path):
    """Otherwise the tests above would not see a seed generator that is forgotten."""
    seeds = [v for v in training.model.non_trainable_variables if "seed" in v.path]
    assert seeds
    for seed in seeds:
        seed.assign(np.array(seed) + 1)
    assert training.fit(tmp_path) != uninterrupted[0]


def test_the_validated_and_best_weights_are_the_moving_average(training, tmp_path):
    after_steps, averages = [], []

    def follow():
        after_steps.append([np.array(v) for v in training.model.trainable_variables])

    def collate(indices):
        follow()
        return training.collate(indices)

    def validate(model):
        averages.append([np.array(v) for v in model.trainable_variables])
        return training.validate(model)

    history = training.fit(tmp_path, collate=collate, validate=validate, epochs=1)
    checkpoint.load(tmp_path / "checkpoint.npz", training.variables)
    follow()  # the weights after the last step are those that training goes on with
    assert len(after_steps) == 1 + STEPS
    average = after_steps[1]
    kept = 1 - 5 / (EPOCHS * STEPS)  # less than the 0.8 that was asked for
    for now in after_steps[2:]:
        average = [kept * a + (1 - kept) * n for a, n in zip(average, now, strict=True)]
    for found, expected, last in zip(averages[0], average, after_steps[-1], strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-6)
        assert not np.array_equal(found, last)
    checkpoint.load(tmp_path / "best.npz", training.model.variables)
    assert equal(training.model.trainable_variables, averages[0])
    assert training.validate(training.model)["val_loss"] == history[0]["val_loss"]


def test_averaged_weights_are_taken_back(training):
    training.model.train_on_batch(*training.collate(np.arange(5)))
    training.model.train_on_batch(*training.collate(np.arange(5)))
    before = training.values()
    with pytest.raises(Killed), averaged_weights(training.model):
        assert not equal(training.values(), before)
        raise Killed
    assert equal(training.values(), before)


def scripted(training, losses, seen):
    """Validation with these losses; keeps the weights that it saw."""
    rest = iter(losses)

    def validate(model):
        seen.append([np.array(v) for v in model.trainable_variables])
        return {"val_loss": next(rest)}

    return validate


@pytest.mark.parametrize(
    ("losses", "patience", "epochs", "best"),
    [
        ([3.0, 2.0, 2.0, 2.5, 1.0], 2, 4, 1),
        ([3.0, 2.0, 2.5, 1.0, 1.5], 2, 5, 3),
        ([1.0, 2.0, 3.0], 1, 2, 0),
    ],
)
def test_training_stops_out_of_patience_with_the_best_weights(
    training, tmp_path, losses, patience, epochs, best
):
    seen = []
    history = training.fit(
        tmp_path, validate=scripted(training, losses, seen), patience=patience, epochs=5
    )
    assert [row["val_loss"] for row in history] == losses[:epochs]
    assert equal(training.model.trainable_variables, seen[best])
    assert checkpoint.read_state(tmp_path / "best.npz") == {"epoch": best}


def poisoned(training, step):
    """Batches after which, from that step on, the model is not a number."""
    calls = 0

    def collate(indices):
        nonlocal calls
        calls += 1
        if calls == step:
            training.model.output_layer.bias.assign([np.nan, 0])
        return training.collate(indices)

    return collate


def test_a_loss_that_is_not_finite_stops_and_keeps_the_last_checkpoint(training, tmp_path):
    with pytest.raises(UserError) as error:
        training.fit(tmp_path, collate=poisoned(training, 8))
    assert str(error.value) == (
        "the loss is not finite at step 8: lower --learning-rate; "
        f"the last good weights are in {tmp_path}"
    )
    state = checkpoint.load(tmp_path / "checkpoint.npz", training.variables)
    assert (state["epoch"], state["step"]) == (1, 1)
    assert all(np.isfinite(value).all() for value in training.values())


@pytest.mark.parametrize("epoch", [1, 2])
def test_so_does_a_validation_loss_that_is_not_finite(training, tmp_path, epoch):
    losses = [1.0] * (epoch - 1) + [float("nan")]
    with pytest.raises(UserError, match=f"the loss is not finite at step {5 * epoch}: "):
        training.fit(tmp_path, validate=scripted(training, losses, []))
    assert checkpoint.read_state(tmp_path / "checkpoint.npz")["epoch"] == epoch - 1


def half_written(file, **arrays):
    file.write(b"half of it")
    file.flush()
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def not_synced(descriptor):
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@contextmanager
def full_disk(name, function):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(name, function)
        yield


@pytest.mark.parametrize(
    "disk", [("numpy.savez", half_written), ("os.fsync", not_synced)], ids=["write", "sync"]
)
def test_a_full_disk_leaves_the_checkpoint_before_it(training, uninterrupted, tmp_path, disk):
    with pytest.raises(Killed):
        training.fit(tmp_path, collate=killing(training.collate, 4))
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir() if path.is_file()}
    assert "checkpoint.npz" in before
    training.scramble()
    with full_disk(*disk), pytest.raises(UserError) as error:
        training.fit(tmp_path)
    assert str(error.value) == (
        f"could not write {tmp_path / 'checkpoint.npz'}: {os.strerror(errno.ENOSPC)}; what stood "
        "there before is kept: mend this and give the same command again"
    )
    after = {path.name: path.read_bytes() for path in tmp_path.iterdir() if path.is_file()}
    assert after == before
    history = go_on(training, tmp_path)
    assert_same_end(training, tmp_path, history, uninterrupted)


def test_a_damaged_checkpoint_is_not_trained_from(training, tmp_path):
    with pytest.raises(Killed):
        training.fit(tmp_path, collate=killing(training.collate, 4))
    path = tmp_path / "checkpoint.npz"
    path.write_bytes(path.read_bytes()[:-100])
    before = training.values()
    with pytest.raises(UserError, match="cannot be read"):
        training.fit(tmp_path)
    assert equal(training.values(), before)


def test_a_run_leaves_history_events_and_curves(compiled, tmp_path):
    compiled.restart()
    history = compiled.fit(tmp_path, epochs=1)
    lines = (tmp_path / "history.csv").read_text().splitlines()
    assert lines == ["epoch,loss,val_loss", ",".join(str(v) for v in history[0].values())]
    assert (tmp_path / "curves.png").read_bytes().startswith(b"\x89PNG")
    (events,) = (tmp_path / "tensorboard").iterdir()
    content = events.read_bytes()
    assert content.count(b"loss") >= STEPS
    assert b"epoch/val_loss" in content


def test_the_loss_is_the_cross_entropy_to_smoothed_targets(training):
    inputs, targets = training.collate(np.arange(6))
    logits = np.asarray(training.model(inputs), float)
    log_p = logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))
    expected = -((0.9 * targets + 0.05) * log_p).sum(axis=1).mean()
    assert training.model.test_on_batch(inputs, targets) == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize(("steps", "peak"), [(3, 0), (100, 10), (1000, 50)])
def test_the_learning_rate_rises_to_its_peak_and_falls_to_a_twentieth(steps, peak):
    model = keras.Sequential([keras.layers.Dense(2)])
    model.build((None, 1))
    compile_model(model, FIT, steps, "mse")
    schedule = model.optimizer._learning_rate
    middle = (steps + peak) // 2
    found = [float(schedule(step)) for step in (0, peak // 2, peak, peak + 1, middle, steps)]
    assert found[:3] == pytest.approx([0.1, 0.1, 0.1] if peak == 0 else [0, 0.05, 0.1], rel=1e-5)
    assert found[2:] == sorted(found[2:], reverse=True)
    assert found[-1] == pytest.approx(0.005, rel=1e-3)
