"""Small models, and the local server over real sockets."""

import functools
import json
import queue
import shutil
import threading
from contextlib import contextmanager
from types import SimpleNamespace

import grpc
import httpx
import pytest
import tensorflow as tf
from tensorflow_serving.apis import model_service_pb2_grpc, prediction_service_pb2_grpc

from zoo.serving.limits import Limits
from zoo.serving.server import Address, serve

SMALL = Limits(body_bytes=1 << 20, rows=64, text_bytes=5000, image_bytes=6000, seconds=20)


def echo(**dtypes):
    """A signature that answers its inputs."""
    specs = [tf.TensorSpec(None, dtype, name) for name, dtype in dtypes.items()]
    names = list(dtypes)
    return tf.function(
        lambda *x: {name: tf.identity(t) for name, t in zip(names, x, strict=True)},
        input_signature=specs,
    )


def of_examples(function):
    """A signature of serialised tf.Examples with the feature `x`."""

    def parsed(inputs):
        x = tf.io.parse_example(inputs, {"x": tf.io.FixedLenFeature([1], tf.float32)})["x"]
        return function(x)

    return tf.function(parsed, input_signature=[tf.TensorSpec([None], tf.string, "inputs")])


def of_x(function, shape=None):
    return tf.function(function, input_signature=[tf.TensorSpec(shape, tf.float32, "x")])


def half_plus(offset):
    """y = 0.5 x + offset: TensorFlow Serving's own test model is that with 2."""
    module = tf.Module()
    module.a, module.b = tf.Variable(0.5), tf.Variable(float(offset))

    def y(x):
        return module.a * x + module.b

    return module, {
        "serving_default": of_x(lambda x: {"y": y(x)}),
        "rows": of_x(lambda x: {"y": y(x)}, [None]),
        "classify_x_to_y": of_examples(lambda x: {"scores": y(x)}),
        "named": of_examples(
            lambda x: {"classes": tf.fill(tf.shape(x), "half"), "scores": y(x)},
        ),
        "regress_x_to_y": of_examples(lambda x: {"outputs": y(x)}),
        "regress_x_to_y2": of_examples(lambda x: {"outputs": y(x)[:, 0] + 1}),
        "ints": echo(int_tensor=tf.int32),
        "doubles": echo(dbl_tensor=tf.float64),
        "strings": echo(str_tensor=tf.string),
        "bytes": echo(str_tensor_bytes=tf.string),
        "types": echo(
            int8=tf.int8, int16=tf.int16, int64=tf.int64, uint8=tf.uint8, uint32=tf.uint32,
            uint64=tf.uint64, bool=tf.bool,
        ),
        "many": echo(
            int_tensor=tf.int32, str_tensor=tf.string, float_tensor=tf.float32,
            dbl_tensor=tf.float64,
        ),
        "scalar": of_x(lambda x: {"y": tf.reduce_sum(x)}),
        "uneven": of_x(lambda x: {"a": x, "b": tf.concat([x, x], 0)}),
        "complex": of_x(lambda x: {"y": tf.cast(x, tf.complex64)}),
        "half": of_x(lambda x: {"y": tf.cast(x, tf.float16)}),
    }  # fmt: skip


@pytest.fixture(scope="session")
def save(tmp_path_factory):
    """Write y = 0.5 x + offset as a version."""

    @functools.cache
    def saved(offset):
        module, signatures = half_plus(offset)
        path = tmp_path_factory.mktemp("half") / "1"
        tf.saved_model.save(module, str(path), signatures=signatures)
        return path

    return lambda path, offset=2: shutil.copytree(saved(offset), path)


@contextmanager
def running(models, limits=SMALL):
    """A server of a folder, as `rest` and `grpc`."""
    started = queue.Queue()

    def run():
        try:
            serve(models, Address(rest_port=0, grpc_port=0), limits, started.put)
        except BaseException as error:
            started.put(error)

    thread = threading.Thread(target=run)
    thread.start()
    found = started.get(timeout=120)
    if isinstance(found, BaseException):
        thread.join()
        raise found
    rest = f"http://127.0.0.1:{found.address.rest_port}"
    target = f"127.0.0.1:{found.address.grpc_port}"
    channel = grpc.insecure_channel(target)
    http = httpx.Client(base_url=rest, timeout=30)
    try:
        yield SimpleNamespace(
            rest=rest,
            grpc=f"grpc://{target}",
            address=found.address,
            http=http,
            prediction=prediction_service_pb2_grpc.PredictionServiceStub(channel),
            models=model_service_pb2_grpc.ModelServiceStub(channel),
        )
    finally:
        http.close()
        channel.close()
        found.stop()
        thread.join()


@pytest.fixture(scope="session")
def serving():
    return running


MODELS_CONFIG = """model_config_list {
  config {
    name: "half_plus_two" base_path: "/models/half" model_platform: "tensorflow"
    model_version_policy { specific { versions: 123 versions: 124 } }
    version_labels { key: "stable" value: 123 }
    version_labels { key: "a/b" value: 124 }
  }
  config {
    name: "spam_detection" base_path: "/models/spam_detection" model_platform: "tensorflow"
    version_labels { key: "stable" value: 1 }
  }
  config { name: "topics" base_path: "/models/topics" model_platform: "tensorflow" }
  config { name: "translation" base_path: "/models/translation" model_platform: "tensorflow" }
}
"""


@pytest.fixture(scope="session")
def server(save, spam_model, topics, translation_run, tmp_path_factory):
    """Serves half plus two as 123 (stable), half plus three as 124, and three small models."""
    folder = tmp_path_factory.mktemp("served")
    save(folder / "half" / "00000123", 2)
    save(folder / "half" / "124", 3)
    (folder / "half" / "notes").mkdir()
    for name, model in (
        ("spam_detection", spam_model),
        ("topics", topics.model),
        ("translation", translation_run.model),
    ):
        (folder / name).symlink_to(model.parent)
    (folder / "models.config").write_text(MODELS_CONFIG)
    with running(folder) as found:
        yield found


HALF = "/v1/models/half_plus_two/labels/stable"


@pytest.fixture
def ask(server):
    """POST to the API of half plus two: the status and the document."""

    def post(api, body, path=HALF):
        content = body if isinstance(body, str | bytes) else json.dumps(body)
        response = server.http.post(f"{path}:{api}", content=content)
        assert response.headers["content-type"] == "application/json"
        return response.status_code, response.json()

    return post
