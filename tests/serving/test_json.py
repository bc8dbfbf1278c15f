"""TensorFlow Serving's cases for tensors in JSON, over REST."""

import base64

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zoo.serving import json_parser
from zoo.serving.json_values import decimal


def b64(text):
    return {"b64": base64.b64encode(text.encode()).decode()}


@pytest.fixture
def predict(ask):
    """Ask a signature that answers its inputs."""

    def post(signature, key, value):
        status, document = ask("predict", {"signature_name": signature, key: value})
        assert status == 200, document
        return document

    return post


@pytest.mark.parametrize(
    ("signature", "value"),
    [
        ("ints", [[1, 2], [3, 4], [5, 6]]),
        ("ints", [[[1, 2], [3, 4], [5, 6]], [[7, 8], [9, 0], [1, 2]]]),
        ("ints", [-(2**31), 2**31 - 1]),
        ("doubles", [1.0, 2, 3, 0.662, 0, 0.0, -1e300]),
        ("strings", ["foo", "", '\u00fc \U0001f600 \x00 "quoted" \\ \n']),
        ("ints", [[], []]),
    ],
)
def test_rows_and_columns(predict, signature, value):
    assert predict(signature, "instances", value) == {"predictions": value}
    assert predict(signature, "inputs", value) == {"outputs": value}


def test_no_rows(predict):
    assert predict("ints", "inputs", []) == {"outputs": []}
    assert predict("strings", "inputs", []) == {"outputs": []}


def test_base64(predict):
    hello, world = b64("hello"), b64("world")
    assert predict("strings", "instances", [hello, world]) == {"predictions": ["hello", "world"]}
    assert predict("strings", "instances", [[hello], [world]])["predictions"] == [
        ["hello"], ["world"],
    ]  # fmt: skip
    named = [{"str_tensor": [[hello], [world]]}]
    assert predict("strings", "instances", named)["predictions"] == [[["hello"], ["world"]]]
    assert predict("strings", "inputs", hello) == {"outputs": "hello"}
    assert predict("strings", "inputs", {"b64": "aGVs bG8"}) == {"outputs": "hello"}


def test_names_that_end_in_bytes_are_answered_in_base64(predict):
    words = [["hello", "world"], ["tf", "serving"]]
    written = [[b64(word) for word in row] for row in words]
    assert predict("bytes", "instances", words) == {"predictions": written}
    assert predict("bytes", "inputs", {"str_tensor_bytes": words}) == {"outputs": written}


def test_bytes_that_are_no_utf8_go_through(predict, ask):
    raw = b'{"signature_name": "bytes", "inputs": ["caf\xe9"]}'
    assert ask("predict", raw)[1] == {"outputs": [{"b64": "Y2Fm6Q=="}]}


MANY = [
    {
        "int_tensor": [[1, 2], [3, 4], [5, 6]],
        "str_tensor": ["foo", "bar"],
        "float_tensor": [1.0, float("nan")],
        "dbl_tensor": [float("-inf")],
    },
    {
        "int_tensor": [[7, 8], [9, 0], [1, 2]],
        "str_tensor": ["baz", "bat"],
        "float_tensor": [2.0, float("inf")],
        "dbl_tensor": [2.0],
    },
]


def test_several_inputs(predict):
    rows = predict("many", "instances", MANY)["predictions"]
    assert str(rows[0]) == str(dict(sorted(MANY[0].items())))
    assert rows[1] == MANY[1]
    columns = {name: [row[name] for row in MANY] for name in MANY[0]}
    columns["str_tensor"] = [b64("foo"), b64("bar")]  # inputs of columns may differ in their rows
    answer = predict("many", "inputs", columns)["outputs"]
    assert answer["str_tensor"] == ["foo", "bar"]
    assert answer["int_tensor"] == columns["int_tensor"]


def test_every_type_that_json_has(predict):
    row = {
        "int8": -128, "int16": 300, "int64": -(2**63), "uint8": 255, "uint32": 2**32 - 1,
        "uint64": 2**64 - 1, "bool": True,
    }  # fmt: skip
    assert predict("types", "instances", [row]) == {"predictions": [row]}


@pytest.mark.parametrize(
    ("signature", "body", "message"),
    [
        ("ints", {"instances": [1], "inputs": [1]}, "Not formatted correctly expecting only one"),
        ("ints", {"instances": 1}, "Excepting 'instances' to be an list/array"),
        ("ints", {"instances": []}, "No values in 'instances' array"),
        ("ints", {"instances": [[1, 2], [3, 4], [5, 6, 7]]}, "Expecting tensor size: 2 but got: 3"),
        ("ints", {"instances": [[1, 2], [[5, 6]]]}, "Expecting shape [2] but got: [1,2]"),
        ("ints", {"instances": [1, [1]]}, "Expecting shape [] but got: [1]"),
        ("ints", {"instances": [[1, 2], ["a", "b"]]}, "not of expected type: int32"),
        ("ints", {"instances": [1.5]}, "JSON Value: 1.5 Type: Number is not of expected"),
        ("ints", {"instances": [2**31]}, "not of expected type: int32"),
        ("ints", {"instances": [True]}, "JSON Value: true Type: True is not of expected type"),
        ("ints", {"instances": [None]}, "JSON Value: null Type: Null is not of expected type"),
        ("ints", {"inputs": [[1, 2], [3]]}, "Encountered list at unexpected size: 1 at level: 1"),
        ("ints", {"inputs": [1, [2]]}, "Encountered list at unexpected level: 1 expected < 1"),
        ("ints", {"inputs": [[1], 2]}, "found at incorrect level: 2 in the JSON DOM"),
        ("ints", {"inputs": {"other": 1}}, "Missing named input: int_tensor in 'inputs' object."),
        ("strings", {"inputs": [{"b64": "%%%"}]}, "Unable to base64 decode"),
        ("strings", {"inputs": [{"b64": 1}]}, "not formatted correctly for base64 data"),
        ("strings", {"inputs": [5]}, "not of expected type: string"),
        ("serving_default", {"instances": [1.7976931348623157e308]}, "without loss of precision"),
        ("serving_default", {"instances": [16777217]}, "to float without loss of precision"),
        ("doubles", {"instances": [9007199254740993]}, "to double without loss of precision"),
        ("many", {"instances": [1]}, "instances is a plain list, but expecting list of objects"),
        ("many", {"inputs": [1]}, "inputs is a plain value/list, but expecting an object"),
        ("many", {"instances": [MANY[1], [1]]}, "Expecting object but got list at item 1"),
        ("many", {"instances": [{"int_tensor": 1}]},
         "keys must be equal to: dbl_tensor,float_tensor,int_tensor,str_tensor"),
        ("many", {"instances": [{"x": 1}]},
         "Failed to process element: 0 key: x of 'instances' list. Error: INVALID_ARGUMENT: "
         "JSON object: does not have named input: x"),
        ("strings", {"instances": [["a"], {"str_tensor": ["a"]}]},
         "Expecting value/list but got object at item 1"),
        ("scalar", {"instances": [1.0]}, "Tensor name: y has no shape information"),
        ("uneven", {"instances": [1.0]}, "b has inconsistent batch size: 2 expecting: 1"),
        ("complex", {"inputs": [1.0]}, "Failed to write JSON value for tensor type: complex64"),
        ("half", {"inputs": [1.0]}, "Failed to write JSON value for tensor type: float16"),
        ("rows", {"inputs": [[1.0]]}, "Input x must have the shape [-1], and has [1, 1]"),
    ],
)  # fmt: skip
def test_errors(ask, signature, body, message):
    status, document = ask("predict", {"signature_name": signature, **body})
    assert status == 400
    assert message in document["error"]


def test_a_scalar_is_answered_by_columns(predict):
    assert predict("scalar", "inputs", [1.0, 2.5]) == {"outputs": 3.5}


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (9000000, "9e+06"), (999999, "999999.0"), (0.5, "0.5"), (0.0003, "0.0003"),
        (0.00003, "3e-05"), (555557.5, "555557.5"), (3, "3.0"), (-0.0, "-0.0"),
        (float("nan"), "NaN"), (float("inf"), "Infinity"), (float("-inf"), "-Infinity"),
    ],
)  # fmt: skip
def test_numbers_are_written_as_by_tensorflow_serving(value, text):
    assert decimal(float(value), np.float32) == text


@given(st.floats(width=32, allow_nan=False, allow_infinity=False))
def test_a_float_reads_back_as_the_same(value):
    text = decimal(value, np.float32)
    assert np.float32(text) == np.float32(value)
    assert {".", "e"} & set(text)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_double_reads_back_as_the_same(value):
    assert float(decimal(value, np.float64)) == value


@given(st.binary(max_size=60))
@settings(max_examples=300)
def test_any_bytes_are_parsed_or_refused(body):
    try:
        assert isinstance(json_parser.parse(body), dict)
    except json_parser.ServingError as error:
        assert error.http == 400


@given(st.recursive(st.none() | st.integers() | st.text(), st.lists))
def test_a_quoted_value_is_short(value):
    assert len(json_parser.quote(value).encode()) <= 256
