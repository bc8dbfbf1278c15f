"""One artefact: the SavedModel with all that belongs to it in `assets.extra/`."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf

from zoo.data.atomic import replacing
from zoo.errors import UserError
from zoo.export import extra
from zoo.export.capi import string_to_json

Request = tuple[str, dict[str, Any]]
"""A signature, and its inputs: lists of bytes, or arrays."""


def export(
    module: tf.Module,
    path: Path,
    *,
    model: dict[str, Any],
    facts: dict[str, Any],
    golden: Sequence[Request],
    warmup: Sequence[Request],
) -> None:
    """Write a SavedModel, whole or not at all.

    Args:
        module: has `functions`, one for each signature.
        path: a new folder whose name is the version number.
        model: all that rebuilds the trainable model but its weights.
        facts: metrics, data, licence, seed, versions, time and command.
        golden: requests that are answered now, and whose answers every later loading must give.
        warmup: requests that TensorFlow Serving sends before the model takes traffic.

    Raises:
        UserError: the folder exists, its name is no number, or it could not be written.
    """
    check_new_version(path)
    with replacing(path) as beside:
        try:
            tf.saved_model.save(module, str(beside), signatures=module.functions)
            folder = beside / extra.FOLDER
            folder.mkdir()
            for name, document in (
                ("model.json", model),
                ("facts.json", facts),
                ("golden.json", {"requests": _answered(beside, golden)}),
            ):
                text = json.dumps(document, indent=1, ensure_ascii=False)
                (folder / name).write_text(text + "\n", encoding="utf-8")
            _write_warmup(folder / "tf_serving_warmup_requests", path.parent.name, warmup)
        except tf.errors.OpError as error:
            raise OSError(error.message) from error


def check_new_version(path: Path) -> None:
    """Raise UserError unless a version can be exported to this folder."""
    if path.exists():
        raise UserError(f"{path} exists and is not overwritten: export to a new version number")
    if not path.name.isdecimal():
        raise UserError(
            f"{path} is no version: TensorFlow Serving loads folders named by a number, "
            f"so export to {path / '1'}"
        )


def to_json(value: Any) -> Any:
    """A tensor's values as JSON types; bytes that are no UTF-8 as {"b64": ...}."""
    if isinstance(value, bytes):
        return string_to_json(value)
    if isinstance(value, list | tuple):
        return [to_json(item) for item in value]
    if isinstance(value, np.ndarray):
        return to_json(value.tolist())
    return value


def _answered(path: Path, requests: Sequence[Request]) -> list[dict[str, Any]]:
    signatures = tf.saved_model.load(str(path)).signatures
    return [
        {
            "signature": name,
            "inputs": {key: to_json(value) for key, value in inputs.items()},
            "outputs": {
                key: to_json(tensor.numpy())
                for key, tensor in sorted(
                    signatures[name](**{k: tf.constant(v) for k, v in inputs.items()}).items()
                )
            },
        }
        for name, inputs in requests
    ]


def _write_warmup(path: Path, model: str, requests: Sequence[Request]) -> None:
    from tensorflow_serving.apis import model_pb2, predict_pb2, prediction_log_pb2

    with tf.io.TFRecordWriter(str(path)) as writer:
        for signature, inputs in requests:
            request = predict_pb2.PredictRequest(
                model_spec=model_pb2.ModelSpec(name=model, signature_name=signature),
                inputs={key: tf.make_tensor_proto(value) for key, value in inputs.items()},
            )
            log = prediction_log_pb2.PredictionLog(
                predict_log=prediction_log_pb2.PredictLog(request=request)
            )
            writer.write(log.SerializeToString())
