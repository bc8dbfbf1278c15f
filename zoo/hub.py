"""Models by name: what ships, and a SavedModel that answers in Python."""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

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


@dataclass(frozen=True)
class Classification:
    """What a classifier answers to one text.

    Attributes:
        label: the answer: of two labels the positive one from a threshold, else the likeliest.
        probabilities: of each label.
    """

    label: str
    probabilities: dict[str, float]


@dataclass(frozen=True)
class Explanation:
    """What carried an answer.

    Attributes:
        tokens: the text's tokens.
        weights: the signed share of each in the logit; above 0 speaks for the label.
    """

    tokens: list[str]
    weights: list[float]


@dataclass(frozen=True)
class Generation:
    """What a generator writes to one text.

    Attributes:
        text: the answer.
        score: its log-probability, over the length penalty where that ranked it.
    """

    text: str
    score: float


@dataclass(frozen=True)
class Alignment:
    """Where a decoder looked.

    Attributes:
        source: the source's tokens, the end among them.
        target: the answer's tokens.
        attention: for each of these the weight of each token of the source.
    """

    source: list[str]
    target: list[str]
    attention: list[list[float]]


def list_models() -> list[ModelInfo]:
    """What can be loaded by name, every version, sorted by task and version."""
    return [
        _info(path) for folder in sorted(_models_folder().glob("*/")) for path in _versions(folder)
    ]


def load(model: str | Path, version: int | None = None) -> Any:
    """Load a SavedModel by task name or by path: a `TextClassifier` or a `TextGenerator`.

    Args:
        model: a name, looked up in `$ZOO_MODELS`, else in the checkout's `saved_models`; or the
            path of a version's folder, or of a folder of versions.
        version: of the model; the greatest where none is given.

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
    folder = _models_folder() / model if by_name else path
    versions = _versions(folder)
    if not versions:
        if not by_name or path.is_dir():
            raise UserError(f"{path} holds no SavedModel: give a folder with saved_model.pb in it")
        there = sorted(folder.name for folder in _models_folder().glob("*/") if _versions(folder))
        raise UserError(
            f"unknown model {model!r}: {_models_folder()} has {', '.join(there) or 'none'}"
        )
    if version is None:
        return versions[-1]
    for candidate in versions:
        if int(candidate.name) == version:
            return candidate
    numbers = ", ".join(candidate.name for candidate in versions)
    raise UserError(f"{folder} has no version {version}: choose one of {numbers}")


def _models_folder() -> Path:
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


class _TextModel:
    """A SavedModel that takes texts.

    Attributes:
        path: of the version's folder.
        document: its `model.json`.
    """

    _needed: frozenset[str]
    """What must stand in `model.json`."""

    def __init__(self, path: Path) -> None:
        import tensorflow as tf

        self.path = path
        self.document = read_extra(path, "model.json")
        if not self._needed <= self.document.keys():
            raise UserError(f"model.json of {path} is damaged: get the model again")
        try:
            self._model = tf.saved_model.load(str(path))
        except (tf.errors.OpError, OSError, ValueError, LookupError) as error:
            raise UserError(
                f"the SavedModel {path} is damaged: get it again (`zoo verify {path}` says more)"
            ) from error
        self._signatures = self._model.signatures

    def keras_model(self) -> "keras.Model":
        """The trainable Keras model, rebuilt from this SavedModel's files; see `features`."""
        from zoo.export.rebuild import load_weights, rebuild

        _, model = rebuild(self.document)
        load_weights(model, self.path)
        return model

    def _ask(
        self, signature: str, texts: Sequence[str | bytes], **beside: np.ndarray
    ) -> dict[str, np.ndarray]:
        import tensorflow as tf

        if signature not in self._signatures:
            there = ", ".join(sorted(self._signatures))
            raise UserError(f"{self.path} has no signature {signature}: it has {there}")
        tensors = {name: tf.constant(array) for name, array in beside.items()}
        answer = self._signatures[signature](text=tf.constant(_texts(texts), tf.string), **tensors)
        return {name: tensor.numpy() for name, tensor in answer.items()}


class TextClassifier(_TextModel):
    """A many-to-one SavedModel of texts.

    Calling it answers texts: `TextClassifier(path)(["WIN a prize!!"])`.
    """

    _needed = frozenset({"labels", "positive"})

    @property
    def labels(self) -> list[str]:
        """The labels that it answers."""
        return list(self.document["labels"])

    def __call__(self, texts: Sequence[str | bytes]) -> list[Classification]:
        """One answer for each text. Any texts are allowed, empty ones and broken UTF-8 too."""
        answer = self._ask("serving_default", texts)
        positive = self.document["positive"]
        if positive is None:
            rows = answer["probabilities"]
        else:  # the second of two labels
            p = answer[f"{positive}_probability"]
            rows = np.stack([1 - p, p], axis=1)
        return [
            Classification(label.decode(), dict(zip(self.labels, map(float, row), strict=True)))
            for label, row in zip(answer["label"], rows, strict=True)
        ]

    def explain(self, texts: Sequence[str | bytes]) -> list[Explanation]:
        """For each text, what carried the answer: of two labels, the share in the positive one."""
        answer = self._ask("explain", texts)
        return [
            Explanation(
                [token.decode() for token in tokens if token],
                [float(w) for token, w in zip(tokens, weights, strict=True) if token],
            )
            for tokens, weights in zip(answer["tokens"], answer["weights"], strict=True)
        ]

    def features(self, texts: Sequence[str | bytes]) -> dict[str, Any]:
        """The inputs of `keras_model` for texts; see `zoo.models.many_to_one.ManyToOne.embed`."""
        import tensorflow as tf

        from zoo.export.rebuild import rebuild
        from zoo.text.encoder import features

        encoder, _ = rebuild(self.document)
        return features(encoder(tf.constant(_texts(texts), tf.string)))


class TextGenerator(_TextModel):
    """A many-to-many SavedModel of texts.

    Calling it answers texts: `TextGenerator(path)(["A dog runs on the beach."])`.
    """

    _needed = frozenset({"answer"})

    def __call__(self, texts: Sequence[str | bytes]) -> list[Generation]:
        """One answer for each text. Any texts are allowed, empty ones and broken UTF-8 too."""
        return self._generations("serving_default", texts)

    def greedy(self, texts: Sequence[str | bytes]) -> list[Generation]:
        """The same by the greedy search: faster, and mostly a little worse."""
        return self._generations("greedy", texts)

    def n_best(self, texts: Sequence[str | bytes]) -> list[list[Generation]]:
        """For each text the best answers that were found, the best first."""
        answer = self._ask("n_best", texts)
        return [
            [Generation(text.decode(), float(score)) for text, score in zip(*row, strict=True)]
            for row in zip(answer[f"{self.document['answer']}s"], answer["scores"], strict=True)
        ]

    def explain(self, texts: Sequence[str | bytes]) -> list[Alignment]:
        """For each text, where the decoder looked while it wrote."""
        answer = self._ask("explain", texts)
        rows = zip(
            answer["source_tokens"], answer["target_tokens"], answer["attention"], strict=True
        )
        return [
            Alignment(
                [token.decode() for token in source if token],
                [token.decode() for token in target if token],
                attention[target != b""][:, source != b""].tolist(),
            )
            for source, target, attention in rows
        ]

    def sample(
        self,
        texts: Sequence[str | bytes],
        seeds: Sequence[int],
        temperature: float = 1.0,
        top_p: float = 1.0,
    ) -> list[Generation]:
        """Answers that are drawn; the same seed draws the same answer to a text.

        Args:
            texts: what to answer.
            seeds: one for each.
            temperature: below 1 the likely is likelier; 0 draws the likeliest.
            top_p: only from the likeliest tokens that together have this probability.
        """
        rows = len(texts)
        drawing: dict[str, np.ndarray] = {
            "seed": np.array(seeds, np.int64),
            "temperature": np.full(rows, temperature, np.float32),
            "top_p": np.full(rows, top_p, np.float32),
        }
        return self._generations("sample", texts, **drawing)

    def encoder(self) -> Any:
        """What makes tokens of texts, a `zoo.text.encoder.TextEncoder`."""
        from zoo.export.rebuild import rebuild

        encoder, _ = rebuild(self.document)
        return encoder

    def features(
        self, sources: Sequence[str], targets: Sequence[str]
    ) -> tuple[dict[str, Any], Any]:
        """Inputs and targets of `keras_model`; see `zoo.models.many_to_many.ManyToMany.call`."""
        from zoo.text.sequences import Sequences

        return Sequences(self.encoder(), sources, targets).collate(range(len(sources)))

    def _generations(
        self, signature: str, texts: Sequence[str | bytes], **beside: np.ndarray
    ) -> list[Generation]:
        answer = self._ask(signature, texts, **beside)
        return [
            Generation(text.decode(), float(score))
            for text, score in zip(answer[self.document["answer"]], answer["score"], strict=True)
        ]


_FORMS: Mapping[str, Callable[[Path], TextClassifier | TextGenerator]] = {
    "many_to_one": TextClassifier,
    "many_to_many": TextGenerator,
}


def _texts(texts: Sequence[str | bytes]) -> list[bytes]:
    if isinstance(texts, str | bytes):
        raise UserError("give a list of texts: one text alone stands in a list of one")
    texts = list(texts)  # an iterator could be gone through only once
    for text in texts:
        if not isinstance(text, str | bytes):
            raise UserError(f"a text is a str or bytes, and this is a {type(text).__name__}")
    # A lone surrogate is no Unicode text and has no UTF-8: it is replaced like any broken byte.
    return [text if isinstance(text, bytes) else text.encode("utf-8", "replace") for text in texts]
