"""The golden requests of an artefact: questions with the answers that every loader must give."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from zoo.errors import UserError
from zoo.export.child import Answer, Arrays, Call, Failure, Runtime, tensor_from_json
from zoo.export.extra import read_extra
from zoo.export.signatures import ArtefactError, Endpoint, Signature, read_saved_model

TOLERANCE = 1e-4
"""How far a float may be off, absolutely and relatively: kernels round as their machine does."""


@dataclass(frozen=True)
class Golden:
    """A request and the answer that was given when the model was exported."""

    call: Call
    outputs: Arrays


@dataclass(frozen=True)
class GoldenAnswers:
    """How a C library answered the golden requests.

    Attributes:
        version: the library's version; None if it died.
        requests: how many requests there are.
        problems: what differs, one line each; empty if nothing does.
    """

    version: str | None
    requests: int
    problems: list[str]


def read_golden(path: Path, signatures: Mapping[str, Signature]) -> list[Golden]:
    """Reads `assets.extra/golden.json` of the SavedModel at `path`.

    Raises:
        ArtefactError: if the file is missing, malformed, or disagrees with the signatures.
    """
    try:
        document = read_extra(path, "golden.json")
    except UserError as error:
        raise ArtefactError(str(error)) from error
    requests = document.get("requests")
    if not isinstance(requests, list) or not requests:
        raise ArtefactError("golden.json holds no requests")
    return [
        _golden(f"request {number} of golden.json", request, signatures)
        for number, request in enumerate(requests)
    ]


def _golden(where: str, request: Any, signatures: Mapping[str, Signature]) -> Golden:
    try:
        name, inputs, outputs = request["signature"], request["inputs"], request["outputs"]
        signature = signatures[name]
    except (KeyError, TypeError) as error:
        raise ArtefactError(f"{where}: missing, or no signature of the model: {error}") from error
    return Golden(
        Call(name, _tensors(f"{where}: input", inputs, signature.inputs)),
        _tensors(f"{where}: output", outputs, signature.outputs),
    )


def _tensors(where: str, values: Any, endpoints: Mapping[str, Endpoint]) -> Arrays:
    if not isinstance(values, dict) or set(values) != set(endpoints):
        raise ArtefactError(f"{where}s are not the signature's: {', '.join(sorted(endpoints))}")
    tensors = {}
    for name, endpoint in endpoints.items():
        try:
            tensors[name] = tensor_from_json(values[name], endpoint.dtype)
        except (ValueError, TypeError, OverflowError) as error:
            raise ArtefactError(f"{where} {name} is no {endpoint.dtype}: {error}") from error
        if endpoint.shape is not None and tensors[name].ndim != len(endpoint.shape):
            raise ArtefactError(f"{where} {name} has not the rank {len(endpoint.shape)}")
    return tensors


def golden_problems(golden: Sequence[Golden], answers: Sequence[Answer]) -> list[str]:
    """What differs from the golden answers, one line for each request that differs."""
    problems = []
    for number, (request, answer) in enumerate(zip(golden, answers, strict=True)):
        problem = difference(request.outputs, answer)
        if problem is not None:
            problems.append(f"request {number} ({request.call.signature}): {problem}")
    return problems


def difference(expected: Arrays, answer: Answer) -> str | None:
    """The first difference between an answer and the expected one, or None.

    Strings and whole numbers must be equal, floats within `TOLERANCE`, and shapes equal.
    """
    if isinstance(answer, Failure):
        return answer.message
    for name, wanted in expected.items():
        got = answer[name]
        if got.shape != wanted.shape:
            return f"{name} has the shape {list(got.shape)}, expected {list(wanted.shape)}"
        wrong = np.argwhere(~_close(got, wanted))
        if len(wrong):
            place = tuple(wrong[0])
            index = ", ".join(map(str, place))
            return f"{name}[{index}] is {_shown(got[place])}, expected {_shown(wanted[place])}"
    return None


def _close(got: NDArray[Any], wanted: NDArray[Any]) -> NDArray[np.bool_]:
    if np.issubdtype(wanted.dtype, np.floating):
        return np.isclose(got, wanted, rtol=TOLERANCE, atol=TOLERANCE, equal_nan=True)
    return np.asarray(got == wanted, dtype=bool)


def _shown(value: Any) -> str:
    if isinstance(value, bytes):
        return repr(value.decode("utf-8", "backslashreplace")[:60])
    return str(value)


def answer_golden(path: Path, runtime: Runtime) -> GoldenAnswers:
    """Answers a model's golden requests with a C library and compares.

    Args:
        path: the folder that holds `saved_model.pb`.
        runtime: the Python to run, and the C library for it to load.

    Raises:
        ArtefactError: if the model's files cannot be read.
        UserError: if the library cannot be loaded.
    """
    signatures = read_saved_model(path).signatures
    golden = read_golden(path, signatures)
    run = runtime.run(path, signatures, [request.call for request in golden])
    problems = (
        [f"the model does not load: {run.error}"]
        if run.error is not None
        else golden_problems(golden, run.answers)
    )
    return GoldenAnswers(run.version, len(golden), problems)
