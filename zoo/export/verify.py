"""Verifies that an artefact keeps the contract of serving."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice
from pathlib import Path

from zoo.errors import UserError
from zoo.export.child import Runtime
from zoo.export.file_checks import check_documents, check_variables
from zoo.export.golden import read_golden
from zoo.export.graph_checks import check_graph
from zoo.export.prediction_log import read_warmup
from zoo.export.probes import (
    Probe,
    batch_probe,
    empty_batch_probe,
    golden_probe,
    odd_image_probe,
    odd_text_probe,
    repeat_probe,
    warmup_probe,
)
from zoo.export.report import Check, Report, judged
from zoo.export.signature_checks import check_binary_names, check_signatures
from zoo.export.signatures import ArtefactError, SavedModel, Signature, read_saved_model


def verify(path: Path) -> Report:
    """Checks an artefact, all of it, whatever fails.

    The model is run in a child process by TensorFlow's C library, which is how TensorFlow Serving
    runs it. What cannot be checked because of another failure is reported as such.

    Args:
        path: a version folder, such as `saved_models/spam_detection/1`.

    Raises:
        UserError: if there is no such folder, or what verifying needs is not installed.
    """
    if not path.is_dir():
        raise UserError(
            f"{path} is no folder: give a model's version folder, such as "
            "saved_models/spam_detection/1"
        )
    files = [check_variables(path), check_documents(path)]
    try:
        saved_model = read_saved_model(path)
    except ArtefactError as error:
        parsed = Check("saved_model.pb", False, str(error))
        return Report(path, (parsed, *files, _not_made("model", parsed)))
    parsed = Check("saved_model.pb", True, f"{len(saved_model.serialised):,} bytes")
    tag = judged("tag", [] if saved_model.served else ["no graph is tagged serve"], "serve")
    checks = (parsed, *files, tag)
    if not tag.ok:
        return Report(path, (*checks, _not_made("model", tag)))
    static = check_signatures(saved_model) + check_graph(saved_model)
    requests, probes = _requests(path, saved_model)
    variables = files[0]
    answered = (
        _behaviour(path, saved_model, probes)
        if variables.ok
        else [_not_made("behaviour", variables)]
    )
    return Report(path, (*checks, *static, *requests, *answered))


def _requests(path: Path, saved_model: SavedModel) -> tuple[list[Check], list[Probe]]:
    """Checks the files of requests, and makes the probes that ask what is in them."""
    checks = []
    probes = []
    signatures = saved_model.signatures
    try:
        golden = read_golden(path, signatures)
    except ArtefactError as error:
        broken = Check("golden.json", False, str(error))
        checks += [broken, _not_made("golden behaviour", broken)]
    else:
        checks.append(Check("golden.json", True, f"{len(golden)} requests"))
        checks.append(check_binary_names(saved_model, golden))
        probes += [
            golden_probe(golden, signatures),
            repeat_probe(golden),
            batch_probe(golden),
            odd_text_probe(golden, signatures),
            *([odd_image_probe(golden, signatures)] if _takes_images(signatures) else []),
            empty_batch_probe(golden),
        ]
    try:
        probes.append(warmup_probe(read_warmup(path)))
    except ArtefactError as error:
        checks.append(Check("warm-up", False, str(error)))
    return checks, probes


def _takes_images(signatures: Mapping[str, Signature]) -> bool:
    return any(key.endswith("_bytes") for each in signatures.values() for key in each.inputs)


def _behaviour(path: Path, saved_model: SavedModel, probes: list[Probe]) -> list[Check]:
    """Runs all probes in one child process, and judges their answers."""
    calls = [call for probe in probes for call in probe.calls]
    run = Runtime.current().run(path, saved_model.signatures, calls, sorted(saved_model.ops))
    loads = judged("loads", [] if run.error is None else [run.error], f"C library {run.version}")
    core = judged("core operations", run.unknown_ops, f"all {len(saved_model.ops)} are known")
    if not loads.ok:
        # A library that died of loading was not asked for the operations.
        asked = [core] if run.version is not None else []
        return [loads, *asked, _not_made("behaviour", loads)]
    answers = iter(run.answers)
    return [
        loads,
        core,
        *(
            judged(probe.name, probe.judge(list(islice(answers, len(probe.calls)))), probe.found)
            for probe in probes
        ),
    ]


def _not_made(name: str, cause: Check) -> Check:
    return Check(name, None, f"not checked, because {cause.name} failed")
