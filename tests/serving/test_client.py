"""One client for any server, by REST or gRPC: the typed answers of `zoo.load`."""

import numpy as np
import pytest

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
    with pytest.raises(UserError, match="refuses: Input text has 65 rows, more than 64"):
        client.load("spam_detection")(["a"] * 65)


@pytest.mark.parametrize("url", ["http://127.0.0.1:1", "grpc://127.0.0.1:1"])
def test_no_server_is_told(url):
    with zoo.client(url) as client, pytest.raises(UserError, match=r"does not answer: .* is the"):
        client.load("spam_detection")


@pytest.mark.parametrize("url", ["127.0.0.1:8501", "ftp://127.0.0.1", "http://", ""])
def test_no_url_is_told(url):
    with pytest.raises(UserError, match="is no server: give http://HOST:8501 or grpc"):
        zoo.client(url)


class Scripted:
    """Stands for a server that holds a translator."""

    def signatures(self, target):
        text = {"text": "DT_STRING"}
        one = {"translation": "DT_STRING", "score": "DT_FLOAT"}
        many = {"translations": "DT_STRING", "scores": "DT_FLOAT"}
        return Signatures(
            {"serving_default": text, "n_best": text}, {"serving_default": one, "n_best": many}
        )

    def predict(self, target, signature, inputs, types):
        texts = [text.upper() for text in inputs["text"]]
        if signature == "n_best":
            return {
                "translations": np.array([[t, b"?"] for t in texts], object),
                "scores": np.array([[-0.5, -1.5]] * len(texts), np.float32),
            }
        return {
            "translation": np.array(texts, object),
            "score": np.full(len(texts), -0.5, np.float32),
        }


def test_a_generator_is_known_by_its_signatures():
    translate = Client(Scripted()).load("translation")
    assert translate(["a", "b"]) == [forms.Generation("A", -0.5), forms.Generation("B", -0.5)]
    assert translate.n_best(["a"]) == [[forms.Generation("A", -0.5), forms.Generation("?", -1.5)]]
    with pytest.raises(UserError, match="translation has no signature 'greedy' on this server"):
        translate.greedy(["a"])
