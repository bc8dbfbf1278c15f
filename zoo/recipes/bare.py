"""Rows of `zoo compare` that are the networks of the textbooks."""

from typing import Any


def bare_rows(window: int, **settings: Any) -> dict[str, dict[str, Any]]:
    """The cells side by side, the answer from the last state alone, and an MLP over a window.

    They differ in nothing else: settings, texts and number of steps are the same. The MLP reads
    the first tokens of a text, which it is trained on too; the others read the whole text.

    Args:
        window: of the MLP, in tokens; training shortens a text for the others to so many.
        settings: of all rows.
    """
    shared = {"bare": True, "bidirectional": False, "training_tokens": window, **settings}
    return {
        "bare MLP": {**shared, "window": window, "training_tokens": 100 * window},
        "bare SimpleRNN": {**shared, "cell": "simple_rnn"},
        "bare linear RNN": {**shared, "cell": "linear_rnn"},
        "bare BiRNN": {**shared, "cell": "simple_rnn", "bidirectional": True},
        "bare LSTM": {**shared, "cell": "lstm"},
        "bare BiLSTM": {**shared, "cell": "lstm", "bidirectional": True},
    }
