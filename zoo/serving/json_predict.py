"""Predict requests in JSON, by rows or by columns."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from zoo.export.child import Arrays
from zoo.export.signatures import Endpoint
from zoo.serving.json_parser import quote
from zoo.serving.json_values import Read, is_base64, reader
from zoo.serving.limits import Limits
from zoo.serving.status import ServingError, invalid

Inputs = Mapping[str, Endpoint]

_MAX_RANK = 32  # NumPy has at most 64, and no model so many


class PredictRequest(NamedTuple):
    """What a body asks.

    Attributes:
        inputs: tensors by name.
        rows: whether the answer is to be by rows, as the request was.
    """

    inputs: Arrays
    rows: bool


def signature_name(document: Mapping[str, Any]) -> str:
    """The signature that a body names; "" for none."""
    name = document.get("signature_name", "")
    if not isinstance(name, str):
        raise invalid(
            f"JSON Value: {quote(document)} not formatted correctly. "
            "'signature_name' key must be a string value."
        )
    return name


def read_predict(document: Mapping[str, Any], inputs: Inputs, limits: Limits) -> PredictRequest:
    """Tensors from the `instances` or the `inputs` of a body.

    Args:
        document: the body.
        inputs: of the signature.
        limits: of rows.

    Raises:
        ServingError: the body does not fit them, where the messages are TensorFlow Serving's, or
            has too many rows.
    """
    if "instances" in document and "inputs" in document:
        raise invalid(
            f"JSON Value: {quote(document)} Not formatted correctly expecting only"
            " one of 'inputs' or 'instances' keys to exist "
        )
    if "instances" in document:
        instances = document["instances"]
        if not isinstance(instances, list):
            raise invalid(
                f"JSON Value: {quote(document)} Excepting 'instances' to be an list/array"
            )
        if not instances:
            raise invalid(f"JSON Value: {quote(document)} No values in 'instances' array")
        limits.check_rows(len(instances))
        return PredictRequest(_rows(instances, inputs), rows=True)
    if "inputs" in document:
        return PredictRequest(_columns(document["inputs"], inputs, limits), rows=False)
    raise invalid("Missing 'inputs' or 'instances' key")


class _Flat(NamedTuple):
    """The shape of a nested list, and its elements in order."""

    shape: tuple[int, ...]
    elements: list[Any]

    def array(self, dtype: str) -> np.ndarray:
        return _array(self.elements, dtype).reshape(self.shape)


def _array(elements: list[Any], dtype: str) -> np.ndarray:
    if dtype == "string":
        array = np.empty(len(elements), object)
        array[:] = elements
        return array
    # By way of a wide type: what a small integer cannot hold wraps around, as in C++.
    wide = {"int8": "int64", "int16": "int64", "uint8": "int64"}.get(dtype, dtype)
    return np.array(elements, wide).astype(dtype)


def _flatten(value: Any, read: Read) -> _Flat:
    shape: list[int] = []
    first = value
    while isinstance(first, list):
        shape.append(len(first))
        if len(shape) > _MAX_RANK:
            raise invalid(f"Encountered lists nested deeper than {_MAX_RANK} levels")
        if not first:
            break
        first = first[0]
    elements: list[Any] = []
    _fill(value, 0, shape, read, elements)
    return _Flat(tuple(shape), elements)


def _fill(value: Any, level: int, shape: list[int], read: Read, elements: list[Any]) -> None:
    rank = len(shape)
    if not isinstance(value, list):
        if level != rank:
            raise invalid(
                f"JSON Value: {quote(value)} found at incorrect level: {level + 1}"
                f" in the JSON DOM. Expected at level: {rank}"
            )
        elements.append(read(value))
        return
    if level >= rank:
        raise invalid(f"Encountered list at unexpected level: {level} expected < {rank}")
    if len(value) != shape[level]:
        raise invalid(
            f"Encountered list at unexpected size: {len(value)} at level: {level}"
            f" expected size: {shape[level]}"
        )
    for item in value:
        _fill(item, level + 1, shape, read, elements)


def _is_named(item: Any) -> bool:
    """Whether it is an object of inputs by name."""
    return isinstance(item, dict) and not is_base64(item)


def _rows(instances: list[Any], inputs: Inputs) -> Arrays:
    if not isinstance(instances[0], dict) and len(inputs) > 1:
        raise invalid(
            "instances is a plain list, but expecting list of objects as multiple "
            "input tensors required as per tensorinfo_map"
        )
    named = _is_named(instances[0])
    readers = {name: reader(endpoint.dtype) for name, endpoint in inputs.items()}
    columns: dict[str, list[_Flat]] = {name: [] for name in inputs}
    for number, item in enumerate(instances):
        if named and not _is_named(item):
            raise invalid(f"Expecting object but got list at item {number} of input list")
        if not named and _is_named(item):
            raise invalid(f"Expecting value/list but got object at item {number} of input list")
        where = f"Failed to process element: {number}"
        for name, value in item.items() if named else [(next(iter(inputs)), item)]:
            key = f" key: {name}" if named else ""
            try:
                _add(columns, name, value, readers)
            except ServingError as error:
                raise invalid(
                    f"{where}{key} of 'instances' list. Error: {error.code}: {error.message}"
                ) from error
        if named and item.keys() != inputs.keys():
            raise invalid(
                f"{where} of 'instances' list. JSON object: {quote(item)}"
                f" keys must be equal to: {','.join(sorted(inputs))}"
            )
    return {
        name: _Flat(
            (len(rows), *rows[0].shape), [element for row in rows for element in row.elements]
        ).array(inputs[name].dtype)
        for name, rows in columns.items()
    }


def _add(
    columns: dict[str, list[_Flat]], name: str, value: Any, readers: Mapping[str, Read]
) -> None:
    """Add a row to a column; all rows of a column have one shape."""
    if name not in columns:
        raise invalid(f"JSON object: does not have named input: {name}")
    row = _flatten(value, readers[name])
    if columns[name]:
        first = columns[name][0]
        if len(row.elements) != len(first.elements):
            raise invalid(
                f"Expecting tensor size: {len(first.elements)} but got: {len(row.elements)}"
            )
        if row.shape != first.shape:
            raise invalid(f"Expecting shape {_shown(first.shape)} but got: {_shown(row.shape)}")
    columns[name].append(row)


def _shown(shape: tuple[int, ...]) -> str:
    return f"[{','.join(map(str, shape))}]"


def _columns(value: Any, inputs: Inputs, limits: Limits) -> Arrays:
    if not _is_named(value):
        if len(inputs) > 1:
            raise invalid(
                "inputs is a plain value/list, but expecting an object as multiple "
                "input tensors required as per tensorinfo_map"
            )
        value = {next(iter(inputs)): value}
    arrays = {}
    for name, endpoint in inputs.items():
        if name not in value:
            raise invalid(f"Missing named input: {name} in 'inputs' object.")
        column = value[name]
        limits.check_rows(len(column) if isinstance(column, list) else 1)
        arrays[name] = _flatten(column, reader(endpoint.dtype)).array(endpoint.dtype)
    return arrays
