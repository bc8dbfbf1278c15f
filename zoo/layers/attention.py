"""Attention: where a decoder looks in what an encoder remembers."""

from typing import Any, NamedTuple

import keras
from keras import ops

from zoo.errors import UserError

_KINDS = ("additive", "multiplicative", "none")

_NEVER = -1e9


class Memory(NamedTuple):
    """What is looked at.

    Attributes:
        values: float `[batch, places, size]`.
        keys: float `[batch, places, units]`, what queries are compared with; computed once.
        mask: float `[batch, places]`, 0 where there is nothing.
    """

    values: Any
    keys: Any
    mask: Any


class Attention(keras.layers.Layer):
    """A weighted mean of a memory, the weights by likeness to a query.

    Additive: score = v tanh(W q + U m) (Bahdanau et al. 2015). Multiplicative: score =
    (W q) (U m) / sqrt(units) (Luong et al. 2015, their "general" in two factors, scaled as by
    Vaswani et al. 2017). None: every place alike, the mean of the memory whatever the query, the
    baseline that attention is compared with (Cho et al. 2014).

    Args:
        units: length of a key.
        kind: `additive`, `multiplicative` or `none`.
    """

    def __init__(self, units: int, kind: str = "multiplicative", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if kind not in _KINDS:
            raise UserError(f"unknown attention {kind!r}: choose one of {', '.join(_KINDS)}")
        self.units = units
        self.kind = kind

    def build(self, query_size: int, memory_size: int) -> None:
        """Make W, U and v."""
        if self.kind != "none":
            shapes = {"query_kernel": query_size, "memory_kernel": memory_size}
            self.w, self.u = (
                self.add_weight(name=name, shape=(size, self.units), initializer="glorot_uniform")
                for name, size in shapes.items()
            )
        if self.kind == "additive":
            self.v = self.add_weight(
                name="score", shape=(self.units, 1), initializer="glorot_uniform"
            )
        self.built = True

    def remember(self, values: Any, mask: Any) -> Memory:
        """The memory of values `[batch, places, size]` with a mask `[batch, places]`."""
        keys = values if self.kind == "none" else ops.matmul(values, ops.cast(self.u, values.dtype))
        return Memory(values, keys, mask)

    def call(self, query: Any, memory: Memory) -> tuple[Any, Any]:
        """Look.

        Args:
            query: float `[batch, time, size]`.
            memory: as of `remember`.

        Returns:
            Context, float `[batch, time, size]`, and weights, float32 `[batch, time, places]`,
            which are 0 where the mask is and add up to 1.
        """
        score = ops.cast(self._score(query, memory.keys), "float32")
        absent = ops.equal(memory.mask, 0)[:, None, :]
        weights = ops.softmax(ops.where(absent, _NEVER, score), axis=-1)
        values = memory.values
        return ops.matmul(ops.cast(weights, values.dtype), values), weights

    def _score(self, query: Any, keys: Any) -> Any:
        if self.kind == "none":
            return ops.zeros((ops.shape(query)[0], ops.shape(query)[1], ops.shape(keys)[1]))
        q = ops.matmul(query, ops.cast(self.w, query.dtype))
        if self.kind == "multiplicative":
            return ops.matmul(q, ops.transpose(keys, (0, 2, 1))) / self.units**0.5
        both = ops.tanh(q[:, :, None] + keys[:, None])
        return ops.matmul(both, ops.cast(self.v, both.dtype))[..., 0]
