import dataclasses

import pytest

from zoo.analysis.compare import read_table, ten_folds
from zoo.errors import UserError


@pytest.fixture
def small_task(task, small_config, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    sample = task.datasets["sample"].load()
    return dataclasses.replace(
        task,
        config=dataclasses.replace(small_config, epochs=1),
        trials=lambda: ten_folds(sample.train),
    )


def test_rows_are_trained_and_measured_on_the_same_fold(small_task):
    folder = small_task.compare(["BiLSTM", "naive Bayes, words"], first=1)
    assert folder.parts[:2] == ("runs", "compare")
    baseline, shipped = read_table(folder / "comparison.csv")
    assert (baseline["row"], shipped["row"]) == ("naive Bayes, words", "BiLSTM")
    assert baseline["examples"] == shipped["examples"] == "27"
    assert shipped["p"] == ""
    assert 0 <= float(baseline["p"]) <= 1
    assert not list(folder.glob("*/fold 1"))  # what training left behind


@pytest.mark.parametrize(
    ("rows", "first", "said"),
    [
        (["BiLSTN"], None, "unknown row 'BiLSTN': choose from .*BiLSTM"),
        ([], 0, "0 trials: choose 1 to 10"),
        ([], 11, "11 trials: choose 1 to 10"),
    ],
)
def test_what_cannot_be_compared_is_said(small_task, rows, first, said):
    with pytest.raises(UserError, match=said):
        small_task.compare(rows, first)
