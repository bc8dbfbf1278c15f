"""Always the likeliest token."""

from collections.abc import Collection
from typing import Any

import tensorflow as tf

from zoo.decoding.hypotheses import Hypotheses, State, Step
from zoo.decoding.single import write


def greedy_search(
    step: Step,
    memory: Any,
    state: State,
    begin: int,
    end: int,
    limits: tf.Tensor,
    forbidden: Collection[int] = (),
) -> Hypotheses:
    """Write what is likeliest, token by token; of equally likely ones the first.

    Args:
        step: the decoder's.
        memory: what the step is given of each row, tensors `[batch, ...]`.
        state: before the first token, tensors `[batch, ...]`.
        begin: the token before the first.
        end: the token after the last.
        limits: int32 `[batch]`, at least 1: the most tokens, the end token included. The last of
            them is the end token, whatever the decoder says.
        forbidden: tokens that are never chosen.

    Returns:
        One hypothesis in each row, whose score is its log-probability.
    """

    def choose(_: tf.Tensor, log_probabilities: tf.Tensor) -> tf.Tensor:
        # The first of equals, as in the other searches; argmax does not promise it.
        return tf.math.top_k(log_probabilities, 1).indices[:, 0]

    return write(step, memory, state, begin, end, limits, forbidden, choose)
