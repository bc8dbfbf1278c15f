"""The trainable Keras model, rebuilt from a SavedModel's own files."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import tensorflow as tf

from zoo.errors import UserError
from zoo.models.described import model_of, undamaged
from zoo.models.many_to_one import ManyToOne
from zoo.text.encoder import EncoderConfig, TextEncoder


def rebuild(document: Mapping[str, Any]) -> tuple[TextEncoder, Any]:
    """Encoder and model from `model.json`, the model with new weights.

    Raises:
        UserError: the document is damaged, or of no form that this version knows.
    """
    model = model_of(document)
    return rebuild_encoder(document), model


def rebuild_encoder(document: Mapping[str, Any]) -> TextEncoder:
    """The encoder of texts from `model.json`.

    Raises:
        UserError: the document is damaged.
    """
    with undamaged():
        encoder = document["encoder"]
        config = EncoderConfig(**{**encoder, "vocabulary": tuple(encoder["vocabulary"])})
    return TextEncoder(config)


def load_weights(model: ManyToOne, path: Path, output: bool = True) -> None:
    """Assign a SavedModel's variables to a model with the same architecture.

    An output layer for another number of labels keeps its new weights.

    Args:
        model: gets the values.
        path: of the SavedModel.
        output: whether to take the output layer, which is for labels of the same names.

    Raises:
        UserError: the variables are missing or damaged, or of another architecture.
    """
    try:
        reader = tf.train.load_checkpoint(str(path / "variables" / "variables"))
        values = [
            reader.get_tensor(f"weights/{n}/.ATTRIBUTES/VARIABLE_VALUE")
            for n in range(len(model.variables))
        ]
    except (tf.errors.OpError, ValueError, RuntimeError, LookupError) as error:
        raise UserError(
            f"the variables of {path} are missing or damaged: get the model again"
        ) from error
    for variable, value in zip(model.variables, values, strict=True):
        fits = tuple(variable.shape) == value.shape
        if variable.path.startswith("output/") and not (output and fits):
            continue
        if not fits:
            raise UserError(f"the variables of {path} do not fit its own model.json")
        variable.assign(value)
