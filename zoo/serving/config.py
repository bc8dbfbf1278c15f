"""`models.config`: which models a server holds, which of their versions, and by which labels.

`python -m zoo.serving.config saved_models` writes it anew, with the greatest version of each model
as `stable`.
"""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

from zoo.data.atomic import replacing
from zoo.errors import UserError

NAME = "models.config"
_MOUNTED = PurePosixPath("/models")  # where the container has the folder


@dataclass(frozen=True)
class ModelConfig:
    """One model of a server.

    Attributes:
        name: in requests.
        folder: of its versions, from that of the file.
        latest: so many of the greatest versions are served; None for all.
        specific: these versions alone are served; empty for the latest.
        labels: the versions that they name.
    """

    name: str
    folder: str
    latest: int | None = 1
    specific: tuple[int, ...] = ()
    labels: Mapping[str, int] = field(default_factory=dict)


def versions(folder: Path) -> dict[int, Path]:
    """The versions in a model's folder: every folder whose name is a number."""
    found: dict[int, Path] = {}
    if folder.is_dir():
        for path in sorted(folder.iterdir()):
            if path.name.isascii() and path.name.isdecimal() and path.is_dir():
                found.setdefault(int(path.name), path)  # 2 and 002 are one version
    return {number: path for number, path in found.items() if number < 2**63}


def models(folder: Path) -> list[ModelConfig]:
    """What to serve from a folder: what its `models.config` says, or every model in it.

    Raises:
        UserError: there is no such folder, or the file is none of TensorFlow Serving's.
    """
    if not folder.is_dir():
        raise UserError(f"{folder} is no folder: give one that holds <model>/<version>/")
    if (folder / NAME).is_file():
        return read(folder / NAME)
    return [ModelConfig(name, name) for name in _model_names(folder)]


def _model_names(folder: Path) -> list[str]:
    """The models of a folder: those that have a SavedModel."""
    return sorted(
        path.name
        for path in folder.iterdir()
        if any((version / "saved_model.pb").is_file() for version in versions(path).values())
    )


def read(file: Path) -> list[ModelConfig]:
    """The models of a configuration file.

    Raises:
        UserError: it is no `ModelServerConfig`, or names a model twice or without a path.
    """
    from google.protobuf import text_format
    from tensorflow_serving.config import model_server_config_pb2

    config = model_server_config_pb2.ModelServerConfig()
    try:
        text_format.Parse(file.read_text(encoding="utf-8"), config)
    except (text_format.ParseError, OSError, ValueError) as error:
        raise UserError(f"{file} cannot be read: {error}") from error
    found = [_model(model) for model in config.model_config_list.config]
    names = [model.name for model in found]
    if len(set(names)) < len(names) or not all(
        model.name and model.base_path for model in config.model_config_list.config
    ):
        raise UserError(f"{file}: each model needs a name of its own and a base_path")
    return found


def _model(proto: Any) -> ModelConfig:
    policy = proto.model_version_policy
    base = PurePosixPath(proto.base_path)
    return ModelConfig(
        name=proto.name,
        folder=str(base.relative_to(_MOUNTED) if base.is_relative_to(_MOUNTED) else base),
        latest=None if policy.HasField("all") else policy.latest.num_versions or 1,
        specific=tuple(policy.specific.versions),
        labels=dict(proto.version_labels),
    )


def write(folder: Path) -> str:
    """The text of `models.config` for the models of a folder.

    The two greatest versions are served, so that a new folder is picked up while the label still
    names the version before it: `stable` moves when this is written anew.
    """
    from google.protobuf import text_format
    from tensorflow_serving.config import model_server_config_pb2

    config = model_server_config_pb2.ModelServerConfig()
    for name in _model_names(folder):
        model = config.model_config_list.config.add()
        model.name = name
        model.base_path = str(_MOUNTED / name)
        model.model_platform = "tensorflow"
        model.model_version_policy.latest.num_versions = 2
        model.version_labels["stable"] = max(versions(folder / name))
    return str(text_format.MessageToString(config))


def main(arguments: Sequence[str]) -> None:
    """Write `models.config` into a folder."""
    [folder] = arguments
    with replacing(Path(folder) / NAME) as beside:
        beside.write_text(write(Path(folder)), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
