from collections import Counter
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zoo.data.windows import BOUNDARY, Windows

PROBABILITIES = np.array([0.1, 0, 0.3, 0.6, 0])


def numbered(lengths):
    """Texts in which no two tokens are equal."""
    starts = 1 + np.cumsum([0, *lengths])
    return [
        np.arange(start, start + length, dtype=np.int32)
        for start, length in zip(starts, lengths, strict=False)
    ]


def windows(lengths, streams=2, time=3, samples=4, seed=0):
    return Windows(numbered(lengths), streams, time, samples, PROBABILITIES, seed)


def same(found, expected):
    pairs = zip(found, expected, strict=True)
    return all(np.array_equal(f[name], e[name]) for f, e in pairs for name in f)


@st.composite
def epochs(draw):
    """Texts that fill at least one window, and an epoch of them."""
    streams, time = draw(st.integers(1, 4)), draw(st.integers(1, 5))
    lengths = draw(st.lists(st.integers(0, 9), min_size=1, max_size=12))
    lengths.append(streams * (time + 1))
    made = windows(lengths, streams, time, seed=draw(st.integers(0, 2**32 - 1)))
    return made, made.epoch(draw(st.integers(0, 3)))


@given(epochs())
def test_every_token_is_a_target_once_in_each_direction_but_for_the_remainder(case):
    made, epoch = case
    everything = Counter(t for text in made.texts for t in [*text.tolist(), BOUNDARY])
    tokens = everything.total() // made.streams * made.streams
    for name in ("forward", "backward"):
        targets = Counter(
            token for window in epoch for token in window[name][:, 1:].ravel().tolist()
        )
        assert targets <= everything
        # Nothing stands before the first token of a stream, and the last window must be full.
        missing = (tokens - targets.total()) / made.streams
        assert 1 <= missing <= made.time


@given(epochs())
def test_the_directions_are_the_same_streams_read_from_both_ends(case):
    made, epoch = case
    forward, backward = (
        np.concatenate([epoch[0][name][:, :1], *(w[name][:, 1:] for w in epoch)], axis=1)
        for name in ("forward", "backward")
    )
    length = made.per_epoch * made.time + 1
    assert forward.shape == backward.shape == (made.streams, length)
    assert np.array_equal(forward, epoch.tokens[:, :length])
    assert np.array_equal(backward[:, ::-1], epoch.tokens[:, -length:])


@given(epochs())
def test_a_window_begins_with_the_last_token_of_the_one_before_it(case):
    made, epoch = case
    read = list(epoch)
    assert len(read) == len(epoch) == made.per_epoch
    for before, after in pairwise(read):
        for name in ("forward", "backward"):
            assert np.array_equal(before[name][:, -1], after[name][:, 0])


@given(epochs())
def test_a_boundary_stands_after_each_text_and_nowhere_else(case):
    made, epoch = case
    stream = epoch.tokens.ravel().tolist()
    last = {int(text[-1]) for text in made.texts if len(text)}
    empty = sum(len(text) == 0 for text in made.texts)
    followed = [after == BOUNDARY for after in stream[1:]]
    for token, ends in zip(stream[:-1], followed, strict=True):
        if token != BOUNDARY:
            assert ends == (token in last)
    assert stream.count(BOUNDARY) <= len(last) + empty


def test_an_epoch_is_a_function_of_the_seed_and_its_number():
    made = windows([5] * 8)
    assert same(made.epoch(1), windows([5] * 8).epoch(1))
    # Any window of it at any time, as one that goes on after a kill asks for it.
    assert same([made.epoch(1)[2]], [list(made.epoch(1))[2]])
    others = [made.epoch(0), made.epoch(2), windows([5] * 8, seed=1).epoch(1)]
    for other in others:
        for name in ("forward", "backward", "negatives"):
            assert any(
                not np.array_equal(a[name], b[name])
                for a, b in zip(made.epoch(1), other, strict=True)
            )


def test_negatives_are_drawn_by_their_probabilities_anew_for_each_window():
    first, second = (windows([9], samples=4000).epoch(0)[n]["negatives"] for n in (0, 1))
    shares = np.bincount(first, minlength=5) / 4000
    assert shares[[1, 4]].tolist() == [0, 0]
    np.testing.assert_allclose(shares, PROBABILITIES, atol=0.05)
    assert not np.array_equal(first, second)


@pytest.mark.parametrize("number", [0, 1])
def test_all_numbers_are_of_32_bits(number):
    window = windows([4, 4, 4]).epoch(number)[0]
    assert {name: values.dtype for name, values in window.items()} == dict.fromkeys(
        ("forward", "backward", "negatives"), np.int32
    )
    assert window["negatives"].shape == (4,)
