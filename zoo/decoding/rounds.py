"""A search over a batch whose rows end one by one: those that have ended leave it."""

from collections.abc import Callable
from typing import Any

import tensorflow as tf

from zoo.decoding.hypotheses import Hypotheses

Rows = Any
"""A nested structure of tensors `[batch, ...]`."""


def search(
    body: Callable[[tf.Tensor, Rows, Rows], Rows],
    rows: Rows,
    given: Rows,
    shapes: Rows,
    unfinished: Callable[[Rows], tf.Tensor],
    found: Callable[[Rows], Hypotheses],
) -> Hypotheses:
    """Go on until every row has ended.

    What a step costs grows with the rows of the batch, and the longest answer has many steps. When
    half of the rows have ended, they leave, and the rest goes on as a smaller batch.

    Args:
        body: one step: maps the number of steps before it, `[]`, `rows` and `given` to `rows`.
        rows: what steps change.
        given: what they do not change.
        shapes: of `rows`, with None where steps change a size.
        unfinished: which rows go on, bool `[batch]`.
        found: what rows that have ended come to; all have the same number of hypotheses.

    Returns:
        Of all rows, in their order.
    """

    def some_left(places: tf.Tensor, *_: Any) -> tf.Tensor:
        return tf.size(places) > 0

    def until_half(
        places: tf.Tensor, t: tf.Tensor, rows: Rows, given: Rows, before: tuple[Any, Any]
    ) -> tuple[tf.Tensor, tf.Tensor, Rows, Rows, tuple[Any, Any]]:
        count = tf.size(places)

        def most_left(_: tf.Tensor, rows: Rows) -> tf.Tensor:
            return 2 * tf.math.count_nonzero(unfinished(rows), dtype=tf.int32) > count

        t, rows = tf.while_loop(
            most_left,
            lambda t, rows: (t + 1, body(t, rows, given)),
            (t, rows),
            shape_invariants=(tf.TensorShape([]), shapes),
        )
        on = unfinished(rows)
        ended, going_on = (tf.where(chosen)[:, 0] for chosen in (~on, on))
        left, answers = before
        left = tf.concat([left, tf.gather(places, ended)], axis=0)
        answers = _below(answers, found(_choose(rows, ended)))
        rest = (_choose(x, going_on) for x in (rows, given))
        return tf.gather(places, going_on), t, *rest, (left, answers)

    batch = tf.shape(tf.nest.flatten(rows)[0])[0]
    none = tf.zeros([0], tf.int32)
    nothing = found(_choose(rows, none))
    row = tf.TensorShape([None])
    given_shapes = tf.nest.map_structure(lambda x: tf.TensorShape([None, *x.shape[1:]]), given)
    answer_shapes = Hypotheses(
        tf.TensorShape([None, nothing.tokens.shape[1], None]),
        *(tf.TensorShape([None, x.shape[1]]) for x in nothing[1:]),
    )
    _, _, _, _, (left, answers) = tf.while_loop(
        some_left,
        until_half,
        (tf.range(batch), 0, rows, given, (none, nothing)),
        shape_invariants=(row, tf.TensorShape([]), shapes, given_shapes, (row, answer_shapes)),
    )
    answers = _choose(answers, tf.argsort(left))
    longest = tf.reduce_max(tf.pad(answers.lengths, [[0, 1], [0, 0]]))
    return answers._replace(tokens=answers.tokens[:, :, :longest])


def _choose(rows: Rows, places: tf.Tensor) -> Rows:
    return tf.nest.map_structure(lambda x: tf.gather(x, places), rows)


def _below(above: Hypotheses, below: Hypotheses) -> Hypotheses:
    """Both, the tokens of those above, which ended earlier, as long as the others."""
    longer = tf.shape(below.tokens)[2] - tf.shape(above.tokens)[2]
    padded = above._replace(tokens=tf.pad(above.tokens, [[0, 0], [0, 0], [0, longer]]))
    return Hypotheses(*(tf.concat(parts, axis=0) for parts in zip(padded, below, strict=True)))
