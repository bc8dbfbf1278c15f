"""Texts drawn at random, each from its own seed."""

from collections.abc import Collection
from typing import Any

import tensorflow as tf

from zoo.decoding.hypotheses import Hypotheses, State, Step
from zoo.decoding.single import write

# What is divided by in place of a temperature of 0: every token but the likeliest vanishes.
_COLDEST = 1e-30


def sample(
    step: Step,
    memory: Any,
    state: State,
    begin: int,
    end: int,
    limits: tf.Tensor,
    seed: tf.Tensor,
    temperature: tf.Tensor,
    top_p: tf.Tensor,
    forbidden: Collection[int] = (),
    top_k: int | None = None,
) -> Hypotheses:
    """Draw token by token from the nucleus (Holtzman et al. 2020).

    The decoder's probabilities are raised to the power of 1 / temperature, and the likeliest
    tokens are drawn from that together have at least the probability top_p, as few as can be. What
    is drawn in a row depends on that row alone, and is the same every time.

    Args:
        step: the decoder's.
        memory: what the step is given of each row, tensors `[batch, ...]`.
        state: before the first token, tensors `[batch, ...]`.
        begin: the token before the first.
        end: the token after the last.
        limits: int32 `[batch]`, at least 1: the most tokens, the end token included. The last of
            them is the end token, whatever is drawn.
        seed: int64 `[batch]`.
        temperature: float32 `[batch]`; 1 leaves the probabilities as they are, 0 is the greedy
            search.
        top_p: float32 `[batch]`; 1 draws from all tokens, 0 is the greedy search.
        forbidden: tokens that are never drawn.
        top_k: draw from the likeliest alone (Fan et al. 2018), which is faster than to sort them
            all; None for all.

    Returns:
        One hypothesis in each row, whose score is its log-probability, which is the decoder's own:
        before temperature and nucleus.
    """

    def choose(
        t: tf.Tensor,
        log_probabilities: tf.Tensor,
        numbers: tf.Tensor,
        temperature: tf.Tensor,
        top_p: tf.Tensor,
    ) -> tf.Tensor:
        pieces = log_probabilities.shape[-1]
        sorted_, tokens = tf.math.top_k(log_probabilities, min(top_k or pieces, pieces))
        # The likeliest token is at 0, and stays there however cold it is.
        heights = (sorted_ - sorted_[:, :1]) / tf.maximum(temperature, _COLDEST)[:, None]
        probabilities = tf.nn.softmax(heights)
        before = tf.cumsum(probabilities, axis=1, exclusive=True)
        through = before + probabilities
        nucleus = tf.reduce_max(tf.where(before < top_p[:, None], through, 0.0), axis=1)
        # The first token that goes beyond a point of [0, nucleus): one of the nucleus, and one of
        # probability 0 never.
        passed = through <= (numbers[:, t] * nucleus)[:, None]
        place = tf.reduce_sum(tf.cast(passed, tf.int32), axis=1)
        return tf.gather(tokens, place, batch_dims=1)

    beside = (_uniform(seed, limits), temperature, top_p)
    return write(step, memory, state, begin, end, limits, forbidden, choose, beside)


def _uniform(seed: tf.Tensor, limits: tf.Tensor) -> tf.Tensor:
    """Numbers in [0, 1), float32 `[batch, longest]`, as many as a row may need, then 0."""
    longest = tf.reduce_max(limits)

    def row(inputs: tuple[tf.Tensor, tf.Tensor]) -> tf.Tensor:
        seed, limit = inputs
        key = tf.stack([seed, tf.zeros_like(seed)])
        # Named, since the default is another one on some devices.
        numbers = tf.random.stateless_uniform([limit], key, alg="philox")
        return tf.pad(numbers, [[0, longest - limit]])

    # No rows cannot be stacked when their length is not known before.
    return tf.cond(
        tf.size(seed) > 0,
        lambda: tf.map_fn(
            row, (seed, limits), fn_output_signature=tf.TensorSpec([None], tf.float32)
        ),
        lambda: tf.zeros([0, 0]),
    )
