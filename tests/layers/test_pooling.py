import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zoo.layers.gather import sum_rows
from zoo.layers.pooling import max_over_time, mean_over_time, sum_over_time

SIZES = st.tuples(st.integers(1, 4), st.integers(1, 5), st.integers(1, 3))


@given(SIZES, st.integers(0, 2**32))
@settings(deadline=None, max_examples=30)
def test_pooling_equals_the_definition(sizes, seed):
    random = np.random.default_rng(seed)
    x = random.normal(size=sizes).astype(np.float32)
    mask = random.choice([0, 0.25, 1], size=sizes[:2]).astype(np.float32)
    largest = [
        [max(0, *(m * v for m, v in zip(ms, vs, strict=True))) for vs in rows.T]
        for rows, ms in zip(x, mask, strict=True)
    ]
    total = [
        sum(m * row for m, row in zip(ms, rows, strict=True)) / np.sqrt(1 + ms.sum())
        for rows, ms in zip(x, mask, strict=True)
    ]
    np.testing.assert_allclose(max_over_time(x, mask), largest, rtol=1e-5, atol=1e-6)
    mean = [
        sum(m * row for m, row in zip(ms, rows, strict=True)) / (1 + ms.sum())
        for rows, ms in zip(x, mask, strict=True)
    ]
    np.testing.assert_allclose(sum_over_time(x, mask), total, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(mean_over_time(x, mask), mean, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("pool", [max_over_time, mean_over_time, sum_over_time])
@pytest.mark.parametrize("time", [0, 3])
def test_an_empty_sequence_has_the_zero_vector(pool, time):
    x = np.full((2, time, 4), -5, np.float32)
    assert np.array_equal(pool(x, np.zeros((2, time), np.float32)), np.zeros((2, 4)))


@pytest.mark.parametrize("pool", [max_over_time, mean_over_time, sum_over_time])
def test_padding_changes_no_pool(pool):
    x = np.random.default_rng(0).normal(size=(2, 3, 4)).astype(np.float32)
    mask = np.array([[1, 1, 1], [1, 0, 0]], np.float32)
    longer = np.pad(x, [(0, 0), (0, 2), (0, 0)], constant_values=9)
    longer[1, 1:] = 9
    found = pool(longer, np.pad(mask, [(0, 0), (0, 2)]))
    np.testing.assert_allclose(found, pool(x, mask), rtol=1e-6)


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 3))), st.integers(4, 6))
@settings(deadline=None, max_examples=30)
def test_rows_are_summed_by_group(chosen, count):
    chosen.sort(key=lambda pair: pair[1])
    table = np.random.default_rng(0).normal(size=(6, 3)).astype(np.float32)
    expected = np.zeros((count, 3))
    for row, group in chosen:
        expected[group] += table[row]
    rows, groups = np.array(chosen, np.int32).reshape(-1, 2).T
    np.testing.assert_allclose(sum_rows(table, rows, groups, count), expected, atol=1e-5)
