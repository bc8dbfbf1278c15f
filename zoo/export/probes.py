"""Questions to put to a model, each with a judgement of the answers.

A probe is made before anything runs, so that all of them together cost one loading of the model.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import numpy as np
from numpy.typing import NDArray

from zoo.export.child import Answer, Arrays, Call, Failure
from zoo.export.golden import Golden, difference, golden_problems
from zoo.export.signature_checks import is_utf8
from zoo.export.signatures import Signature

_ODD_TEXTS = {
    "the empty string": b"",
    "only spaces": b"     ",
    "emoji": "\U0001f600 \U0001f469\u200d\U0001f467 \U0001f1eb\U0001f1f7".encode(),
    "right-to-left text": "\u05e9\u05dc\u05d5\u05dd \u0645\u0631\u062d\u0628\u0627".encode(),
    "NUL bytes": b"a\0b\0\0c",
    "invalid UTF-8": b"caf\xe9 \xff\xfe \xc3(",
    "100,000 characters": b"word " * 20_000,
}

_JPEG = b"\xff\xd8"
_ODD_IMAGES = {
    "the empty string": b"",
    "text": b"no image at all",
    "random bytes": bytes(range(256)),
    "a JPEG file's first bytes": b"\xff\xd8\xff\xe0\x00\x10JFIF",
    "a PNG file's first bytes": b"\x89PNG\r\n\x1a\n",
}


@dataclass(frozen=True)
class Probe:
    """One check of a model's behaviour.

    Attributes:
        name: what is checked.
        calls: the requests to put to the model.
        judge: takes their answers in order and returns what is wrong, one line each.
        found: what a check that holds has found.
    """

    name: str
    calls: list[Call]
    judge: Callable[[Sequence[Answer]], list[str]]
    found: str


def warmup_probe(calls: list[Call]) -> Probe:
    """Every warm-up request is answered."""

    def judge(answers: Sequence[Answer]) -> list[str]:
        return [
            f"record {number} ({call.signature}): {answer.message}"
            for number, (call, answer) in enumerate(zip(calls, answers, strict=True))
            if isinstance(answer, Failure)
        ]

    return Probe("warm-up", calls, judge, f"{len(calls)} requests are answered")


def golden_probe(golden: Sequence[Golden], signatures: Mapping[str, Signature]) -> Probe:
    """Every signature has golden requests, and each gets its golden answer."""
    missing = sorted(set(signatures) - {request.call.signature for request in golden})

    def judge(answers: Sequence[Answer]) -> list[str]:
        return golden_problems(golden, answers) + [
            f"signature {name} has no golden request" for name in missing
        ]

    calls = [request.call for request in golden]
    return Probe("golden", calls, judge, f"{len(calls)} requests get their golden answer")


def repeat_probe(golden: Sequence[Golden]) -> Probe:
    """Equal requests get equal answers, whatever was asked in between."""
    calls = [request.call for request in golden]

    def judge(answers: Sequence[Answer]) -> list[str]:
        pairs = zip(calls, answers[: len(calls)], answers[len(calls) :], strict=True)
        return [
            f"{call.signature}, asked again: {problem}"
            for call, first, second in pairs
            if (problem := _unlike(first, second)) is not None
        ]

    return Probe("repeatable", calls + calls, judge, f"{len(calls)} requests asked twice")


def batch_probe(golden: Sequence[Golden]) -> Probe:
    """A row's answer depends neither on the rows beside it nor on its place among them."""
    groups = [(name, _rows(requests)) for name, requests in _by_signature(golden)]
    calls = []
    for name, rows in groups:
        batches = [*([row] for row in rows), rows, rows[::-1]]
        calls += [Call(name, _stacked(batch)) for batch in batches]

    def judge(answers: Sequence[Answer]) -> list[str]:
        problems = []
        remaining = iter(answers)
        for name, rows in groups:
            alone = [next(remaining) for _ in rows]
            together, reverse = next(remaining), next(remaining)
            problems += _batch_problems(f"{name}, in one batch", alone, together)
            problems += _batch_problems(f"{name}, in reverse order", alone[::-1], reverse)
        return problems

    count = sum(len(rows) for _, rows in groups)
    return Probe("batch invariance", calls, judge, f"{count} rows alone and in batches")


def odd_text_probe(golden: Sequence[Golden], signatures: Mapping[str, Signature]) -> Probe:
    """Any bytes are an allowed text, and get finite floats and valid UTF-8."""
    asked = [
        (f"{name}, {oddity}", Call(name, row | {"text": np.array([text], dtype=object)}))
        for name, requests in _by_signature(golden)
        if (text_input := signatures[name].inputs.get("text")) and text_input.dtype == "string"
        for row in _rows(requests)[:1]
        for oddity, text in _ODD_TEXTS.items()
    ]

    def judge(answers: Sequence[Answer]) -> list[str]:
        return [
            f"{where}: {problem}"
            for (where, _), answer in zip(asked, answers, strict=True)
            if (problem := _unsound(answer)) is not None
        ]

    found = f"{len(asked)} requests get finite floats and valid UTF-8"
    return Probe("odd texts", [call for _, call in asked], judge, found)


def odd_image_probe(golden: Sequence[Golden], signatures: Mapping[str, Signature]) -> Probe:
    """Any bytes are an allowed image, beside which another is answered as it is alone.

    What is no image, and a JPEG file that is cut off, gets finite floats and valid UTF-8.
    """
    asked: list[tuple[str, Call]] = []
    alone: list[Call] = []
    for name, requests in _by_signature(golden):
        inputs = [key for key in signatures[name].inputs if key.endswith("_bytes")]
        for key in inputs:
            rows = _rows(requests)
            sound = max(rows, key=lambda row: len(row[key][0]))
            odd = dict(_ODD_IMAGES)
            jpegs = [row[key][0] for row in rows if row[key][0].startswith(_JPEG)]
            if jpegs:
                longest = max(jpegs, key=len)
                odd["a truncated JPEG file"] = longest[: 2 * len(longest) // 3]
            for oddity, image in odd.items():
                beside = sound | {key: np.array([image], dtype=object)}
                asked.append((f"{name}, {oddity}", Call(name, _stacked([sound, beside]))))
                alone.append(Call(name, sound))

    def judge(answers: Sequence[Answer]) -> list[str]:
        problems = []
        pairs = zip(asked, answers[: len(asked)], answers[len(asked) :], strict=True)
        for (where, _), both, single in pairs:
            problem = _unsound(both)
            if problem is None and not isinstance(both, Failure):
                first = {name: array[:1] for name, array in both.items()}
                problem = _unlike(single, first, padded=True)
            if problem is not None:
                problems.append(f"{where}: {problem}")
        return problems

    found = f"{len(asked)} requests get finite floats and valid UTF-8"
    return Probe("odd images", [call for _, call in asked] + alone, judge, found)


def empty_batch_probe(golden: Sequence[Golden]) -> Probe:
    """A request of no rows is answered by no rows, or refused: it must not end the server."""
    calls = [
        Call(name, {key: array[:0] for key, array in requests[0].call.inputs.items()})
        for name, requests in _by_signature(golden)
    ]

    def judge(answers: Sequence[Answer]) -> list[str]:
        problems = []
        for call, answer in zip(calls, answers, strict=True):
            if isinstance(answer, Failure):
                problems += [f"{call.signature}: {answer.message}"] if answer.crashed else []
            else:
                problems += [f"{call.signature}: {problem}" for problem in _miscounts(answer, 0)]
        return problems

    return Probe("empty batch", calls, judge, "answered by no rows, or refused")


def _by_signature(golden: Sequence[Golden]) -> Iterator[tuple[str, list[Golden]]]:
    def name(request: Golden) -> str:
        return request.call.signature

    for signature, requests in groupby(sorted(golden, key=name), name):
        yield signature, list(requests)


def _rows(requests: Sequence[Golden]) -> list[Arrays]:
    """The rows of all requests, each as a batch of one.

    Two rows are added to texts, an empty one and one far longer than the others: short rows beside
    long ones are what shows a mask that is missing.
    """
    rows = [
        {key: array[index : index + 1] for key, array in request.call.inputs.items()}
        for request in requests
        for index in range(len(next(iter(request.call.inputs.values()))))
    ]
    if rows and "text" in rows[0]:
        longest = max((row["text"][0] for row in rows), key=len)
        rows += [
            rows[0] | {"text": np.array([text], dtype=object)}
            for text in (b"", b" ".join([longest] * 4))
        ]
    return rows


def _stacked(rows: Sequence[Arrays]) -> Arrays:
    return {key: np.concatenate([row[key] for row in rows]) for key in rows[0]}


def _batch_problems(where: str, alone: Sequence[Answer], batch: Answer) -> list[str]:
    """What differs between a batch's rows and the same rows asked alone."""
    if isinstance(batch, Failure):
        return [f"{where}: {batch.message}"]
    miscounts = _miscounts(batch, len(alone))
    if miscounts:
        return [f"{where}: {problem}" for problem in miscounts]
    problems = []
    for index, single in enumerate(alone):
        row = {name: array[index : index + 1] for name, array in batch.items()}
        problem = _unlike(single, row, padded=True)
        if problem is not None:
            problems.append(f"{where}, row {index}: {problem}")
    return problems


def _unlike(first: Answer, second: Answer, *, padded: bool = False) -> str | None:
    """The first difference between two answers, if `padded` up to their padding."""
    if isinstance(first, Failure):
        return first.message
    if padded and not isinstance(second, Failure):
        shapes = {name: _common_shape(array, second[name]) for name, array in first.items()}
        first = {name: _padded(array, shapes[name]) for name, array in first.items()}
        second = {name: _padded(array, shapes[name]) for name, array in second.items()}
    return difference(first, second)


def _common_shape(first: NDArray[Any], second: NDArray[Any]) -> tuple[int, ...]:
    return tuple(map(max, zip(first.shape, second.shape, strict=True)))


def _padded(array: NDArray[Any], shape: tuple[int, ...]) -> NDArray[Any]:
    """The array, with zeros or empty strings behind it up to a shape of the same rank."""
    result = np.full(shape, b"" if array.dtype == object else 0, dtype=array.dtype)
    result[tuple(map(slice, array.shape))] = array
    return result


def _miscounts(answer: Arrays, rows: int) -> list[str]:
    return [
        f"{name} has the shape {list(array.shape)} for {rows} rows"
        for name, array in answer.items()
        if not array.ndim or len(array) != rows
    ]


def _unsound(answer: Answer) -> str | None:
    """Why an answer is none that a client can read, or None."""
    if isinstance(answer, Failure):
        return answer.message
    for name, array in answer.items():
        if np.issubdtype(array.dtype, np.floating) and not np.isfinite(array).all():
            return f"{name} is not finite"
        if array.dtype == object and not name.endswith("_bytes"):
            bad = next((value for value in array.flat if not is_utf8(value)), None)
            if bad is not None:
                return f"{name} is no valid UTF-8: {bad[:40]!r}"
    return None
