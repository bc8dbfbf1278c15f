"""Calls a SavedModel's signatures in a child process, through TensorFlow's C library."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from zoo.errors import UserError
from zoo.export import capi
from zoo.export.signatures import Signature

Arrays = dict[str, NDArray[Any]]
"""Tensors by their names in a signature; strings are object arrays of bytes."""


@dataclass(frozen=True)
class Call:
    """A request: a signature and its inputs."""

    signature: str
    inputs: Arrays


@dataclass(frozen=True)
class Failure:
    """Why a call got no answer, in one line.

    Attributes:
        crashed: whether the whole process died of it.
    """

    message: str
    crashed: bool = False


Answer = Arrays | Failure


@dataclass(frozen=True)
class Run:
    """What a child process reports.

    Attributes:
        version: the version of the C library; None if the child died.
        error: why the model could not be loaded, or not be asked all calls at once, or None.
        unknown_ops: the operations that the library does not know.
        answers: one for each call; empty if there is an error.
    """

    version: str | None
    error: str | None
    unknown_ops: list[str]
    answers: list[Answer]


@dataclass(frozen=True)
class Runtime:
    """A Python to run the child with, and the C library it is to load.

    Attributes:
        python: the interpreter; it needs its standard library alone.
        library: the folder of an installed `tensorflow` package.
    """

    python: Path
    library: Path

    @classmethod
    def current(cls) -> Runtime:
        """This interpreter and the TensorFlow that is installed beside it."""
        spec = find_spec("tensorflow")
        if spec is None or spec.origin is None:
            raise UserError("TensorFlow is not installed: run `pip install tensorflow`")
        return cls(Path(sys.executable), Path(spec.origin).parent)

    def run(
        self,
        path: Path,
        signatures: Mapping[str, Signature],
        calls: Sequence[Call],
        ops: Sequence[str] = (),
    ) -> Run:
        """Loads the model once and puts all calls to it.

        If the process dies, the calls are halved and tried again until those that killed it are
        found: loading is dear, and crashes are rare.

        Args:
            path: the folder that holds `saved_model.pb`.
            signatures: the model's signatures, which give the names of its tensors.
            calls: the requests; a call of an unknown signature or input is answered by a failure.
            ops: operations to ask the library for.

        Raises:
            UserError: if the library cannot be loaded at all.
        """
        reply = self._reply(path, signatures, calls, ops)
        if isinstance(reply, Run):
            return reply
        if not calls:
            return Run(None, reply, [], [])
        bare = self.run(path, signatures, [], ops)
        if bare.error is not None:
            return bare
        answers = self._halved(path, signatures, calls, reply)
        if not any(isinstance(answer, Failure) and answer.crashed for answer in answers):
            error = f"{reply} when asked everything, though not when asked in parts"
            return Run(bare.version, error, bare.unknown_ops, [])
        return Run(bare.version, None, bare.unknown_ops, answers)

    def _halved(
        self, path: Path, signatures: Mapping[str, Signature], calls: Sequence[Call], death: str
    ) -> list[Answer]:
        if len(calls) == 1:
            return [Failure(death, crashed=True)]
        answers: list[Answer] = []
        middle = len(calls) // 2
        for half in (calls[:middle], calls[middle:]):
            reply = self._reply(path, signatures, half, ())
            answers += (
                reply.answers
                if isinstance(reply, Run)
                else self._halved(path, signatures, half, reply)
            )
        return answers

    def _reply(
        self,
        path: Path,
        signatures: Mapping[str, Signature],
        calls: Sequence[Call],
        ops: Sequence[str],
    ) -> Run | str:
        """The child's report, or how the child died."""
        written = [_to_json(signatures, call) for call in calls]
        document = {
            "saved_model": str(path),
            "library": str(self.library),
            "ops": list(ops),
            "calls": [call for call in written if not isinstance(call, Failure)],
        }
        child = subprocess.run(
            # Isolated: the script finds neither this project nor any installed package.
            [str(self.python), "-I", capi.__file__],
            input=json.dumps(document),
            capture_output=True,
            encoding="utf-8",
            check=False,
            # A served model runs on a CPU, even where the machine that checks it has more.
            env=os.environ | {"TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1"},
        )
        if child.returncode < 0:
            return f"the process died ({signal.Signals(-child.returncode).name})"
        if child.returncode:
            raise UserError(
                f"{self.python} could not use TensorFlow's C library in {self.library}: "
                f"{_one_line(child.stderr)}; install tensorflow there"
            )
        reply = json.loads(child.stdout)
        version, unknown_ops = reply["version"], reply["unknown_ops"]
        if reply["error"] is not None:
            return Run(version, _one_line(reply["error"]), unknown_ops, [])
        replies = iter(reply["calls"])
        answers = [
            refused
            if isinstance(refused, Failure)
            else _from_json(signatures[call.signature], next(replies))
            for call, refused in zip(calls, written, strict=True)
        ]
        return Run(version, None, unknown_ops, answers)


def _to_json(signatures: Mapping[str, Signature], call: Call) -> dict[str, Any] | Failure:
    signature = signatures.get(call.signature)
    if signature is None:
        return Failure(f"the model has no signature {call.signature}")
    if set(call.inputs) != set(signature.inputs):
        return Failure(
            f"{call.signature} takes the inputs {', '.join(sorted(signature.inputs))}, "
            f"got {', '.join(sorted(call.inputs))}"
        )
    return {
        "feeds": [
            _feed(signature.inputs[name].tensor, array)
            for name, array in sorted(call.inputs.items())
        ],
        "fetches": [endpoint.tensor or "" for endpoint in signature.outputs.values()],
    }


def _feed(tensor: str | None, array: NDArray[Any]) -> dict[str, Any]:
    strings = array.dtype == object
    values = array.ravel().tolist()
    return {
        "tensor": tensor or "",
        "dtype": "string" if strings else array.dtype.name,
        "shape": list(array.shape),
        "values": [capi.string_to_json(value) for value in values] if strings else values,
    }


def _from_json(signature: Signature, reply: dict[str, Any]) -> Answer:
    if "error" in reply:
        return Failure(_one_line(reply["error"]))
    return {
        name: tensor_from_json(output["values"], output["dtype"]).reshape(output["shape"])
        for name, output in zip(signature.outputs, reply["outputs"], strict=True)
    }


def tensor_from_json(values: Any, dtype: str) -> NDArray[Any]:
    """An array of nested lists, its strings decoded by the rule of `zoo.export.capi`.

    Args:
        values: a leaf or nested lists of one shape.
        dtype: TensorFlow's name of the type.

    Raises:
        ValueError: if the lists are ragged or a value is not of the type.
    """
    if dtype != "string":
        return np.array(values, dtype=dtype)
    array = np.array(_decoded(values), dtype=object)
    if any(isinstance(value, list) for value in array.flat):
        raise ValueError("the lists are ragged")
    return array


def _decoded(values: Any) -> Any:
    if isinstance(values, list):
        return [_decoded(value) for value in values]
    try:
        return capi.string_from_json(values)
    except capi.CApiError as error:
        raise ValueError(str(error)) from error


def _one_line(message: str) -> str:
    """The first line that says something, cut to a length that a terminal shows."""
    lines = [line.strip() for line in message.splitlines() if line.strip()]
    return lines[0][:300] if lines else "no reason given"
