"""Answers in JSON."""

import base64
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from zoo.serving.json_values import decimal
from zoo.serving.status import invalid

Classes = Sequence[tuple[str, float]]
"""The labels of one example, with their scores."""


def write_predict(outputs: Mapping[str, np.ndarray], *, rows: bool) -> str:
    """The body of an answer.

    Raises:
        ServingError: by rows, and the outputs have not one row each for the same number of rows; or
            a type that JSON does not know.
    """
    if not outputs:
        raise invalid("Cannot convert empty tensor map to JSON")
    if rows:
        _check_rows(outputs)
    written = {name: _written(name, outputs[name]) for name in sorted(outputs)}
    if not rows:
        if len(written) == 1:
            return f'{{\n    "outputs": {_json(*written.values())}\n}}'
        columns = ",\n".join(f"        {json.dumps(k)}: {_json(v)}" for k, v in written.items())
        return f'{{\n    "outputs": {{\n{columns}\n    }}\n}}'
    if len(written) == 1:
        [column] = written.values()
        items = [_json(value) for value in column]
    else:
        items = [
            "{"
            + ", ".join(f"{json.dumps(k)}: {_json(v)}" for k, v in zip(written, row, strict=True))
            + "}"
            for row in zip(*written.values(), strict=True)
        ]
    return '{\n    "predictions": [' + ",\n        ".join(items) + "\n    ]\n}"


def _check_rows(outputs: Mapping[str, np.ndarray]) -> None:
    expected = None
    for name, array in sorted(outputs.items()):
        if not array.ndim:
            raise invalid(f"Tensor name: {name} has no shape information ")
        if expected is not None and len(array) != expected:
            raise invalid(
                f"Tensor name: {name} has inconsistent batch size: {len(array)}"
                f" expecting: {expected}"
            )
        expected = len(array)


def _json(value: Any) -> str:
    """A nested list of JSON texts as one text."""
    if isinstance(value, list):
        return f"[{', '.join(map(_json, value))}]"
    return str(value)


def _written(name: str, array: np.ndarray) -> Any:
    """An array as a nested list of JSON texts."""
    write = _writer(name, array)
    texts = np.empty(array.size, object)
    texts[:] = [write(value) for value in array.ravel().tolist()]
    return texts.reshape(array.shape).tolist()


def _writer(name: str, array: np.ndarray) -> Callable[[Any], str]:
    kind = array.dtype.type
    if kind in (np.float32, np.float64):
        return lambda value: decimal(value, kind)
    if kind is np.object_:
        return _write_base64 if name.endswith("_bytes") else _write_string
    if kind is np.bool_:
        return lambda value: "true" if value else "false"
    if np.issubdtype(kind, np.integer) and kind is not np.uint16:
        return str
    raise invalid(f"Failed to write JSON value for tensor type: {array.dtype.name}")


def _write_base64(value: bytes) -> str:
    return f'{{"b64": "{base64.b64encode(value).decode()}"}}'


def _write_string(value: bytes) -> str:
    return json.dumps(value.decode("utf-8", "replace"), ensure_ascii=False)


def write_classifications(results: Sequence[Classes]) -> str:
    """The body of a classify answer."""
    rows = (
        ", ".join(
            f"[{json.dumps(label, ensure_ascii=False)}, {decimal(score, np.float32)}]"
            for label, score in row
        )
        for row in results
    )
    return '{\n    "results": [' + ",\n        ".join(f"[{row}]" for row in rows) + "\n    ]\n}"


def write_regressions(results: Sequence[float]) -> str:
    """The body of a regress answer."""
    values = ", ".join(decimal(value, np.float32) for value in results)
    return f'{{\n    "results": [{values}\n    ]\n}}'
