"""The demo says what it does; what it asks to be trained is a model from elsewhere here."""

import shutil

import pytest

from zoo import demo
from zoo.errors import UserError


@pytest.fixture
def asked(monkeypatch, task, spam_run):
    """What the demo asks to be trained; it gets a copy of a run that has ended."""
    asked = []

    def train(self, config, dataset, run, start, command):
        asked.append((dataset.name, start, command))
        return shutil.copytree(spam_run, run)

    monkeypatch.setattr(type(task), "train", train)
    return asked


def test_the_demo_trains_on_the_sample_and_asks_both_models(
    asked, monkeypatch, models, capsys, spam_detector
):
    monkeypatch.setenv("ZOO_MODELS", str(models))
    loaded = []
    monkeypatch.setattr(demo.hub, "load", lambda path: loaded.append(path) or spam_detector)
    demo.run_demo()
    assert loaded[0].parts[-3:] == ("run", "spam_detection", "1")
    assert loaded[1] == models / "spam_detection" / "10"
    assert asked == [("sample", None, "zoo demo")]
    shown = capsys.readouterr().out
    assert shown.count("WINNER!! Claim your prize") == 2
    assert shown.count("%") == 2 * len(demo._MESSAGES)
    assert "zoo train spam_detection --data" in shown


def test_a_demo_without_the_shipped_model_says_so(asked, monkeypatch, tmp_path, spam_detector):
    monkeypatch.setattr(demo.hub, "load", lambda path: spam_detector)
    monkeypatch.setenv("ZOO_MODELS", str(tmp_path))
    with pytest.raises(UserError, match="unknown model 'spam_detection'"):
        demo.run_demo()
