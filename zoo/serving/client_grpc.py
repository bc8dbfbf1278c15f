"""The gRPC transport of a client."""

from collections.abc import Mapping, Sequence
from typing import Any

import grpc
import numpy as np
import tensorflow as tf
from tensorflow.core.framework import types_pb2
from tensorflow_serving.apis import (
    get_model_metadata_pb2,
    model_pb2,
    predict_pb2,
    prediction_service_pb2_grpc,
)

from zoo.errors import UserError
from zoo.serving.client import Shown, Signatures, Target


class Grpc:
    """Asks a server by gRPC.

    Args:
        address: such as `127.0.0.1:8500`.
        timeout: of a request, in seconds.
    """

    def __init__(self, address: str, timeout: float) -> None:
        self._address = address
        self._timeout = timeout
        # Answers may be as long as they are: the library's limit is 4 MB.
        options = [("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1)]
        self._channel = grpc.insecure_channel(address, options)
        self._stub = prediction_service_pb2_grpc.PredictionServiceStub(self._channel)

    def close(self) -> None:
        """Close the connection."""
        self._channel.close()

    def signatures(self, target: Target) -> Signatures:
        """What the server says of a model.

        Raises:
            UserError: the server does not answer, or has no such model.
        """
        request = get_model_metadata_pb2.GetModelMetadataRequest(
            model_spec=_spec(target), metadata_field=["signature_def"]
        )
        response = self._call(self._stub.GetModelMetadata, request)
        known = get_model_metadata_pb2.SignatureDefMap()
        response.metadata["signature_def"].Unpack(known)
        return Signatures(
            *(
                {
                    name: {
                        key: types_pb2.DataType.Name(info.dtype)
                        for key, info in getattr(signature, side).items()
                    }
                    for name, signature in known.signature_def.items()
                }
                for side in ("inputs", "outputs")
            )
        )

    def predict(
        self,
        target: Target,
        signature: str,
        inputs: Mapping[str, Sequence[Any]],
        types: tuple[Shown, Shown],
    ) -> dict[str, np.ndarray]:
        """The outputs of a signature.

        Raises:
            UserError: the server does not answer, or refuses the inputs.
        """
        kinds, _ = types
        request = predict_pb2.PredictRequest(
            model_spec=_spec(target, signature),
            inputs={
                name: tf.make_tensor_proto(x, types_pb2.DataType.Value(kinds[name]))
                for name, x in inputs.items()
            },
        )
        response = self._call(self._stub.Predict, request)
        return {name: tf.make_ndarray(tensor) for name, tensor in response.outputs.items()}

    def _call(self, method: Any, request: Any) -> Any:
        try:
            return method(request, timeout=self._timeout)
        except grpc.RpcError as error:
            if error.code() in (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED):
                reason = f"does not answer: {error.details()}: is the server up?"
            else:
                reason = f"refuses: {error.details()}"
            raise UserError(f"grpc://{self._address} {reason}") from error


def _spec(target: Target, signature: str = "") -> Any:
    spec = model_pb2.ModelSpec(name=target.name, signature_name=signature)
    if target.version is not None:
        spec.version.value = target.version
    elif target.label is not None:
        spec.version_label = target.label
    return spec
