"""Small trained models and the command line, for all tests that need them.

What trains imports TensorFlow when it is asked for, so that other tests need not wait for it.
"""

import csv
import dataclasses
import functools
import os
import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest
from filelock import FileLock

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
def made_once(tmp_path_factory):
    """Calls `make(folder)` unless a worker beside this one has made that folder; not to be changed.

    What is made in half a minute would else be made by each worker.
    """
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base

    def made(name, make) -> Path:
        folder, done = shared / name, shared / f"{name}.done"
        with FileLock(shared / f"{name}.lock"):
            if not done.exists():
                folder.mkdir(exist_ok=True)
                make(folder)
                done.touch()
        return folder

    return made


@pytest.fixture(scope="session")
def trained(made_once, cli):
    """What `zoo train TASK OPTIONS` makes: the run, its model, and what was said; made once."""

    def run_of(task, *options):
        def train(folder):
            result = cli("train", task, "--run", folder / "run", *options)
            assert result.exit_code == 0, result.output
            (folder / "said.txt").write_text(result.output, encoding="utf-8")

        folder = made_once(f"{task}-trained", train)
        return SimpleNamespace(
            said=(folder / "said.txt").read_text(encoding="utf-8"),
            run=folder / "run",
            model=folder / "run" / task / "1",
        )

    return run_of


@pytest.fixture(scope="session")
def spam_run(task, small_config, made_once) -> Path:
    """The run of a spam detector on the sample data; not to be changed."""

    def train(folder):
        command = "zoo train spam_detection --dataset sample"
        task.train(small_config, task.datasets["sample"], folder / "run", None, command)

    return made_once("spam", train) / "run"


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
def topics(made_once, trained):
    """What `zoo train --data FILE` makes of a user's file with three labels; not to be changed."""

    def write(folder):
        with (folder / "topics.csv").open("w", newline="", encoding="utf-8") as opened:
            writer = csv.writer(opened)
            writer.writerow(["text", "label"])
            for label, things in TOPICS.items():
                writer.writerows([s.format(thing), label] for thing in things for s in SENTENCES)

    file = made_once("topics", write) / "topics.csv"
    options = "--cell simple_rnn --no-bidirectional --units 4 --embedding-size 8 --epochs 2"
    options += " --vocabulary-size 200 --ngram-buckets 256 --learning-rate 0.02 --averaging 0.5"
    found = trained("spam_detection", "--data", file, *options.split())
    return SimpleNamespace(file=file, **vars(found))


# They speak no German and make no sense. One step: each shape of a batch is traced anew.
_SMALL_WRITER = (
    "--dataset sample --encoder-units 8 --decoder-units 8 --embedding-size 8 --beam-width 2"
    " --vocabulary-size 300 --epochs 1 --averaging 0.5 --precision float32 --learning-rate 0.01"
    " --batch-size 1000"
)


@pytest.fixture(scope="session")
def translation_run(trained):
    """What `zoo train translation` makes of the sample data; not to be changed."""
    return trained("translation", *_SMALL_WRITER.split())


@pytest.fixture(scope="session")
def chatbot_model(trained) -> Path:
    """What `zoo train chatbot` makes of the sample data; not to be changed."""
    return trained("chatbot", *_SMALL_WRITER.split(), "--longest-answer", 12).model


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
