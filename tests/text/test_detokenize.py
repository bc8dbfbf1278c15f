import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from zoo.text.clean import clean
from zoo.text.detokenize import Detokenizer
from zoo.text.wordpiece import WordPiece

SEPARATORS = " \u00a0\u2009\u3000\n\t\x00\x01"
KNOWN = "abHIst09äöüÄÖÜß,.!?;:'\"()[]#&%/-–“”„«»…€$你好e\u0301ש"


@pytest.fixture(scope="module")
def written(spaced_vocabulary):
    """The texts, cut into pieces and joined again."""
    wordpiece = WordPiece(spaced_vocabulary, spaced=True)
    detokenizer = Detokenizer(spaced_vocabulary)

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string)])
    def run(texts):
        return detokenizer(wordpiece(clean(texts)).ids.to_tensor())

    def call(*texts):
        encoded = tf.constant([text.encode() for text in texts], tf.string, shape=[len(texts)])
        return [text.decode() for text in run(encoded).numpy()]

    return call


def one_space(text):
    for separator in SEPARATORS:
        text = text.replace(separator, " ")
    return " ".join(text.split())


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Hello, world! (It's 5.30 p.m.)",
        "\"Quoted\", 'so' – “he” said: «nein»…",
        "2024-05-31, 09:15; 31.5.2024; 1,000.50 €, $7/8, 90%",
        "a well-known e-mail@example.org – really?!",
        "„Schöne Grüße“, sagte Jürgen – Äpfel, Öl und Übermut.",
        "#yes C# ## a##b [PAD] [UNK] [END]",
        "你好, 你 好 cafe\u0301 שלום",
    ],
)
def test_a_text_comes_back_as_it_was_written(written, text):
    assert written(text) == [text]


@given(st.lists(st.text(KNOWN + SEPARATORS, max_size=60), min_size=1, max_size=3))
@settings(deadline=None, max_examples=300)
def test_any_text_of_known_characters_comes_back_with_single_spaces(written, texts):
    assert written(*texts) == [one_space(text) for text in texts]


@given(st.lists(st.text(max_size=30), min_size=2, max_size=4))
@settings(deadline=None, max_examples=50)
def test_batched_equals_alone(written, texts):
    assert written(*texts) == [written(text)[0] for text in texts]


def test_an_unknown_word_is_left_out(written):
    assert written("so 😀, he😀 said 😀", "😀") == ["so, he said", ""]


def test_nothing_in_a_batch(written):
    assert written() == []
    assert written("", " \u3000") == ["", ""]


def test_specials_write_nothing_wherever_they_stand():
    detokenizer = Detokenizer(["[PAD]", "[UNK]", "[BEGIN]", "[END]", "[", "##]", "a", "##b", "[X]"])
    ids = [[2, 4, 6, 5, 3, 0], [7, 0, 6, 1, 7, 8]]
    assert detokenizer(tf.constant(ids)).numpy().tolist() == [b"[ a]", b"b ab"]


@pytest.mark.parametrize("shape", [(0,), (4,), (0, 3), (2, 0), (2, 3, 4)])
def test_all_but_the_last_dimension_are_kept(shape):
    found = Detokenizer(["[PAD]", "a"])(tf.ones(shape, tf.int32))
    assert found.shape == shape[:-1]
    assert found.dtype == tf.string
    assert set(found.numpy().ravel() if shape[:-1] else [found.numpy()]) <= {
        b" ".join([b"a"] * shape[-1])
    }


def test_ten_thousand_characters(written):
    text = ("Hello, world! (It's 5.30 p.m.) " * 400)[:10_000].strip()
    assert written(text) == [text]
