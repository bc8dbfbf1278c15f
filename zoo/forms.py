"""The forms of model as they are asked in Python: typed answers, wherever the model runs."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import numpy as np

from zoo.errors import UserError

Source = TypeVar("Source")
"""What a generator is asked about: a text, or a photo's file."""
Ask = Callable[[str, Mapping[str, Sequence[Any]]], Mapping[str, np.ndarray]]
"""Gives a signature its inputs by name, and returns its outputs by name: a model in this process,
or one behind a server. Strings are bytes."""


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


@dataclass(frozen=True)
class Sight:
    """Where a decoder looked in a photo.

    Attributes:
        tokens: the caption's tokens.
        attention: for each of these the weight of each place, float32 `[tokens, rows, columns]`.
    """

    tokens: list[str]
    attention: np.ndarray


class TextClassifier:
    """A many-to-one model of texts: calling it answers texts.

    Args:
        document: `labels`, in the order of the probabilities; `positive`, the second of two labels,
            or None.
        ask: the model.
    """

    needed = frozenset({"labels", "positive"})
    """What must stand in the document."""

    def __init__(self, document: Mapping[str, Any], ask: Ask) -> None:
        self.document = document
        self._ask = ask

    @property
    def labels(self) -> list[str]:
        """The labels that it answers."""
        return list(self.document["labels"])

    def __call__(self, texts: Sequence[str | bytes]) -> list[Classification]:
        """One answer for each text. Any texts are allowed, empty ones and broken UTF-8 too."""
        answer = self._ask("serving_default", {"text": as_bytes(texts)})
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
        answer = self._ask("explain", {"text": as_bytes(texts)})
        return [
            Explanation(
                [token.decode() for token in tokens if token],
                [float(w) for token, w in zip(tokens, weights, strict=True) if token],
            )
            for tokens, weights in zip(answer["tokens"], answer["weights"], strict=True)
        ]


class Generator(ABC, Generic[Source]):
    """A model that writes: calling it answers sources, each with its best answer.

    Args:
        document: `answer`, what the output is called.
        ask: the model.
    """

    needed = frozenset({"answer"})
    """What must stand in the document."""

    def __init__(self, document: Mapping[str, Any], ask: Ask) -> None:
        self.document = document
        self._ask = ask

    def __call__(self, sources: Sequence[Source]) -> list[Generation]:
        """One answer for each source."""
        return self._best("serving_default", self._inputs(sources))

    def greedy(self, sources: Sequence[Source]) -> list[Generation]:
        """The same by the greedy search: faster, and mostly a little worse."""
        return self._best("greedy", self._inputs(sources))

    def n_best(self, sources: Sequence[Source]) -> list[list[Generation]]:
        """For each source the best answers that were found, the best first."""
        answer = self._ask("n_best", self._inputs(sources))
        return [
            [Generation(text.decode(), float(score)) for text, score in zip(*row, strict=True)]
            for row in zip(answer[f"{self.document['answer']}s"], answer["scores"], strict=True)
        ]

    def _best(self, signature: str, inputs: Mapping[str, Sequence[Any]]) -> list[Generation]:
        answer = self._ask(signature, inputs)
        return [
            Generation(text.decode(), float(score))
            for text, score in zip(answer[self.document["answer"]], answer["score"], strict=True)
        ]

    @abstractmethod
    def _inputs(self, sources: Sequence[Source]) -> dict[str, Sequence[Any]]:
        """The inputs of a signature by name."""


class TextGenerator(Generator[str | bytes]):
    """A many-to-many model of texts. Any are allowed, empty ones and broken UTF-8 too."""

    def _inputs(self, sources: Sequence[str | bytes]) -> dict[str, Sequence[Any]]:
        return {"text": as_bytes(sources)}

    def explain(self, texts: Sequence[str | bytes]) -> list[Alignment]:
        """For each text, where the decoder looked while it wrote."""
        answer = self._ask("explain", self._inputs(texts))
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
        drawing = {"seed": seeds, "temperature": [temperature] * rows, "top_p": [top_p] * rows}
        return self._best("sample", {**self._inputs(texts), **drawing})


class PhotoCaptioner(Generator[bytes]):
    """A one-to-many model of photos, the content of JPEG and PNG files.

    What is no such file gets an empty caption.
    """

    def _inputs(self, sources: Sequence[bytes]) -> dict[str, Sequence[Any]]:
        return {"image_bytes": as_files(sources)}

    def explain(self, images: Sequence[bytes]) -> list[Sight]:
        """For each photo, where the decoder looked while it wrote."""
        answer = self._ask("explain", self._inputs(images))
        return [
            Sight([token.decode() for token in tokens if token], attention[tokens != b""])
            for tokens, attention in zip(answer["tokens"], answer["attention"], strict=True)
        ]


def as_files(images: Sequence[bytes]) -> list[bytes]:
    """Files' content.

    Raises:
        UserError: one of them is no bytes, or all of them are one file.
    """
    if isinstance(images, str | bytes):
        raise UserError("give a list of photos: one photo alone stands in a list of one")
    images = list(images)
    for image in images:
        if not isinstance(image, bytes):
            raise UserError(
                f"a photo is the bytes of a JPEG or PNG file, and this is a "
                f"{type(image).__name__}: give Path(file).read_bytes()"
            )
    return images


def as_bytes(texts: Sequence[str | bytes]) -> list[bytes]:
    """Texts in UTF-8.

    Raises:
        UserError: one of them is no text, or all of them are one text.
    """
    if isinstance(texts, str | bytes):
        raise UserError("give a list of texts: one text alone stands in a list of one")
    texts = list(texts)  # an iterator could be gone through only once
    for text in texts:
        if not isinstance(text, str | bytes):
            raise UserError(f"a text is a str or bytes, and this is a {type(text).__name__}")
    # A lone surrogate is no Unicode text and has no UTF-8: it is replaced like any broken byte.
    return [text if isinstance(text, bytes) else text.encode("utf-8", "replace") for text in texts]
