import json
from dataclasses import asdict

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from zoo.text.clean import clean_texts
from zoo.text.encoder import EncoderConfig, TextEncoder, encode_rows, features
from zoo.text.rows import collate
from zoo.text.wordpiece import WordPiece

TEXT = st.one_of(st.text(max_size=30), st.text("call nowé你!1 ", max_size=30), st.just(""))


@pytest.fixture(scope="module")
def encoder(vocabulary):
    return TextEncoder(EncoderConfig(tuple(vocabulary), 20, 1000, 1, 4))


@pytest.fixture(scope="module")
def in_graph(encoder):
    spec = tf.TensorSpec([None], tf.string)
    return tf.function(lambda text: features(encoder(text)), input_signature=[spec])


def strings(texts):
    return tf.constant(texts, tf.string, shape=[len(texts)])


@given(st.lists(TEXT, min_size=1, max_size=12))
@settings(deadline=None, max_examples=12)
def test_rows_in_memory_collate_to_the_features_in_the_graph(encoder, in_graph, texts):
    expected = in_graph(strings(texts))
    found = collate(encode_rows(encoder, texts, batch=2))
    assert found.keys() == expected.keys()
    for name, value in found.items():
        assert value.dtype == np.int32
        assert expected[name].dtype == tf.int32
        assert np.array_equal(value, expected[name])


@given(st.lists(TEXT, min_size=1, max_size=4))
@settings(deadline=None, max_examples=30)
def test_an_ngram_belongs_to_a_token_of_its_own_text(encoder, in_graph, texts):
    together = in_graph(strings(texts))
    tokens = together["tokens"].numpy()
    owners, ngrams = together["ngram_tokens"].numpy(), together["ngrams"].numpy()
    assert (np.diff(owners) >= 0).all()
    assert (tokens.ravel()[owners] != 0).all()
    for n, text in enumerate(texts):
        alone = in_graph(strings([text]))
        time = int((tokens[n] != 0).sum())
        assert alone["tokens"].numpy()[0, :time].tolist() == tokens[n, :time].tolist()
        mine = owners // tokens.shape[1] == n
        assert ngrams[mine].tolist() == alone["ngrams"].numpy().tolist()
        assert (owners[mine] % tokens.shape[1]).tolist() == alone["ngram_tokens"].numpy().tolist()


@given(TEXT)
@settings(deadline=None, max_examples=40)
def test_the_tokens_are_those_of_the_cleaned_and_cut_text(encoder, vocabulary, text):
    (cleaned,) = clean_texts([text])
    expected = WordPiece(vocabulary)(strings([cleaned[:20]]))
    encoded = encoder(strings([text]))
    assert encoded.tokens.to_list() == expected.ids.to_list()
    assert encoded.pieces.to_list() == expected.pieces.to_list()


def test_what_stands_after_the_last_character_is_not_looked_at(encoder):
    text = "call now café home "
    rows = encode_rows(encoder, [text, text + "w", text + "walk", text + "w" * 5000])
    assert len(rows[0].tokens) > 3
    for row in rows[2:]:
        assert [part.tolist() for part in row] == [part.tolist() for part in rows[1]]
    assert len(rows[1].ngrams) > len(rows[0].ngrams)


@pytest.mark.parametrize("texts", [[""], [" ", "\n\x00"], []])
def test_nothing_to_read_is_padding(in_graph, encoder, texts):
    found = in_graph(strings(texts))
    assert found["tokens"].numpy().tolist() == [[0]] * len(texts)
    assert found["ngrams"].shape == found["ngram_tokens"].shape == (0,)
    assert [len(row.tokens) for row in encode_rows(encoder, texts)] == [0] * len(texts)


def test_a_plain_encoder_reads_neither_tags_nor_capitals(vocabulary):
    written, plain = (
        TextEncoder(EncoderConfig(tuple(vocabulary), 20, 1000, 1, 4, plain=plain))
        for plain in (False, True)
    )
    # The text is cut after the tags are gone.
    text = "Call<br />Now, " + "<i>" * 20 + "Home"
    (found,) = encode_rows(plain, [text])
    (expected,) = encode_rows(written, ["call now,          "])
    for part, wanted in zip(found, expected, strict=True):
        assert part.tolist() == wanted.tolist()
    assert encode_rows(written, [text])[0].tokens.tolist() != expected.tokens.tolist()


def test_without_buckets_there_are_no_ngrams(encoder, vocabulary):
    bare = TextEncoder(EncoderConfig(tuple(vocabulary), 20, 0, 1, 4))
    texts = ["call now", "", "home"]
    rows = encode_rows(bare, texts)
    for row, spelled in zip(rows, encode_rows(encoder, texts), strict=True):
        assert row.tokens.tolist() == spelled.tokens.tolist()
        assert row.ngrams is row.ngram_tokens is None
    found, expected = collate(rows), features(bare(strings(texts)))
    assert found.keys() == expected.keys() == {"tokens"}
    for name, value in found.items():
        assert value.dtype == np.int32
        assert np.array_equal(value, expected[name])


def test_a_config_comes_back_from_json(encoder):
    fields = json.loads(json.dumps(asdict(encoder.config)))
    assert EncoderConfig(**{**fields, "vocabulary": tuple(fields["vocabulary"])}) == encoder.config
