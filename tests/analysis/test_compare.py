import dataclasses

import numpy as np
import pytest

from zoo.analysis.compare import (
    Outcome,
    Trial,
    markdown,
    points_of,
    read_table,
    run_trials,
    summarise,
    write_tables,
)
from zoo.data.examples import LabelledTexts
from zoo.errors import UserError
from zoo.metrics.classification import figures


def _trials(count: int = 3) -> list[Trial]:
    texts = [f"text {n}" for n in range(12)]
    labels = ["ham", "spam", "ham"] * 4
    train = LabelledTexts(texts, labels)
    return [
        Trial(f"fold {n + 1}", train, LabelledTexts(texts[n::3], labels[n::3]), seed=n)
        for n in range(count)
    ]


def _right(trial: Trial, _) -> Outcome:
    return Outcome(list(trial.test.labels), 7)


def _wrong_once(trial: Trial, _) -> Outcome:
    other = {"ham": "spam", "spam": "ham"}
    return Outcome([other[trial.test.labels[0]], *trial.test.labels[1:]], 9)


def test_a_finished_trial_is_not_run_again(tmp_path):
    run = []

    def row(trial: Trial, folder) -> Outcome:
        run.append(trial.name)
        if len(run) == 2:
            raise KeyboardInterrupt
        return _right(trial, folder)

    with pytest.raises(KeyboardInterrupt):
        run_trials({"row": row}, _trials(), tmp_path, "protocol")
    results = run_trials({"row": row}, _trials(), tmp_path, "protocol")
    assert run == ["fold 1", "fold 2", "fold 2", "fold 3"]
    assert [r["answers"] for r in results["row"]] == [t.test.labels for t in _trials()]


def _diverging(trial: Trial, _) -> Outcome:
    raise UserError("the loss is not finite at step 3: lower --learning-rate")


def test_a_row_that_cannot_be_trained_is_told_and_the_others_are_kept(tmp_path, capfd):
    rows = {"diverging": _diverging, "right": _right}
    results = run_trials(rows, _trials(), tmp_path, "p")
    assert list(results) == ["right"]
    assert len(results["right"]) == 3
    said = " ".join(capfd.readouterr().err.split())
    assert "diverging is left out: the loss is not finite at step 3" in said


def test_where_none_can_be_trained_there_is_no_table(tmp_path):
    with pytest.raises(UserError, match="the loss is not finite at step 3"):
        run_trials({"diverging": _diverging}, _trials(), tmp_path, "p")


def test_another_protocol_begins_anew(tmp_path):
    run = []

    def row(trial: Trial, folder) -> Outcome:
        run.append(trial.name)
        return _right(trial, folder)

    run_trials({"row": row}, _trials(1), tmp_path, "one")
    run_trials({"row": row}, _trials(1), tmp_path, "another")
    assert len(run) == 2


def test_the_figures_are_those_of_all_trials_together(tmp_path):
    trials = _trials()
    results = run_trials({"right": _right, "wrong": _wrong_once}, trials, tmp_path, "p")
    right, wrong = summarise(results, trials, "spam", reference="right", headline="mcc")
    truth = [label for trial in trials for label in trial.test.labels]
    answers = [answer for result in results["wrong"] for answer in result["answers"]]
    assert right["mcc"] == 1
    assert right["p"] == ""
    assert wrong["mcc"] == figures(truth, answers, "spam")["mcc"]
    assert wrong["false_positives"] + wrong["false_negatives"] == 3
    assert wrong["p"] == pytest.approx(2 * 0.5**3)
    by_trial = [
        figures(t.test.labels, r["answers"], "spam")["mcc"]
        for t, r in zip(trials, results["wrong"], strict=True)
    ]
    assert wrong["mean"] == pytest.approx(np.mean(by_trial))
    assert wrong["deviation"] == pytest.approx(np.std(by_trial, ddof=1))


def test_of_trials_on_the_same_texts_one_is_tested(tmp_path):
    first = _trials(1)[0]
    trials = [first, dataclasses.replace(first, name="again", seed=1)]
    results = run_trials({"right": _right, "wrong": _wrong_once}, trials, tmp_path, "p")
    wrong = summarise(results, trials, "spam", reference="right", headline="accuracy")[1]
    assert wrong["false_positives"] + wrong["false_negatives"] == 2
    assert wrong["p"] == 1  # one differing answer


def test_the_tables_hold_the_figures(tmp_path):
    trials = _trials()
    results = run_trials({"right": _right, "wrong": _wrong_once}, trials, tmp_path, "p")
    lines = summarise(results, trials, "spam", reference="right", headline="accuracy")
    points = points_of(results, trials, lambda trial, given: len(given))
    write_tables(lines, points, "accuracy", tmp_path)
    read = read_table(tmp_path / "comparison.csv")
    assert [line["row"] for line in read] == ["right", "wrong"]
    assert float(read[1]["mcc"]) == pytest.approx(lines[1]["mcc"], abs=1e-6)
    table = (tmp_path / "comparison.md").read_text()
    assert table == markdown(read, "accuracy")
    assert "accuracy over trials" in table
    assert f"{lines[1]['mcc']:.4f}" in table
    assert (tmp_path / "comparison.png").read_bytes().startswith(b"\x89PNG")
