"""Checkpoints: every variable and the state of the loop in one file, written whole or not at all.

NumPy's archive format, read without pickle. Keras' own `save_weights` leaves out the seed
generators of dropout, and a run resumed without them is another run.
"""

import json
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from zoo.data.atomic import replacing
from zoo.errors import UserError


def save(path: Path, variables: Sequence[Any], state: dict[str, Any]) -> None:
    """Write the values of Keras variables and a state of JSON types.

    Raises:
        UserError: the file could not be written; the one before it is kept.
    """
    arrays: dict[str, Any] = {
        f"{n:05d}": np.asarray(variable) for n, variable in enumerate(variables)
    }
    with replacing(path) as beside, beside.open("wb") as file:
        np.savez(file, state=np.array(json.dumps(state)), **arrays)


def load(path: Path, variables: Sequence[Any]) -> dict[str, Any]:
    """Assign the values in a checkpoint to the variables it was written from, in their order.

    Returns:
        The state it was written with.

    Raises:
        UserError: the file is damaged, or is of another model.
    """
    with opened(path) as archive:
        state = json.loads(str(archive["state"]))
        values = [archive[name] for name in sorted(archive.files) if name != "state"]
    # Backends agree on all but how long the integers of a seed are.
    kinds = [(tuple(variable.shape), "float" in variable.dtype) for variable in variables]
    if [(value.shape, value.dtype.kind == "f") for value in values] != kinds:
        raise UserError(f"the checkpoint {path} is of another model: delete it to start again")
    for variable, value in zip(variables, values, strict=True):
        variable.assign(value)
    return state


def read_state(path: Path) -> dict[str, Any]:
    """The state that a checkpoint was written with.

    Raises:
        UserError: the file is damaged.
    """
    with opened(path) as archive:
        return json.loads(str(archive["state"]))


# What NumPy and zipfile raise at damaged bytes; RuntimeError where they read as an encrypted or
# unknown kind of archive.
_DAMAGED = (OSError, ValueError, KeyError, EOFError, RuntimeError, zipfile.BadZipFile)


@contextmanager
def opened(path: Path) -> Iterator[Any]:
    """An archive of arrays.

    Raises:
        UserError: the file is missing or damaged.
    """
    try:
        with np.load(path, allow_pickle=False) as archive:
            yield archive
    except _DAMAGED as error:
        raise UserError(
            f"the file {path} cannot be read ({error}): delete it to start again"
        ) from error
