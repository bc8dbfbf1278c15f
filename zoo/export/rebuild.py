"""The trainable Keras model, rebuilt from a SavedModel's own files."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import tensorflow as tf

from zoo.errors import UserError
from zoo.models.many_to_one import ManyToOne, ManyToOneConfig
from zoo.text.encoder import EncoderConfig, TextEncoder


def rebuild(document: Mapping[str, Any]) -> tuple[TextEncoder, ManyToOne]:
    """Encoder and model from `model.json`, the model with new weights.

    Raises:
        UserError: the document is of no form that this version knows.
    """
    if document.get("form") != "many_to_one":
        raise UserError(
            f"the model is of the form {document.get('form')!r}, which this version of the zoo "
            "does not know: update the zoo"
        )
    encoder = document["encoder"]
    config = EncoderConfig(**{**encoder, "vocabulary": tuple(encoder["vocabulary"])})
    return TextEncoder(config), ManyToOne(ManyToOneConfig(**document["model"]))


def load_weights(model: ManyToOne, path: Path) -> None:
    """Assign a SavedModel's variables to a model with the same architecture.

    An output layer for another number of labels keeps its new weights.

    Raises:
        UserError: the variables are missing or damaged, or of another architecture.
    """
    try:
        reader = tf.train.load_checkpoint(str(path / "variables" / "variables"))
        values = [
            reader.get_tensor(f"weights/{n}/.ATTRIBUTES/VARIABLE_VALUE")
            for n in range(len(model.variables))
        ]
    except (tf.errors.OpError, ValueError, RuntimeError) as error:
        raise UserError(
            f"the variables of {path} are missing or damaged: get the model again"
        ) from error
    for variable, value in zip(model.variables, values, strict=True):
        if tuple(variable.shape) == value.shape:
            variable.assign(value)
        elif not variable.path.startswith("output/"):
            raise UserError(f"the variables of {path} do not fit its own model.json")
