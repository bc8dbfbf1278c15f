"""Rows of different lengths as flat values, the way `tf.RaggedTensor` stores them.

`splits` are the places where rows begin and end in the values, int64 [rows + 1]. These are the
conversions the tokenizer needs; `tf.RaggedTensor` has them too, at several times the operations.
"""

import tensorflow as tf


def ranges(starts: tf.Tensor, limits: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """Counts from a start up to a limit in each row.

    Args:
        starts: The first number of each row, int64 [rows] or a scalar.
        limits: The number after the last of each row, int64 [rows].

    Returns:
        Row splits, int64 [rows + 1], and all the numbers, int64 [n].
    """
    one = tf.constant(1, tf.int64)
    splits, numbers = tf.raw_ops.RaggedRange(starts=starts, limits=limits, deltas=one)
    return splits, numbers


def rows_of(splits: tf.Tensor, values: tf.Tensor) -> tf.Tensor:
    """Tells for each value which row it is in.

    Args:
        splits: Row splits, int64 [rows + 1].
        values: The values, of any type, [n].

    Returns:
        int64 [n].
    """
    places = tf.range(tf.size(values, out_type=tf.int64))
    # `tf.searchsorted` would fail on an empty batch.
    after = tf.raw_ops.UpperBound(
        sorted_inputs=splits[tf.newaxis], values=places[tf.newaxis], out_type=tf.int64
    )
    return after[0] - 1


def splits_of(rows: tf.Tensor, count: tf.Tensor) -> tf.Tensor:
    """Tells where rows begin and end.

    Args:
        rows: The row of each value, in order, int64 [n].
        count: How many rows there are, an int64 scalar.

    Returns:
        Row splits, int64 [count + 1].
    """
    before = tf.raw_ops.LowerBound(
        sorted_inputs=rows[tf.newaxis], values=tf.range(count + 1)[tf.newaxis], out_type=tf.int64
    )
    return before[0]
