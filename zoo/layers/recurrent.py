"""Recurrent layers: one direction, both directions, a stack of them."""

from typing import Any

import keras
import numpy as np
from keras import ops

from zoo.errors import UserError
from zoo.layers import bptt, fused
from zoo.layers.cells import CELLS, State
from zoo.layers.scan import scan


class Recurrent(keras.layers.Layer):
    """A cell run over time, in one direction.

    A mask of booleans says which moments are there; the others are padding, on the right. The loop
    need not look at it. Read forwards, padding comes after all that is there. Read from the end it
    comes first, and every cell makes the zero state of the zero state where U x_t + b is zero.

    A mask of numbers may lie between 0 and 1: at every moment the state becomes
    `m * step(state) + (1 - m) * state`, so that the answer is a smooth function of how much of each
    moment is read, which is what attributions differentiate.

    Args:
        units: size of the state.
        cell: `simple_rnn`, `linear_rnn`, `lstm` or `gru`.
        reverse: read the sequence from its end.
    """

    def __init__(
        self, units: int, cell: str = "lstm", reverse: bool = False, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        if cell not in CELLS:
            raise UserError(f"unknown cell {cell!r}: choose one of {', '.join(CELLS)}")
        self.units = units
        self.cell = CELLS[cell]
        self.reverse = reverse

    def build(self, shape: tuple[int | None, ...]) -> None:
        """Make U, W and b for inputs `[batch, time, features]`."""
        columns = self.cell.gates * self.units
        self.u = self.add_weight(
            name="input_kernel", shape=(shape[-1], columns), initializer="glorot_uniform"
        )
        self.w = self.add_weight(
            name="recurrent_kernel", shape=(self.units, columns), initializer=self._orthogonal
        )
        self.b = self.add_weight(name="bias", shape=(columns,), initializer=self._open_forget_gate)

    def _orthogonal(self, shape: tuple[int, ...], dtype: Any = None) -> Any:
        # Each gate's block is orthogonal by itself: the whole matrix is wider than high, and
        # orthogonal rows alone would not keep the norm of the state from step to step.
        blocks = [keras.initializers.Orthogonal() for _ in range(self.cell.gates)]
        return ops.concatenate([block((self.units, self.units), dtype) for block in blocks], -1)

    def _open_forget_gate(self, shape: tuple[int, ...], dtype: Any = None) -> Any:
        bias = np.zeros((self.cell.gates, self.units), dtype)
        if self.cell.forget_gate is not None:
            bias[self.cell.forget_gate] = 1
        return ops.convert_to_tensor(bias.reshape(shape))

    def call(self, x: Any, mask: Any, training: bool = False) -> Any:
        """The output at every moment.

        Args:
            x: float `[batch, time, features]`.
            mask: `[batch, time]`, bool, or float in [0, 1].
            training: as of `run`.

        Returns:
            h, float32 `[batch, time, units]`; on padding 0, and where a mask of numbers is 0 the
            last output before it.
        """
        state, a = self.zero_state(ops.shape(x)[0]), self._inputs(x)
        there = mask if keras.backend.standardize_dtype(mask.dtype) == "bool" else None
        if there is None or not self.cell.bounded:
            h, _ = self._scan(a, state, mask, training, self.reverse)
        else:
            if self.reverse:
                a = ops.where(ops.transpose(there)[..., None], a, 0)
            h, _ = self._scan(a, state, None, training, self.reverse)
        return h if there is None else ops.where(there[..., None], h, 0)

    def zero_state(self, batch: Any) -> State:
        """The state before the first moment: tensors float32 `[batch, units]`."""
        return (ops.zeros((batch, self.units), dtype=self.state_dtype),) * self.cell.states

    @property
    def state_dtype(self) -> str:
        """The type of the state: under mixed precision too, no shorter than float32."""
        return keras.backend.result_type(self.compute_dtype, "float32")

    def step(self, x: Any, state: State) -> State:
        """The state one moment further: `x` float `[..., features]`, state `[..., units]`."""
        a = ops.matmul(x, self.u) + self.b
        return self.cell.step(ops.cast(a, self.state_dtype), state, ops.convert_to_tensor(self.w))

    def run(
        self, x: Any, state: State, mask: Any = None, training: bool = False
    ) -> tuple[Any, State]:
        """Go on from a state, in the order in which the moments are given.

        Args:
            x: float `[batch, time, features]`.
            state: as of `zero_state`.
            mask: float `[batch, time]` in [0, 1]; where none is given, every moment is read.
            training: the gradient will be asked for, and is to be the one of `zoo.layers.bptt`.

        Returns:
            h, float32 `[batch, time, units]`, and the state after the last moment.
        """
        # A layer around this one may have given its arguments the short type.
        state = tuple(ops.cast(part, self.state_dtype) for part in state)
        return self._scan(self._inputs(x), state, mask, training, False)

    def _inputs(self, x: Any) -> Any:
        """U x_t + b, `[time, batch, columns]`: with time first, a moment is one block of memory."""
        return ops.matmul(ops.transpose(x, (1, 0, 2)), self.u) + self.b

    def _scan(
        self, a: Any, state: State, mask: Any, training: bool, reverse: bool
    ) -> tuple[Any, State]:
        w = ops.convert_to_tensor(self.w)
        backend = keras.backend.backend()
        if mask is None and training and backend == "tensorflow" and self.cell.back:
            h, state = bptt.read(self.cell, self.cell.back, a, state, w, reverse)
            return ops.transpose(h, (1, 0, 2)), state
        if mask is None and backend == "torch" and self.cell is CELLS["lstm"]:
            h, state = fused.lstm(a, state, w, reverse)
            return ops.transpose(h, (1, 0, 2)), state

        def step(state: State, moment: tuple[Any, ...]) -> State:
            return self.cell.step(ops.cast(moment[0], self.state_dtype), state, w)

        def masked_step(state: State, moment: tuple[Any, ...]) -> State:
            _, m, keep = moment
            read = step(state, moment)
            return tuple(m * new + keep * old for new, old in zip(read, state, strict=True))

        if mask is None:
            (h, *_), state = scan(step, state, (a,), reverse)
        else:
            m = ops.cast(ops.transpose(mask)[..., None], self.state_dtype)
            (h, *_), state = scan(masked_step, state, (a, m, 1 - m), reverse)
        return ops.transpose(h, (1, 0, 2)), state


class RecurrentStack(keras.layers.Layer):
    """Recurrent layers on top of each other, each of one or both directions.

    Args:
        units: size of the state, per direction.
        cell: `simple_rnn`, `linear_rnn`, `lstm` or `gru`.
        layers: how many layers.
        bidirectional: read in both directions (Schuster & Paliwal 1997) and join the outputs.
        dropout: share of the inputs of each layer but the first that is dropped in training.
    """

    def __init__(
        self,
        units: int,
        cell: str = "lstm",
        layers: int = 1,
        bidirectional: bool = False,
        dropout: float = 0.0,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        directions = (False, True) if bidirectional else (False,)
        self.levels = [
            [
                Recurrent(units, cell, reverse, name=f"{'backward' if reverse else 'forward'}_{n}")
                for reverse in directions
            ]
            for n in range(layers)
        ]
        self.dropouts = [keras.layers.Dropout(dropout) for _ in range(layers - 1)]
        self.output_size = len(directions) * units

    def build(self, shape: tuple[int | None, ...]) -> None:
        """Make the weights for inputs `[batch, time, features]`."""
        for directions in self.levels:
            for layer in directions:
                layer.build(shape)
            shape = (*shape[:-1], self.output_size)

    def call(self, x: Any, mask: Any, training: bool = False) -> Any:
        """The outputs of the last layer's directions, side by side.

        Args:
            x: float `[batch, time, features]`.
            mask: `[batch, time]`, bool, or float in [0, 1] (see `Recurrent`).
            training: whether to drop.

        Returns:
            Float `[batch, time, directions * units]`.
        """
        for n, directions in enumerate(self.levels):
            if n:
                x = self.dropouts[n - 1](x, training=training)
            outputs = [layer(x, mask, training=training) for layer in directions]
            x = ops.concatenate(outputs, axis=-1)
        return x

    def last(self, h: Any, mask: Any) -> Any:
        """The outputs after the whole sequence: [h_T forwards; h_1 backwards], of those of `call`.

        Args:
            h: float `[batch, time, directions * units]`.
            mask: `[batch, time]`, bool or float, as of `call`; 0 on padding.

        Returns:
            Float `[batch, directions * units]`; 0 for an empty sequence.
        """
        forwards, *backwards = ops.split(h, len(self.levels[-1]), axis=-1)
        end = ops.maximum(ops.count_nonzero(mask, axis=1) - 1, 0)
        last = ops.take_along_axis(forwards, end[:, None, None], axis=1)[:, 0]
        return ops.concatenate([last, *(h[:, 0] for h in backwards)], axis=-1)
