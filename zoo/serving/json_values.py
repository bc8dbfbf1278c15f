"""Single values between JSON and tensors, by the types that TensorFlow Serving's REST API knows."""

import base64
import binascii
from collections.abc import Callable
from typing import Any

import numpy as np

from zoo.serving.json_parser import quote, string_bytes, type_name
from zoo.serving.status import ServingError, invalid

# Integers that a JSON number may be: small types are read as int32.
_INTEGERS = {
    "int8": (-(2**31), 2**31),
    "int16": (-(2**31), 2**31),
    "int32": (-(2**31), 2**31),
    "uint8": (-(2**31), 2**31),
    "int64": (-(2**63), 2**63),
    "uint32": (0, 2**32),
    "uint64": (0, 2**64),
}
_FLOATS = {"float32": ("float", 2**24 - 1), "float64": ("double", 2**53 - 1)}
# TensorFlow's names of the types.
_NAMES = {"float32": "float", "float64": "double"}

Read = Callable[[Any], Any]


def reader(dtype: str) -> Read:
    """The function that reads a JSON value as one element of a tensor of this type.

    It raises ServingError for a value of another type, and for a number that the type cannot hold.
    """
    if dtype in _FLOATS:
        return lambda value: _read_float(value, dtype)
    if dtype in _INTEGERS:
        return lambda value: _read_integer(value, dtype)
    if dtype == "bool":
        return _read_bool
    if dtype == "string":
        return _read_string
    raise ServingError("UNIMPLEMENTED", f"Conversion of JSON Value to type: {dtype}")


def _wrong_type(value: Any, dtype: str) -> ServingError:
    expected = _NAMES.get(dtype, dtype)
    return invalid(
        f"JSON Value: {quote(value)} Type: {type_name(value)} is not of expected type: {expected}"
    )


def _read_float(value: Any, dtype: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _wrong_type(value, dtype)
    check_lossless(value, dtype)
    return float(value)


def check_lossless(value: float, dtype: str) -> None:
    """Raise ServingError if a number of JSON is beyond what a floating type holds exactly."""
    name, greatest = _FLOATS[dtype]
    too_great = (
        abs(value) > greatest
        if isinstance(value, int)
        else np.isfinite(value) and abs(value) > float(np.finfo(dtype).max)
    )
    if too_great:
        raise invalid(
            f"Cannot convert JSON value: {quote(value)} to {name} without loss of precision."
        )


def _read_integer(value: Any, dtype: str) -> int:
    lowest, beyond = _INTEGERS[dtype]
    whole = isinstance(value, int) and not isinstance(value, bool)
    if not whole or not lowest <= value < beyond:
        raise _wrong_type(value, dtype)
    return int(value)


def _read_bool(value: Any) -> bool:
    if not isinstance(value, bool):
        raise _wrong_type(value, "bool")
    return value


def _read_string(value: Any) -> bytes:
    if isinstance(value, dict):
        return decode_base64(value)
    if not isinstance(value, str):
        raise _wrong_type(value, "string")
    return string_bytes(value)


def is_base64(value: Any) -> bool:
    """Whether a JSON value is `{"b64": "..."}`."""
    return isinstance(value, dict) and len(value) == 1 and isinstance(value.get("b64"), str)


def decode_base64(value: dict[str, Any]) -> bytes:
    """The bytes of `{"b64": "..."}`, with or without padding and white space.

    Raises:
        ServingError: it is another object, or no base64.
    """
    if not is_base64(value):
        raise invalid(f"JSON Value: {quote(value)} not formatted correctly for base64 data")
    text = "".join(value["b64"].split())
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except (binascii.Error, ValueError) as error:
        raise invalid("Unable to base64 decode") from error


def decimal(value: float, dtype: type[np.floating[Any]]) -> str:
    """A number in JSON: the fewest digits that read back as the same, always with a `.` or an `e`.

    Args:
        value: of the type.
        dtype: whose precision counts.
    """
    if not np.isfinite(value):
        return "NaN" if np.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    text = f"{value:g}"
    if dtype(text) != value:
        text = str(dtype(value))
    return text if "." in text or "e" in text else f"{text}.0"
