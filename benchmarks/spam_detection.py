"""Speed of the shipped spam detector, next to scikit-learn's classifiers on the same messages.

    ZOO_MIRROR=... python -m benchmarks.spam_detection

prints the figures and writes benchmarks/spam_detection.csv, from which the card takes them.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import tensorflow as tf

from benchmarks.timing import Timed, load_line, median_ms, write
from tasks.spam_detection import TASK
from zoo import hub


def main() -> None:
    """Measure, print and write."""
    splits = TASK.datasets["sms_spam"].load()
    many = splits.validation.texts[:256]
    one = [sorted(many, key=len)[len(many) // 2]]
    model = tf.saved_model.load(str(hub.find("spam_detection")))

    def signature(name: str, texts: list[str]) -> Callable[[], Any]:
        function, tensor = model.signatures[name], tf.constant(texts)
        return lambda: function(text=tensor)

    def pipeline(make: Callable[[], Any], texts: list[str]) -> Callable[[], Any]:
        fitted = make().fit(splits.train.texts, splits.train.labels)
        return lambda: fitted.predict(texts)

    print(load_line())
    rows: list[Timed] = []
    for texts, label, repeats in ((one, "1 message", 500), (many, "256 messages", 50)):
        reference = median_ms(signature("serving_default", texts), repeats)
        rows.append(Timed(f"{label}: shipped model", reference, 1.0))
        for name, make in TASK.baselines.items():
            time = median_ms(pipeline(make, texts), repeats)
            rows.append(Timed(f"{label}: {name}", time, time / reference))
    explain = median_ms(signature("explain", one), 50)
    rows.append(Timed("1 message: shipped model, explain", explain, explain / rows[0].milliseconds))
    write(rows, Path(__file__).with_suffix(".csv"))


if __name__ == "__main__":
    main()
