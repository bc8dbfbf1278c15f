"""Train the captioner: `python -m tasks.image_captioning.train --help`."""

from zoo.cli import run_training_script

if __name__ == "__main__":
    run_training_script("image_captioning")
