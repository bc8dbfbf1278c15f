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
_NODES = 16


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
    # The nodes of one row are one batch (fast: the loop over time runs once for all of them);
    # rows come one after the other (bounded: memory does not grow with their number).
    node = tf.constant((nodes + 1)[:, None] / 2, mask.dtype)
    weight = tf.constant(weights[:, None] / 2, mask.dtype)

    def row_shares(row: tuple[tf.Tensor, tf.Tensor, tf.Tensor]) -> tf.Tensor:
        x, mask, target = (tf.repeat(tensor[None], _NODES, axis=0) for tensor in row)
        scaled = node * mask
        with tf.GradientTape() as tape:
            tape.watch(scaled)
            value = answer(x, scaled, target)
        return tf.reduce_sum(weight * tape.gradient(value, scaled) * mask, axis=0)

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
