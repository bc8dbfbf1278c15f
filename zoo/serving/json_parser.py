"""JSON as TensorFlow Serving reads it, and how its error messages quote it."""

import json
import math
from typing import Any

from zoo.serving.status import ServingError, invalid

# What the server's parser, RapidJSON, says where Python's says something else.
_REASONS = {
    "Expecting value": "Invalid value.",
    "Expecting property name enclosed in double quotes": "Missing a name for object member.",
    "Expecting ':' delimiter": "Missing a colon after a name of object member.",
    "Expecting ',' delimiter": "Missing a comma or closing bracket after an element.",
    "Unterminated string starting at": "Missing a closing quotation mark in string.",
    "Invalid control character at": "Invalid encoding in string.",
    "Invalid \\escape": "Invalid escape character in string.",
    "Invalid \\uXXXX escape": "Incorrect hex digit after \\u escape in string.",
}
_TYPES = {
    type(None): "Null",
    dict: "Object",
    list: "Array",
    str: "String",
    int: "Number",
    float: "Number",
}
_QUOTED_BYTES = 256
_INT64_DIGITS = 18  # any number of so few digits fits


def parse(body: bytes) -> dict[str, Any]:
    """The object at the beginning of a request's body; what follows it is ignored.

    NaN and Infinity are read. A string's bytes that are no UTF-8 stand for themselves (see
    `string_bytes`). An integer beyond 64 bits is a float.

    Raises:
        ServingError: the body does not begin with an object.
    """
    # Of a body of spaces TensorFlow Serving says the same as of an empty one.
    text = body.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "surrogateescape").lstrip(" \t\r\n")
    if not text:
        raise invalid("JSON Parse error: The document is empty")
    try:
        document, _ = _DECODER.raw_decode(text)
    except json.JSONDecodeError as error:
        reason = _REASONS.get(error.msg, "Invalid value.")
        skipped = len(body.decode("utf-8", "surrogateescape")) - len(text)
        raise invalid(f"JSON Parse error: {reason} at offset: {skipped + error.pos}") from error
    except RecursionError as error:
        raise invalid("JSON Parse error: Nested too deeply.") from error
    if not isinstance(document, dict):
        raise invalid(f"JSON Value: {quote(document)} Is not object")
    return document


def _float(text: str) -> float:
    value = float(text)
    if math.isinf(value):  # the word Infinity does not come here
        raise invalid("JSON Parse error: Number too big to be stored in double.")
    return value


def _integer(text: str) -> int | float:
    if len(text) <= _INT64_DIGITS:
        return int(text)
    if len(text) <= _INT64_DIGITS + 3:
        value = int(text)
        if -(2**63) <= value < 2**64:
            return value
    return _float(text)


_DECODER = json.JSONDecoder(parse_float=_float, parse_int=_integer)
_ENCODER = json.JSONEncoder(indent=4, ensure_ascii=False)


def type_name(value: Any) -> str:
    """The type of a JSON value in error messages."""
    if isinstance(value, bool):
        return str(value)
    return _TYPES[type(value)]


def quote(value: Any) -> str:
    """A JSON value in error messages: its first bytes."""
    text = ""
    for part in _ENCODER.iterencode(value):
        text += part[:_QUOTED_BYTES]
        if len(text) >= _QUOTED_BYTES:
            break
    quoted = text.encode("utf-8", "replace")[:_QUOTED_BYTES]
    return quoted.decode("utf-8", "ignore")


def string_bytes(value: str) -> bytes:
    """The bytes of a JSON string.

    Raises:
        ServingError: half of a surrogate pair was written by an escape sequence.
    """
    try:
        return value.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError as error:
        message = "JSON Parse error: The surrogate pair in string is invalid."
        raise ServingError("INVALID_ARGUMENT", message) from error
