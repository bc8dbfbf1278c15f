"""What the REST and the gRPC API have in common: from a request's tensors to its answer."""

import asyncio
from collections.abc import Sequence

import numpy as np

from zoo.export.child import Arrays
from zoo.export.signatures import Signature
from zoo.serving.batching import Batcher
from zoo.serving.json_answers import Classes
from zoo.serving.limits import Limits
from zoo.serving.metrics import Metrics, Request
from zoo.serving.repository import ModelSpec, Repository
from zoo.serving.servable import DEFAULT_SIGNATURE, Servable
from zoo.serving.status import ServingError, invalid

# TensorFlow's names of the types in messages.
_NAMES = {"float32": "float", "float64": "double", "object": "string"}


class Service:
    """Answers requests by the models of a repository, within limits."""

    def __init__(self, repository: Repository, limits: Limits) -> None:
        self.repository = repository
        self.limits = limits
        self.metrics = Metrics()
        self._batcher = Batcher(limits)

    def close(self) -> None:
        """End the threads."""
        self._batcher.close()

    def find(self, spec: ModelSpec, request: Request) -> Servable:
        """The version that a request asks, whose model is noted for the metrics."""
        servable = self.repository.find(spec)
        request.model = servable.name
        return servable

    async def predict(self, servable: Servable, name: str, inputs: Arrays) -> Arrays:
        """The outputs of a signature that the model has.

        Raises:
            ServingError: the inputs do not fit it, are beyond the limits, or take too long.
        """
        name = name or DEFAULT_SIGNATURE
        check_inputs(servable.signatures[name], inputs)
        self._check_limits(inputs)
        return await self._run(servable, name, inputs, "predict")

    async def classify(
        self, servable: Servable, name: str, examples: Sequence[bytes]
    ) -> list[Classes]:
        """The classes of serialised tf.Examples.

        Raises:
            ServingError: the signature is none that classifies, or as for `predict`.
        """
        signature = _examples_signature(servable, name, "classification")
        if not {"classes", "scores"} & signature.outputs.keys():
            raise ServingError(
                "FAILED_PRECONDITION",
                "Expected classification signature outputs to contain at least one of "
                '"classes" or "scores".',
            )
        outputs = await self._run_examples(servable, name, examples, "classify")
        shapes = {outputs[k].shape for k in ("classes", "scores") if k in outputs}
        if len(shapes) != 1 or len(shape := shapes.pop()) != 2 or shape[0] != len(examples):
            raise invalid("Expected Tensor shape: [batch_size num_classes]")
        labels = outputs.get("classes", np.full(shape, b"", object))
        scores = outputs.get("scores", np.zeros(shape, np.float32))
        return [
            [
                (label.decode("utf-8", "replace"), float(score))
                for label, score in zip(*row, strict=True)
            ]
            for row in zip(labels, scores, strict=True)
        ]

    async def regress(
        self, servable: Servable, name: str, examples: Sequence[bytes]
    ) -> list[float]:
        """A number for each serialised tf.Example.

        Raises:
            ServingError: the signature is none that regresses, or as for `predict`.
        """
        signature = _examples_signature(servable, name, "regression")
        if "outputs" not in signature.outputs:
            raise ServingError(
                "FAILED_PRECONDITION", "No regression outputs found in SignatureDef."
            )
        outputs = await self._run_examples(servable, name, examples, "regress")
        values = outputs["outputs"]
        if values.dtype != np.float32 or values.shape not in ((len(examples),), (len(examples), 1)):
            raise invalid(
                "Expected output Tensor shape to be either [batch_size] or [batch_size, 1]"
            )
        return [float(value) for value in values.ravel()]

    async def _run_examples(
        self, servable: Servable, name: str, examples: Sequence[bytes], api: str
    ) -> Arrays:
        inputs = np.empty(len(examples), object)
        inputs[:] = examples
        self._check_limits({"inputs": inputs})
        self.metrics.examples(servable.name, len(examples))
        return await self._run(servable, name or DEFAULT_SIGNATURE, {"inputs": inputs}, api)

    async def _run(self, servable: Servable, name: str, inputs: Arrays, api: str) -> Arrays:
        try:
            with self.metrics.runtime(servable.name, api):
                async with asyncio.timeout(self.limits.seconds):
                    return await self._batcher.run(servable, name, inputs)
        except TimeoutError as error:
            message = f"No answer within {self.limits.seconds:g} seconds"
            raise ServingError("DEADLINE_EXCEEDED", message) from error

    def _check_limits(self, inputs: Arrays) -> None:
        for name, array in inputs.items():
            if array.dtype == object:
                image = name.endswith("_bytes")
                limit = self.limits.image_bytes if image else self.limits.text_bytes
                longest = max(map(len, array.ravel()), default=0)
                if longest > limit:
                    raise invalid(f"Input {name} has a value of {longest} bytes, more than {limit}")


def check_inputs(signature: Signature, inputs: Arrays) -> None:
    """Raise ServingError unless these are the inputs of a signature, of its types and ranks."""
    sent, required = set(inputs), set(signature.inputs)
    if sent != required:
        raise invalid(
            f"input size does not match signature: {len(sent)}!={len(required)}"
            f" len({_set(sent)}) != len({_set(required)})."
            f" Sent extra: {_set(sent - required)}."
            f" Missing but required: {_set(required - sent)}."
        )
    for number, (name, endpoint) in enumerate(sorted(signature.inputs.items())):
        array = inputs[name]
        got = _NAMES.get(array.dtype.name, array.dtype.name)
        wanted = _NAMES.get(endpoint.dtype, endpoint.dtype)
        if got != wanted:
            raise invalid(f"Expects arg[{number}] to be {wanted} but {got} is provided")
        if endpoint.shape is not None and (
            len(endpoint.shape) != array.ndim
            or any(w not in (None, g) for w, g in zip(endpoint.shape, array.shape, strict=True))
        ):
            shape = [-1 if size is None else size for size in endpoint.shape]
            raise invalid(f"Input {name} must have the shape {shape}, and has {list(array.shape)}")


def _set(names: set[str]) -> str:
    return "{" + ",".join(sorted(names)) + "}"


def _examples_signature(servable: Servable, name: str, kind: str) -> Signature:
    """The signature, if it takes tf.Examples."""
    signature = servable.signature(name)
    if signature is None:
        raise invalid(f"No signature was found with the name: {name or DEFAULT_SIGNATURE}")
    if len(signature.inputs) != 1:
        raise invalid("Expected one input Tensor.")
    if "inputs" not in signature.inputs:
        message = f"No {kind} inputs found in SignatureDef."
        raise ServingError("FAILED_PRECONDITION", message)
    if signature.inputs["inputs"].dtype != "string":
        raise invalid("Expects arg[0] to be a string of a serialised tf.Example")
    return signature
