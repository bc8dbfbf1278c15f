"""The exported model: its signatures, and what they answer."""

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from zoo.export.rebuild import load_weights, rebuild
from zoo.export.text_classifier import ServableTextClassifier
from zoo.models.many_to_one import ManyToOneConfig
from zoo.text.clean import clean
from zoo.training import checkpoint
from zoo.training.run import read_json

TEXT = {"text": ("string", [None])}
CLASSIFY = {"inputs": ("string", [None])}
EXPLAINED = {"tokens": ("string", [None, None]), "weights": ("float32", [None, None])}
ODD = [
    b"",
    b"   ",
    b"\xff\xfe broken \xc3",
    b"a\x00b\x07c",
    "😀🎉 ".encode() * 30,
    "مرحبا بك في البيت".encode(),
    b"x" * 100_000,
    b"free prize now " * 500,
]


def ask(model, signature, **inputs):
    tensors = {name: tf.constant(values, tf.string) for name, values in inputs.items()}
    return {k: v.numpy() for k, v in model.signatures[signature](**tensors).items()}


def example(text):
    feature = tf.train.Feature(bytes_list=tf.train.BytesList(value=[text]))
    return tf.train.Example(
        features=tf.train.Features(feature={"text": feature})
    ).SerializeToString()


def scores(model, texts):
    return ask(model, "classify", inputs=[example(text) for text in texts])["scores"]


def log_odds(model, texts, label=1):
    """Of one label, from the probabilities: exact near 0 and 1, as each is a float of its own."""
    p = scores(model, texts).astype(np.float64)
    return np.log(p[:, label]) - np.log(np.delete(p, label, axis=1).sum(axis=1))


@pytest.fixture(scope="module")
def model(spam_model):
    return tf.saved_model.load(str(spam_model))


@pytest.fixture(scope="module")
def topics_model(topics):
    return tf.saved_model.load(str(topics.model))


@pytest.fixture(scope="module")
def messages(sample):
    return [text.encode() for text in sample.validation.texts]


@pytest.fixture(scope="module")
def alone(model, messages):
    """The probability of each message, asked by itself."""
    texts = [*messages[:20], *ODD]
    return {t: ask(model, "serving_default", text=[t])["spam_probability"][0] for t in texts}


# Signatures.


@pytest.mark.parametrize(
    ("signature", "inputs", "outputs"),
    [
        (
            "serving_default",
            TEXT,
            {"label": ("string", [None]), "spam_probability": ("float32", [None])},
        ),
        (
            "classify",
            CLASSIFY,
            {"classes": ("string", [None, 2]), "scores": ("float32", [None, 2])},
        ),
        ("explain", TEXT, EXPLAINED),
    ],
)
def test_the_signatures_are_those_that_clients_know(model, signature, inputs, outputs):
    assert described(model, signature) == (inputs, outputs)


def test_three_labels_have_the_probability_of_each(topics_model):
    answer = {"label": ("string", [None]), "probabilities": ("float32", [None, 3])}
    assert described(topics_model, "serving_default") == (TEXT, answer)
    assert described(topics_model, "classify")[1]["scores"] == ("float32", [None, 3])


def described(model, signature):
    function = model.signatures[signature]
    return tuple(
        {name: (spec.dtype.name, spec.shape.as_list()) for name, spec in specs.items()}
        for specs in (function.structured_input_signature[1], function.structured_outputs)
    )


# Answers.


def test_the_label_is_positive_from_the_threshold(model, spam_model, messages):
    threshold = read_json(spam_model / "assets.extra" / "model.json")["threshold"]
    answer = ask(model, "serving_default", text=messages)
    expected = np.where(answer["spam_probability"] >= threshold, b"spam", b"ham")
    assert answer["label"].tolist() == expected.tolist()
    assert set(answer["label"]) == {b"ham", b"spam"}


def test_the_threshold_can_be_another(model, spam_model, messages):
    document = read_json(spam_model / "assets.extra" / "model.json")
    encoder, trained = rebuild(document)
    load_weights(trained, spam_model)
    before = ask(model, "serving_default", text=messages[:8])["spam_probability"]
    threshold = float(np.sort(before)[4:6].mean())
    changed = ServableTextClassifier(encoder, trained, {**document, "threshold": threshold})
    answer = changed.functions["serving_default"].python_function(tf.constant(messages[:8]))
    assert (answer["label"].numpy() == b"spam").tolist() == (before > threshold).tolist()


def test_classify_answers_as_serving_default(model, messages):
    answer = ask(model, "classify", inputs=[example(text) for text in messages])
    assert answer["classes"].tolist() == [[b"ham", b"spam"]] * len(messages)
    np.testing.assert_allclose(answer["scores"].sum(axis=1), 1, atol=1e-6)
    served = ask(model, "serving_default", text=messages)["spam_probability"]
    np.testing.assert_allclose(answer["scores"][:, 1], served, atol=1e-6)


def test_an_example_without_text_is_the_empty_text(model):
    missing = ask(model, "classify", inputs=[tf.train.Example().SerializeToString()])["scores"]
    np.testing.assert_allclose(missing, scores(model, [b""]), atol=1e-6)


def test_three_labels_are_answered(topics_model):
    texts = [b"I dreamt of soup.", b"No more platform nine!", b""]
    answer = ask(topics_model, "serving_default", text=texts)
    np.testing.assert_allclose(answer["probabilities"].sum(axis=1), 1, atol=1e-6)
    names = np.array([b"food", b"sport", b"trains"])
    assert answer["label"].tolist() == names[answer["probabilities"].argmax(axis=1)].tolist()


def test_what_stands_behind_the_limit_is_not_read(model):
    texts = [b"a free prize! " * 100 + end for end in (b"", b"dinner at ours? " * 50)]
    first, second = ask(model, "serving_default", text=texts)["spam_probability"]
    assert first == pytest.approx(second, abs=1e-5)


@settings(max_examples=20, deadline=None)
@given(data=st.data())
def test_an_answer_does_not_depend_on_its_batch(model, alone, data):
    # Beyond 64 texts a batch is answered in chunks.
    size = data.draw(st.sampled_from([2, 7, 63, 64, 65, 130]))
    random = data.draw(st.randoms(use_true_random=False))
    texts = random.choices(list(alone), k=size)
    answers = ask(model, "serving_default", text=texts)["spam_probability"]
    np.testing.assert_allclose(answers, [alone[text] for text in texts], atol=1e-5)


@settings(max_examples=20, deadline=None)
@given(text=st.binary(max_size=200), others=st.lists(st.binary(max_size=400), max_size=5))
def test_any_bytes_get_the_same_answer_in_any_batch(model, text, others):
    (by_itself,) = ask(model, "serving_default", text=[text])["spam_probability"]
    assert 0 <= by_itself <= 1
    answers = ask(model, "serving_default", text=[*others, text])["spam_probability"]
    assert answers[-1] == pytest.approx(by_itself, abs=1e-5)


def test_the_saved_model_is_the_trained_one(model, spam_run, spam_detector, messages):
    trained = spam_detector.keras_model()
    for variable in trained.variables:
        variable.assign(np.zeros(variable.shape, variable.dtype))
    checkpoint.load(spam_run / "best.npz", trained.variables)
    logits = trained(spam_detector.features(messages))
    np.testing.assert_allclose(scores(model, messages), tf.nn.softmax(logits), atol=1e-5)


def test_the_architecture_stands_in_the_documents(spam_model, small_config):
    config = ManyToOneConfig(**read_json(spam_model / "assets.extra" / "model.json")["model"])
    assert (config.units, config.cell, config.classes) == (small_config.units, "lstm", 2)


# Explanations.


@pytest.fixture(scope="module")
def explained(model, messages):
    return ask(model, "explain", text=messages)


def test_the_tokens_cover_the_text(explained, messages):
    joined = [b"".join(tokens).decode() for tokens in explained["tokens"]]
    assert joined == ["".join(text.decode().split()) for text in messages]


def test_the_tokens_of_odd_texts_cover_what_is_read_of_them(model):
    tokens = ask(model, "explain", text=ODD)["tokens"]
    texts = [text.decode()[:1000] for text in clean(tf.constant(ODD)).numpy()]
    joined = [b"".join(row).decode() for row in tokens]
    assert joined == ["".join(text.split()) for text in texts]


def test_padding_has_no_weight(explained):
    padding = explained["tokens"] == b""
    assert padding.any()
    assert (explained["weights"][padding] == 0).all()
    assert (explained["weights"][~padding] != 0).mean() > 0.9


@pytest.mark.parametrize("part", [slice(0, 40), slice(40, None)])
def test_the_weights_add_up_to_the_way_from_the_empty_text(model, messages, explained, part):
    way = log_odds(model, messages) - log_odds(model, [b""])
    np.testing.assert_allclose(
        explained["weights"].sum(axis=1)[part], way[part], rtol=0.05, atol=1e-3
    )


def test_of_three_labels_the_weights_are_about_the_answered_one(topics_model):
    texts = [b"I dreamt of soup.", b"No more platform nine!", b"a penalty? Not today", b"soup"]
    answered = scores(topics_model, texts).argmax(axis=1)
    weights = ask(topics_model, "explain", text=texts)["weights"].sum(axis=1)
    for n, label in enumerate(answered):
        way = np.subtract(*log_odds(topics_model, [texts[n], b""], label))
        assert weights[n] == pytest.approx(way, rel=0.05, abs=1e-3)


def test_an_explanation_does_not_depend_on_its_batch(model, messages, explained):
    for n in (0, 1, 2):
        by_itself = ask(model, "explain", text=[messages[n]])
        time = by_itself["tokens"].shape[1]
        assert by_itself["tokens"][0].tolist() == explained["tokens"][n, :time].tolist()
        np.testing.assert_allclose(
            by_itself["weights"][0], explained["weights"][n, :time], atol=1e-4
        )


def test_the_empty_text_has_an_empty_explanation(model):
    answer = ask(model, "explain", text=[b"", b"  "])
    assert set(answer["tokens"].flat) == {b""}
    assert set(answer["weights"].flat) == {0}


@pytest.mark.parametrize("signature", ["serving_default", "classify", "explain"])
def test_no_texts_have_no_answers(model, signature):
    (name,) = model.signatures[signature].structured_input_signature[1]
    answers = ask(model, signature, **{name: []})
    assert {len(values) for values in answers.values()} == {0}


@pytest.fixture(scope="module")
def long_messages(explained, messages):
    """Those of enough tokens to take three out of, three others, and leave some."""
    lengths = (explained["tokens"] != b"").sum(axis=1)
    chosen = np.flatnonzero(lengths >= 12)[:40]
    assert len(chosen) >= 30
    return chosen


def without(weights, order):
    """Masks with three tokens of each row taken out: the first by this order of its weights."""
    masks = (weights != 0).astype(np.float32)
    for mask, row in zip(masks, weights, strict=True):
        there = np.flatnonzero(row)
        mask[there[order(row[there])[:3]]] = 0
    return masks


def test_taking_out_the_heaviest_tokens_moves_the_answer_most(
    spam_detector, messages, explained, long_messages
):
    trained = spam_detector.keras_model()
    x, mask = trained.embed(spam_detector.features([messages[n] for n in long_messages]))
    weights = explained["weights"][long_messages, : x.shape[1]]

    def answer(mask):
        logits = trained.read(x, mask).numpy()
        return logits[:, 1] - logits[:, 0]

    random = np.random.default_rng(0)
    whole = answer(mask)
    spammiest = whole - answer(without(weights, lambda row: np.argsort(-row)))
    hammiest = whole - answer(without(weights, np.argsort))
    lightest = whole - answer(without(weights, lambda row: np.argsort(abs(row))))
    others = whole - answer(without(weights, lambda row: random.permutation(len(row))))

    assert (spammiest > 0).mean() > 0.9
    assert (hammiest < 0).mean() > 0.9
    for heavy in (spammiest, -hammiest):
        assert heavy.mean() > 2 * abs(others).mean()
        assert heavy.mean() > 2 * abs(lightest).mean()
        assert (heavy > abs(others)).mean() > 0.8
        assert (heavy > abs(lightest)).mean() > 0.8


def test_taking_the_heaviest_word_out_of_the_text_moves_the_answer_most(
    model, messages, explained, long_messages
):
    chosen = [n for n in long_messages if len(messages[n].split()) >= 6]
    texts = {"heaviest": [], "lightest": []}
    for n in chosen:
        words = messages[n].decode().split()
        weight = word_weights(words, explained["tokens"][n], explained["weights"][n])
        for name, place in (("heaviest", np.argmax(weight)), ("lightest", np.argmin(abs(weight)))):
            texts[name].append(" ".join(words[:place] + words[place + 1 :]).encode())
    whole = log_odds(model, [messages[n] for n in chosen])
    heaviest, lightest = (whole - log_odds(model, texts[name]) for name in texts)
    assert (heaviest > 0).mean() > 0.9
    assert heaviest.mean() > 2 * abs(lightest).mean()
    assert (heaviest > abs(lightest)).mean() > 0.8


def word_weights(words, tokens, weights):
    """The weight of each word is that of its tokens."""
    ends = np.cumsum([len(word) for word in words])
    places = np.searchsorted(ends, np.cumsum([len(token.decode()) for token in tokens]))
    return np.bincount(places.clip(max=len(words) - 1), weights, minlength=len(words))
