"""Runs a SavedModel through TensorFlow's C library: no Python TensorFlow, no Keras, no NumPy.

TensorFlow Serving loads models with the same C++ loader, so a model that answers here needs nothing
of this project to be served. The module is a script of the standard library alone: any Python runs
it, against the shared libraries of any TensorFlow wheel.

It reads one JSON document on standard input and writes one on standard output::

    {"saved_model": DIR, "library": DIR of the installed `tensorflow` package,
     "ops": ["MatMul", ...],
     "calls": [{"feeds": [{"tensor": "serving_default_text:0", "dtype": "string",
                           "shape": [1], "values": ["hello"]}],
                "fetches": ["StatefulPartitionedCall:0"]}]}

    {"version": "2.21.0", "unknown_ops": [], "error": null,
     "calls": [{"outputs": [{"dtype": "float32", "shape": [1], "values": [0.5]}]},
               {"error": "why this call failed"}]}

`unknown_ops` are those of `ops` that the library does not know. `error` says why the model could
not be loaded; `calls` is then empty. A document or a library that cannot be read ends the script
with one line on standard error and exit code 2.

A tensor's `values` are nested by its shape (a flat list is accepted as well). A string is written
plainly if it is valid UTF-8, and as `{"b64": "..."}` if it is not; both are read, for any string.
Floats that JSON does not know are written `NaN`, `Infinity` and `-Infinity`.
"""

from __future__ import annotations

import base64
import ctypes
import json
import math
import struct
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

_STRING = 7
_STRING_SIZE = 24  # sizeof(TF_TString)
_STRUCT_CODES = {  # TF_DataType: (name, letter of the struct module)
    1: ("float32", "f"),
    2: ("float64", "d"),
    3: ("int32", "i"),
    4: ("uint8", "B"),
    5: ("int16", "h"),
    6: ("int8", "b"),
    9: ("int64", "q"),
    10: ("bool", "?"),
    17: ("uint16", "H"),
    22: ("uint32", "I"),
    23: ("uint64", "Q"),
}
_CODES = {"string": _STRING} | {name: code for code, (name, _) in _STRUCT_CODES.items()}


class CApiError(Exception):
    """The library refused a request, or the request cannot be put to it."""


def string_to_json(value: bytes) -> str | dict[str, str]:
    """Writes a byte string for JSON: plainly if it is valid UTF-8, else as `{"b64": "..."}`."""
    try:
        return value.decode()
    except UnicodeDecodeError:
        return {"b64": base64.b64encode(value).decode("ascii")}


def string_from_json(value: Any) -> bytes:
    """Reads a byte string that `string_to_json` wrote.

    Raises:
        CApiError: if the value is neither a string nor an object with the one key `b64`.
    """
    try:
        if isinstance(value, str):
            return value.encode()
        if isinstance(value, dict) and list(value) == ["b64"]:
            return base64.b64decode(value["b64"], validate=True)
    except (ValueError, TypeError) as error:
        raise CApiError(f"not a readable string: {error}") from error
    raise CApiError(f'expected a string or {{"b64": ...}}, got {json.dumps(value)[:80]}')


class _Output(ctypes.Structure):
    """TF_Output: one output of one operation."""

    _fields_ = (("operation", ctypes.c_void_p), ("index", ctypes.c_int))


_POINTER, _TEXT, _INT = ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int
_INT64, _SIZE = ctypes.c_int64, ctypes.c_size_t
_FUNCTIONS: dict[str, tuple[Any, list[Any]]] = {
    "TF_Version": (_TEXT, []),
    "TF_NewStatus": (_POINTER, []),
    "TF_GetCode": (_INT, [_POINTER]),
    "TF_Message": (_TEXT, [_POINTER]),
    "TF_DeleteStatus": (None, [_POINTER]),
    "TF_NewBuffer": (_POINTER, []),
    "TF_DeleteBuffer": (None, [_POINTER]),
    "TF_NewGraph": (_POINTER, []),
    "TF_DeleteGraph": (None, [_POINTER]),
    "TF_GraphGetOpDef": (None, [_POINTER, _TEXT, _POINTER, _POINTER]),
    "TF_GraphOperationByName": (_POINTER, [_POINTER, _TEXT]),
    "TF_OperationNumOutputs": (_INT, [_POINTER]),
    "TF_NewSessionOptions": (_POINTER, []),
    "TF_DeleteSessionOptions": (None, [_POINTER]),
    "TF_LoadSessionFromSavedModel": (
        _POINTER,
        [_POINTER, _POINTER, _TEXT, ctypes.POINTER(_TEXT), _INT, _POINTER, _POINTER, _POINTER],
    ),
    "TF_SessionRun": (
        None,
        [_POINTER, _POINTER]
        + [ctypes.POINTER(_Output), ctypes.POINTER(_POINTER), _INT] * 2
        + [_POINTER, _INT, _POINTER, _POINTER],
    ),
    "TF_CloseSession": (None, [_POINTER, _POINTER]),
    "TF_DeleteSession": (None, [_POINTER, _POINTER]),
    "TF_AllocateTensor": (_POINTER, [_INT, ctypes.POINTER(_INT64), _INT, _SIZE]),
    "TF_DeleteTensor": (None, [_POINTER]),
    "TF_TensorData": (_POINTER, [_POINTER]),
    "TF_TensorType": (_INT, [_POINTER]),
    "TF_NumDims": (_INT, [_POINTER]),
    "TF_Dim": (_INT64, [_POINTER, _INT]),
    "TF_StringInit": (None, [_POINTER]),
    "TF_StringCopy": (None, [_POINTER, _TEXT, _SIZE]),
    "TF_StringDealloc": (None, [_POINTER]),
    "TF_StringGetDataPointer": (_POINTER, [_POINTER]),
    "TF_StringGetSize": (_SIZE, [_POINTER]),
}


class Library:
    """TensorFlow's C library, opened from an installed `tensorflow` package."""

    def __init__(self, package: Path) -> None:
        """Opens the library.

        Args:
            package: the folder of the `tensorflow` package that holds `libtensorflow_cc`.

        Raises:
            CApiError: if the folder holds no TensorFlow library that this system can load.
        """
        suffix = "2.dylib" if sys.platform == "darwin" else "so.2"
        try:
            # The framework library first: libtensorflow_cc resolves its symbols in it.
            for stem in ("libtensorflow_framework", "libtensorflow_cc"):
                self._handle = ctypes.CDLL(str(package / f"{stem}.{suffix}"), ctypes.RTLD_GLOBAL)
        except OSError as error:
            raise CApiError(f"no TensorFlow C library can be loaded: {error}") from error
        for name, (result, arguments) in _FUNCTIONS.items():
            function = getattr(self._handle, name)
            function.restype, function.argtypes = result, arguments

    def __getattr__(self, name: str) -> Any:
        """A function of the C API."""
        if name not in _FUNCTIONS:
            raise AttributeError(name)
        return getattr(self._handle, name)

    @property
    def version(self) -> str:
        """The version of TensorFlow, such as `2.21.0`."""
        version: bytes = self.TF_Version()
        return version.decode()

    @contextmanager
    def status(self) -> Iterator[int]:
        """A status to hand to one C function; raises CApiError if that function failed."""
        status = self.TF_NewStatus()
        try:
            yield status
            if self.TF_GetCode(status):
                raise CApiError(self.TF_Message(status).decode(errors="replace"))
        finally:
            self.TF_DeleteStatus(status)

    @contextmanager
    def graph(self) -> Iterator[int]:
        """An empty graph."""
        graph = self.TF_NewGraph()
        try:
            yield graph
        finally:
            self.TF_DeleteGraph(graph)

    def unknown_ops(self, names: list[str]) -> list[str]:
        """Those of the names that are no operation of the library."""
        unknown = []
        with self.graph() as graph:
            for name in names:
                definition = self.TF_NewBuffer()
                try:
                    with self.status() as status:
                        self.TF_GraphGetOpDef(graph, name.encode(), definition, status)
                except CApiError:
                    unknown.append(name)
                finally:
                    self.TF_DeleteBuffer(definition)
        return unknown


class Session:
    """A loaded SavedModel."""

    def __init__(self, library: Library, graph: int, session: int) -> None:
        self._library = library
        self._graph = graph
        self._session = session

    @classmethod
    @contextmanager
    def load(cls, library: Library, saved_model: str) -> Iterator[Session]:
        """Loads the graph that is tagged `serve`, and frees it in the end.

        Raises:
            CApiError: if the model cannot be loaded.
        """
        tags = (ctypes.c_char_p * 1)(b"serve")
        with library.graph() as graph:
            options = library.TF_NewSessionOptions()
            try:
                with library.status() as status:
                    session = library.TF_LoadSessionFromSavedModel(
                        options, None, saved_model.encode(), tags, 1, graph, None, status
                    )
            finally:
                library.TF_DeleteSessionOptions(options)
            try:
                yield cls(library, graph, session)
            finally:
                with library.status() as status:
                    library.TF_CloseSession(session, status)
                with library.status() as status:
                    library.TF_DeleteSession(session, status)

    def run(self, feeds: list[dict[str, Any]], fetches: list[str]) -> list[dict[str, Any]]:
        """Runs the graph once.

        Args:
            feeds: the input tensors, as the module's docstring describes them.
            fetches: the names of the output tensors.

        Returns:
            The output tensors, in the order of `fetches`.

        Raises:
            CApiError: if a feed is malformed, a tensor is unknown, or the run fails.
        """
        library = self._library
        inputs = (_Output * len(feeds))(*(self._output(feed["tensor"]) for feed in feeds))
        outputs = (_Output * len(fetches))(*map(self._output, fetches))
        results = (ctypes.c_void_p * len(fetches))()
        with ExitStack() as stack:
            tensors = [stack.enter_context(_tensor(library, feed)) for feed in feeds]
            values = (ctypes.c_void_p * len(feeds))(*tensors)
            try:
                with library.status() as status:
                    library.TF_SessionRun(
                        self._session,
                        None,
                        *(inputs, values, len(feeds)),
                        *(outputs, results, len(fetches)),
                        *(None, 0),
                        None,
                        status,
                    )
                # Read before the feeds are freed: an output may share their memory.
                return [_read(library, tensor) for tensor in results]
            finally:
                for tensor in results:
                    library.TF_DeleteTensor(tensor)

    def _output(self, tensor: str) -> _Output:
        name, _, index = tensor.partition(":")
        operation = self._library.TF_GraphOperationByName(self._graph, name.encode())
        position = int(index or 0)
        if not operation or position >= self._library.TF_OperationNumOutputs(operation):
            raise CApiError(f"the graph has no tensor {tensor}")
        return _Output(operation, position)


@contextmanager
def _tensor(library: Library, feed: dict[str, Any]) -> Iterator[int]:
    """A tensor that holds the feed's values, freed in the end."""
    dtype, shape, flat = feed["dtype"], feed["shape"], list(_flatten(feed["values"]))
    if dtype not in _CODES:
        raise CApiError(f"{feed['tensor']}: unknown dtype {dtype}, use one of {', '.join(_CODES)}")
    if math.prod(shape) != len(flat):
        raise CApiError(f"{feed['tensor']}: {len(flat)} values do not fill the shape {shape}")
    strings = [string_from_json(value) for value in flat] if dtype == "string" else []
    data = b"" if dtype == "string" else _pack(feed["tensor"], dtype, flat)
    tensor = library.TF_AllocateTensor(
        _CODES[dtype],
        (ctypes.c_int64 * len(shape))(*shape),
        len(shape),
        _STRING_SIZE * len(strings) or len(data),
    )
    base = library.TF_TensorData(tensor) or 0
    ctypes.memmove(base, data, len(data))
    cells = [base + _STRING_SIZE * index for index in range(len(strings))]
    for cell, string in zip(cells, strings, strict=True):
        library.TF_StringInit(cell)
        library.TF_StringCopy(cell, string, len(string))
    try:
        yield tensor
    finally:
        # Deleting the tensor frees its cells alone, not what a long string keeps elsewhere.
        for cell in cells:
            library.TF_StringDealloc(cell)
        library.TF_DeleteTensor(tensor)


def _pack(tensor: str, dtype: str, flat: list[Any]) -> bytes:
    letter = _STRUCT_CODES[_CODES[dtype]][1]
    try:
        return struct.pack(f"={len(flat)}{letter}", *flat)
    except (struct.error, OverflowError) as error:
        raise CApiError(f"{tensor}: a value is no {dtype}: {error}") from error


def _read(library: Library, tensor: int | None) -> dict[str, Any]:
    """A tensor's dtype, shape and values."""
    code = library.TF_TensorType(tensor)
    shape = [library.TF_Dim(tensor, axis) for axis in range(library.TF_NumDims(tensor))]
    count = math.prod(shape)
    base = library.TF_TensorData(tensor) or 0
    flat: list[Any]
    if code == _STRING:
        dtype = "string"
        flat = [
            string_to_json(
                ctypes.string_at(
                    library.TF_StringGetDataPointer(cell), library.TF_StringGetSize(cell)
                )
            )
            for cell in range(base, base + _STRING_SIZE * count, _STRING_SIZE)
        ]
    elif code in _STRUCT_CODES:
        dtype, letter = _STRUCT_CODES[code]
        layout = f"={count}{letter}"
        data = ctypes.string_at(base, struct.calcsize(layout)) if count else b""
        flat = list(struct.unpack(layout, data))
    else:
        raise CApiError(f"an output's type (TF_DataType {code}) cannot be written as JSON")
    return {"dtype": dtype, "shape": shape, "values": _nest(flat, shape)}


def _flatten(values: Any) -> Iterator[Any]:
    if isinstance(values, list):
        for value in values:
            yield from _flatten(value)
    else:
        yield values


def _nest(flat: list[Any], shape: list[int]) -> Any:
    if not shape:
        return flat[0]
    step = math.prod(shape[1:])
    return [_nest(flat[row * step : (row + 1) * step], shape[1:]) for row in range(shape[0])]


def answer(document: dict[str, Any]) -> dict[str, Any]:
    """Answers the document that the module's docstring describes.

    Raises:
        CApiError: if the library cannot be loaded.
    """
    library = Library(Path(document["library"]))
    reply: dict[str, Any] = {
        "version": library.version,
        "unknown_ops": library.unknown_ops(document.get("ops", [])),
        "error": None,
        "calls": [],
    }
    try:
        with Session.load(library, document["saved_model"]) as session:
            for call in document["calls"]:
                try:
                    outputs = session.run(call["feeds"], call["fetches"])
                    reply["calls"].append({"outputs": outputs})
                except CApiError as error:
                    reply["calls"].append({"error": str(error)})
    except CApiError as error:
        reply["error"] = str(error)
    return reply


def main() -> int:
    """Answers one document; returns the exit code."""
    try:
        reply = answer(json.load(sys.stdin))
    except CApiError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    except (ValueError, KeyError, TypeError) as error:
        sys.stderr.write(f"the document on standard input is malformed: {error!r}\n")
        return 2
    json.dump(reply, sys.stdout)
    return 0


if __name__ == "__main__":
    sys.exit(main())
