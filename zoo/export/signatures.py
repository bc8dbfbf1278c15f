"""What a `saved_model.pb` says of itself: its signatures, its operations, its devices."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any


class ArtefactError(Exception):
    """A file of the artefact is missing or is not what it should be."""


@dataclass(frozen=True)
class Endpoint:
    """One input or output of a signature.

    Attributes:
        tensor: the tensor's name in the graph, such as `serving_default_text:0`; None for a
            composite (sparse or ragged) tensor, which has no single name.
        dtype: TensorFlow's name of the type, such as `float32` or `string`.
        shape: the sizes, None where one is free; None if even the rank is unknown.
    """

    tensor: str | None
    dtype: str
    shape: tuple[int | None, ...] | None


@dataclass(frozen=True)
class Signature:
    """A signature: the method name it declares, its inputs and its outputs by their names."""

    method: str
    inputs: dict[str, Endpoint]
    outputs: dict[str, Endpoint]


@dataclass(frozen=True)
class SavedModel:
    """What `saved_model.pb` declares.

    Attributes:
        served: whether a graph is tagged `serve`; if none is, nothing follows.
        signatures: the signatures of the graph that is tagged `serve`, by name.
        ops: every operation of that graph and of its function library.
        devices: every device that a node asks for.
        compiled: the functions and nodes that ask to be compiled by XLA.
        serialised: the bytes of the file.
    """

    served: bool
    signatures: dict[str, Signature]
    ops: frozenset[str]
    devices: frozenset[str]
    compiled: frozenset[str]
    serialised: bytes


def read_saved_model(path: Path) -> SavedModel:
    """Reads `path/saved_model.pb`.

    Raises:
        ArtefactError: if the file is missing, truncated, or no SavedModel.
    """
    from google.protobuf.message import DecodeError
    from tensorflow.core.protobuf import meta_graph_pb2, saved_model_pb2

    try:
        serialised = (path / "saved_model.pb").read_bytes()
    except OSError as error:
        raise ArtefactError(
            f"saved_model.pb cannot be read ({error.strerror}): give a model's version folder, "
            "such as saved_models/spam_detection/1"
        ) from error
    proto = saved_model_pb2.SavedModel()
    try:
        proto.ParseFromString(serialised)
    except DecodeError as error:
        raise ArtefactError("saved_model.pb is truncated or no SavedModel") from error
    tagged = [graph for graph in proto.meta_graphs if "serve" in graph.meta_info_def.tags]
    served = tagged[0] if tagged else meta_graph_pb2.MetaGraphDef()
    functions = served.graph_def.library.function
    nodes = [*served.graph_def.node, *(node for f in functions for node in f.node_def)]
    names = {function.signature.name for function in functions}
    return SavedModel(
        served=bool(tagged),
        signatures={
            name: _signature(definition)
            for name, definition in sorted(served.signature_def.items())
            # TensorFlow's own entries, such as the one that runs initialisers.
            if not name.startswith("__")
        },
        # A node may also name a function of the library as its operation.
        ops=frozenset(node.op for node in nodes) - names,
        devices=frozenset(node.device for node in nodes if node.device),
        compiled=frozenset(
            [
                *_compiled((f.signature.name, f.attr) for f in functions),
                *_compiled((node.name, node.attr) for node in nodes),
            ]
        ),
        serialised=serialised,
    )


def _signature(definition: Any) -> Signature:
    return Signature(
        method=definition.method_name,
        inputs={name: _endpoint(info) for name, info in sorted(definition.inputs.items())},
        outputs={name: _endpoint(info) for name, info in sorted(definition.outputs.items())},
    )


def _endpoint(info: Any) -> Endpoint:
    from tensorflow import dtypes

    dims = (dim.size for dim in info.tensor_shape.dim)
    return Endpoint(
        tensor=info.name if info.WhichOneof("encoding") == "name" else None,
        dtype=dtypes.as_dtype(info.dtype).name,
        shape=None
        if info.tensor_shape.unknown_rank
        else tuple(None if size < 0 else size for size in dims),
    )


def _compiled(attributes: Iterable[tuple[str, Any]]) -> list[str]:
    # Membership first: reading a missing key of a protobuf map would create it.
    key = "_XlaMustCompile"
    return [name for name, attr in attributes if key in attr and attr[key].b]
