"""One hypothesis in each row, written token by token."""

from collections.abc import Callable, Collection, Sequence
from typing import Any, NamedTuple

import tensorflow as tf

from zoo.decoding.hypotheses import Hypotheses, State, Step, forbid
from zoo.decoding.rounds import search

Choose = Callable[..., tf.Tensor]
"""Maps the number of tokens written, int32 `[]`, the log-probabilities of the next one, float32
`[batch, pieces]`, minus infinity where it is forbidden, and what else rows are chosen by, to the
tokens chosen, int32 `[batch]`."""


class _Text(NamedTuple):
    """What is written so far.

    Attributes:
        tokens: int32 `[batch, time + 1]`, the begin token, the tokens, and 0 from the end token on.
        lengths: int32 `[batch]`.
        log_probabilities: float32 `[batch]`.
        last: int32 `[batch, 1]`, the last token, be it the end token.
        unfinished: bool `[batch]`.
        state: the decoder's, tensors `[batch, 1, ...]`.
    """

    tokens: tf.Tensor
    lengths: tf.Tensor
    log_probabilities: tf.Tensor
    last: tf.Tensor
    unfinished: tf.Tensor
    state: State


def write(
    step: Step,
    memory: Any,
    state: State,
    begin: int,
    end: int,
    limits: tf.Tensor,
    forbidden: Collection[int],
    choose: Choose,
    beside: Sequence[tf.Tensor] = (),
) -> Hypotheses:
    """Choose token after token until the end token is chosen or the limit is reached.

    Args:
        step: the decoder's.
        memory: what the step is given of each row, tensors `[batch, ...]`.
        state: before the first token, tensors `[batch, ...]`.
        begin: the token before the first.
        end: the token after the last.
        limits: int32 `[batch]`, at least 1: the most tokens, the end token included. The last of
            them is the end token, whatever the decoder says.
        forbidden: tokens that are never chosen.
        choose: chooses the next token of each row.
        beside: what else `choose` is given, tensors `[batch, ...]`.

    Returns:
        One hypothesis in each row, whose score is its log-probability.
    """

    def body(t: tf.Tensor, text: _Text, given: Any) -> _Text:
        memory, limits, beside = given
        logits, state = step(text.last, memory, text.state)
        log_probabilities = tf.nn.log_softmax(logits[:, 0])
        allowed = log_probabilities + forbid(forbidden, logits.shape[-1])
        token = tf.where(t + 1 >= limits, end, choose(t, allowed, *beside))
        gained = tf.gather(log_probabilities, token, batch_dims=1)
        written = text.unfinished & (token != end)
        return _Text(
            tf.concat([text.tokens, tf.where(written, token, 0)[:, None]], axis=1),
            text.lengths + tf.cast(written, tf.int32),
            # A row that has ended stays as it is while others go on.
            text.log_probabilities + tf.where(text.unfinished, gained, 0.0),
            token[:, None],
            written,
            state,
        )

    def found(text: _Text) -> Hypotheses:
        log_probabilities = text.log_probabilities[:, None]
        tokens = text.tokens[:, None, 1:]
        return Hypotheses(tokens, text.lengths[:, None], log_probabilities, log_probabilities)

    begins = tf.fill([tf.size(limits), 1], begin)
    zeros = tf.zeros_like(limits)
    text = _Text(
        begins,
        zeros,
        tf.cast(zeros, tf.float32),
        begins,
        zeros == 0,
        tf.nest.map_structure(lambda x: x[:, None], state),
    )
    row, column, table = (tf.TensorShape(shape) for shape in ([None], [None, 1], [None, None]))
    states = tf.nest.map_structure(lambda x: tf.TensorShape([None, *x.shape[1:]]), text.state)
    return search(
        body,
        text,
        (memory, limits, tuple(beside)),
        _Text(table, row, row, column, row, states),
        lambda text: text.unfinished,
        found,
    )
