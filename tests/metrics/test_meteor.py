import os
import sys
from pathlib import Path

import numpy as np
import pytest

from zoo.errors import UserError
from zoo.metrics.captions import meteor_jar
from zoo.metrics.meteor import Meteor, java_runs


@pytest.fixture
def java(tmp_path, monkeypatch):
    """Makes a `java` of a Python program."""

    def make(program: str) -> None:
        script = tmp_path / "java"
        script.write_text(f"#!{sys.executable}\nimport sys\n{program}\n")
        script.chmod(0o755)
        monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)

    return make


def test_no_java_and_one_that_does_not_start_do_not_run(java, tmp_path, monkeypatch):
    java("sys.exit(1)")
    assert not java_runs()
    java("pass")
    assert java_runs()
    monkeypatch.setenv("PATH", str(tmp_path / "nothing"))
    assert not java_runs()


def test_what_is_said_to_the_program(java, tmp_path):
    java(
        f"log = open({str(tmp_path / 'log')!r}, 'w', encoding='utf-8')\n"
        "for line in sys.stdin:\n"
        "    print(line, end='', file=log, flush=True)\n"
        "    what, *parts = line.split(' ||| ')\n"
        "    if what == 'SCORE': print(' '.join(map(str, range(23))), flush=True)\n"
        "    else: print('0.5\\n' * len(parts) + '0.75', flush=True)\n"
    )
    with Meteor(Path("meteor.jar")) as meteor:
        made = meteor.statistics([["a dog", "dogs"]], ["a hot dog"])
        assert made.tolist() == [list(range(23))]
        assert meteor.scores(np.ones((2, 3))).tolist() == [0.5, 0.5]
    said = (tmp_path / "log").read_text().splitlines()
    assert said == [
        "SCORE ||| a dog ||| dogs ||| a hot dog",
        "EVAL ||| " + " ||| ".join(["1.0 1.0 1.0"] * 2),
    ]


def test_a_program_that_ends_is_told(java):
    java("sys.stdin.readline()")
    with (
        Meteor(Path("meteor.jar")) as meteor,
        pytest.raises(UserError, match="2 GB of free memory"),
    ):
        for _ in range(3):
            meteor.statistics([["a dog"]], ["a dog"])


@pytest.mark.skipif(not java_runs(), reason="METEOR needs Java, which does not run here")
def test_statistics_add_up_to_the_programs_own_figure():
    from pycocoevalcap.meteor.meteor import Meteor as Wrapper

    references = [
        ["a brown dog is running on the beach", "the puppy plays in the sand"],
        ["two men talk", "two men are talking"],  # the same, as one whole
        ["the red car", "a car"],  # the same in another order
        ["a cat"],
        ["a child climbs a rock"],
    ]
    answers = ["a dog runs on the beach", "two men talk", "car red the", "", "a kid climbs"]
    whole, each = Wrapper().compute_score(
        dict(enumerate(references)), {n: [answer] for n, answer in enumerate(answers)}
    )
    with Meteor(meteor_jar()) as meteor:
        statistics = meteor.statistics(references, answers)
        sums = np.concatenate([statistics, statistics.sum(axis=0, keepdims=True)])
        assert meteor.scores(sums) == pytest.approx([*each, whole])
    assert 0 == each[3] < each[0] < each[1]
