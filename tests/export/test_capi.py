"""The C library's loader, as the script that it is."""

import json
import math
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
import tensorflow as tf
from hypothesis import given
from hypothesis import strategies as st

from zoo.export import capi
from zoo.export.signatures import read_saved_model

LIBRARY = Path(find_spec("tensorflow").origin).parent
DTYPES = {
    "float32": [0.5, math.inf, -2.0],
    "float64": [0.1, -math.inf, 1e300],
    "int8": [-128, 0, 127],
    "int16": [-(2**15), 0, 1],
    "int32": [-(2**31), 0, 1],
    "int64": [-(2**63), 0, 2**63 - 1],
    "uint8": [0, 1, 255],
    "uint16": [0, 1, 2**16 - 1],
    "uint32": [0, 1, 2**32 - 1],
    "uint64": [0, 1, 2**64 - 1],
    "bool": [True, False, True],
    "string": ["", "\0 caf\u00e9 \U0001f600 " * 9, {"b64": "//4="}],
}


def script(document):
    """Runs the script without site-packages: it has the standard library alone."""
    text = document if isinstance(document, str) else json.dumps(document)
    return subprocess.run(
        [sys.executable, "-I", "-S", capi.__file__], input=text, capture_output=True, text=True
    )


@pytest.fixture(scope="module")
def echo(tmp_path_factory):
    """A model that gives back a [b, 1] tensor of every type, and half-precision floats."""
    module = tf.Module()
    specs = [tf.TensorSpec([None, 1], dtype, f"in_{dtype}") for dtype in DTYPES]

    @tf.function(input_signature=specs)
    def echo(*tensors):
        same = {f"out_{t.dtype.name}": tf.concat([t[:1], t[1:]], 0) for t in tensors}
        return same | {"out_half": tf.cast(tensors[0], tf.float16)}

    path = tmp_path_factory.mktemp("echo")
    tf.saved_model.save(module, str(path), signatures=echo)
    return path


@pytest.fixture(scope="module")
def reply(echo):
    """One run of the script that puts all the calls of this file."""
    signature = read_saved_model(echo).signatures["serving_default"]
    fetches = {name: endpoint.tensor for name, endpoint in signature.outputs.items()}

    def feed(name, endpoint, **changes):
        values = DTYPES[endpoint.dtype]
        tensor = {"tensor": endpoint.tensor, "dtype": endpoint.dtype, "shape": [3, 1]}
        return tensor | {"values": [[value] for value in values]} | changes.get(name, {})

    def call(fetched, **changes):
        feeds = [feed(name, end, **changes) for name, end in signature.inputs.items()]
        return {"feeds": feeds, "fetches": fetched}

    same = [fetches[f"out_{dtype}"] for dtype in DTYPES]
    empty = {f"in_{dtype}": {"shape": [0, 1], "values": []} for dtype in DTYPES}
    calls = {
        "same": call(same),
        "flat": call(same, in_int8={"values": DTYPES["int8"]}),
        "empty": call(same, **empty),
        "unknown tensor": call(["nowhere:0"]),
        "unknown output": call([same[0].partition(":")[0] + ":99"]),
        "wrong dtype": call(same, in_int8={"dtype": "int64"}),
        "unknown dtype": call(same, in_int8={"dtype": "int7"}),
        "out of range": call(same, in_int8={"values": [1, 2, 300]}),
        "no number": call(same, in_int8={"values": ["a", "b", "c"]}),
        "wrong shape": call(same, in_int8={"shape": [2, 1]}),
        "no string": call(same, in_string={"values": [1, 2, 3]}),
        "bad base64": call(same, in_string={"values": [{"b64": "?"}] * 3}),
        "half": call([fetches["out_half"]]),
    }
    document = {
        "saved_model": str(echo),
        "library": str(LIBRARY),
        "ops": ["MatMul", "NoSuchOp", "TFText>SplitMergeTokenize"],
        "calls": list(calls.values()),
    }
    child = script(document)
    assert child.returncode == 0, child.stderr
    answered = json.loads(child.stdout)
    answered["calls"] = dict(zip(calls, answered["calls"], strict=True))
    return answered


def test_version_and_unknown_ops(reply):
    assert reply["version"] == tf.__version__
    assert reply["error"] is None
    assert reply["unknown_ops"] == ["NoSuchOp", "TFText>SplitMergeTokenize"]


@pytest.mark.parametrize("call", ["same", "flat"])
def test_every_type_comes_back_as_it_was_sent(reply, call):
    outputs = reply["calls"][call]["outputs"]
    for (dtype, values), output in zip(DTYPES.items(), outputs, strict=True):
        expected = [[value] for value in values]
        assert output == {"dtype": dtype, "shape": [3, 1], "values": expected}


def test_an_empty_batch_comes_back(reply):
    for output in reply["calls"]["empty"]["outputs"]:
        assert (output["shape"], output["values"]) == ([0, 1], [])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        ("unknown tensor", "no tensor nowhere:0"),
        ("unknown output", "no tensor StatefulPartitionedCall:99|no tensor PartitionedCall:99"),
        ("wrong dtype", "int8"),
        ("unknown dtype", "unknown dtype int7"),
        ("out of range", "a value is no int8"),
        ("no number", "a value is no int8"),
        ("wrong shape", "3 values do not fill"),
        ("no string", "expected a string"),
        ("bad base64", "not a readable string"),
        ("half", "cannot be written as JSON"),
    ],
)
def test_a_bad_call_has_its_own_error(reply, call, message):
    assert any(part in reply["calls"][call]["error"] for part in message.split("|"))


def test_a_model_that_does_not_load_is_an_error_of_the_reply(tmp_path):
    child = script({"saved_model": str(tmp_path), "library": str(LIBRARY), "calls": []})
    assert child.returncode == 0
    assert "Could not find SavedModel" in json.loads(child.stdout)["error"]


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ({"saved_model": "x", "library": "/nowhere", "calls": []}, "no TensorFlow C library"),
        ({"saved_model": "x"}, "malformed"),
        ("no JSON", "malformed"),
        ("[]", "malformed"),
    ],
)
def test_what_cannot_be_read_is_one_line(document, message):
    child = script(document)
    assert (child.returncode, child.stdout) == (2, "")
    assert message in child.stderr
    assert child.stderr.count("\n") == 1


@given(st.binary())
def test_strings_survive_json(value):
    assert capi.string_from_json(json.loads(json.dumps(capi.string_to_json(value)))) == value


@pytest.mark.parametrize("value", [1, None, {"b64": 1}, {"b64": "\u00e9"}, {"a": ""}, "\ud800"])
def test_what_is_no_string_is_refused(value):
    with pytest.raises(capi.CApiError):
        capi.string_from_json(value)
