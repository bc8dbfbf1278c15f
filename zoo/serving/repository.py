"""The models of a folder, loaded, and kept up with what is in the folder."""

import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from zoo.errors import UserError
from zoo.export.signatures import ArtefactError
from zoo.serving import config
from zoo.serving.config import ModelConfig
from zoo.serving.servable import Servable
from zoo.serving.status import ServingError, invalid

log = logging.getLogger(__name__)

_POLL_SECONDS = 1.0  # as TensorFlow Serving


class ModelSpec(NamedTuple):
    """Which version of a model a request asks: by number, by label, or the greatest."""

    name: str
    version: int | None = None
    label: str | None = None


class VersionStatus(NamedTuple):
    """What became of a version.

    Attributes:
        state: `LOADING`, `AVAILABLE` or `END`.
        message: why it was refused; "" if it was not.
    """

    state: str
    message: str = ""


@dataclass
class _Model:
    """One model: what is served, what became of each version, and the labels."""

    serving: Mapping[int, Servable] = field(default_factory=dict)
    states: dict[int, VersionStatus] = field(default_factory=dict)
    labels: Mapping[str, int] = field(default_factory=dict)
    refused: dict[int, object] = field(default_factory=dict)


class Repository:
    """Loads what TensorFlow Serving would load, and serves it while the folder changes.

    A request keeps the version that it found, so that it is answered even if that version is being
    unloaded. A version that is refused is tried again when its files have changed.

    Args:
        folder: holds `<model>/<version>/`, and possibly `models.config`.
        load: makes a servable of name, version and path.
    """

    def __init__(self, folder: Path, load: Callable[[str, int, Path], Servable] = Servable) -> None:
        self._folder = folder
        self._load = load
        self._models: dict[str, _Model] = {}
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._poll, name="versions", daemon=True)

    def start(self) -> None:
        """Load everything, and from now on look for changes once in a second.

        Raises:
            UserError: there is no model, or one of which no version can be served.
        """
        self.refresh()
        if not self._models:
            raise UserError(
                f"{self._folder} holds no model: give a folder that holds <model>/<version>/"
            )
        for name, model in self._models.items():
            if not model.serving:
                reasons = [f"version {n} is refused: {s.message}" for n, s in model.states.items()]
                raise UserError(f"{name} cannot be served: {'; '.join(reasons) or 'no version'}")
        self._thread.start()

    def stop(self) -> None:
        """Look for changes no longer."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join()

    @property
    def serving(self) -> dict[str, list[int]]:
        """The numbers of the versions that are served, by model."""
        return {name: sorted(model.serving) for name, model in dict(self._models).items()}

    def find(self, spec: ModelSpec) -> Servable:
        """The version that a request asks.

        Raises:
            ServingError: it is not served.
        """
        model = self._models.get(spec.name, _Model())
        version = spec.version
        if spec.label is not None:
            if spec.label not in model.labels:
                raise invalid(f"Unrecognized servable version label: {spec.label}")
            version = model.labels[spec.label]
        serving = model.serving  # once: the folder's thread may put another there
        if version is None:
            found = serving[max(serving)] if serving else None
            wanted = f"Latest({spec.name})"
        else:
            found = serving.get(version)
            wanted = f"Specific({spec.name}, {version})"
        if found is None:
            raise ServingError("NOT_FOUND", f"Servable not found for request: {wanted}")
        return found

    def status(self, spec: ModelSpec) -> dict[int, VersionStatus]:
        """What became of a model's versions, the greatest first, or of the one that is asked.

        Raises:
            ServingError: nothing is known of it.
        """
        states = dict(self._models.get(spec.name, _Model()).states)
        version = spec.version if spec.label is None else self.find(spec).version
        if version is not None:
            if version not in states:
                message = f"Could not find version {version} of model {spec.name}"
                raise ServingError("NOT_FOUND", message)
            return {version: states[version]}
        if not states:
            raise ServingError("NOT_FOUND", f"Could not find any versions of model {spec.name}")
        return dict(sorted(states.items(), reverse=True))

    def refresh(self) -> None:
        """Load and unload until what is served is what the folder says.

        Raises:
            UserError: the folder or its `models.config` cannot be read.
        """
        wanted = config.models(self._folder)
        for model in wanted:
            self._models.setdefault(model.name, _Model())
            self._refresh(model)
        for name in self._models.keys() - {model.name for model in wanted}:
            self._refresh(ModelConfig(name, folder=name, latest=0))

    def _refresh(self, wanted: ModelConfig) -> None:
        model = self._models[wanted.name]
        there = config.versions(self._folder / wanted.folder)
        order = wanted.specific or sorted(there, reverse=True)
        count = len(wanted.specific) or (len(there) if wanted.latest is None else wanted.latest)
        serving: dict[int, Servable] = {}
        for number in filter(there.__contains__, order):
            if len(serving) == count:
                break
            found = model.serving.get(number) or self._try(
                model, wanted.name, number, there[number]
            )
            if found is not None:
                serving[number] = found
        if count and there and not serving:
            serving = dict(model.serving)  # what is served is not given up for nothing
        gone = model.serving.keys() - serving.keys()
        model.labels = dict(wanted.labels)
        model.serving = serving
        for number in serving:
            model.states[number] = VersionStatus("AVAILABLE")
        for number in gone:
            model.states[number] = VersionStatus("END")
            log.info("%s %d: unloaded", wanted.name, number)

    def _try(self, model: _Model, name: str, number: int, path: Path) -> Servable | None:
        stamp = _stamp(path)
        if model.refused.get(number) == stamp:
            return None
        model.states[number] = VersionStatus("LOADING")
        try:
            servable = self._load(name, number, path)
        except Exception as error:  # whatever is in the folder, the other versions are served
            known = isinstance(error, ArtefactError | UserError | OSError)
            reason = str(error) if known else f"it cannot be loaded: {error!r}"
            model.refused[number] = stamp
            model.states[number] = VersionStatus("END", reason)
            log.warning("%s %d: refused: %s", name, number, reason)
            return None
        model.refused.pop(number, None)
        log.info("%s %d: loaded", name, number)
        return servable

    def _poll(self) -> None:
        said = ""
        while not self._stopping.wait(_POLL_SECONDS):
            try:
                self.refresh()
                said = ""
            except Exception as error:  # whatever it is, it must not end the looking
                if str(error) != said:  # once, and not each second
                    said = str(error)
                    log.warning("what is served stays as it is: %s", said)


def _stamp(path: Path) -> object:
    """What changes when a file of a folder does."""
    files = []
    for file in sorted(path.rglob("*")):
        try:
            stat = file.stat()
        except OSError:  # gone meanwhile
            continue
        files.append((str(file), stat.st_size, stat.st_mtime_ns))
    return files
