"""TensorFlow Serving's own messages, from what is in the repository."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from zoo.export.child import Arrays
from zoo.serving.examples import with_context
from zoo.serving.json_answers import Classes
from zoo.serving.limits import Limits
from zoo.serving.repository import VersionStatus
from zoo.serving.servable import Servable
from zoo.serving.status import invalid

_POINTER = 8  # bytes of a string's place in an array

# Which field of a TensorProto holds the elements of a type.
_FIELDS = {
    "float32": "float_val",
    "float64": "double_val",
    "int8": "int_val",
    "int16": "int_val",
    "int32": "int_val",
    "uint8": "int_val",
    "uint16": "int_val",
    "int64": "int64_val",
    "uint32": "uint32_val",
    "uint64": "uint64_val",
    "bool": "bool_val",
    "object": "string_val",
}


def status(states: Mapping[int, VersionStatus]) -> Any:
    """A `GetModelStatusResponse`."""
    from tensorflow_serving.apis import get_model_status_pb2

    response = get_model_status_pb2.GetModelStatusResponse()
    for number, state in states.items():
        version = response.model_version_status.add(version=number, state=state.state)
        if state.message:
            version.status.error_code = 2  # UNKNOWN, as for any failed loading
            version.status.error_message = state.message
        else:
            version.status.error_code = 0
    return response


def model_spec(servable: Servable, signature: str = "") -> Any:
    """The `ModelSpec` of an answer."""
    from tensorflow_serving.apis import model_pb2

    spec = model_pb2.ModelSpec(name=servable.name, signature_name=signature)
    spec.version.value = servable.version
    return spec


def metadata(servable: Servable) -> Any:
    """A `GetModelMetadataResponse` with the one field that there is."""
    from tensorflow_serving.apis import get_model_metadata_pb2

    response = get_model_metadata_pb2.GetModelMetadataResponse(model_spec=model_spec(servable))
    response.metadata["signature_def"].Pack(_signatures(servable))
    return response


def metadata_json(servable: Servable) -> str:
    """The same in JSON, where the signatures stand without the name of their type."""
    spec = to_json(model_spec(servable))
    return (
        f'{{\n"model_spec": {spec},\n'
        f'"metadata": {{"signature_def": {to_json(_signatures(servable))}}}\n}}'
    )


def _signatures(servable: Servable) -> Any:
    from tensorflow_serving.apis import get_model_metadata_pb2

    signatures = get_model_metadata_pb2.SignatureDefMap()
    for name, definition in servable.signature_defs.items():
        signatures.signature_def[name].CopyFrom(definition)
    return signatures


def to_json(message: Any) -> str:
    """A message in JSON, with the fields that have their default values."""
    from google.protobuf import json_format

    return str(
        json_format.MessageToJson(
            message,
            indent=1,
            preserving_proto_field_name=True,
            always_print_fields_with_no_presence=True,
        )
    )


def to_tensor(array: np.ndarray) -> Any:
    """A `TensorProto` with the elements one by one, as TensorFlow Serving's.

    `tf.make_tensor_proto` would write their bytes in one piece, and clients that read the field of
    a type would find nothing.
    """
    import tensorflow as tf
    from tensorflow.core.framework import tensor_pb2

    if array.dtype.name not in _FIELDS:
        return tf.make_tensor_proto(array)
    tensor = tensor_pb2.TensorProto(
        dtype=tf.as_dtype(array.dtype).as_datatype_enum,
        tensor_shape=tf.TensorShape(array.shape).as_proto(),
    )
    getattr(tensor, _FIELDS[array.dtype.name]).extend(array.ravel().tolist())
    return tensor


def to_arrays(tensors: Mapping[str, Any], limits: Limits) -> Arrays:
    """Arrays of `TensorProto`s.

    A message of a few bytes can declare any number of elements, which are all like its last. So
    what is declared is bounded, by eight times the bytes of a request: small integers are sent as
    one byte each.

    Args:
        tensors: by name.
        limits: of rows and bytes.

    Raises:
        ServingError: one of them is malformed, or they are too large.
    """
    import tensorflow as tf

    arrays: Arrays = {}
    left = 8 * limits.body_bytes
    for name, tensor in tensors.items():
        sizes = [dim.size for dim in tensor.tensor_shape.dim]
        if min(sizes, default=0) < 0:
            raise invalid(f"Tensor {name} has the shape {sizes}")
        limits.check_rows(sizes[0] if sizes else 1)
        try:
            left -= math.prod(sizes) * (tf.as_dtype(tensor.dtype).size or _POINTER)
            if left < 0:
                raise invalid(f"Tensor {name} has the shape {sizes}, which is too large")
            arrays[name] = tf.make_ndarray(tensor)
        except (TypeError, ValueError, KeyError) as error:
            raise invalid(f"Tensor {name} is malformed: {error}") from error
    return arrays


def to_examples(message: Any, limits: Limits) -> list[bytes]:
    """The serialised tf.Examples of an `Input`, each with the features of the context.

    Raises:
        ServingError: there are none, or too many.
    """
    kind = message.WhichOneof("kind")
    examples = list(getattr(message, kind).examples) if kind else []
    if not examples:
        raise invalid("Input is empty.")
    limits.check_rows(len(examples))
    context = b""
    if kind == "example_list_with_context":
        context = message.example_list_with_context.context.SerializeToString()
    return with_context(context, [e.SerializeToString() for e in examples], limits)


def classification(results: Sequence[Classes]) -> Any:
    """A `ClassificationResult`."""
    from tensorflow_serving.apis import classification_pb2

    result = classification_pb2.ClassificationResult()
    for row in results:
        classes = result.classifications.add().classes
        for label, score in row:
            classes.add(label=label, score=score)
    return result


def regression(results: Sequence[float]) -> Any:
    """A `RegressionResult`."""
    from tensorflow_serving.apis import regression_pb2

    result = regression_pb2.RegressionResult()
    for value in results:
        result.regressions.add(value=value)
    return result
