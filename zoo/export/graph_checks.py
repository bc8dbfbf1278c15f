"""Checks of a graph and its function library: what a plain model server can run anywhere."""

from __future__ import annotations

import re
from pathlib import Path

from zoo.export.report import Check, judged
from zoo.export.signatures import SavedModel

_FOREIGN = re.compile(r"Cudnn.*|(Eager)?PyFunc(Stateless)?|Addons>.*|TFText>.*|Sentencepiece.*")
"""Operations that need a GPU, Python, or a library that a model server may lack."""

_STATEFUL_RANDOM = frozenset(
    [
        "AllCandidateSampler",
        "AnonymousRandomSeedGenerator",
        "AnonymousSeedGenerator",
        "FixedUnigramCandidateSampler",
        "LearnedUnigramCandidateSampler",
        "LogUniformCandidateSampler",
        "Multinomial",
        "NonDeterministicInts",
        "ParameterizedTruncatedNormal",
        "RandomCrop",
        "RandomGamma",
        "RandomPoisson",
        "RandomPoissonV2",
        "RandomShuffle",
        "RandomShuffleV2",
        "RandomStandardNormal",
        "RandomUniform",
        "RandomUniformInt",
        "RngReadAndSkip",
        "RngSkip",
        "SampleDistortedBoundingBox",
        "SampleDistortedBoundingBoxV2",
        "StatefulRandomBinomial",
        "StatefulStandardNormal",
        "StatefulStandardNormalV2",
        "StatefulTruncatedNormal",
        "StatefulUniform",
        "StatefulUniformFullInt",
        "StatefulUniformInt",
        "ThreadUnsafeUnigramCandidateSampler",
        "TruncatedNormal",
        "UniformCandidateSampler",
    ]
)
"""Operations whose answer is not a function of their inputs."""

_HOMES = re.compile(rb"(?:/home|/Users|/root)/[\w.-]+")


def check_graph(saved_model: SavedModel) -> list[Check]:
    """Makes all checks that the graph alone decides."""
    ops = sorted(saved_model.ops)
    return [
        judged("foreign operations", [op for op in ops if _FOREIGN.fullmatch(op)], "none"),
        judged("stateful randomness", [op for op in ops if op in _STATEFUL_RANDOM], "none"),
        judged("XLA", [f"{name} is compiled" for name in sorted(saved_model.compiled)], "unused"),
        judged(
            "devices",
            [device for device in sorted(saved_model.devices) if "GPU" in device.upper()],
            "no node asks for a GPU",
        ),
        judged("local paths", _paths(saved_model.serialised), "none"),
    ]


def _paths(serialised: bytes) -> list[str]:
    found = {match.decode() for match in _HOMES.findall(serialised)}
    for folder in (Path.home(), Path(__file__).parents[2]):
        # A folder right below the root, as containers have, is too short a name to search for.
        if len(folder.parts) > 2 and f"{folder}/".encode() in serialised:
            found.add(f"{folder}/")
    return sorted(found)
