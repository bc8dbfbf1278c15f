"""The road from pairs of texts to a SavedModel."""

import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest

from zoo import hub
from zoo.analysis.compare import Trial, markdown, read_table
from zoo.data.pairs import Pairs
from zoo.errors import UserError
from zoo.export.rebuild import rebuild
from zoo.export.verify import verify
from zoo.forms import Alignment, Generation
from zoo.recipes.text_to_text_config import TextToTextConfig
from zoo.recipes.text_to_text_learning import learn, surprise_of
from zoo.text.sequences import Sequences
from zoo.training.run import RunFolder, read_json

SMALL = TextToTextConfig(
    encoder_units=16,
    decoder_units=32,
    embedding_size=24,
    vocabulary_size=60,
    dropout=0.0,
    batch_size=5,
    epochs=100,
    patience=100,
    learning_rate=0.02,
    averaging=0.5,
    label_smoothing=0.0,
)
SOURCES = ["a cat sat", "a dog", "the mat", "on the mat", "and"]
TARGETS = ["tac a tas", "god a", "tam eht", "tam eht no", "dna"]
BOTH = Pairs(SOURCES, TARGETS)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"encoder_units": 0}, "encoder_units is 0, and must be at least 1"),
        ({"beam_width": 0}, "beam_width is 0"),
        ({"decoder_layers": 1}, "decoder_layers is 1, and must be at least 2"),
        ({"dropout": 1.0}, r"dropout is 1.0, and must be in \[0, 1\)"),
        ({"subword_dropout": 1.0}, r"subword_dropout is 1.0, and must be in \[0, 1\)"),
        ({"length_penalty": -1.0}, "length_penalty is -1.0, and must be at least 0"),
        ({"learning_rate": 0.0}, "learning_rate is 0.0, and must be more than 0"),
        ({"seed": -1}, "seed is -1"),
        ({"cell": "qrnn"}, "unknown cell 'qrnn': choose simple_rnn, lstm or gru"),
        ({"attention": "hard"}, "unknown attention 'hard': choose additive, mult"),
        ({"precision": "half"}, "unknown precision 'half'"),
        ({"max_characters": 1}, "max_characters is 1, and must be from 2 to 2,000"),
        ({"max_characters": 2001}, "max_characters is 2001, and must be from 2 to 2,000"),
    ],
)
def test_a_setting_out_of_range_is_refused(changes, said):
    with pytest.raises(UserError, match=said):
        TextToTextConfig(**changes)


def test_a_few_pairs_are_learned_by_heart(tmp_path):
    learned = learn(SMALL, BOTH, BOTH, RunFolder.open(tmp_path / "run", {}))
    rows = Sequences.encoded(learned.encoder, SOURCES, TARGETS)
    assert surprise_of(learned.model, rows) < 0.3
    _, new = rebuild(learned.document)
    assert surprise_of(new, rows) > 2


def test_sources_are_cut_otherwise_in_every_epoch_and_whole_in_validation(tmp_path, monkeypatch):
    read = []
    collate = Sequences.collate

    def spy(rows, places):
        read.append((rows.sources, rows.targets))
        return collate(rows, places)

    monkeypatch.setattr(Sequences, "collate", spy)
    cutting = dataclasses.replace(SMALL, subword_dropout=0.9, epochs=2)
    learned = learn(cutting, BOTH, BOTH, RunFolder.open(tmp_path / "run", {}))

    def lists(rows):
        return sorted(row.tolist() for row in rows)

    whole = Sequences.encoded(learned.encoder, SOURCES, TARGETS)
    first, held_out, second, held_out_again = (lists(sources) for sources, _ in read)
    assert held_out == held_out_again == lists(whole.sources)
    assert sum(map(len, first)) > sum(map(len, held_out)) < sum(map(len, second))
    assert first != second
    assert all(lists(targets) == lists(whole.targets) for _, targets in read)


def test_pairs_that_are_too_long_are_left_out_or_refused(tmp_path):
    with pytest.raises(UserError, match="no pair has at most 2 tokens on both sides: raise --tr"):
        short = dataclasses.replace(SMALL, training_tokens=2)
        learn(short, BOTH, BOTH, RunFolder.open(tmp_path / "run", {}))


# The command line.


def test_training_says_what_to_try(translation_run):
    assert "zoo predict translation --model" in translation_run.said


def test_the_export_keeps_the_contract(translation_run):
    report = verify(translation_run.model)
    assert [check for check in report.checks if not check.ok] == []


def test_facts_tell_the_languages(translation_run):
    facts = read_json(translation_run.run / "result.json")
    assert facts["data_settings"] == {"source": "en", "target": "de"}
    assert facts["steps"] == facts["epochs"]


def test_python_gets_typed_answers(translation_run):
    translate = hub.load(translation_run.model)
    texts = ["Good morning!", "", b"\xff"]
    answers, best = translate(texts), translate.n_best(texts)
    assert all(isinstance(answer, Generation) for answer in [*answers, *translate.greedy(texts)])
    assert [row[0] for row in best] == answers
    assert [len(row) for row in best] == [2, 2, 2]
    [looked] = translate.explain(["Good morning!"])
    assert isinstance(looked, Alignment)
    assert looked.source[-1] == "[END]"
    np.testing.assert_allclose(np.sum(looked.attention, axis=1), 1, rtol=1e-4)


def test_the_keras_model_says_what_the_saved_model_says(translation_run):
    translate = hub.load(translation_run.model)
    model = translate.keras_model()
    features, told = translate.features(["Good morning!"], ["Guten Morgen!"])
    log_p = np.array(model(features))[0]
    log_p -= np.log(np.exp(log_p).sum(-1, keepdims=True))
    assert np.isfinite(log_p[np.arange(told.shape[1]), told[0]]).all()
    first = translate.greedy(["Good morning!"])[0]
    again, words = translate.features(["Good morning!"], [first.text])
    log_p = np.array(model(again))[0]
    log_p -= np.log(np.exp(log_p).sum(-1, keepdims=True))
    if hub.load(translation_run.model).explain(["Good morning!"])[0].target:
        assert log_p[np.arange(words.shape[1]), words[0]].sum() <= first.score + 1e-3


def test_predict_answers_in_one_json_document(cli, translation_run):
    result = cli("predict", "translation", "--model", translation_run.model, "--json", "Hi", "Yes")
    rows = json.loads(result.stdout)
    assert [row["input"] for row in rows] == ["Hi", "Yes"]
    assert all(set(row) == {"input", "text", "score"} for row in rows)


def test_predict_gives_several_answers(cli, translation_run):
    arguments = ("predict", "translation", "--model", translation_run.model, "Hi", "--n-best", "2")
    [row] = json.loads(cli(*arguments, "--json").stdout)
    scores = [answer["score"] for answer in row["n_best"]]
    assert len(scores) == 2
    assert scores == sorted(scores, reverse=True)
    assert len(cli(*arguments).stdout.splitlines()) == 2


def test_predict_draws_where_the_decoder_looked(cli, translation_run, tmp_path):
    picture = tmp_path / "hi.png"
    arguments = ("predict", "translation", "--model", translation_run.model, "Hi there")
    result = cli(*arguments, "--picture", picture)
    if result.exit_code == 0:
        assert picture.read_bytes().startswith(b"\x89PNG")
    else:
        assert "the answer is empty" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["Hi", "--explain"], "--explain is for classifiers; try --picture FILE"),
        (["Hi", "Yes", "--picture", "x.png"], "--picture draws one text, and these are 2"),
        (["Hi", "--n-best", "3"], "this model gives at most 2 answers"),
        (["Hi", "--n-best", "0"], "'--n-best'"),
    ],
)
def test_a_wish_that_cannot_be_met_is_refused(cli, translation_run, arguments, said):
    result = cli("predict", "translation", "--model", translation_run.model, *arguments)
    assert result.exit_code == 2
    assert said in result.stderr


def test_evaluate_shows_figures_and_the_worst_answers(cli, translation_run):
    arguments = ("--dataset", "sample", "--model", translation_run.model)
    result = cli("evaluate", "translation", *arguments)
    assert result.exit_code == 0, result.output
    assert "bleu_lower" in result.output
    assert result.output.count("expected ") == 10
    metrics = json.loads(cli("evaluate", "translation", *arguments, "--json").stdout)["metrics"]
    assert len(metrics["worst"]) == 10
    assert set(metrics["worst"][0]) == {"source", "expected", "answer"}


def test_other_languages_are_a_setting(cli, tmp_path):
    result = cli("train", "translation", "--dataset", "sample", "--target", "fr", "--run", tmp_path)
    assert result.exit_code == 2
    assert "the sample set has no pairs en-fr: choose one of en-de, de-en" in result.stderr


def test_a_users_own_pairs_are_trained_on(cli, tmp_path):
    file = tmp_path / "pairs.tsv"
    lines = [f"sentence number {n}\tSatz Nummer {n}" for n in range(60)]
    file.write_text("source\ttarget\n" + "\n".join(lines) + "\n", encoding="utf-8")
    options = "--encoder-units 4 --decoder-units 4 --embedding-size 4 --vocabulary-size 120"
    run = tmp_path / "run"
    result = cli("train", "translation", "--data", file, "--run", run, "--epochs", 1,
                 *options.split())  # fmt: skip
    assert result.exit_code == 0, result.output
    assert len(hub.load(run / "translation" / "1")(["sentence number 3"])) == 1


def test_training_may_start_from_a_model(cli, translation_run, tmp_path):
    file = tmp_path / "own.csv"
    file.write_text("source,target\n" + "".join(f"the cat {n},die Katze {n}\n" for n in range(60)))
    start = ("--from", translation_run.model, "--data", file, "--epochs", "1", "--beam-width", "3")
    result = cli("train", "translation", *start, "--run", tmp_path / "run")
    assert result.exit_code == 0, result.output
    before, after = (
        read_json(run / "model.json") for run in (translation_run.run, tmp_path / "run")
    )
    assert before["encoder"] == after["encoder"]
    assert (before["beam_width"], after["beam_width"]) == (2, 3)

    # Whose weights these were, and under which licence their data stood, is passed on.
    first, facts = (
        read_json(run / "result.json") for run in (translation_run.run, tmp_path / "run")
    )
    assert facts["start"] == {name: first[name] for name in facts["start"]}
    assert facts["start"]["data"] == "sample"
    assert facts["licence"] == f"the user's own; {first['licence']}"


def test_what_the_start_has_decided_is_no_setting(cli, translation_run, tmp_path):
    start = ("--from", translation_run.model, "--dataset", "sample", "--decoder-units", "16")
    result = cli("train", "translation", *start, "--run", tmp_path / "run")
    assert result.exit_code == 2
    assert result.stderr == (
        "zoo: decoder_units is 8 in the model that training starts from: leave out "
        "--decoder-units\n"
    )


def test_a_model_of_another_form_is_no_start(cli, translation_run, chatbot_model, tmp_path):
    for task, start in (("translation", chatbot_model), ("spam_detection", translation_run.model)):
        arguments = ("--dataset", "sample", "--from", start, "--run", tmp_path / "run")
        result = cli("train", task, *arguments)
        assert result.exit_code == 2
        assert result.stderr == (
            f"zoo: {start} is a model of another form: {task} cannot start from it\n"
        )


# Comparison.


@pytest.fixture
def compared(tmp_path, monkeypatch):
    """The task with rows that train in seconds, in an empty folder."""
    from tasks.translation import TASK

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("zoo.training.fit.draw_curves", lambda *_: None)
    small = dataclasses.replace(
        TASK.config, encoder_units=4, decoder_units=4, embedding_size=4, vocabulary_size=60,
        epochs=1, precision="float32",
    )  # fmt: skip
    rows = {"GRU, attention": {"cell": "gru"}, "GRU": {"cell": "gru", "attention": "none"}}
    pairs = Pairs(SOURCES * 5, TARGETS * 5)
    trials = [Trial(f"seed {n}", pairs, BOTH, n) for n in range(2)]
    return dataclasses.replace(TASK, config=small, variants=rows, trials=lambda: trials)


def test_cells_are_compared_with_and_without_attention(compared):
    folder = compared.compare([], 1)
    assert folder == Path("runs/compare/translation")
    lines = read_table(folder / "comparison.csv")
    assert [line["row"] for line in lines] == ["GRU, attention", "GRU"]
    # What attention compares with: two matrices.
    more = int(lines[0]["parameters"]) - int(lines[1]["parameters"])
    assert more == 4 * 4 + 8 * 4
    table = (folder / "comparison.md").read_text(encoding="utf-8")
    assert "BLEU over trials" in table
    assert table == markdown(lines, "bleu")


def test_a_row_that_is_none_is_refused(compared):
    with pytest.raises(UserError, match="unknown row 'LSTM': choose from GRU, attention; GRU"):
        compared.compare(["LSTM"], None)
    with pytest.raises(UserError, match="3 trials: choose 1 to 2"):
        compared.compare([], 3)


def test_a_task_without_rows_says_so(compared):
    with pytest.raises(UserError, match="translation has no rows to compare"):
        dataclasses.replace(compared, variants={}).compare([], None)
