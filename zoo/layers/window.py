"""A multilayer perceptron over a window: what the recurrence is compared with."""

from typing import Any

import keras
from keras import ops


class Window(keras.layers.Layer):
    """h = tanh(U_1 x_1 + ... + U_T x_T + b): every moment of the window has weights of its own.

    So their number grows with the window, what is learned at one place is not known at another,
    and what stands after the window is not read. It stands where a `RecurrentStack` can stand.

    Args:
        units: length of h.
        time: moments in the window, T.
    """

    def __init__(self, units: int, time: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.output_size = units
        self.time = time

    def build(self, shape: tuple[Any, ...]) -> None:
        """Make the U_t, one below the other, and b for inputs `[batch, time, features]`."""
        self.u = self.add_weight(
            name="input_kernel",
            shape=(self.time * shape[-1], self.output_size),
            initializer="glorot_uniform",
        )
        self.b = self.add_weight(name="bias", shape=(self.output_size,), initializer="zeros")

    def call(self, x: Any, mask: Any, training: bool = False) -> Any:
        """One h for the whole window.

        Args:
            x: float `[batch, time, features]`, of any length; a shorter one ends in zeros.
            mask: `[batch, time]`, bool, or float in [0, 1].
            training: without effect.

        Returns:
            Float `[batch, 1, units]`.
        """
        x = x * ops.cast(mask, x.dtype)[..., None]
        x = ops.pad(x, [[0, 0], [0, self.time], [0, 0]])[:, : self.time]
        x = ops.reshape(x, (-1, 1, self.time * x.shape[-1]))
        return ops.tanh(ops.matmul(x, self.u) + self.b)

    def last(self, h: Any, mask: Any) -> Any:
        """H itself, float `[batch, units]`."""
        return h[:, 0]
