"""The training loop: any Keras backend, killed at any moment, goes on to the same weights."""

import math
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol

import keras
import numpy as np
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from zoo.errors import UserError
from zoo.training import checkpoint
from zoo.training.curves import draw_curves
from zoo.training.machine import describe_machine
from zoo.training.measured import MeasuredAdam
from zoo.training.run import RunFolder

Collate = Callable[[Any], tuple[Any, ...]]
Validate = Callable[[keras.Model], dict[str, float]]


class Order(Protocol):
    """What is read in which step: of `zoo.data.batches` or `zoo.data.windows`."""

    @property
    def per_epoch(self) -> int:
        """Number of steps in an epoch."""

    def epoch(self, number: int) -> Sequence[Any]:
        """What each step of an epoch reads; a pure function of the number."""


@dataclass(frozen=True)
class FitConfig:
    """How a model is trained.

    Attributes:
        epochs: at most.
        patience: epochs without a better validation loss after which training stops.
        learning_rate: at its peak; it rises over the first steps and falls along a cosine.
        averaging: decay of the moving average of the weights, which is what is validated and
            shipped (Polyak & Juditsky 1992). Of few steps less is remembered, so that the first
            weights are forgotten.
        checkpoint_every: steps between checkpoints.
        log_gradients: log the norm of each weight's gradient in each step.
    """

    epochs: int
    patience: int
    learning_rate: float
    averaging: float
    checkpoint_every: int
    log_gradients: bool = False


def compile_model(model: keras.Model, config: FitConfig, steps: int, loss: Any) -> None:
    """Give a model its optimizer and its loss, for a training of `steps` steps."""
    warmup = min(50, steps // 10)
    rate = keras.optimizers.schedules.CosineDecay(
        0.0 if warmup else config.learning_rate,
        decay_steps=steps - warmup,
        alpha=0.05,
        warmup_target=config.learning_rate if warmup else None,
        warmup_steps=warmup,
    )
    # What is left of the first weights is at most e ** -5, less than a hundredth.
    momentum = min(config.averaging, max(0.0, 1 - 5 / steps))
    adam = MeasuredAdam if config.log_gradients else keras.optimizers.Adam
    optimizer = adam(rate, global_clipnorm=1.0, use_ema=True, ema_momentum=momentum)
    # Batches differ in length, and XLA compiles anew for each.
    model.compile(optimizer=optimizer, loss=loss, jit_compile=False)
    optimizer.build(model.trainable_variables)


@contextmanager
def averaged_weights(model: keras.Model) -> Iterator[None]:
    """The model with the moving average of its weights, for a while."""
    trained = [np.asarray(v) for v in model.trainable_variables]
    model.optimizer.finalize_variable_values(model.trainable_variables)
    try:
        yield
    finally:
        for variable, value in zip(model.trainable_variables, trained, strict=True):
            variable.assign(value)


@dataclass
class _State:
    """Where the loop stands; with the variables, all that the next step depends on."""

    epoch: int = 0
    step: int = 0
    best_loss: float = math.inf
    best_epoch: int = -1
    seconds: float = 0.0
    loss: float = 0.0  # summed over the steps of this epoch
    history: Sequence[dict[str, float]] = ()
    machines: Sequence[str] = ()  # that the run was on

    def after_epoch(self, row: dict[str, float]) -> "_State":
        better = row["val_loss"] < self.best_loss
        return _State(
            epoch=self.epoch + 1,
            best_loss=row["val_loss"] if better else self.best_loss,
            best_epoch=self.epoch if better else self.best_epoch,
            seconds=self.seconds,
            history=[*self.history, row],
            machines=self.machines,
        )


def fit(
    model: keras.Model,
    batches: Order,
    collate: Collate,
    validate: Validate,
    run: RunFolder,
    config: FitConfig,
) -> list[dict[str, float]]:
    """Train a compiled model, from the run's last checkpoint if it has one.

    Afterwards the model has the averaged weights of its best epoch.

    Args:
        model: see `compile_model`.
        batches: what each step reads.
        collate: makes the inputs and targets of a step from that, and sample weights where there
            are some.
        validate: figures of the model on the validation data, `val_loss` among them.
        run: where checkpoints, history, curves and TensorBoard's events go.
        config: how long, and how often to write checkpoints.

    Returns:
        One row of figures for each epoch.

    Raises:
        UserError: the loss is not finite, or a checkpoint cannot be read or written. The last
            good checkpoints are kept.
    """
    from tensorboard.summary import Writer

    everything = [*model.variables, *model.optimizer.variables]
    state = _State()
    if run.checkpoint_file.exists():
        state = _State(**checkpoint.load(run.checkpoint_file, everything))
    going_on = state.epoch < min(config.epochs, state.best_epoch + 1 + config.patience)
    if going_on:
        state.machines = list(dict.fromkeys([*state.machines, describe_machine()]))

    writer = Writer(str(run.tensorboard_folder))
    total = batches.per_epoch * config.epochs
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, TimeRemainingColumn()) as progress:
        already = state.epoch * batches.per_epoch + state.step
        bar = progress.add_task("training", total=total, completed=already)
        while state.epoch < min(config.epochs, state.best_epoch + 1 + config.patience):
            order = batches.epoch(state.epoch)
            began = time.monotonic()
            for step in range(state.step, len(order)):
                loss = float(model.train_on_batch(*collate(order[step])))
                done = state.epoch * len(order) + step + 1
                _check_finite(loss, done, run)
                state.loss += loss
                writer.add_scalar("loss", loss, done)
                if config.log_gradients:
                    for name, norm in model.optimizer.figures(model.trainable_variables):
                        writer.add_scalar(name, norm, done)
                progress.update(
                    bar,
                    completed=done,
                    description=f"epoch {state.epoch + 1}/{config.epochs}  "
                    f"loss {state.loss / (step + 1):.4f}",
                )
                if done % config.checkpoint_every == 0 and step + 1 < len(order):
                    state.step = step + 1
                    now = time.monotonic()
                    state.seconds, began = state.seconds + now - began, now
                    checkpoint.save(run.checkpoint_file, everything, vars(state))

            with averaged_weights(model):
                state.seconds += time.monotonic() - began
                loss = state.loss / len(order)
                row = {"epoch": state.epoch + 1.0, "loss": loss, **validate(model)}
                _check_finite(row["val_loss"], done, run)
                state = state.after_epoch(row)
                if state.best_epoch == state.epoch - 1:
                    checkpoint.save(run.best_file, model.variables, {"epoch": state.best_epoch})
            checkpoint.save(run.checkpoint_file, everything, vars(state))
            run.write_history(list(state.history))
            for name, value in row.items():
                writer.add_scalar(f"epoch/{name}", value, state.epoch)
            shown = "  ".join(f"{k} {v:.4f}" for k, v in row.items() if k != "epoch")
            progress.console.print(f"epoch {state.epoch}: {shown}")
    writer.close()
    # Again: a run may have been killed between its last checkpoint and its last line.
    run.write_history(list(state.history))
    draw_curves(list(state.history), run.curves_file)
    checkpoint.load(run.best_file, model.variables)
    return list(state.history)


def _check_finite(loss: float, step: int, run: RunFolder) -> None:
    if not math.isfinite(loss):
        raise UserError(
            f"the loss is not finite at step {step}: lower --learning-rate; the last good weights "
            f"are in {run.path}"
        )
