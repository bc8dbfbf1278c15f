"""One version of a model, loaded, and refused if it does not answer as when it was exported."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from zoo.export.child import Arrays, Call, Failure
from zoo.export.extra import FOLDER
from zoo.export.golden import golden_problems, read_golden
from zoo.export.prediction_log import NAME as WARMUP
from zoo.export.prediction_log import read_warmup
from zoo.export.signatures import ArtefactError, Signature, read_saved_model
from zoo.serving.status import ServingError, invalid

DEFAULT_SIGNATURE = "serving_default"


class Servable:
    """A SavedModel that answers.

    Args:
        name: of the model.
        version: its number.
        path: the version's folder.

    Attributes:
        signatures: by name.
        signature_defs: the same, as the SavedModel's own messages.

    Raises:
        ArtefactError: it does not load, fails a warm-up request, or gives another than its golden
            answer. The message is one line.
    """

    def __init__(self, name: str, version: int, path: Path) -> None:
        import tensorflow as tf
        from tensorflow.core.protobuf import saved_model_pb2

        self.name = name
        self.version = version
        found = read_saved_model(path)
        if not found.served:
            raise ArtefactError("no graph is tagged serve")
        self.signatures: Mapping[str, Signature] = found.signatures
        graphs = saved_model_pb2.SavedModel.FromString(found.serialised).meta_graphs
        [graph] = [graph for graph in graphs if "serve" in graph.meta_info_def.tags][:1]
        self.signature_defs: Mapping[str, Any] = dict(graph.signature_def)
        # What can be refused without loading is refused first.
        warmup = read_warmup(path) if (path / FOLDER / WARMUP).exists() else []
        has_golden = (path / FOLDER / "golden.json").exists()
        golden = read_golden(path, self.signatures) if has_golden else []
        try:
            # The signatures alone do not keep the variables alive.
            self._model = tf.saved_model.load(str(path), tags=["serve"])
        except Exception as error:  # a damaged file can make the loader raise anything
            reason = (str(error).splitlines() or [""])[0]
            raise ArtefactError(f"the SavedModel is damaged: {reason}") from error
        for number, call in enumerate(warmup):
            answer = self._answer(call)
            if isinstance(answer, Failure):
                raise ArtefactError(f"warm-up request {number} fails: {answer.message}")
        problems = golden_problems(golden, [self._answer(request.call) for request in golden])
        if problems:
            raise ArtefactError(f"the golden answers differ: {problems[0]}")

    def signature(self, name: str) -> Signature | None:
        """The signature of this name, where "" is the default, or None."""
        return self.signatures.get(name or DEFAULT_SIGNATURE)

    def run(self, signature: str, inputs: Arrays) -> Arrays:
        """Call a signature with all of its inputs.

        Raises:
            ServingError: TensorFlow refuses them.
        """
        import tensorflow as tf

        endpoints = self.signatures[signature].inputs
        try:
            tensors = {
                name: tf.constant(array, endpoints[name].dtype) for name, array in inputs.items()
            }
            answer = self._model.signatures[signature](**tensors)
        except tf.errors.OpError as error:
            raise ServingError(_code(error.error_code), _reason(error.message)) from error
        except (ValueError, TypeError) as error:
            raise invalid(_reason(str(error))) from error
        return {
            # A scalar string would be bytes, and no array.
            name: np.asarray(tensor.numpy(), object if tensor.dtype == tf.string else None)
            for name, tensor in answer.items()
        }

    def _answer(self, call: Call) -> Arrays | Failure:
        if call.signature not in self.signatures:
            return Failure(f"there is no signature {call.signature!r}")
        try:
            return self.run(call.signature, call.inputs)
        except ServingError as error:
            return Failure(error.message)


def _code(number: int) -> str:
    from tensorflow.core.protobuf import error_codes_pb2

    return str(error_codes_pb2.Code.Name(number))


def _reason(message: str) -> str:
    """What TensorFlow says, without the Python that it went through."""
    if "[[{{node" in message:
        before = message.split("[[{{node")[0].rstrip()
        return before.splitlines()[-1].strip()
    return re.sub(r"\s+", " ", message).strip()
