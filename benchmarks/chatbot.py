"""How long the shipped partner in conversation takes to reply: `python -m benchmarks.chatbot`.

Run it with nothing else under way. A reply is as long as the model makes it: its words are printed.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import tensorflow as tf

from benchmarks.timing import Timed, load_line, median_ms, write
from zoo import hub

# Fifteen words.
_TURN = "I would like to see a film tonight , but I do not know which ."
_MANY = 32


def main() -> None:
    """Measure one reply by each signature, and many at once."""
    path = hub.find("chatbot")
    signatures = tf.saved_model.load(str(path)).signatures

    def likeliest(rows: int) -> Callable[[], Any]:
        text = tf.constant([_TURN] * rows)
        return lambda: signatures["serving_default"](text=text)

    def drawn() -> Any:
        return signatures["sample"](
            text=tf.constant([_TURN]),
            seed=tf.constant([1], tf.int64),
            temperature=tf.constant([0.7]),
            top_p=tf.constant([0.9]),
        )

    print(load_line())
    [reply] = likeliest(1)()["reply"].numpy()
    print(f"to {len(_TURN.split())} words it replies with {len(reply.split())}")
    ranked = median_ms(likeliest(1), 30)
    sampled = median_ms(drawn, 30)
    many = median_ms(likeliest(_MANY), 8)
    rows = [
        Timed("1 reply: shipped model, serving_default", ranked, 1.0),
        Timed("1 reply: shipped model, sample", sampled, sampled / ranked),
        Timed(f"{_MANY} replies: shipped model, serving_default", many, many / ranked),
    ]
    write(rows, Path(__file__).with_suffix(".csv"))


if __name__ == "__main__":
    main()
