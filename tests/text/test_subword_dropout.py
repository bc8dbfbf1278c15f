import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from zoo.text.subword_dropout import SubwordDropout
from zoo.text.vocabulary import CONTINUATION, SEQUENCE_SPECIALS

LETTERS = ("a", "b", "c", "#")
VOCABULARY = (
    *SEQUENCE_SPECIALS,
    *LETTERS,
    *(CONTINUATION + letter for letter in LETTERS),
    *("ab", "##ab", "abc", "##bc", "##abc", "cab", "abca"),
)
ROWS = st.lists(
    st.lists(st.sampled_from(range(len(VOCABULARY))), min_size=1).map(np.array), min_size=1
)


def text(row):
    pieces = (VOCABULARY[piece] for piece in row)
    return "".join(piece[2:] if piece.startswith(CONTINUATION) else " " + piece for piece in pieces)


def cut(rows, share, seed=0):
    return SubwordDropout(VOCABULARY, share)(rows, np.random.default_rng(seed))


@given(ROWS, st.floats(0, 1, exclude_max=True), st.integers(0, 2**32))
def test_the_parts_make_up_the_same_words(rows, share, seed):
    found = cut(rows, share, seed)
    assert [text(row) for row in found] == [text(row) for row in rows]
    assert all(len(after) >= len(before) for after, before in zip(found, rows, strict=True))


@given(ROWS)
def test_without_dropout_rows_stay_as_they_are(rows):
    assert [row.tolist() for row in cut(rows, 0.0)] == [row.tolist() for row in rows]


def test_the_share_is_of_the_pieces_that_can_be_cut():
    ab = VOCABULARY.index("ab")
    (row,) = cut([np.full(10000, ab)], 0.2)
    assert 0.18 < (len(row) - 10000) / 10000 < 0.22
    a, b = VOCABULARY.index("a"), VOCABULARY.index("##b")
    assert set(row.tolist()) == {ab, a, b}


def ways(word):
    whole = [np.array([VOCABULARY.index(word)])]
    found = (cut(whole, 0.7, seed)[0] for seed in range(300))
    return {" ".join(VOCABULARY[piece] for piece in row) for row in found}


def test_a_piece_is_cut_in_all_ways_there_are_and_its_parts_once_more():
    assert ways("abc") == {"abc", "ab ##c", "a ##bc", "a ##b ##c"}
    assert ways("abca") == {
        "abca",
        "abc ##a",
        "ab ##c ##a",
        "a ##bc ##a",
    }


def test_a_resumed_run_reads_the_cuts_anew():
    """With another release of NumPy too."""
    abc = VOCABULARY.index("abc")
    (row,) = cut([np.full(6, abc)], 0.5)
    assert " ".join(VOCABULARY[piece] for piece in row) == "abc ab ##c a ##b ##c a ##b ##c abc abc"


def test_specials_are_whole():
    specials = np.arange(len(SEQUENCE_SPECIALS))
    assert cut([specials], 0.999)[0].tolist() == specials.tolist()
