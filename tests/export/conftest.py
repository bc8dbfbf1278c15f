"""A tiny artefact, and a way to write variants of it."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf
from tensorflow_serving.apis import prediction_log_pb2

from zoo.export.capi import string_to_json

WORDS = ["free", "prize", "now", "hello", "dinner"]
TEXTS = [b"free prize now", b"hello", b"dinner now caf\xe9"]


class Classifier(tf.Module):
    """Reads words one by one in a loop; knows five of them."""

    def __init__(self):
        super().__init__()
        self.table = tf.lookup.StaticHashTable(
            tf.lookup.KeyValueTensorInitializer(WORDS, tf.range(1, 6)), default_value=0
        )
        random = np.random.default_rng(0)
        self.embeddings = tf.Variable(random.normal(size=(6, 4)), dtype=tf.float32)
        self.recurrent = tf.Variable(random.normal(size=(4, 4)), dtype=tf.float32)
        self.output = tf.Variable(random.normal(size=(4,)), dtype=tf.float32)

    def words(self, text):
        clean = tf.strings.unicode_transcode(
            text, "UTF-8", "UTF-8", replace_control_characters=True
        )
        cut = tf.strings.substr(clean, 0, 200, unit="UTF8_CHAR")
        return tf.strings.split(cut).to_tensor("")

    def probability(self, text):
        words = self.words(text)
        inputs = tf.gather(self.embeddings, self.table.lookup(words))
        mask = tf.cast(words != "", tf.float32)

        def step(time, state):
            new = tf.tanh(inputs[:, time] + state @ self.recurrent)
            kept = self.kept(mask[:, time, None])
            return time + 1, kept * new + (1.0 - kept) * state

        state = tf.zeros([tf.shape(text)[0], 4])
        _, state = tf.while_loop(
            lambda time, _: time < tf.shape(words)[1], step, (tf.constant(0), state)
        )
        return tf.sigmoid(tf.linalg.matvec(state, self.output))

    def kept(self, mask):
        """1 where a step counts, 0 where it is padding."""
        return mask

    def answer(self, text):
        probability = self.probability(text)
        label = tf.where(probability > 0.5, "spam", "ham")
        return {"label": label, "spam_probability": probability}

    def classify(self, inputs):
        features = {"text": tf.io.FixedLenFeature([], tf.string, "")}
        probability = self.probability(tf.io.parse_example(inputs, features)["text"])
        scores = tf.stack([1.0 - probability, probability], axis=1)
        classes = tf.broadcast_to(tf.constant(["ham", "spam"]), tf.shape(scores))
        return {"classes": classes, "scores": scores}

    def explain(self, text):
        words = self.words(text)
        return {"tokens": words, "weights": tf.cast(tf.strings.length(words), tf.float32)}

    def sample(self, text, seed):
        def noise(seed):
            return tf.random.stateless_uniform([], tf.stack([seed, 0]))

        drawn = tf.map_fn(noise, seed, fn_output_signature=tf.float32)
        return {"spam_probability": self.probability(text) * drawn}

    def signatures(self):
        """The functions by signature, with the columns of their golden requests."""
        example = [
            tf.train.Example(
                features=tf.train.Features(
                    feature={"text": tf.train.Feature(bytes_list=tf.train.BytesList(value=[text]))}
                )
            ).SerializeToString()
            for text in TEXTS
        ]
        return {
            "serving_default": (self.answer, {"text": TEXTS}),
            "classify": (self.classify, {"inputs": example}),
            "explain": (self.explain, {"text": TEXTS}),
            "sample": (self.sample, {"text": TEXTS, "seed": np.array([1, 2, 3], "int64")}),
        }


def json_values(values):
    """Nested lists, or one value, for JSON."""
    if isinstance(values, list):
        return [json_values(value) for value in values]
    return string_to_json(values) if isinstance(values, bytes) else values


def write_warmup(path, requests):
    """Writes (signature, inputs) as warm-up records."""
    with tf.io.TFRecordWriter(str(path / "assets.extra/tf_serving_warmup_requests")) as writer:
        for signature, inputs in requests:
            log = prediction_log_pb2.PredictionLog()
            request = log.predict_log.request
            request.model_spec.signature_name = signature
            for name, value in inputs.items():
                request.inputs[name].CopyFrom(tf.make_tensor_proto(value))
            writer.write(log.SerializeToString())


def write_artefact(module, path):
    """Writes an artefact whose golden answers are those of Python's TensorFlow."""
    traced, golden = {}, []
    for name, (function, inputs) in module.signatures().items():
        tensors = {key: tf.constant(value) for key, value in inputs.items()}
        specs = {key: tf.TensorSpec([None], t.dtype, key) for key, t in tensors.items()}
        traced[name] = tf.function(function, input_signature=list(specs.values()))
        golden.append(
            {
                "signature": name,
                "inputs": {key: json_values(t.numpy().tolist()) for key, t in tensors.items()},
                "outputs": {
                    key: json_values(np.asarray(t).tolist())
                    for key, t in traced[name](**tensors).items()
                },
            }
        )
    tf.saved_model.save(module, str(path), signatures=traced)
    extra = path / "assets.extra"
    extra.mkdir()
    (extra / "golden.json").write_text(json.dumps({"requests": golden}))
    for name in ("facts.json", "model.json"):
        (extra / name).write_text("{}")
    write_warmup(path, [("serving_default", {"text": [text]}) for text in TEXTS])
    return path


@pytest.fixture(scope="session")
def classifier():
    return Classifier


@pytest.fixture(scope="session")
def write():
    return write_artefact


@pytest.fixture(scope="session")
def warmup():
    return write_warmup


@pytest.fixture(scope="session")
def artefact(tmp_path_factory) -> Path:
    """An artefact that keeps the contract; not to be changed."""
    return write_artefact(Classifier(), tmp_path_factory.mktemp("models") / "tiny" / "1")


@pytest.fixture
def copied(artefact, tmp_path) -> Path:
    """A copy of the artefact, to be broken."""
    return Path(shutil.copytree(artefact, tmp_path / "tiny" / "1"))
