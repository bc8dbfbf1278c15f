import numpy as np
import pytest
import tensorflow as tf

from zoo.decoding.beam import beam_search
from zoo.decoding.greedy import greedy_search


@pytest.mark.parametrize("search", [greedy_search, lambda *a, **b: beam_search(*a, 2, 0.0, **b)])
def test_when_half_of_the_rows_have_ended_they_leave_the_batch(search):
    asked = []

    def step(tokens, memory, state):
        asked.append(memory.numpy().tolist())
        never_the_end = tf.constant([0.0, -90.0, 1.0, 0.5])
        return tf.tile(never_the_end[None, None], [*tokens.shape, 1]), state

    limits = tf.constant([6, 1, 2, 1, 3, 1])
    found = search(step, tf.range(6), (), 0, 1, limits, forbidden=(0,))
    # After one step three of six have ended; after the second one of three, after the third two.
    assert asked == [[0, 1, 2, 3, 4, 5], [0, 2, 4], [0, 2, 4], [0], [0], [0]]
    assert found.lengths.numpy()[:, 0].tolist() == [5, 0, 1, 0, 2, 0]
    there = np.arange(5) < found.lengths.numpy()[:, 0, None]
    assert np.array_equal(found.tokens.numpy()[:, 0], np.where(there, 2, 0))
