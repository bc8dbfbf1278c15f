"""`zoo demo`: the main job, on what is in the repository."""

import dataclasses
import tempfile
from pathlib import Path

from rich.console import Console

from zoo import hub
from zoo.recipes.task import find_task

_MESSAGES = (
    "WINNER!! Claim your prize, call 09061701461",
    "Running late, be there in 10. Can you order me a tea?",
    "Hi mum, I lost my phone, this is my new number. Can you send me £300 for the rent today?",
)


def run_demo() -> None:
    """Train, export, load and ask; then say what to try next."""
    console = Console(highlight=False)
    task = find_task("spam_detection")
    with tempfile.TemporaryDirectory() as folder:
        console.rule("1. Train a spam detector on the sample messages")
        run = Path(folder) / "run"
        # Twenty epochs of so few messages take a moment.
        config = dataclasses.replace(task.config, epochs=20)
        task.train(config, task.datasets["sample"], run=run, start=None, command="zoo demo")
        exported = run / task.name / "1"
        console.rule("2. Ask it")
        _ask(console, exported)
    console.rule("3. Ask the shipped model, trained on the SMS Spam Collection")
    _ask(console, hub.find("spam_detection"))
    console.rule("What to try next")
    console.print(
        "  .venv/bin/zoo list\n"
        '  .venv/bin/zoo predict spam_detection --explain "FREE entry! Txt WIN to 80086"\n'
        "  .venv/bin/zoo train spam_detection --help\n"
        "  .venv/bin/zoo train spam_detection --data your_messages.csv"
    )


def _ask(console: Console, model: Path) -> None:
    classifier = hub.load(model)
    for text, answer in zip(_MESSAGES, classifier(list(_MESSAGES)), strict=True):
        console.print(f"  {answer.label:>5} {answer.probabilities[answer.label]:7.2%}  {text}")
