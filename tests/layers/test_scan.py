import numpy as np
import pytest
import tensorflow as tf

from zoo.layers.scan import scan


def fibonacci(state, inputs):
    """Two tensors in the state, one of inputs; the state's first is given."""
    before, last = state
    (x,) = inputs
    return last, before + last + x


def test_every_moment_feeds_the_next():
    start = (tf.constant([[0.0]]), tf.constant([[1.0]]))
    states, last = scan(fibonacci, start, (tf.zeros((6, 1, 1)),))
    assert [float(tensor[0, 0]) for tensor in last] == [8, 13]
    assert states[0].numpy().ravel().tolist() == [1, 1, 2, 3, 5, 8]
    assert states[1].numpy().ravel().tolist() == [1, 2, 3, 5, 8, 13]


def test_in_reverse_the_last_moment_is_read_first():
    (found,), (last,) = scan(
        lambda state, x: (10 * state[0] + x[0],), (tf.constant(0),), (tf.range(1, 5),), reverse=True
    )
    assert found.numpy().tolist() == [4321, 432, 43, 4]
    assert int(last) == 4321


@pytest.mark.parametrize("length", [1, 5])
def test_a_graph_of_unknown_length_has_the_gradient(length):
    @tf.function(input_signature=[tf.TensorSpec([None, 1])])
    def gradient(x):
        with tf.GradientTape() as tape:
            tape.watch(x)
            total = tf.reduce_sum(scan(lambda s, i: (s[0] * i[0],), (tf.ones(1),), (x,))[1][0])
        return tape.gradient(total, x)

    x = np.arange(2.0, 2 + length, dtype=np.float32)[:, None]
    np.testing.assert_allclose(gradient(x), x.prod() / x, rtol=1e-6)
