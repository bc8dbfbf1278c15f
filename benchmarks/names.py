"""How often a translator copies a name: ten that its training does not vary, in ten sentences.

    python -m benchmarks.names [MODEL ...]

prints the share for each SavedModel, by default the shipped one's.
"""

import sys
from pathlib import Path

from zoo import hub

_NAMES = (
    "Peter", "Clara", "Wolfgang", "Priya", "Stefanie", "Aoife", "Günther", "Latisha", "Giovanni",
    "Siobhan",
)  # fmt: skip
_SENTENCES = (
    "{} is my best friend.",
    "Where does {} live?",
    "I saw {} at the station yesterday.",
    "Hello {}, how are you?",
    "My name is {}.",
    "{} has already gone home.",
    "Please give {} this book.",
    "{}'s car is red.",
    "Did you call {}?",
    "{} and I are going to the cinema.",
)


def main(paths: list[Path]) -> None:
    """Ask, count and print."""
    for path in paths:
        translate = hub.load(path)
        copied = {}
        for name in _NAMES:
            answers = translate([sentence.format(name) for sentence in _SENTENCES])
            copied[name] = sum(name in answer.text for answer in answers)
        each = ", ".join(f"{name} {count}" for name, count in copied.items())
        total = len(_NAMES) * len(_SENTENCES)
        print(f"{path}: {sum(copied.values())} of {total} ({each})")


if __name__ == "__main__":
    main([Path(path) for path in sys.argv[1:]] or [hub.find("translation")])
