"""Which tokens carried an answer: a path integral over what is read.

With the mask of every token scaled from 0 (the empty text) to 1 (the text), the answer moves from
f(empty) to f(text), and the gradient with respect to token t's mask, integrated along that path,
is its share of the way: integrated gradients (Sundararajan et al. 2017) over the mask instead of
the input, so that the baseline is exactly the empty text. The shares add up to
f(text) - f(empty) by the gradient theorem for line integrals.
"""

from collections.abc import Callable

import numpy as np
import tensorflow as tf

# Gauss-Legendre quadrature: exact for polynomials of degree 2 * _NODES - 1 along the path.
_NODES = 8
# Moments of all nodes that are differentiated at once.
_MOMENTS = 25_600


def token_shares(
    answer: Callable[[tf.Tensor, tf.Tensor, tf.Tensor], tf.Tensor],
    x: tf.Tensor,
    mask: tf.Tensor,
    target: tf.Tensor,
) -> tf.Tensor:
    """Each token's signed share in the answer.

    What the quadrature leaves over is spread in proportion to the shares' sizes, so that their
    sum is exact.

    Args:
        answer: maps (x, mask, target) to the answer of each row, float `[batch]`; smooth in the
            mask.
        x: the tokens' vectors, float `[batch, time, size]`.
        mask: float `[batch, time]`, 0 on padding.
        target: what the answer is about, float `[batch, classes]`.

    Returns:
        Float `[batch, time]`, 0 on padding.
    """
    nodes, weights = np.polynomial.legendre.leggauss(_NODES)
    # Several nodes of one row are one batch (fast: the loop over time runs once for all of them),
    # fewer of a longer row, and rows come one after the other (bounded: memory grows neither with
    # the rows' number nor with their length).
    node = tf.constant((nodes + 1)[:, None] / 2, mask.dtype)
    weight = tf.constant(weights[:, None] / 2, mask.dtype)
    together = tf.clip_by_value(_MOMENTS // tf.maximum(tf.shape(mask)[1], 1), 1, _NODES)

    def row_shares(row: tuple[tf.Tensor, tf.Tensor, tf.Tensor]) -> tf.Tensor:
        def add(begin: tf.Tensor, total: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
            chosen = slice(begin, begin + together)
            count = tf.shape(node[chosen])[0]
            x, mask, target = (tf.repeat(tensor[None], count, axis=0) for tensor in row)
            scaled = node[chosen] * mask
            with tf.GradientTape() as tape:
                tape.watch(scaled)
                value = answer(x, scaled, target)
            shares = weight[chosen] * tape.gradient(value, scaled) * mask
            return begin + together, total + tf.reduce_sum(shares, axis=0)

        # One after the other: side by side they would be in memory together.
        _, total = tf.while_loop(
            lambda begin, _: begin < _NODES, add, (0, tf.zeros_like(row[1])), parallel_iterations=1
        )
        return total

    def all_shares() -> tf.Tensor:
        row = tf.TensorSpec([None], mask.dtype)
        return tf.map_fn(row_shares, (x, mask, target), fn_output_signature=row)

    # No rows cannot be stacked when their length is not known before.
    shares = tf.cond(tf.shape(mask)[0] > 0, all_shares, lambda: tf.zeros_like(mask))
    whole = answer(x, mask, target) - answer(x, tf.zeros_like(mask), target)
    missing = whole - tf.reduce_sum(shares, axis=1)
    sizes = tf.abs(shares)
    return shares + missing[:, None] * tf.math.divide_no_nan(
        sizes, tf.reduce_sum(sizes, axis=1, keepdims=True)
    )
