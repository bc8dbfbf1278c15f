"""The page docs/add_a_task.md, done as it says."""

import dataclasses
import re
import sys
from pathlib import Path

import pytest

import tasks
import zoo
from zoo.recipes.task import find_task, task_names

PAGE = Path(__file__).resolve().parents[2] / "docs" / "add_a_task.md"
FILE = re.compile(r"<!-- file: (\S+) -->\n```\w+\n(.*?)```", re.DOTALL)


@pytest.fixture
def described_task(tmp_path, monkeypatch):
    files = FILE.findall(PAGE.read_text(encoding="utf-8"))
    assert [name for name, _ in files] == [
        "tasks/urgency/sample.tsv",
        "tasks/urgency/__init__.py",
        "tasks/urgency/train.py",
    ]
    for name, text in files:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    monkeypatch.setattr(tasks, "__path__", [*tasks.__path__, str(tmp_path / "tasks")])
    yield find_task("urgency")
    for name in [name for name in sys.modules if name.startswith("tasks.urgency")]:
        del sys.modules[name]


def test_the_described_task_trains_exports_and_answers(described_task, tmp_path):
    assert "urgency" in task_names()
    config = dataclasses.replace(described_task.config, epochs=1, units=4)
    run = described_task.train(
        config, described_task.datasets["sample"], run=tmp_path / "run", start=None, command=""
    )
    described_task.export(run, tmp_path / "urgency" / "1")
    [answer] = zoo.load(tmp_path / "urgency")(["The house is on fire"])
    assert set(answer.probabilities) == {"later", "urgent"}
    [info] = [dataclasses.asdict(x) for x in _listed(tmp_path)]
    assert info["metrics"]["test"]["examples"] == 4


def _listed(folder: Path):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ZOO_MODELS", str(folder))
        return [info for info in zoo.list_models() if info.task == "urgency"]
