import dataclasses

import numpy as np
import pytest

from zoo.text.encoder import EncoderConfig, TextEncoder
from zoo.text.sequences import Sequences
from zoo.text.vocabulary import BEGIN, END, SEQUENCE_SPECIALS, learn


@pytest.fixture(scope="module")
def encoder():
    vocabulary = learn(["ab ab abc", "c b a"], 40, spaced=True, specials=SEQUENCE_SPECIALS)
    return TextEncoder(EncoderConfig(tuple(vocabulary), 100, 0, 1, 1, spaced=True))


def test_a_target_token_is_told_after_those_before_it(encoder):
    pairs = Sequences.encoded(encoder, ["ab c", "", "c"], ["c", "b a ab", ""])
    features, told = pairs.collate([0, 1, 2])
    vocabulary = encoder.config.vocabulary
    begin, end = vocabulary.index(BEGIN), vocabulary.index(END)
    c, b, a, ab = (vocabulary.index(piece) for piece in ("c", "b", "a", "ab"))
    assert features["target"].tolist() == [
        [begin, c, end, 0],
        [begin, b, a, ab],
        [begin, end, 0, 0],
    ]
    assert told.tolist() == [[c, end, 0, 0], [b, a, ab, end], [end, 0, 0, 0]]
    assert features["source"][0, :3].tolist() == [ab, c, end]
    assert features["source"][1].tolist() == [end, 0, 0]


def test_a_batch_is_as_wide_as_its_longest_pair(encoder):
    pairs = Sequences.encoded(encoder, ["a", "a b c a b c"], ["a", "a"])
    features, told = pairs.collate(np.array([0]))
    assert features["source"].shape == (1, 2)
    assert told.shape == (1, 2)


def test_long_pairs_can_be_left_out(encoder):
    pairs = Sequences.encoded(encoder, ["a", "a b c a", "a"], ["a", "a", "a b c a"])
    assert pairs.within(5).tolist() == [0, 1]
    assert pairs.within(6).tolist() == [0, 1, 2]


@pytest.mark.parametrize("turns", [False, True])
def test_a_source_is_cut_and_a_target_is_not(encoder, turns):
    short = TextEncoder(dataclasses.replace(encoder.config, max_characters=5, turns=turns))
    pairs = Sequences.encoded(short, ["ab ab abc"], ["ab ab abc"])
    whole = Sequences.encoded(encoder, ["ab ab abc"], ["ab ab abc"])
    assert len(pairs.sources[0]) < len(whole.sources[0])
    assert pairs.targets[0].tolist() == whole.targets[0].tolist()
