"""Classify and regress requests in JSON: tf.Examples."""

from collections.abc import Mapping
from typing import Any

from zoo.serving.examples import with_context
from zoo.serving.json_parser import quote, string_bytes, type_name
from zoo.serving.json_values import check_lossless, decode_base64, is_base64
from zoo.serving.limits import Limits
from zoo.serving.status import invalid

_KINDS = {"bytes_list": "bytes", "float_list": "float", "int64_list": "int64"}


def read_examples(document: Mapping[str, Any], limits: Limits) -> list[bytes]:
    """The serialised tf.Examples of a body, each with the features of its `context`.

    Raises:
        ServingError: the body holds none, where the messages are TensorFlow Serving's, or too many.
    """
    context = _example(document["context"]) if "context" in document else b""
    if "examples" not in document:
        raise invalid(
            f"JSON Value: {quote(document)} When method is classify, key 'examples'"
            " is expected and was not found"
        )
    examples = document["examples"]
    if not isinstance(examples, list):
        raise invalid(
            f"JSON Value: {quote(document)} Expecting 'examples' value to be an list/array"
        )
    if not examples:
        raise invalid(f"JSON Value: {quote(document)} 'examples' value is an empty array")
    limits.check_rows(len(examples))
    return with_context(context, [_example(example) for example in examples], limits)


def _example(value: Any) -> bytes:
    from tensorflow.core.example import example_pb2

    if not isinstance(value, dict):
        raise invalid(f"Example must be JSON object but got JSON {type_name(value)}")
    example = example_pb2.Example()
    for name, content in value.items():
        feature = example.features.feature[string_bytes(name).decode("utf-8", "replace")]
        for element in content if isinstance(content, list) else [content]:
            _add(feature, name, element)
    return bytes(example.SerializeToString())


def _add(feature: Any, name: str, value: Any) -> None:
    """Add an element to a feature, whose kind is that of its first."""
    if (
        value is None
        or isinstance(value, list)
        or (isinstance(value, dict) and not is_base64(value))
    ):
        raise invalid(f"Feature: {name} has element with unexpected JSON type: {type_name(value)}")
    element: Any
    if isinstance(value, bool | int):
        kind, element = "int64_list", int(value)
    elif isinstance(value, float):
        kind, element = "float_list", value
    else:
        kind = "bytes_list"
        element = decode_base64(value) if isinstance(value, dict) else string_bytes(value)
    there = feature.WhichOneof("kind")
    if there not in (None, kind):
        raise invalid(f"Unexpected element type in feature: {name} expecting type: {_KINDS[there]}")
    if kind == "int64_list" and element >= 2**63:
        raise invalid(f"Feature: {name} has uint64 element. Only int64 is supported.")
    if kind == "float_list":
        check_lossless(element, "float32")
    getattr(feature, kind).value.append(element)
