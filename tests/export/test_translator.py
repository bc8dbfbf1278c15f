"""Raw strings in, raw strings out: what is served is what the model says."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from zoo.export.rebuild import rebuild
from zoo.export.translator import Translator
from zoo.text.sequences import Sequences
from zoo.text.vocabulary import SEQUENCE_SPECIALS, learn

TEXTS = ["a cat sat", "", "the dog", "on a mat the dog sat and sat and sat", "on the mat"]
ANSWERS = ["tac a", "nothing", "dog", "dog cat mat on a mat", "mat the on"]
WORDS = "a cat sat on the mat and a dog sat on the cat tac a nothing"


@pytest.fixture(scope="module")
def document():
    vocabulary = learn([WORDS] * 3, 60, spaced=True, specials=SEQUENCE_SPECIALS)
    return {
        "form": "many_to_many",
        "answer": "translation",
        "beam_width": 3,
        "length_penalty": 0.7,
        "longest_answer": 60,
        "encoder": {
            "vocabulary": vocabulary,
            "max_characters": 60,
            "ngram_buckets": 0,
            "shortest_ngram": 1,
            "longest_ngram": 1,
            "spaced": True,
        },
        "model": {
            "pieces": len(vocabulary),
            "cell": "gru",
            "bidirectional": True,
            "encoder_layers": 1,
            "encoder_units": 16,
            "decoder_layers": 2,
            "decoder_units": 32,
            "attention": "additive",
            "embedding_size": 24,
            "dropout": 0.0,
        },
    }


@pytest.fixture(scope="module")
def parts(document):
    """Encoder, model and the functions of their servable form; the model knows ANSWERS by heart."""
    keras.utils.set_random_seed(3)
    encoder, model = rebuild(document)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True, ignore_class=0)
    model.compile(keras.optimizers.Adam(0.02), loss)
    batch = Sequences.encoded(encoder, TEXTS, ANSWERS).collate(range(len(TEXTS)))
    for _ in range(150):
        model.train_on_batch(*batch)
    return encoder, model, Translator(encoder, model, document).functions


def ask(parts, signature, texts):
    answers = parts[2][signature](tf.constant(texts, tf.string))
    return {name: tensor.numpy() for name, tensor in answers.items()}


def log_probability(parts, source, target):
    """What the model says of a target, all of it given (teacher forcing), and its length."""
    encoder, model, _ = parts
    features, told = Sequences.encoded(encoder, [source], [target]).collate([0])
    log_p = tf.nn.log_softmax(model(features)).numpy()[0]
    return float(log_p[np.arange(told.shape[1]), told[0]].sum()), told.shape[1]


@pytest.mark.parametrize("signature", ["serving_default", "greedy"])
def test_what_was_learned_is_answered(parts, signature):
    answers = ask(parts, signature, TEXTS)["translation"]
    assert [answer.decode() for answer in answers] == ANSWERS


def test_a_score_is_what_the_model_says_of_the_answer(parts):
    answers = ask(parts, "greedy", TEXTS)
    for source, target, score in zip(TEXTS, answers["translation"], answers["score"], strict=True):
        expected, _ = log_probability(parts, source, target.decode())
        assert score == pytest.approx(expected, rel=1e-4)


def test_the_best_answers_are_sorted_and_their_scores_are_penalised_for_length(parts):
    answers = ask(parts, "n_best", TEXTS)
    assert answers["translations"].shape == (5, 3)
    assert (np.diff(answers["scores"]) <= 0).all()
    for source, target, score in zip(TEXTS, ANSWERS, answers["scores"][:, 0], strict=True):
        expected, tokens = log_probability(parts, source, target)
        assert score == pytest.approx(expected / ((5 + tokens) / 6) ** 0.7, rel=1e-4)


def test_the_answer_is_the_first_of_the_best(parts):
    one, many = ask(parts, "serving_default", TEXTS), ask(parts, "n_best", TEXTS)
    assert one["translation"].tolist() == many["translations"][:, 0].tolist()
    np.testing.assert_allclose(one["score"], many["scores"][:, 0], rtol=1e-6)


def test_what_is_explained_is_the_answer(parts):
    encoder, *_ = parts
    looked = ask(parts, "explain", TEXTS)
    pieces = list(encoder.config.vocabulary)
    for n, text in enumerate(TEXTS):
        source = [piece.decode() for piece in looked["source_tokens"][n] if piece]
        target = [piece.decode() for piece in looked["target_tokens"][n] if piece]
        features, told = Sequences.encoded(encoder, [text], [ANSWERS[n]]).collate([0])
        assert [pieces.index(piece) for piece in source] == features["source"][0].tolist()
        assert [pieces.index(piece) for piece in target] == told[0, :-1].tolist()
        attention = looked["attention"][n]
        np.testing.assert_allclose(attention[: len(target), : len(source)].sum(axis=1), 1, 1e-5)
        assert not attention[len(target) :].any()
        assert not attention[:, len(source) :].any()


def test_an_answer_is_bounded_by_its_source(document):
    """Of a model that never ends by itself."""
    keras.utils.set_random_seed(3)
    encoder, model = rebuild(document)
    pieces = list(encoder.config.vocabulary)
    model.bias.assign(50.0 * np.eye(len(pieces))[pieces.index("a")])
    functions = Translator(encoder, model, document).functions
    for signature in ("serving_default", "greedy"):
        answers = functions[signature](tf.constant(["a cat", "", "a " * 1000]))["translation"]
        words = [len(answer.split()) for answer in answers.numpy()]
        # The end token counts on both sides.
        assert words == [2 * 3 + 7, 2 * 1 + 7, document["longest_answer"] - 1]


def test_many_texts_are_answered_like_few(parts):
    few = ask(parts, "serving_default", TEXTS)
    many = ask(parts, "serving_default", TEXTS * 25)
    assert many["translation"].tolist() == few["translation"].tolist() * 25
    np.testing.assert_allclose(many["score"], np.tile(few["score"], 25), rtol=1e-4)


def test_no_texts_get_no_answers(parts):
    assert ask(parts, "serving_default", [])["translation"].shape == (0,)
    assert ask(parts, "n_best", [])["scores"].shape == (0, 3)
    assert ask(parts, "explain", [])["attention"].shape[0] == 0
