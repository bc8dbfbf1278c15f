import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zoo.data.batches import Batches, Draws, by_tokens

LENGTHS = st.lists(st.integers(0, 9), min_size=1, max_size=150)


def same(first, second):
    return [b.tolist() for b in first] == [b.tolist() for b in second]


@given(LENGTHS, st.integers(1, 5), st.integers(0, 3), st.integers(0, 2**32))
def test_every_epoch_has_every_example_once(lengths, size, epoch, seed):
    batches = Batches(lengths, size, seed)
    found = batches.epoch(epoch)
    assert sorted(np.concatenate(found).tolist()) == list(range(len(lengths)))
    assert len(found) == batches.per_epoch
    sizes = sorted(len(batch) for batch in found)
    assert sizes == [(len(lengths) - 1) % size + 1] + [size] * (len(found) - 1)


def test_an_epoch_is_a_function_of_its_number_and_the_seed():
    lengths = np.random.default_rng(0).integers(0, 50, 300).tolist()
    epochs = {(seed, n): Batches(lengths, 8, seed).epoch(n) for seed in (0, 1) for n in (0, 1, 2)}
    for (seed, n), found in reversed(epochs.items()):
        assert same(found, Batches(list(lengths), 8, seed).epoch(n))
    for key, found in epochs.items():
        for other, different in epochs.items():
            assert same(found, different) == (key == other)


def test_every_batch_has_a_seed_of_its_own():
    batches = Batches([1] * 9, 2, seed=5)
    draws = [draw for n in range(3) for draw in Draws(batches).epoch(n)]
    assert same([places for places, _ in draws], [b for n in range(3) for b in batches.epoch(n)])
    assert len({tuple(seed) for _, seed in draws}) == len(draws) == 3 * Draws(batches).per_epoch


def test_the_first_epoch_stays_as_it_is():
    """A resumed run reads the order anew, with another release of NumPy too."""
    found = Batches([3, 1, 2, 5, 4, 9], 2, 0).epoch(0)
    assert [batch.tolist() for batch in found] == [[1, 2], [0, 4], [3, 5]]


@pytest.mark.parametrize("count", [300, 1000])
def test_a_batch_is_of_about_one_length(count):
    lengths = np.random.default_rng(0).integers(1, 100, count)
    found = Batches(lengths.tolist(), 10, 0).epoch(0)
    padded = sum(lengths[batch].max() * len(batch) for batch in found)
    shuffled = lengths[np.random.default_rng(1).permutation(count)].reshape(-1, 10)
    assert padded < 1.1 * lengths.sum()
    assert shuffled.max(axis=1).sum() * 10 > 1.5 * lengths.sum()


def test_long_and_short_batches_are_mixed():
    lengths = list(range(200))
    longest = [max(batch) for batch in Batches(lengths, 10, 0).epoch(0)]
    assert sorted(longest) == list(range(9, 200, 10))
    assert longest not in (sorted(longest), sorted(longest, reverse=True))


def test_for_evaluation_the_longest_come_first():
    found = by_tokens([3, 1, 2, 1, 0], 4)
    assert [batch.tolist() for batch in found] == [[0], [2, 1], [3, 4]]


@given(LENGTHS, st.integers(1, 40))
def test_a_batch_for_evaluation_holds_a_bounded_number_of_tokens(lengths, tokens):
    found = by_tokens(lengths, tokens)
    assert sorted(np.concatenate(found).tolist()) == list(range(len(lengths)))
    for batch in found:
        longest = max(lengths[n] for n in batch)
        assert len(batch) == 1 or len(batch) * longest <= tokens
