import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from zoo.text.flat import ranges, rows_of, splits_of


def int64(values):
    return tf.constant(values, tf.int64)


@given(st.lists(st.integers(0, 4), max_size=6))
@settings(deadline=None)
def test_against_ragged_tensors(lengths):
    splits, numbers = ranges(int64(2), int64([2 + length for length in lengths]))
    expected = tf.RaggedTensor.from_row_lengths(numbers, int64(lengths))
    assert numbers.numpy().tolist() == [2 + n for length in lengths for n in range(length)]
    assert splits.numpy().tolist() == expected.row_splits.numpy().tolist()
    rows = rows_of(splits, numbers)
    assert rows.numpy().tolist() == expected.value_rowids().numpy().tolist()
    assert splits_of(rows, int64(len(lengths))).numpy().tolist() == splits.numpy().tolist()


@pytest.mark.parametrize("value", ["", False, 0])
def test_values_of_any_type_have_rows(value):
    assert rows_of(int64([0, 0, 2]), tf.fill([2], value)).numpy().tolist() == [1, 1]
