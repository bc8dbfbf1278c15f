"""Checks of the signature table: what a client of TensorFlow Serving can rely on."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from zoo.export.child import Arrays
from zoo.export.golden import Golden
from zoo.export.report import Check, judged
from zoo.export.signatures import Endpoint, SavedModel, Signature

_NAME = re.compile(r"[a-z][a-z0-9_]*")
_MADE_UP = re.compile(r"(output|outputs|input|inputs|args|arg|keras_tensor)_?\d+")
"""The names that TensorFlow and Keras give to what nobody named."""

_JSON_DTYPES = frozenset(
    [
        "float32",
        "float64",
        "int8",
        "int16",
        "int32",
        "int64",
        "uint8",
        "uint32",
        "uint64",
        "bool",
        "string",
    ]
)
"""What the REST interface of TensorFlow Serving reads and writes."""

_IMAGES = (b"\xff\xd8\xff", b"\x89PNG\r\n")


def check_signatures(saved_model: SavedModel) -> list[Check]:
    """Makes all checks that the table alone decides."""
    signatures = saved_model.signatures
    endpoints = list(_endpoints(signatures))
    return [
        judged(
            "serving_default",
            [] if "serving_default" in signatures else ["there is no such signature"],
            f"signatures: {', '.join(signatures)}",
        ),
        judged("names", _name_problems(signatures), f"{len(endpoints)} inputs and outputs"),
        judged(
            "batch first",
            [
                f"{where} has the shape {_shown(endpoint)}, whose first size is not free"
                for where, endpoint in endpoints
                if not endpoint.shape or endpoint.shape[0] is not None
            ],
            "the first size of every input and output is free",
        ),
        judged(
            "JSON types",
            [
                f"{where} is {endpoint.dtype}, which JSON clients cannot send or read"
                for where, endpoint in endpoints
                if endpoint.dtype not in _JSON_DTYPES
            ],
            ", ".join(sorted({endpoint.dtype for _, endpoint in endpoints})),
        ),
        judged("classify", _classify_problems(signatures), "as :classify expects, where there"),
    ]


def check_binary_names(saved_model: SavedModel, golden: Sequence[Golden]) -> Check:
    """Checks that binary strings, and only strings, have names that end in `_bytes`.

    TensorFlow Serving writes an output in base64 by that ending alone. Which strings are binary is
    decided by the golden requests: inputs that are JPEG or PNG, outputs that are no UTF-8.
    """
    problems = [
        f"{where} ends in _bytes but is {endpoint.dtype}"
        for where, endpoint in _endpoints(saved_model.signatures)
        if where.endswith("_bytes") and endpoint.dtype != "string"
    ]
    for request in golden:
        where = request.call.signature
        problems += [
            f"input {name} of {where} takes images: its name must end in _bytes"
            for name, value in _strings(request.call.inputs)
            if value.startswith(_IMAGES)
        ]
        problems += [
            f"output {name} of {where} is no UTF-8: its name must end in _bytes"
            for name, value in _strings(request.outputs)
            if not is_utf8(value)
        ]
    return judged("binary names", sorted(set(problems)), "binary strings are named *_bytes")


def is_utf8(value: bytes) -> bool:
    """Whether the bytes are valid UTF-8."""
    try:
        value.decode()
    except UnicodeDecodeError:
        return False
    return True


def _endpoints(signatures: dict[str, Signature]) -> Iterator[tuple[str, Endpoint]]:
    for name, signature in signatures.items():
        for key, endpoint in signature.inputs.items():
            yield f"input {name}.{key}", endpoint
        for key, endpoint in signature.outputs.items():
            yield f"output {name}.{key}", endpoint


def _strings(tensors: Arrays) -> Iterator[tuple[str, bytes]]:
    for name, array in tensors.items():
        if array.dtype == object and not name.endswith("_bytes"):
            yield from ((name, value) for value in array.flat)


def _name_problems(signatures: dict[str, Signature]) -> list[str]:
    problems = [
        f"signature {name} has no {kind}"
        for name, signature in signatures.items()
        for kind, table in (("inputs", signature.inputs), ("outputs", signature.outputs))
        if not table
    ]
    for where, endpoint in _endpoints(signatures):
        key = where.rpartition(".")[2]
        if endpoint.tensor is None:
            problems.append(f"{where} is a composite tensor")
        elif _MADE_UP.fullmatch(key) or not _NAME.fullmatch(key):
            problems.append(f"{where} is no chosen name: use lower case, digits and underscores")
    return problems


def _classify_problems(signatures: dict[str, Signature]) -> list[str]:
    problems = []
    for name, signature in signatures.items():
        if name != "classify" and signature.method != "tensorflow/serving/classify":
            continue
        inputs = {key: endpoint.dtype for key, endpoint in signature.inputs.items()}
        outputs = {key: endpoint.dtype for key, endpoint in signature.outputs.items()}
        if inputs != {"inputs": "string"}:
            problems.append(f"{name} must have one input, the string inputs")
        if outputs != {"classes": "string", "scores": "float32"} or any(
            endpoint.shape is None or len(endpoint.shape) != 2
            for endpoint in signature.outputs.values()
        ):
            problems.append(f"{name} must have the outputs classes and scores of rank 2")
    return problems


def _shown(endpoint: Endpoint) -> str:
    if endpoint.shape is None:
        return "of an unknown rank"
    return str([-1 if size is None else size for size in endpoint.shape])
