"""A recurrent decoder: one more token at a time, or, when all are known, all at once."""

from typing import Any

import keras
from keras import ops

from zoo.layers.attention import Attention, Memory
from zoo.layers.cells import State
from zoo.layers.recurrent import Recurrent


class Decoder(keras.layers.Layer):
    """Recurrent layers over what was written, with attention to a memory after the first.

    h1_t = cell(x_t, h1_{t-1}); a_t = attention(h1_t, memory); hn_t = cell([h_{n-1},t; a_t],
    hn_{t-1}) for the layers above, which so see where was looked before; and the output is
    tanh(W [hn_t; a_t] + b) (Luong et al. 2015; the place of the attention as in Wu et al. 2016).
    What a layer reads does not depend on the output before it, so that with the whole target known
    every product but W h_{t-1} is one for all moments.

    Args:
        units: size of each layer's state.
        cell: `simple_rnn`, `lstm` or `gru`.
        layers: recurrent layers, at least 2.
        attention: `additive`, `multiplicative` or `none`.
        output_size: length of the output.
        dropout: share of each layer's inputs that is dropped in training, the same at every
            moment (Gal & Ghahramani 2016).
    """

    def __init__(
        self,
        units: int,
        cell: str,
        layers: int,
        attention: str,
        output_size: int,
        dropout: float = 0.0,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.levels = [Recurrent(units, cell, name=f"decoder_{n}") for n in range(layers)]
        self.attention = Attention(units, attention, name="attention")
        self.output_layer = keras.layers.Dense(output_size, activation="tanh", name="combine")
        self.bridges = [
            [keras.layers.Dense(units, activation="tanh", name=f"bridge_{n}_{m}")
             for m in range(layer.cell.states)]
            for n, layer in enumerate(self.levels)
        ]  # fmt: skip
        self.dropouts = [
            keras.layers.Dropout(dropout, noise_shape=(None, 1, None)) for _ in range(layers + 1)
        ]

    def build(self, input_size: int, memory_size: int) -> None:
        """Make the weights for inputs and a memory of these lengths."""
        units = self.levels[0].units
        self.attention.build(units, memory_size)
        self.levels[0].build((None, None, input_size))
        for layer in self.levels[1:]:
            layer.build((None, None, units + memory_size))
        self.output_layer.build((None, None, units + memory_size))
        for bridges in self.bridges:
            for bridge in bridges:
                bridge.build((None, memory_size))
        self.built = True

    def start(self, summary: Any) -> tuple[State, ...]:
        """The layers' states before the first token, from a summary float `[batch, size]`."""
        return tuple(
            tuple(ops.cast(bridge(summary), "float32") for bridge in bridges)
            for bridges in self.bridges
        )

    def call(
        self, x: Any, memory: Memory, state: tuple[State, ...], training: bool = False
    ) -> tuple[Any, Any]:
        """The outputs for a whole target, each input given (teacher forcing).

        Args:
            x: float `[batch, time, size]`, the tokens before each output.
            memory: what is looked at.
            state: as of `start`.
            training: whether to drop.

        Returns:
            Outputs, float `[batch, time, output_size]`, and attention weights, float32
            `[batch, time, places]`.
        """
        first, *above = self.levels
        h, _ = first.run(self.dropouts[0](x, training=training), state[0], training=training)
        context, weights = self.attention(h, memory)
        for layer, before, dropout in zip(above, state[1:], self.dropouts[1:], strict=False):
            read = ops.concatenate([ops.cast(h, context.dtype), context], axis=-1)
            h, _ = layer.run(dropout(read, training=training), before, training=training)
        read = ops.concatenate([ops.cast(h, context.dtype), context], axis=-1)
        return self.output_layer(self.dropouts[-1](read, training=training)), weights

    def step(self, x: Any, memory: Memory, state: Any) -> tuple[Any, Any, Any]:
        """The outputs one token further, for several hypotheses on one memory.

        Args:
            x: float `[batch, beam, size]`, the last token of each.
            memory: what is looked at, the same for all hypotheses of a row.
            state: of each layer a tuple of float32 `[batch, beam, units]`.

        Returns:
            Outputs, float `[batch, beam, output_size]`, the next state, and attention weights,
            float32 `[batch, beam, places]`.
        """
        first, *above = self.levels
        after = [first.step(x, state[0])]
        context, weights = self.attention(after[0][0], memory)
        for layer, before in zip(above, state[1:], strict=True):
            read = ops.concatenate([after[-1][0], context], axis=-1)
            after.append(layer.step(read, before))
        output = self.output_layer(ops.concatenate([after[-1][0], context], axis=-1))
        return output, tuple(after), weights
