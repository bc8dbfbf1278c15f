"""The best of several hypotheses that are written side by side."""

from collections.abc import Collection
from typing import Any, NamedTuple

import tensorflow as tf

from zoo.decoding.greedy import greedy_search
from zoo.decoding.hypotheses import Hypotheses, State, Step, forbid
from zoo.decoding.rounds import search

_NEVER = float("-inf")


class _Live(NamedTuple):
    """The hypotheses that go on, the likeliest first.

    Attributes:
        tokens: int32 `[batch, width, time + 1]`, the begin token first.
        log_probabilities: float32 `[batch, width]`; minus infinity where there is none.
        state: the decoder's, tensors `[batch, width, ...]`.
    """

    tokens: tf.Tensor
    log_probabilities: tf.Tensor
    state: State


def beam_search(
    step: Step,
    memory: Any,
    state: State,
    begin: int,
    end: int,
    limits: tf.Tensor,
    width: int,
    alpha: float,
    forbidden: Collection[int] = (),
) -> Hypotheses:
    """Write the likeliest hypotheses side by side, and keep the best that have ended.

    At every moment the `width` likeliest continuations of all live hypotheses of a row are looked
    at. Those that end are kept apart, and the likeliest that do not end, again `width` of them, go
    on. A row is done when none of these can become better than the worst that is kept. A width of
    1 is the greedy search.

    The score of a hypothesis of n tokens, the end token included, is its log-probability over
    ((5 + n) / 6) ** alpha (Wu et al. 2016).

    Args:
        step: the decoder's.
        memory: what the step is given of each row, tensors `[batch, ...]`.
        state: before the first token, tensors `[batch, ...]`.
        begin: the token before the first.
        end: the token after the last.
        limits: int32 `[batch]`, at least 1: the most tokens, the end token included. The last of
            them is the end token, whatever the decoder says.
        width: hypotheses in each row.
        alpha: how much of the advantage of short hypotheses is taken away, at least 0 (nothing).
        forbidden: tokens that are never chosen.

    Returns:
        `width` hypotheses in each row, the best first. Where fewer were found, the last ones are
        empty and have minus infinity for log-probability and score.
    """
    if width == 1:
        # What follows would not stop where the likeliest token is the end: with alpha it is not
        # the best score yet, and the second likeliest would go on.
        found = greedy_search(step, memory, state, begin, end, limits, forbidden)
        return found._replace(scores=found.scores / _length_penalty(found.lengths + 1, alpha))

    def body(
        t: tf.Tensor, rows: tuple[_Live, Hypotheses], given: tuple[Any, tf.Tensor]
    ) -> tuple[_Live, Hypotheses]:
        live, finished = rows
        memory, limits = given
        logits, state = step(live.tokens[:, :, -1], memory, live.state)
        pieces = logits.shape[-1]
        allowed = tf.where(
            (t + 1 >= limits)[:, None],
            forbid(set(range(pieces)) - {end}, pieces),
            forbid(forbidden, pieces),
        )
        # A hypothesis ends in one way only: of twice the width, at least the width does not end. No
        # more than these can come from one hypothesis.
        several = min(2 * width, pieces)
        heights = logits - tf.reduce_max(logits, axis=2, keepdims=True)
        best, tokens = tf.math.top_k(heights + allowed[:, None], several)
        so_far = live.log_probabilities - tf.math.log(tf.reduce_sum(tf.exp(heights), axis=2))
        totals = tf.reshape(so_far[:, :, None] + best, [-1, width * several])
        totals, places = tf.math.top_k(totals, 2 * width)
        parents = places // several
        tokens = tf.gather(tf.reshape(tokens, [-1, width * several]), places, batch_dims=1)
        ends = tokens == end

        ended = tf.where(ends, totals, _NEVER)[:, :width]
        known = Hypotheses(
            _join(finished.tokens, _take(live.tokens, parents[:, :width])),
            _join(finished.lengths, tf.fill(tf.shape(ended), t)),
            _join(finished.log_probabilities, ended),
            _join(finished.scores, ended / _length_penalty(t + 1, alpha)),
        )
        # Of equal scores the first: what is kept yields to better ones alone, and where there is
        # nothing it does not become another nothing.
        kept = tf.math.top_k(known.scores, width).indices
        finished = Hypotheses(*(_take(x, kept) for x in known))
        finished = finished._replace(tokens=tf.pad(finished.tokens, [[0, 0], [0, 0], [0, 1]]))

        totals, chosen = tf.math.top_k(tf.where(ends, _NEVER, totals), width)
        parents, tokens = _take(parents, chosen), _take(tokens, chosen)
        # No hypothesis gains by going on but by the length penalty, highest at the limit.
        beaten = finished.scores[:, -1] >= totals[:, 0] / _length_penalty(limits, alpha)
        live = _Live(
            tf.concat([_take(live.tokens, parents), tokens[:, :, None]], axis=2),
            # A row that is done has no live hypothesis, and so nothing can change it any more.
            tf.where(beaten[:, None], _NEVER, totals),
            tf.nest.map_structure(lambda x: _take(x, parents), state),
        )
        return live, finished

    batch = tf.size(limits)
    # The first of the hypotheses, which are all the same, is the only one that there is.
    start = tf.constant([[0.0] + [_NEVER] * (width - 1)])
    live = _Live(
        tf.fill([batch, width, 1], begin),
        tf.repeat(start, batch, axis=0),
        tf.nest.map_structure(lambda x: tf.repeat(x[:, None], width, axis=1), state),
    )
    nothing = tf.fill([batch, width], _NEVER)
    lengths = tf.zeros([batch, width], tf.int32)
    finished = Hypotheses(lengths[:, :, None], lengths, nothing, nothing)
    texts, rows = tf.TensorShape([None, width, None]), tf.TensorShape([None, width])
    states = tf.nest.map_structure(lambda x: tf.TensorShape([None, *x.shape[1:]]), live.state)
    return search(
        body,
        (live, finished),
        (memory, limits),
        (_Live(texts, rows, states), Hypotheses(texts, rows, rows, rows)),
        lambda rows: tf.reduce_any(rows[0].log_probabilities > _NEVER, axis=1),
        lambda rows: rows[1]._replace(tokens=rows[1].tokens[:, :, 1:]),
    )


def _length_penalty(n: tf.Tensor, alpha: float) -> tf.Tensor:
    return ((5.0 + tf.cast(n, tf.float32)) / 6.0) ** alpha


def _take(x: tf.Tensor, places: tf.Tensor) -> tf.Tensor:
    """Of each row the hypotheses at its places."""
    return tf.gather(x, places, batch_dims=1)


def _join(*hypotheses: Any) -> tf.Tensor:
    return tf.concat(hypotheses, axis=1)
