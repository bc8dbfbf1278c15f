"""Two small trained models and the command line, for all tests that need them.

What trains imports TensorFlow when it is asked for, so that other tests need not wait for it.
"""

import csv
import dataclasses
import functools
import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest

TOPICS = {
    "food": ["soup", "bread", "an onion pie", "rice and beans"],
    "trains": ["platform nine", "the night train", "a late tram", "two tickets"],
    "sport": ["a penalty", "the second half", "an away match", "the long jump"],
}
SENTENCES = ["I dreamt of {}.", "No more {}!", "Tell me about {}, please", "{}? Not today"]


@pytest.fixture(scope="session")
def task():
    from tasks.spam_detection import TASK

    return TASK


@pytest.fixture(scope="session")
def small_config(task):
    """Learns the sample data in seconds."""
    return dataclasses.replace(
        task.config,
        units=8,
        embedding_size=16,
        vocabulary_size=400,
        ngram_buckets=1024,
        shortest_ngram=2,
        longest_ngram=3,
        dropout=0.1,
        ngram_dropout=0.1,
        batch_size=16,
        epochs=4,
        learning_rate=0.02,
        averaging=0.8,
    )


@pytest.fixture(scope="session")
def spam_run(task, small_config, tmp_path_factory) -> Path:
    """The run of a spam detector on the sample data; not to be changed."""
    return task.train(
        small_config,
        task.datasets["sample"],
        run=tmp_path_factory.mktemp("spam") / "run",
        start=None,
        command="zoo train spam_detection --dataset sample",
    )


@pytest.fixture(scope="session")
def spam_model(spam_run) -> Path:
    """Its SavedModel; not to be changed."""
    return spam_run / "spam_detection" / "1"


@pytest.fixture(scope="session")
def spam_detector(spam_model):
    from zoo import hub

    return hub.load(spam_model)


@pytest.fixture(scope="session")
def sample(task):
    """The splits of the sample data."""
    return task.datasets["sample"].load()


@pytest.fixture(scope="session")
def cli():
    """Runs the `zoo` command in this process."""
    from click.testing import CliRunner

    from zoo.cli import zoo

    def run(*args, input=None):
        return CliRunner().invoke(zoo, [str(arg) for arg in args], input=input)

    return run


@pytest.fixture(scope="session")
def topics(cli, tmp_path_factory):
    """What `zoo train --data FILE` makes of a user's file with three labels."""
    folder = tmp_path_factory.mktemp("topics")
    file = folder / "topics.csv"
    with file.open("w", newline="", encoding="utf-8") as opened:
        writer = csv.writer(opened)
        writer.writerow(["text", "label"])
        for label, things in TOPICS.items():
            writer.writerows([s.format(thing), label] for thing in things for s in SENTENCES)
    run = folder / "run"
    options = "--cell simple_rnn --no-bidirectional --units 4 --embedding-size 8 --epochs 2"
    options += " --vocabulary-size 200 --ngram-buckets 256 --learning-rate 0.02 --averaging 0.5"
    result = cli("train", "spam_detection", "--data", file, "--run", run, *options.split())
    return SimpleNamespace(result=result, file=file, run=run, model=run / "spam_detection" / "1")


@pytest.fixture(scope="session")
def translation_run(cli, tmp_path_factory):
    """What `zoo train translation` makes of the sample data in seconds; it speaks no German."""
    run = tmp_path_factory.mktemp("translation") / "run"
    options = "--dataset sample --encoder-units 8 --decoder-units 8 --embedding-size 8"
    options += " --vocabulary-size 300 --epochs 1 --averaging 0.5 --beam-width 2"
    options += " --precision float32 --learning-rate 0.01"
    result = cli("train", "translation", "--run", run, *options.split())
    return SimpleNamespace(result=result, run=run, model=run / "translation" / "1")


@pytest.fixture(scope="session")
def chatbot_model(cli, tmp_path_factory) -> Path:
    """What `zoo train chatbot` makes of the sample data in seconds; it makes no sense."""
    run = tmp_path_factory.mktemp("chatbot") / "run"
    options = "--dataset sample --encoder-units 8 --decoder-units 8 --embedding-size 8"
    options += " --vocabulary-size 300 --epochs 1 --averaging 0.5 --beam-width 2"
    options += " --precision float32 --learning-rate 0.01 --longest-answer 12"
    result = cli("train", "chatbot", "--run", run, *options.split())
    assert result.exit_code == 0, result.output
    return run / "chatbot" / "1"


@pytest.fixture(scope="session")
def models(spam_model, topics, tmp_path_factory) -> Path:
    """A folder of models by name, in several versions; not to be changed."""
    folder = tmp_path_factory.mktemp("models")
    for version in ("2", "9", "10"):
        shutil.copytree(spam_model, folder / "spam_detection" / version)
    shutil.copytree(topics.model, folder / "topics" / "1")
    (folder / "drafts" / "1").mkdir(parents=True)
    return folder


@pytest.fixture
def few_resamples(monkeypatch):
    """Intervals in a moment instead of seconds."""
    from zoo.metrics import classification

    quick = functools.partial(classification.bootstrap_interval, resamples=20)
    monkeypatch.setattr(classification, "bootstrap_interval", quick)


@pytest.fixture
def spam_copy(spam_model, tmp_path) -> Path:
    """A copy of the spam detector, to be broken."""
    return Path(shutil.copytree(spam_model, tmp_path / "copied" / "1"))
