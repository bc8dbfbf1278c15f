"""Train the partner in conversation: `python -m tasks.chatbot.train --help`."""

from zoo.cli import run_training_script

if __name__ == "__main__":
    run_training_script("chatbot")
