"""The road from dialogues to a partner in conversation."""

import codecs
import dataclasses
import json
import shutil

import pytest

from zoo import hub
from zoo.analysis.compare import read_table
from zoo.data.dialogues import Dialogues
from zoo.data.examples import Splits
from zoo.data.pairs import Pairs
from zoo.errors import UserError
from zoo.export.verify import verify
from zoo.recipes.conversation import ConversationConfig, _with_empty_contexts, reply_splits

SLUR = codecs.decode("ergneq", "rot13")


def test_a_penalty_below_nothing_is_refused():
    with pytest.raises(UserError, match=r"dullness_penalty is -0.1, and must be at least 0"):
        ConversationConfig(dullness_penalty=-0.1)


def test_training_replies_with_a_slur_are_left_out():
    dialogues = Dialogues([["Hi.", f"You {SLUR.upper()}!", "What?", "Sorry."]])
    splits = reply_splits(Splits(dialogues, dialogues, dialogues), 12)
    assert splits.train.targets == ["What?", "Sorry."]
    assert splits.train.sources[-1] == "What?"
    # What is measured is what was published.
    for part in (splits.validation, splits.test):
        assert part.targets == dialogues.turns[0][1:]


def test_a_users_own_slurs_are_left_out_too(tmp_path):
    from tasks.chatbot import TASK

    file = tmp_path / "own.jsonl"
    rows = [{"turns": [f"Hi {n}.", f"You {SLUR}!", f"Bye {n}."]} for n in range(40)]
    file.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    train = TASK.user_data(file).load(max_characters=100).train
    assert train.targets
    assert all(reply.startswith("Bye") for reply in train.targets)


def test_every_tenth_reply_stands_again_without_its_context():
    pairs = Pairs([f"context {n}" for n in range(25)], [f"reply {n}" for n in range(25)])
    more = _with_empty_contexts(pairs)
    assert more.sources[:25] == pairs.sources
    assert list(zip(more.sources, more.targets, strict=True))[25:] == [
        ("", "reply 0"),
        ("", "reply 10"),
        ("", "reply 20"),
    ]


def test_the_export_keeps_the_contract(chatbot_model):
    report = verify(chatbot_model)
    assert [check for check in report.checks if not check.ok] == []


def test_python_draws_the_same_reply_again(chatbot_model):
    partner = hub.load(chatbot_model)
    first, again = (partner.sample(["Hello!"] * 2, [1, 2], 1.5, 0.9) for _ in range(2))
    assert first == again
    with pytest.raises(UserError, match="has no signature greedy: it has sample, serving_default"):
        partner.greedy(["Hello!"])


def test_evaluate_measures_the_baselines_beside(cli, chatbot_model):
    arguments = ("--dataset", "sample", "--model", chatbot_model)
    result = cli("evaluate", "chatbot", *arguments)
    assert result.exit_code == 0, result.output
    assert "a random training reply" in result.output
    metrics = json.loads(cli("evaluate", "chatbot", *arguments, "--json").stdout)["metrics"]
    assert metrics["word_perplexity"] > 1
    assert len(metrics["baselines"]) == 2
    assert all(row["examples"] == metrics["examples"] for row in metrics["baselines"].values())


def test_ways_to_choose_a_reply_are_compared(chatbot_model, tmp_path, monkeypatch):
    from tasks.chatbot import TASK

    shutil.copytree(chatbot_model, tmp_path / "models" / "chatbot" / "1")
    monkeypatch.setenv("ZOO_MODELS", str(tmp_path / "models"))
    monkeypatch.chdir(tmp_path)
    few = Pairs(["Hello!", "How are you?"], ["Hi!", "Fine, thanks."])
    task = dataclasses.replace(
        TASK,
        variants={"beam": {"dullness_penalty": 0.0}, "penalised": {"dullness_penalty": 0.9}},
        measured_on=lambda max_characters: few,
    )
    folder = task.compare([], None)
    lines = read_table(folder / "comparison.csv")
    assert [line["row"] for line in lines] == ["beam", "penalised"]
    assert all(0 <= float(line["distinct_2"]) <= 1 for line in lines)
    assert "| beam | " in (folder / "comparison.md").read_text(encoding="utf-8")


def test_one_talks_in_the_terminal(cli, chatbot_model):
    typed = "Hello!\n/temperature 0.9\nHow are you?\n/reset\nBye\n"
    result = cli("chat", "--model", chatbot_model, input=typed)
    assert result.exit_code == 0, result.output
    assert "a new conversation" in result.output


def test_a_users_own_dialogues_are_trained_on(cli, tmp_path):
    file = tmp_path / "mine.jsonl"
    rows = [{"turns": [f"question {n}", f"answer {n}", "thanks"]} for n in range(40)]
    file.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    options = "--encoder-units 4 --decoder-units 4 --embedding-size 4 --vocabulary-size 120"
    run = tmp_path / "run"
    arguments = ("--data", file, "--run", run, "--epochs", 1, *options.split())
    result = cli("train", "chatbot", *arguments)
    assert result.exit_code == 0, result.output
    assert len(hub.load(run / "chatbot" / "1")(["question 3"])) == 1
