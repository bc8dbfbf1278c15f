"""The same answers from another library."""

import json
import shutil
import sys

import pytest
import tensorflow as tf

from zoo.export import compat
from zoo.export.child import Runtime
from zoo.export.golden import answer_golden
from zoo.export.signatures import ArtefactError

GOLDEN = "assets.extra/golden.json"


def test_golden_answers_name_the_library(artefact):
    answers = answer_golden(artefact, Runtime.current())
    assert (answers.version, answers.requests, answers.problems) == (tf.__version__, 4, [])


def test_a_model_without_golden_requests_cannot_be_compared(copied):
    (copied / GOLDEN).unlink()
    with pytest.raises(ArtefactError, match=r"golden\.json is missing"):
        answer_golden(copied, Runtime.current())


def test_compat_prints_a_line_for_each_model(copied, capsys):
    other = shutil.copytree(copied, copied.parent / "2")
    golden = json.loads((other / GOLDEN).read_text())
    [sample] = [r for r in golden["requests"] if r["signature"] == "sample"]
    sample["outputs"]["spam_probability"] = [0, 0, 0]
    (other / GOLDEN).write_text(json.dumps(golden))
    arguments = [str(copied.parents[1]), "--python", sys.executable]
    assert compat.main(arguments) == 1
    first, second = capsys.readouterr().out.splitlines()
    assert first == f"{copied}: TensorFlow {tf.__version__} gives all 4 golden answers"
    assert second.startswith(f"{other}: TensorFlow {tf.__version__} differs: request 3 (sample): ")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--python", "/nowhere/python"], "does not run"),
        (["--python", sys.executable], "give saved_models"),
    ],
)
def test_compat_ends_with_one_line(tmp_path, capsys, arguments, message):
    assert compat.main([str(tmp_path), *arguments]) == 2
    output = capsys.readouterr()
    assert message in output.err
    assert output.err.count("\n") == 1
