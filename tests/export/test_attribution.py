import numpy as np
import pytest
import tensorflow as tf

from zoo.export.attribution import token_shares

W = np.array([[0.5, -1.0, 2.0, 3.0], [1.0, 0.25, -0.5, 9.0]], np.float32)
MASK = np.array([[1, 1, 1, 0], [1, 1, 0, 0]], np.float32)


def shares(function, w=W, mask=MASK, target=None):
    """The shares in `function` of the sum of the weights that are read."""
    target = np.zeros((len(w), 1), np.float32) if target is None else target

    def answer(x, mask, target):
        return function(tf.reduce_sum(x[:, :, 0] * mask, axis=1))

    result = token_shares(answer, *map(tf.constant, (w[:, :, None], mask, target)))
    return result.numpy()


def test_in_a_linear_answer_each_token_has_its_own_weight():
    np.testing.assert_allclose(shares(lambda s: 3 * s + 5), 3 * W * MASK, atol=1e-5)


@pytest.mark.parametrize("function", [tf.exp, tf.tanh, tf.sigmoid, lambda s: s**3 - s])
def test_in_a_function_of_the_sum_the_shares_go_by_weight(function):
    total = (W * MASK).sum(axis=1, keepdims=True)
    way = np.asarray(function(total) - function(0 * total))
    np.testing.assert_allclose(shares(function), way * W * MASK / total, rtol=1e-4, atol=1e-5)


def test_in_a_product_the_shares_go_by_degree():
    def answer(x, mask, target):
        return mask[:, 0] * mask[:, 1] ** 2

    ones = tf.ones([1, 3])
    result = token_shares(answer, tf.zeros([1, 3, 1]), ones, tf.zeros([1, 1]))
    np.testing.assert_allclose(result, [[1 / 3, 2 / 3, 0]], atol=1e-5)


def test_the_sum_is_exact_where_the_answer_has_a_kink():
    result = shares(lambda s: tf.nn.relu(s - 0.3) * 10)
    assert result[0].sum() == pytest.approx(12.0, rel=1e-5)


def test_padding_has_no_share():
    assert (shares(lambda s: tf.exp(s) + 7)[MASK == 0] == 0).all()


def test_the_empty_text_has_no_shares_and_no_nan():
    assert shares(tf.exp, W[:1], np.zeros((1, 4), np.float32)).tolist() == [[0, 0, 0, 0]]


def test_each_row_has_its_own_target():
    def answer(x, mask, target):
        return tf.reduce_sum(target, axis=1) * tf.reduce_sum(mask, axis=1)

    target = tf.constant([[2.0], [-3.0]])
    result = token_shares(answer, tf.constant(W[:, :, None]), tf.constant(MASK), target)
    np.testing.assert_allclose(result, [[2, 2, 2, 0], [-3, -3, 0, 0]], atol=1e-5)


def test_no_rows_have_no_shares():
    @tf.function(input_signature=[tf.TensorSpec([None, None])])
    def in_graph(mask):
        return token_shares(lambda x, mask, _: tf.reduce_sum(mask, axis=1), mask, mask, mask)

    assert in_graph(tf.zeros([0, 4])).shape[0] == 0
    assert in_graph(tf.ones([1, 4])).numpy().tolist() == [[1, 1, 1, 1]]
