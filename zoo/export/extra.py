"""The documents in a SavedModel's `assets.extra/`, read without TensorFlow."""

import json
from pathlib import Path
from typing import Any

from zoo.errors import UserError

FOLDER = "assets.extra"


def read_extra(path: Path, name: str) -> dict[str, Any]:
    """A JSON document of `assets.extra/`.

    Raises:
        UserError: the SavedModel has none, or it is damaged.
    """
    file = path / FOLDER / name
    try:
        document = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise UserError(f"{file} is missing: {path} is no model of this zoo") from error
    except (OSError, ValueError) as error:
        raise UserError(f"{file} cannot be read: {error}") from error
    if not isinstance(document, dict):
        raise UserError(f"{file} is no JSON object: {path} is no model of this zoo")
    return document
