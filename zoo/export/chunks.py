"""Large batches, in chunks of strings of about one length."""

from collections.abc import Callable, Sequence

import tensorflow as tf

# One long text makes every row of its batch as long: sorted by length and cut, 256 messages take
# a third of the time, and memory does not grow with the batch.
_ROWS = 48
# Memory does not grow with the length of the texts either: a chunk of longer ones has fewer.
_BYTES = 96 * 1024


def in_chunks(
    answer: Callable[..., Sequence[tf.Tensor]],
    text: tf.Tensor,
    outputs: Sequence[tf.TensorSpec],
    *beside: tf.Tensor,
    most_rows: int = _ROWS,
    most_bytes: int = _BYTES,
) -> list[tf.Tensor]:
    """Answer texts chunk by chunk, shortest first.

    Args:
        answer: maps string `[chunk]`, and what stands beside it, to tensors `[chunk, ...]`.
        text: string `[batch]`.
        outputs: of these tensors; the first size is free.
        beside: what else each text is answered by, tensors `[batch]`.
        most_rows: of a chunk.
        most_bytes: of a chunk of more than one row, padded to the longest.

    Returns:
        Tensors `[batch, ...]`, in the order of the texts.
    """
    order = tf.argsort(tf.strings.length(text), stable=True)
    text, *rows = (tf.gather(tensor, order) for tensor in (text, *beside))
    lengths = tf.strings.length(text)
    batch = tf.size(text)
    arrays = [
        tf.TensorArray(
            spec.dtype, size=1, dynamic_size=True, element_shape=spec.shape, infer_shape=False
        )
        for spec in outputs
    ]

    def body(
        n: tf.Tensor, begin: tf.Tensor, arrays: list[tf.TensorArray]
    ) -> tuple[tf.Tensor, tf.Tensor, list[tf.TensorArray]]:
        candidates = lengths[begin : begin + most_rows]
        fitting = candidates <= most_bytes // tf.range(1, tf.size(candidates) + 1)
        end = begin + tf.maximum(tf.reduce_sum(tf.cast(fitting, tf.int32)), 1)
        answers = answer(*(tensor[begin:end] for tensor in (text, *rows)))
        written = [array.write(n, x) for array, x in zip(arrays, answers, strict=True)]
        return n + 1, end, written

    # No texts are one empty chunk.
    _, _, arrays = tf.while_loop(
        lambda n, begin, _: (begin < batch) | (n < 1), body, (0, 0, arrays)
    )
    place = tf.argsort(order)
    return [tf.gather(array.concat(), place) for array in arrays]
