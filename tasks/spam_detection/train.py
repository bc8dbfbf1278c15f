"""Train the spam detector: `python -m tasks.spam_detection.train --help`."""

from zoo.cli import run_training_script

if __name__ == "__main__":
    run_training_script("spam_detection")
