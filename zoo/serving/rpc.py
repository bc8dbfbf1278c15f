"""TensorFlow Serving's gRPC API, by the service classes of `tensorflow-serving-api`."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any

import grpc
from tensorflow_serving.apis import (
    classification_pb2,
    inference_pb2,
    model_service_pb2_grpc,
    predict_pb2,
    prediction_service_pb2_grpc,
    regression_pb2,
)

from zoo.serving import messages
from zoo.serving.aside import aside
from zoo.serving.metrics import Request
from zoo.serving.repository import ModelSpec
from zoo.serving.servable import DEFAULT_SIGNATURE, Servable
from zoo.serving.service import Service
from zoo.serving.status import ServingError, invalid

log = logging.getLogger(__name__)

_CLASSIFY, _REGRESS = "tensorflow/serving/classify", "tensorflow/serving/regress"


def server(service: Service) -> grpc.aio.Server:
    """The API of a service, not yet listening."""
    made = grpc.aio.server(
        maximum_concurrent_rpcs=service.limits.waiting,
        options=[
            ("grpc.max_receive_message_length", service.limits.body_bytes),
            ("grpc.max_send_message_length", -1),
            ("grpc.so_reuseport", 0),  # else two servers could share a port
        ],
    )
    prediction_service_pb2_grpc.add_PredictionServiceServicer_to_server(_Prediction(service), made)
    model_service_pb2_grpc.add_ModelServiceServicer_to_server(_Models(service), made)
    return made


async def _answer(context: grpc.aio.ServicerContext[Any, Any], answer: Awaitable[Any]) -> Any:
    """What a method answers, or its refusal."""
    try:
        return await answer
    except ServingError as error:
        await context.abort(getattr(grpc.StatusCode, error.code), error.message)
    except Exception:
        log.exception("a request failed")
        await context.abort(grpc.StatusCode.INTERNAL, "Internal error")


def _spec(message: Any) -> ModelSpec:
    if not message.HasField("model_spec"):
        raise invalid("Missing ModelSpec")
    spec = message.model_spec
    if not spec.name:
        raise invalid("ModelSpec has no name specified.")
    chosen = spec.WhichOneof("version_choice")
    return ModelSpec(
        spec.name,
        spec.version.value if chosen == "version" else None,
        spec.version_label if chosen == "version_label" else None,
    )


class _Prediction(prediction_service_pb2_grpc.PredictionServiceServicer):
    """The methods that ask a model."""

    def __init__(self, service: Service) -> None:
        self._service = service

    async def Predict(self, request: Any, context: Any) -> Any:  # noqa: N802
        return await _answer(context, self._noted("predict", self._predict, request))

    async def Classify(self, request: Any, context: Any) -> Any:  # noqa: N802
        return await _answer(context, self._noted("classify", self._classify, request))

    async def Regress(self, request: Any, context: Any) -> Any:  # noqa: N802
        return await _answer(context, self._noted("regress", self._regress, request))

    async def MultiInference(self, request: Any, context: Any) -> Any:  # noqa: N802
        return await _answer(context, self._noted("multi_inference", self._multi, request))

    async def GetModelMetadata(self, request: Any, context: Any) -> Any:  # noqa: N802
        return await _answer(context, self._metadata(request))

    async def _noted(
        self, api: str, method: Callable[[Any, Request], Awaitable[Any]], request: Any
    ) -> Any:
        with self._service.metrics.request(api, "GRPC") as noted:
            return await method(request, noted)

    async def _predict(self, request: Any, noted: Request) -> Any:
        servable = self._service.find(_spec(request), noted)
        name = request.model_spec.signature_name or DEFAULT_SIGNATURE
        signature = servable.signature(name)
        if signature is None:
            message = f'Serving signature key "{name}" not found.'
            raise ServingError("FAILED_PRECONDITION", message)
        wanted = _filter(list(request.output_filter), list(signature.outputs))
        limits = self._service.limits
        inputs = await aside(request.ByteSize(), messages.to_arrays, request.inputs, limits)
        outputs = await self._service.predict(servable, name, inputs)
        response = predict_pb2.PredictResponse(model_spec=messages.model_spec(servable, name))
        for output in wanted:
            array = outputs[output]
            tensor = await aside(array.size, messages.to_tensor, array)
            response.outputs[output].CopyFrom(tensor)
        return response

    async def _classify(self, request: Any, noted: Request) -> Any:
        servable = self._service.find(_spec(request), noted)
        name = request.model_spec.signature_name
        return classification_pb2.ClassificationResponse(
            model_spec=_answered_by(servable, name),
            result=await self._classified(servable, name, request.input),
        )

    async def _regress(self, request: Any, noted: Request) -> Any:
        servable = self._service.find(_spec(request), noted)
        name = request.model_spec.signature_name
        return regression_pb2.RegressionResponse(
            model_spec=_answered_by(servable, name),
            result=await self._regressed(servable, name, request.input),
        )

    async def _multi(self, request: Any, noted: Request) -> Any:
        """Several classifications and regressions of the same examples."""
        if not request.tasks:
            raise invalid("Inference request must have at least one task.")
        seconds = self._service.limits.seconds
        try:
            async with asyncio.timeout(seconds):
                return await self._inferred(request, noted)
        except TimeoutError as error:
            message = f"No answer within {seconds:g} seconds"
            raise ServingError("DEADLINE_EXCEEDED", message) from error

    async def _inferred(self, request: Any, noted: Request) -> Any:
        response = inference_pb2.MultiInferenceResponse()
        asked: set[str] = set()
        for task in request.tasks:
            if task.model_spec.name != request.tasks[0].model_spec.name:
                raise invalid(
                    "All ModelSpecs in a MultiInferenceRequest must access the same model name."
                )
            if task.model_spec.signature_name in asked:
                signature = task.model_spec.signature_name
                raise invalid(f"Duplicate evaluation of signature: {signature}")
            asked.add(task.model_spec.signature_name)
            servable = self._service.find(_spec(task), noted)
            name = task.model_spec.signature_name
            result = response.results.add(model_spec=_answered_by(servable, name))
            if task.method_name == _CLASSIFY:
                classes = await self._classified(servable, name, request.input)
                result.classification_result.CopyFrom(classes)
            elif task.method_name == _REGRESS:
                values = await self._regressed(servable, name, request.input)
                result.regression_result.CopyFrom(values)
            else:
                message = f"Unsupported signature method_name: {task.method_name}"
                raise ServingError("UNIMPLEMENTED", message)
        return response

    async def _classified(self, servable: Servable, name: str, given: Any) -> Any:
        examples = messages.to_examples(given, self._service.limits)
        return messages.classification(await self._service.classify(servable, name, examples))

    async def _regressed(self, servable: Servable, name: str, given: Any) -> Any:
        examples = messages.to_examples(given, self._service.limits)
        return messages.regression(await self._service.regress(servable, name, examples))

    async def _metadata(self, request: Any) -> Any:
        spec = _spec(request)
        if not request.metadata_field:
            raise invalid("GetModelMetadataRequest must specify at least one metadata_field")
        for field in request.metadata_field:
            if field != "signature_def":
                raise invalid(f"Metadata field {field} is not supported")
        return messages.metadata(self._service.repository.find(spec))


class _Models(model_service_pb2_grpc.ModelServiceServicer):
    """The methods that ask about models.

    `HandleReloadConfigRequest` is not implemented: a folder's `models.config` is read all the time.
    """

    def __init__(self, service: Service) -> None:
        self._service = service

    async def GetModelStatus(self, request: Any, context: Any) -> Any:  # noqa: N802
        return await _answer(context, self._status(request))

    async def _status(self, request: Any) -> Any:
        return messages.status(self._service.repository.status(_spec(request)))


def _answered_by(servable: Servable, name: str) -> Any:
    return messages.model_spec(servable, name or DEFAULT_SIGNATURE)


def _filter(wanted: list[str], there: list[str]) -> list[str]:
    """The outputs that are wanted: all where none is named."""
    for number, name in enumerate(wanted):
        if name not in there:
            raise invalid(
                f"output tensor alias not found in signature: {name}"
                f" Outputs expected to be in the set {{{','.join(sorted(there))}}}."
            )
        if name in wanted[:number]:
            raise invalid(f"duplicate output tensor alias: {name}")
    return wanted or there
