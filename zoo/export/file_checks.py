"""Checks that the files of an artefact are there and whole."""

from __future__ import annotations

from pathlib import Path

from zoo.errors import UserError
from zoo.export.extra import read_extra
from zoo.export.report import Check, judged


def check_variables(path: Path) -> Check:
    """Reads every variable: a truncated file opens without complaint."""
    import tensorflow as tf

    problems: list[str] = []
    names: list[str] = []
    try:
        reader = tf.train.load_checkpoint(str(path / "variables" / "variables"))
        names = sorted(reader.get_variable_to_shape_map())
        for name in names:
            reader.get_tensor(name)
    except (tf.errors.OpError, IndexError, RuntimeError, ValueError) as error:
        reason = str(error).splitlines()[0][:200]
        problems.append(f"variables/ is missing, truncated or damaged: {reason}")
    return judged("variables", problems, f"{len(names)} tensors are whole")


def check_documents(path: Path) -> Check:
    """Parses the JSON documents of `assets.extra/`."""
    names = ("facts.json", "golden.json", "model.json")
    problems = []
    for name in names:
        try:
            read_extra(path, name)
        except UserError as error:
            problems.append(str(error))
    return judged("documents", problems, f"{', '.join(names)} are JSON objects")
