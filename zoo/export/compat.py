"""Answers the golden requests of all models with the C library of another TensorFlow.

Run as `python -m zoo.export.compat saved_models --python .venv-compat/bin/python`, where the other
environment holds the TensorFlow version that the newest TensorFlow Serving is built on.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

from zoo.errors import UserError
from zoo.export.child import Runtime
from zoo.export.golden import answer_golden
from zoo.export.signatures import ArtefactError


def runtime_of(python: Path) -> Runtime:
    """The interpreter of another environment, with the TensorFlow that is installed there.

    Raises:
        UserError: if the interpreter does not run, or no TensorFlow is beside it.
    """
    find = "import sysconfig; print(sysconfig.get_path('platlib'))"
    try:
        child = subprocess.run(
            [str(python), "-I", "-c", find], capture_output=True, encoding="utf-8", check=True
        )
    except (OSError, subprocess.CalledProcessError) as error:
        raise UserError(
            f"{python} does not run: give the Python of an environment that holds tensorflow"
        ) from error
    library = Path(child.stdout.strip()) / "tensorflow"
    if not library.is_dir():
        raise UserError(
            f"no tensorflow is installed for {python}: "
            "run `pip install --no-deps --require-hashes -r requirements-compat.lock` there"
        )
    return Runtime(python, library)


def model_folders(folder: Path) -> list[Path]:
    """The version folders of all models, sorted: `folder/<task>/<version>`.

    Raises:
        UserError: if there are none.
    """
    models = sorted(file.parent for file in folder.glob("*/*/saved_model.pb"))
    if not models:
        raise UserError(f"{folder} holds no <task>/<version>/saved_model.pb: give saved_models")
    return models


def outcome(path: Path, runtime: Runtime) -> tuple[bool, str]:
    """Whether a model gives its golden answers, and a line that says so.

    Raises:
        UserError: if the C library cannot be loaded.
    """
    try:
        result = answer_golden(path, runtime)
    except ArtefactError as error:
        return False, str(error)
    library = f"TensorFlow {result.version}"
    if result.problems:
        return False, f"{library} differs: {'; '.join(result.problems)}"
    return True, f"{library} gives all {result.requests} golden answers"


def main(arguments: list[str] | None = None) -> int:
    """Prints one line for each model.

    Args:
        arguments: the command line, by default the process's own.

    Returns:
        The exit code: 0 if every model gives its golden answers, 1 if one does not, 2 if they
        could not be asked.
    """
    parser = argparse.ArgumentParser(prog="python -m zoo.export.compat", description=__doc__)
    parser.add_argument("saved_models", type=Path, help="the folder <task>/<version>/ lie in")
    parser.add_argument("--python", type=Path, required=True, help="the other environment's Python")
    options = parser.parse_args(arguments)
    equal = True
    try:
        runtime = runtime_of(options.python)
        for path in model_folders(options.saved_models):
            same, line = outcome(path, runtime)
            equal = equal and same
            sys.stdout.write(f"{path}: {line}\n")
            sys.stdout.flush()
    except UserError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return 0 if equal else 1


if __name__ == "__main__":
    sys.exit(main())
