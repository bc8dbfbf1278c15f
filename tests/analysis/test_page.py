from zoo.analysis.compare import write_table
from zoo.analysis.page import _comparison, _lengths, parameters


def test_the_weights_are_those_of_the_equations():
    # U_t, b, V and c of the one; U, W, b, V and c of the other.
    output = 32 * 2 + 2
    for window, mlp, rnn in parameters((1, 7, 20)):
        assert mlp == window * 32 * 32 + 32 + output
        assert rnn == 2 * 32 * 32 + 32 + output


def test_what_was_not_measured_is_said_to_be_so(tmp_path):
    assert _comparison(tmp_path, "sentiment") == "Not measured yet.\n"
    table = [{"row": "LSTM", "mean": 0.9, "deviation": 0.1, "parameters": 9}]
    write_table(tmp_path / "comparison.csv", table)
    assert _comparison(tmp_path, "sentiment") == "Not measured yet.\n"


def test_only_the_bare_rows_stand_on_the_page(tmp_path):
    table = [
        {"row": name, "mean": 0.9, "deviation": 0.1, "parameters": 9_000}
        for name in ("LSTM", "bare LSTM")
    ]
    write_table(tmp_path / "comparison.csv", table)
    assert _comparison(tmp_path, "spam_detection") == (
        "| row | MCC over trials | weights |\n|---|---|---|\n"
        "| bare LSTM | 0.9000 ± 0.1000 | 9,000 |\n"
    )


def test_a_gain_is_one_where_it_is_twice_its_spread(tmp_path):
    found = {
        "short": {"bare LSTM": (0.9, 0.03), "bare SimpleRNN": (0.8, 0.04)},
        "middle": {"bare LSTM": (0.9, 0.03), "bare SimpleRNN": (0.801, 0.04)},
        "long": {"bare LSTM": (0.5, 0.03), "bare SimpleRNN": (0.7, 0.04)},
    }
    table = [
        {"row": row, "length": length, "texts": 5, "mean": mean, "deviation": deviation}
        for length, rows in found.items()
        for row, (mean, deviation) in rows.items()
    ]
    table[0]["mean"] = 0.91
    write_table(tmp_path / "lengths.csv", table)
    text = _lengths(tmp_path / "lengths.csv")
    assert "- short: LSTM less SimpleRNN +0.1100 ± 0.0500: the LSTM is better\n" in text
    assert "- middle: LSTM less SimpleRNN +0.0990 ± 0.0500: the trials do not tell" in text
    assert "- long: LSTM less SimpleRNN -0.2000 ± 0.0500: the SimpleRNN is better\n" in text
