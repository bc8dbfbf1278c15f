"""Train the translator: `python -m tasks.translation.train --help`."""

from zoo.cli import run_training_script

if __name__ == "__main__":
    run_training_script("translation")
