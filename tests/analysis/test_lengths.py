import statistics

import pytest

from zoo.analysis.compare import Trial, read_table, write_table
from zoo.analysis.lengths import by_length, markdown
from zoo.data.examples import LabelledTexts

TEXTS = ["one", "one two", "one two three", "a b c d", "a b c d e f"]
LABELS = ["bad", "good", "bad", "good", "good"]


def trials(count=2):
    texts = LabelledTexts(TEXTS, LABELS)
    return [Trial(f"seed {n}", texts, texts, seed=n) for n in range(count)]


RESULTS = {
    "right": [{"answers": LABELS}, {"answers": LABELS}],
    "wrong": [{"answers": ["good", *LABELS[1:]]}, {"answers": ["good", "bad", *LABELS[2:]]}],
}


def test_each_length_is_measured_by_itself():
    lines = by_length(RESULTS, trials(), "good", "accuracy", edges=(2, 4))
    assert [(line["row"], line["length"], line["texts"]) for line in lines[:3]] == [
        ("right", "0 to 1 words", 1),
        ("right", "2 to 3 words", 2),
        ("right", "4 words and more", 2),
    ]
    assert [line["mean"] for line in lines] == [1, 1, 1, 0, pytest.approx(0.75), 1]
    assert lines[4]["deviation"] == pytest.approx(statistics.stdev([1, 0.5]))


def test_a_length_without_texts_has_no_line():
    lines = by_length(RESULTS, trials(), "good", "accuracy", edges=(7,))
    assert {line["length"] for line in lines} == {"0 to 6 words"}


def test_of_one_trial_there_is_no_spread():
    results = {name: row[:1] for name, row in RESULTS.items()}
    lines = by_length(results, trials(1), "good", "accuracy", edges=(2,))
    assert {line["deviation"] for line in lines} == {0}


def test_the_table_has_a_column_for_each_length(tmp_path):
    write_table(tmp_path / "t.csv", by_length(RESULTS, trials(), "good", "accuracy", (2, 4)))
    head, _, right, wrong = markdown(read_table(tmp_path / "t.csv")).splitlines()
    assert head.startswith("| row | 0 to 1 words (1 texts) | 2 to 3 words (2 texts) |")
    assert right == "| right | 1.0000 ± 0.0000 | 1.0000 ± 0.0000 | 1.0000 ± 0.0000 |"
    assert wrong.startswith("| wrong | 0.0000 ± 0.0000 | 0.7500 ± 0.3536 |")
