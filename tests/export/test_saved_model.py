"""An artefact is written whole or not at all; and the artefacts that ship."""

import errno
import json
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf
from tensorflow_serving.apis import prediction_log_pb2

from zoo import hub
from zoo.errors import UserError
from zoo.export.child import tensor_from_json
from zoo.export.saved_model import export, to_json
from zoo.export.verify import verify
from zoo.training.run import read_json

SHIPPED = Path(__file__).parents[2] / "saved_models"
MODELS = [path.parent for path in sorted(SHIPPED.glob("*/*/saved_model.pb"))]
MEGABYTES = {
    "spam_detection": 5,
    "sentiment": 25,
    "translation": 30,
    "chatbot": 30,
    "image_captioning": 30,
}
ASKED = [("serving_default", {"text": [b"one", b"\xff"]})]


class Echo(tf.Module):
    def __init__(self):
        super().__init__()
        self.length = tf.Variable(1)

        @tf.function(input_signature=[tf.TensorSpec([None], tf.string, name="text")])
        def echo(text):
            return {"echo": text, "length": tf.strings.length(text) * self.length}

        self.functions = {"serving_default": echo}


def write(path, **changes):
    documents = {"model": {}, "facts": {}, "golden": ASKED, "warmup": ASKED}
    export(Echo(), path, **{**documents, **changes})


def contents(folder):
    return {path: path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def answers_golden(path):
    """How many golden requests were answered, and as they were when the model was exported."""
    signatures = tf.saved_model.load(str(path)).signatures
    requests = read_json(path / "assets.extra" / "golden.json")["requests"]
    for request in requests:
        signature = signatures[request["signature"]]
        types = signature.structured_input_signature[1]
        inputs = {
            name: tf.constant(tensor_from_json(value, types[name].dtype.name))
            for name, value in request["inputs"].items()
        }
        answer = signature(**inputs)
        assert answer.keys() == request["outputs"].keys()
        for name, expected in request["outputs"].items():
            if answer[name].dtype.is_floating:
                np.testing.assert_allclose(answer[name], expected, rtol=1e-4, atol=1e-4)
            else:
                assert to_json(answer[name].numpy()) == expected
    return len(requests)


# Writing.


def test_an_export_is_a_model_with_its_documents(tmp_path):
    path = tmp_path / "echo" / "1"
    write(path, model={"form": "è"}, facts={"seed": 1})
    assert read_json(path / "assets.extra" / "model.json") == {"form": "è"}
    assert read_json(path / "assets.extra" / "facts.json") == {"seed": 1}
    (golden,) = read_json(path / "assets.extra" / "golden.json")["requests"]
    assert golden["signature"] == "serving_default"
    assert golden["outputs"] == {"echo": ["one", {"b64": "/w=="}], "length": [3, 1]}
    assert [child.name for child in path.parent.iterdir()] == ["1"]


def test_an_existing_version_is_not_overwritten(tmp_path):
    path = tmp_path / "echo" / "1"
    path.mkdir(parents=True)
    (path / "notes.txt").write_text("mine")
    with pytest.raises(UserError, match=r"exists and is not overwritten: export to a new version"):
        write(path)
    assert contents(tmp_path) == {path / "notes.txt": b"mine"}


@pytest.mark.parametrize("name", ["best", "v2", "1.5", "-1"])
def test_a_version_is_a_number(tmp_path, name):
    path = tmp_path / name
    with pytest.raises(UserError, match="is no version") as error:
        write(path)
    assert str(path / "1") in str(error.value)
    assert list(tmp_path.iterdir()) == []


def no_room_for_the_graph(monkeypatch):
    def save(module, folder, **_):
        Path(folder).mkdir(parents=True)
        (Path(folder) / "saved_model.pb").write_bytes(b"half")
        raise tf.errors.ResourceExhaustedError(None, None, "No space left on device")

    monkeypatch.setattr(tf.saved_model, "save", save)


def no_room_for_the_documents(monkeypatch):
    def write_text(*_, **__):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_text", write_text)


def no_room_for_the_warmup(monkeypatch):
    class Writer:
        def __init__(self, path):
            raise tf.errors.ResourceExhaustedError(None, None, "No space left on device")

    monkeypatch.setattr(tf.io, "TFRecordWriter", Writer)


@pytest.mark.parametrize(
    "fill_the_disk", [no_room_for_the_graph, no_room_for_the_documents, no_room_for_the_warmup]
)
def test_a_full_disk_leaves_nothing_behind(tmp_path, monkeypatch, fill_the_disk):
    write(tmp_path / "echo" / "1")
    before = contents(tmp_path)
    fill_the_disk(monkeypatch)
    with pytest.raises(UserError, match="No space left on device") as error:
        write(tmp_path / "echo" / "2")
    assert "\n" not in str(error.value)
    assert contents(tmp_path) == before
    assert [child.name for child in (tmp_path / "echo").iterdir()] == ["1"]


def test_what_is_stopped_leaves_nothing_behind(tmp_path, monkeypatch):
    def stop(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(json, "dumps", stop)
    with pytest.raises(KeyboardInterrupt):
        write(tmp_path / "echo" / "1")
    assert list((tmp_path / "echo").iterdir()) == []


# What a training writes.


def test_the_golden_requests_ask_every_signature(spam_model):
    requests = read_json(spam_model / "assets.extra" / "golden.json")["requests"]
    asked = {request["signature"] for request in requests}
    assert asked == {"serving_default", "classify", "explain"}
    assert answers_golden(spam_model) == len(requests)


def test_the_warmup_asks_every_signature(spam_model):
    file = spam_model / "assets.extra" / "tf_serving_warmup_requests"
    asked = set()
    for record in tf.data.TFRecordDataset(str(file)).as_numpy_iterator():
        request = prediction_log_pb2.PredictionLog.FromString(record).predict_log.request
        assert request.model_spec.name == "spam_detection"
        asked.add(request.model_spec.signature_name)
        (values,) = (tf.make_ndarray(tensor) for tensor in request.inputs.values())
        assert len(values) > 0
    assert asked == {"serving_default", "classify", "explain"}


def test_a_trained_model_keeps_the_serving_contract(spam_model):
    report = verify(spam_model)
    assert [check for check in report.checks if not check.ok] == []
    assert report.ok


# What ships.


def test_the_spam_detector_ships():
    assert "spam_detection" in {path.parent.name for path in MODELS}


@pytest.mark.parametrize("path", MODELS, ids=lambda path: f"{path.parent.name}-{path.name}")
class TestShipped:
    def test_answers_its_golden_requests(self, path):
        assert answers_golden(path) > 0

    def test_keeps_the_serving_contract(self, path):
        assert [check for check in verify(path).checks if not check.ok] == []

    def test_keeps_its_size(self, path):
        size = sum(file.stat().st_size for file in path.rglob("*") if file.is_file())
        assert size <= MEGABYTES[path.parent.name] * 1e6

    def test_loads_and_is_listed(self, path, monkeypatch):
        monkeypatch.delenv("ZOO_MODELS", raising=False)
        assert hub.load(path.parent.name, int(path.name)).path == path
        (info,) = [info for info in hub.list_models() if info.path == path]
        assert info.metrics["test"]
        assert info.licence
