"""One client for any server, by REST or gRPC: the typed answers of `zoo.load`."""

import numpy as np
import pytest
import tensorflow as tf

import zoo
from zoo import forms
from zoo.errors import UserError
from zoo.serving.client import Client, Signatures

TEXTS = ["WIN a free prize now", "Dinner at ours?", "", "\U0001f600", b"caf\xe9", "half \ud83d"]


@pytest.fixture(params=["rest", "grpc"])
def client(server, request):
    with zoo.client(getattr(server, request.param)) as found:
        yield found


def test_a_server_answers_as_the_loaded_model(client, spam_detector):
    remote = client.load("spam_detection")
    assert isinstance(remote, forms.TextClassifier)
    assert remote.labels == spam_detector.labels
    for got, expected in zip(remote(TEXTS), spam_detector(TEXTS), strict=True):
        assert type(got) is type(expected)
        assert got.label == expected.label
        assert got.probabilities == pytest.approx(expected.probabilities, abs=1e-6)
    for got, expected in zip(remote.explain(TEXTS), spam_detector.explain(TEXTS), strict=True):
        assert got.tokens == expected.tokens
        assert got.weights == pytest.approx(expected.weights, abs=1e-5)
    assert remote([]) == remote.explain([]) == []


def test_a_version_can_be_chosen(client):
    assert client.load("spam_detection", version=1)(["ok"]) == client.load("spam_detection")(["ok"])
    with pytest.raises(UserError, match="Servable not found for request: Specific"):
        client.load("spam_detection", version=7)
    with pytest.raises(UserError, match="Unrecognized servable version label: a/b"):
        client.load("spam_detection", label="a/b")


def test_what_is_wrong_is_one_line(client):
    with pytest.raises(UserError, match=r"refuses: Servable not found for request: Latest\(spom\)"):
        client.load("spom")
    with pytest.raises(UserError, match="half_plus_two answers y: no model of this zoo"):
        client.load("half_plus_two")
    with pytest.raises(UserError, match="give a list of texts"):
        client.load("spam_detection")("one text")
    with pytest.raises(UserError, match="refuses: The request has 65 rows, more than 64"):
        client.load("spam_detection")(["a"] * 65)


@pytest.mark.parametrize("url", ["http://127.0.0.1:1", "grpc://127.0.0.1:1"])
def test_no_server_is_told(url):
    with zoo.client(url) as client, pytest.raises(UserError, match=r"does not answer: .* is the"):
        client.load("spam_detection")


@pytest.mark.parametrize("url", ["127.0.0.1:8501", "ftp://127.0.0.1", "http://", ""])
def test_no_url_is_told(url):
    with pytest.raises(UserError, match="is no server: give http://HOST:8501 or grpc"):
        zoo.client(url)


def test_three_labels(client, topics):
    remote, loaded = client.load("topics"), zoo.load(topics.model)
    assert remote.labels == loaded.labels
    for got, expected in zip(remote(TEXTS), loaded(TEXTS), strict=True):
        assert got.label == expected.label
        assert got.probabilities == pytest.approx(expected.probabilities, abs=1e-6)


@pytest.fixture(scope="module")
def translator(translation_run):
    return zoo.load(translation_run.model)


def test_a_translator(client, translator):
    remote = client.load("translation")
    assert isinstance(remote, forms.TextGenerator)
    texts = ["A dog runs.", "", "caf\u00e9"]
    for ask in ("__call__", "greedy"):
        for got, expected in zip(
            getattr(remote, ask)(texts), getattr(translator, ask)(texts), strict=True
        ):
            assert type(got) is type(expected)
            assert got.text == expected.text
            assert got.score == pytest.approx(expected.score, rel=1e-5)
    for got, expected in zip(remote.n_best(texts), translator.n_best(texts), strict=True):
        assert [answer.text for answer in got] == [answer.text for answer in expected]
    [got], [expected] = remote.explain(texts[:1]), translator.explain(texts[:1])
    assert (got.source, got.target) == (expected.source, expected.target)
    assert np.array(got.attention) == pytest.approx(np.array(expected.attention), abs=1e-5)


@pytest.fixture(scope="module")
def photo_server(serving, tmp_path_factory):
    """A captioner that says how many bytes it sees, and looks at one place."""
    photos = tf.TensorSpec([None], tf.string, "image_bytes")

    def said(images):
        return tf.strings.as_string(tf.strings.length(images))

    def one(images):
        return {"caption": said(images), "score": tf.fill(tf.shape(images), -0.5)}

    def several(images):
        both = tf.stack([said(images), images], axis=1)
        return {"captions": both, "scores": tf.fill(tf.shape(both), -0.5)}

    def explain(images):
        tokens = tf.stack([said(images), tf.fill(tf.shape(images), "")], axis=1)
        return {"tokens": tokens, "attention": tf.ones([tf.shape(images)[0], 2, 1, 3])}

    signatures = {"serving_default": one, "greedy": one, "n_best": several, "explain": explain}
    folder = tmp_path_factory.mktemp("photos")
    tf.saved_model.save(
        tf.Module(),
        str(folder / "image_captioning" / "1"),
        signatures={
            name: tf.function(function, input_signature=[photos])
            for name, function in signatures.items()
        },
    )
    with serving(folder) as found:
        yield found


@pytest.mark.parametrize("transport", ["rest", "grpc"])
def test_a_captioner(photo_server, transport):
    photo = b"\x89PNG\r\n\xff\x00"
    with zoo.client(getattr(photo_server, transport)) as found:
        remote = found.load("image_captioning")
        assert isinstance(remote, forms.PhotoCaptioner)
        best = forms.Generation("8", -0.5)
        assert remote([photo, b""]) == [best, forms.Generation("0", -0.5)]
        assert remote.greedy([photo]) == [best]
        assert remote.n_best([b"abc"]) == [
            [forms.Generation("3", -0.5), forms.Generation("abc", -0.5)]
        ]
        [looked] = remote.explain([photo])
        assert looked.tokens == ["8"]
        assert looked.attention.shape == (1, 1, 3)
        with pytest.raises(UserError, match="give a list of photos"):
            remote(photo)


def test_a_signature_that_the_server_has_not_is_told():
    class Bare:
        def signatures(self, target):
            outputs = {"reply": "DT_STRING", "score": "DT_FLOAT"}
            return Signatures(
                {"serving_default": {"text": "DT_STRING"}}, {"serving_default": outputs}
            )

    with pytest.raises(UserError, match="chatbot has no signature 'greedy' on this server"):
        Client(Bare()).load("chatbot").greedy(["a"])


def test_draws_are_asked_row_by_row():
    asked = []

    class Recorder:
        def signatures(self, target):
            inputs = {"text": "DT_STRING", "seed": "DT_INT64", "temperature": "DT_FLOAT"}
            outputs = {"reply": "DT_STRING", "score": "DT_FLOAT"}
            names = ("serving_default", "sample")
            return Signatures(dict.fromkeys(names, inputs), dict.fromkeys(names, outputs))

        def predict(self, target, signature, inputs, types):
            asked.append((signature, inputs))
            return {"reply": np.array([b"yes", b"no"], object), "score": np.float32([-1, -2])}

    chat = Client(Recorder()).load("chatbot")
    drawn = chat.sample(["a", "b"], [3, 4], temperature=0.5)
    assert drawn == [forms.Generation("yes", -1.0), forms.Generation("no", -2.0)]
    [(signature, inputs)] = asked
    assert signature == "sample"
    assert inputs == {
        "text": [b"a", b"b"], "seed": [3, 4], "temperature": [0.5, 0.5], "top_p": [1.0, 1.0],
    }  # fmt: skip
