"""Reads the requests that TensorFlow Serving sends a model before it takes traffic."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from zoo.errors import UserError
from zoo.export.child import Call
from zoo.export.extra import FOLDER
from zoo.export.signatures import ArtefactError

NAME = "tf_serving_warmup_requests"
LIMIT = 1000
"""TensorFlow Serving refuses to load a model that has more warm-up requests."""


def read_warmup(path: Path) -> list[Call]:
    """Reads `assets.extra/tf_serving_warmup_requests` of the SavedModel at `path`.

    Raises:
        ArtefactError: if the file is missing or damaged, holds no or too many records, or one of
            them is no predict, classify or regress request.
        UserError: if the package that defines the records is not installed.
    """
    try:
        from tensorflow_serving.apis import prediction_log_pb2
    except ImportError as error:
        raise UserError(
            "the warm-up requests cannot be read: run `pip install tensorflow-serving-api`"
        ) from error
    import tensorflow as tf
    from google.protobuf.message import DecodeError

    file = path / FOLDER / NAME
    try:
        records = list(tf.data.TFRecordDataset(str(file)).as_numpy_iterator())
    except tf.errors.OpError as error:
        raise ArtefactError(f"{NAME} is missing or no intact TFRecord file") from error
    if not 1 <= len(records) <= LIMIT:
        raise ArtefactError(f"{NAME} holds {len(records)} records, not 1 to {LIMIT}")
    calls = []
    for number, record in enumerate(records):
        try:
            calls.append(_call(prediction_log_pb2.PredictionLog.FromString(record)))
        except (DecodeError, ValueError) as error:
            raise ArtefactError(f"record {number} of {NAME} is no request: {error}") from error
    return calls


def _call(log: Any) -> Call:
    kind = log.WhichOneof("log_type")
    if kind not in ("predict_log", "classify_log", "regress_log"):
        raise ValueError(f"its kind is {kind}")
    request = getattr(log, kind).request
    signature = request.model_spec.signature_name or "serving_default"
    if kind == "predict_log":
        from tensorflow import make_ndarray

        inputs = {name: make_ndarray(tensor) for name, tensor in request.inputs.items()}
        return Call(signature, inputs)
    examples = [e.SerializeToString() for e in request.input.example_list.examples]
    return Call(signature, {"inputs": np.array(examples, dtype=object)})
