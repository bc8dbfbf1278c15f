import dataclasses

import pytest

from zoo.recipes.task import find_task


@pytest.mark.parametrize("name", ["spam_detection", "sentiment"])
def test_bare_rows_differ_in_what_they_are_named_for_and_in_nothing_else(name):
    task = find_task(name)
    rows = {
        row: dataclasses.replace(task.config, **changes)
        for row, changes in task.variants.items()
        if row.startswith("bare ")
    }
    found = {row: (c.cell, c.bidirectional) for row, c in rows.items() if not c.window}
    assert found == {
        "bare SimpleRNN": ("simple_rnn", False),
        "bare linear RNN": ("linear_rnn", False),
        "bare BiRNN": ("simple_rnn", True),
        "bare LSTM": ("lstm", False),
        "bare BiLSTM": ("lstm", True),
    }
    named = {"cell": "", "bidirectional": False, "window": 0, "training_tokens": 1}
    rest = {str({**dataclasses.asdict(config), **named}) for config in rows.values()}
    assert len(rows) == 6
    assert len(rest) == 1
    # Equal numbers of steps: none stops early.
    assert all(config.bare and config.patience >= config.epochs for config in rows.values())
    # The others are trained on as much of a text as the MLP reads.
    assert rows["bare MLP"].window == rows["bare LSTM"].training_tokens
