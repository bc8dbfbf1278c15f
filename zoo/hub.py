"""Models by name: what ships, and a SavedModel that answers in Python."""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from zoo import forms
from zoo.errors import UserError
from zoo.export.extra import read_extra

if TYPE_CHECKING:
    import keras

_CHECKOUT = Path(__file__).resolve().parent.parent / "saved_models"


@dataclass(frozen=True)
class ModelInfo:
    """A model that can be loaded by name.

    Attributes:
        task: its name.
        version: its number.
        path: of the SavedModel.
        title: one line.
        cell: the recurrence, and whether it reads in both directions.
        parameters: number of weights.
        megabytes: size of the SavedModel, in 10^6 bytes.
        metrics: by split, then by name.
        data: what it was trained on.
        licence: of the data.
    """

    task: str
    version: int
    path: Path
    title: str
    cell: str
    parameters: int
    megabytes: float
    metrics: dict[str, Any]
    data: str
    licence: str


def list_models() -> list[ModelInfo]:
    """What can be loaded by name, every version, sorted by task and version."""
    return [
        _info(path) for folder in sorted(models_folder().glob("*/")) for path in _versions(folder)
    ]


def load(model: str | Path, version: int | None = None) -> Any:
    """Load a SavedModel by task name or by path.

    Args:
        model: a name, looked up in `$ZOO_MODELS`, else in the checkout's `saved_models`; or the
            path of a version's folder, or of a folder of versions.
        version: of the model; the greatest where none is given.

    Returns:
        A `TextClassifier`, a `TextGenerator` or a `PhotoCaptioner`.

    Raises:
        UserError: there is no such model, or it is damaged.
    """
    path = find(model, version)
    form = read_extra(path, "model.json").get("form")
    kind = _FORMS.get(str(form))
    if kind is None:
        raise UserError(f"{path} has the form {form!r}, which this version does not know")
    return kind(path)


def find(model: str | Path, version: int | None = None) -> Path:
    """The folder of a model's version (see `load`).

    Raises:
        UserError: there is none.
    """
    path = Path(model)
    if (path / "saved_model.pb").is_file():
        return path
    by_name = isinstance(model, str) and os.sep not in model and not _versions(path)
    folder = models_folder() / model if by_name else path
    versions = _versions(folder)
    if not versions:
        if not by_name or path.is_dir():
            raise UserError(f"{path} holds no SavedModel: give a folder with saved_model.pb in it")
        there = sorted(folder.name for folder in models_folder().glob("*/") if _versions(folder))
        raise UserError(
            f"unknown model {model!r}: {models_folder()} has {', '.join(there) or 'none'}"
        )
    if version is None:
        return versions[-1]
    for candidate in versions:
        if int(candidate.name) == version:
            return candidate
    numbers = ", ".join(candidate.name for candidate in versions)
    raise UserError(f"{folder} has no version {version}: choose one of {numbers}")


def models_folder() -> Path:
    """Where models are looked up by name: `$ZOO_MODELS`, else the checkout's `saved_models`."""
    return Path(os.environ.get("ZOO_MODELS") or _CHECKOUT)


def _versions(folder: Path) -> list[Path]:
    found = [p.parent for p in folder.glob("*/saved_model.pb") if p.parent.name.isdecimal()]
    return sorted(found, key=lambda path: int(path.name))


def _info(path: Path) -> ModelInfo:
    facts = read_extra(path, "facts.json")
    wanted = ("title", "bidirectional", "cell", "parameters", "metrics", "data", "licence")
    missing = [name for name in wanted if name not in facts]
    if missing:
        raise UserError(f"facts.json of {path} has no {missing[0]}: get the model again")
    size = sum(file.stat().st_size for file in path.rglob("*") if file.is_file())
    return ModelInfo(
        task=path.parent.name,
        version=int(path.name),
        path=path,
        title=facts["title"],
        cell=("bidirectional " if facts["bidirectional"] else "") + facts["cell"],
        parameters=facts["parameters"],
        megabytes=round(size / 1e6, 2),
        metrics=facts["metrics"],
        data=facts["data"],
        licence=facts["licence"],
    )


class _SavedModel:
    """What is in a version's folder, read.

    Args:
        path: of the folder.
        needed: what must stand in `model.json`.
    """

    def __init__(self, path: Path, needed: frozenset[str]) -> None:
        import tensorflow as tf

        self.path = path
        self.document = read_extra(path, "model.json")
        if not needed <= self.document.keys():
            raise UserError(f"model.json of {path} is damaged: get the model again")
        try:
            self._model = tf.saved_model.load(str(path))
        except (tf.errors.OpError, OSError, ValueError, LookupError) as error:
            raise UserError(
                f"the SavedModel {path} is damaged: get it again (`zoo verify {path}` says more)"
            ) from error
        self._signatures = self._model.signatures

    def ask(self, signature: str, inputs: Mapping[str, Sequence[Any]]) -> dict[str, np.ndarray]:
        """The outputs of a signature, by name (see `zoo.forms.Ask`)."""
        import tensorflow as tf

        if signature not in self._signatures:
            there = ", ".join(sorted(self._signatures))
            raise UserError(f"{self.path} has no signature {signature}: it has {there}")
        function = self._signatures[signature]
        _, specs = function.structured_input_signature
        answer = function(**{key: tf.constant(x, specs[key].dtype) for key, x in inputs.items()})
        return {name: tensor.numpy() for name, tensor in answer.items()}


class _Loaded:
    """What a model has beside its answers when it is loaded from files."""

    _files: _SavedModel

    @property
    def path(self) -> Path:
        """The version's folder."""
        return self._files.path

    def keras_model(self) -> "keras.Model":
        """The trainable Keras model, rebuilt from this SavedModel's files; see `features`."""
        from zoo.export.rebuild import load_weights, rebuild

        _, model = rebuild(self._files.document)
        load_weights(model, self.path)
        return model


class TextClassifier(_Loaded, forms.TextClassifier):
    """A many-to-one SavedModel of texts: `TextClassifier(path)(["WIN a prize!!"])`.

    Args:
        path: of the version's folder.
    """

    def __init__(self, path: Path) -> None:
        self._files = _SavedModel(path, self.needed)
        super().__init__(self._files.document, self._files.ask)

    def features(self, texts: Sequence[str | bytes]) -> dict[str, Any]:
        """The inputs of `keras_model` for texts; see `zoo.models.many_to_one.ManyToOne.embed`."""
        import tensorflow as tf

        from zoo.export.rebuild import rebuild_encoder
        from zoo.text.encoder import features

        encoder = rebuild_encoder(self._files.document)
        return features(encoder(tf.constant(forms.as_bytes(texts), tf.string)))


class TextGenerator(_Loaded, forms.TextGenerator):
    """A many-to-many SavedModel of texts: `TextGenerator(path)(["A dog runs on the beach."])`.

    Args:
        path: of the version's folder.
    """

    def __init__(self, path: Path) -> None:
        self._files = _SavedModel(path, self.needed)
        super().__init__(self._files.document, self._files.ask)

    def encoder(self) -> Any:
        """What makes tokens of texts, a `zoo.text.encoder.TextEncoder`."""
        from zoo.export.rebuild import rebuild_encoder

        return rebuild_encoder(self._files.document)

    def features(
        self, sources: Sequence[str], targets: Sequence[str]
    ) -> tuple[dict[str, Any], Any]:
        """Inputs and targets of `keras_model`; see `zoo.models.many_to_many.ManyToMany.call`."""
        from zoo.text.sequences import Sequences

        return Sequences.encoded(self.encoder(), sources, targets).collate(range(len(sources)))


class PhotoCaptioner(_Loaded, forms.PhotoCaptioner):
    """A one-to-many SavedModel of photos: `PhotoCaptioner(path)([Path("dog.jpg").read_bytes()])`.

    Args:
        path: of the version's folder.
    """

    def __init__(self, path: Path) -> None:
        self._files = _SavedModel(path, self.needed)
        super().__init__(self._files.document, self._files.ask)

    def features(
        self, images: Sequence[bytes], captions: Sequence[str]
    ) -> tuple[dict[str, Any], Any]:
        """Inputs and targets of `keras_model`; see `zoo.models.one_to_many.OneToMany.read`."""
        import tensorflow as tf

        from zoo.export.images import photo_reader
        from zoo.export.rebuild import rebuild_encoder
        from zoo.text.sequences import target_rows, to_be_told

        encoder = rebuild_encoder(self._files.document)
        before, told = to_be_told(target_rows(encoder, captions))
        files = tf.constant(forms.as_files(images), tf.string)
        photos = photo_reader(self._files.document["model"]["photo_size"])(files)
        return {"photo": photos.pixels, "target": before}, told


_FORMS: Mapping[str, Callable[[Path], TextClassifier | TextGenerator | PhotoCaptioner]] = {
    "many_to_one": TextClassifier,
    "many_to_many": TextGenerator,
    "one_to_many": PhotoCaptioner,
}
