import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zoo.layers.embedding import PieceEmbedding

PIECES, BUCKETS, SIZE = 7, 11, 3


@st.composite
def batches(draw):
    """Tokens, and the n-grams of each; padding and some tokens have none."""
    shape = draw(st.tuples(st.integers(1, 3), st.integers(1, 4)))
    count = shape[0] * shape[1]
    pieces = st.lists(st.integers(0, PIECES - 1), min_size=count, max_size=count)
    owned = st.lists(st.integers(0, BUCKETS - 1), max_size=4)
    return (
        np.reshape(draw(pieces), shape).astype(np.int32),
        draw(st.lists(owned, min_size=count, max_size=count)),
    )


def flat(owned):
    ngrams = np.array([n for own in owned for n in own], np.int32)
    return ngrams, np.repeat(np.arange(len(owned), dtype=np.int32), [len(own) for own in owned])


@pytest.mark.parametrize("training", [False, True])
@given(batch=batches())
@settings(deadline=None, max_examples=30)
def test_a_vector_is_its_pieces_and_the_sum_of_its_ngrams_by_a_root(training, batch):
    tokens, owned = batch
    layer = PieceEmbedding(PIECES, BUCKETS, SIZE)
    pieces, ngrams = layer.pieces.numpy(), layer.ngrams.numpy()
    expected = [
        pieces[token] + sum((ngrams[n] for n in own), np.zeros(SIZE)) / np.sqrt(1 + len(own))
        for token, own in zip(tokens.ravel(), owned, strict=True)
    ]
    found = layer(tokens, *flat(owned), training=training)
    assert found.shape == (*tokens.shape, SIZE)
    np.testing.assert_allclose(np.reshape(found, (-1, SIZE)), expected, rtol=1e-5, atol=1e-6)


def test_no_ngrams_at_all_leave_the_pieces():
    layer = PieceEmbedding(PIECES, BUCKETS, SIZE)
    tokens, none = np.array([[1, 0]], np.int32), np.zeros(0, np.int32)
    assert np.array_equal(layer(tokens, none, none)[0], layer.pieces.numpy()[[1, 0]])


def test_without_buckets_it_is_the_plain_table():
    layer = PieceEmbedding(PIECES, 0, SIZE, ngram_dropout=0.5)
    tokens, none = np.array([[1, 0], [6, 1]], np.int32), np.zeros(0, np.int32)
    assert [v.shape for v in layer.variables] == [(PIECES, SIZE)]
    for arguments in ([], [none, none]):
        found = layer(tokens, *arguments, training=True)
        assert np.array_equal(found, layer.pieces.numpy()[tokens])


def test_ngram_dropout_drops_whole_ngrams_and_no_pieces():
    layer = PieceEmbedding(PIECES, BUCKETS, SIZE, ngram_dropout=0.5)
    tokens = np.ones((20, 10), np.int32)
    dropped = layer(tokens, *flat([[2, 3]] * 200), training=True) - layer.pieces.numpy()[1]
    first, second = 2 * layer.ngrams.numpy()[2:4] / np.sqrt(3)
    kinds = np.stack(
        [np.isclose(dropped, v, atol=1e-6).all(-1) for v in (0, first, second, first + second)]
    )
    assert (kinds.sum(axis=0) == 1).all()
    assert (kinds.sum(axis=(1, 2)) > 20).all()
