from pathlib import Path

import pytest

from zoo.analysis.cards import _descent, _duration, _filled, _writing, documents
from zoo.errors import UserError
from zoo.metrics import captions, dialogue, translation

ROOT = Path(__file__).resolve().parents[2]


def test_every_number_in_the_cards_is_the_measured_one():
    stale = [
        str(path.relative_to(ROOT))
        for path, text in documents(ROOT).items()
        if path.read_text(encoding="utf-8") != text
    ]
    assert not stale, f"run `make cards`: {stale}"


def test_a_part_is_filled_and_the_rest_is_left(tmp_path):
    card = tmp_path / "README.md"
    card.write_text("a\n<!-- facts:begin -->\nold\n<!-- facts:end -->\nb\n")
    assert _filled(card, {"facts": "new\n"}) == (
        "a\n<!-- facts:begin -->\nnew\n<!-- facts:end -->\nb\n"
    )


def test_a_card_without_the_place_is_named(tmp_path):
    card = tmp_path / "README.md"
    card.write_text("nothing\n")
    with pytest.raises(UserError, match=r"README.md has no place for the part 'facts'"):
        _filled(card, {"facts": "new\n"})


def test_each_form_has_its_table(monkeypatch):
    monkeypatch.setattr(captions, "java_runs", lambda: False)  # METEOR takes seconds to start
    said, answers = ["a dog runs", "two cats sleep here"], ["a dog sleeps", "two cats sleep here"]
    figures = {
        "translation": translation.figures(said, answers),
        "reply": {**dialogue.figures(said, answers), "word_perplexity": 41.7},
        "caption": {**captions.figures([(s,) for s in said], answers), "distinct": 1.0},
    }
    for answer, found in figures.items():
        head, line, row, *_ = _writing({"metrics": {"test": found}}, answer).splitlines()
        assert head.count("|") == line.count("|") == row.count("|")
        assert row.startswith("| test | 2 | ")
    assert "| 41.7 |" in _writing({"metrics": {"test": figures["reply"]}}, "reply")


def test_the_descent_of_a_model_is_told_from_the_last_to_the_first():
    def stage(command, **start):
        told = {"data_description": "pairs", "machine": "2 cores", "command": command}
        return {**told, "wall_seconds": 60, "epochs": 2, "steps": 1000, "seed": 0, **start}

    facts = stage("last", start=stage("second", start=stage("first", start=stage("zeroth"))))
    lines = list(_descent(facts))
    assert [name for name, _ in lines] == ["started from", *["which started from"] * 2]
    assert [told.split("; ")[-1] for _, told in lines] == ["`second`", "`first`", "`zeroth`"]
    assert "2 epochs, 1,000 steps, seed 0, on 2 cores" in lines[0][1]
    assert list(_descent(stage("alone"))) == []


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(22, "22 seconds"), (89.4, "89 seconds"), (1750, "29 minutes"), (6000, "1.7 hours")],
)
def test_a_duration_is_in_the_unit_one_would_say(seconds, said):
    assert _duration(seconds) == said
