import math

import numpy as np
import pytest
from pycocoevalcap.bleu.bleu import Bleu
from pycocoevalcap.cider.cider import Cider
from pycocoevalcap.rouge.rouge import Rouge

from zoo.errors import UserError
from zoo.metrics import captions
from zoo.metrics.captions import figures, worst

REFERENCES = [
    ["A brown dog runs along the beach.", "A dog is running on the sand by the sea."],
    ["Two women sit on a bench.", "Two women are sitting on a bench in the park."],
    ["A boy jumps into a pool.", "A child's leap into the swimming-pool!"],
    ["A man rides a bike down a hill.", "A biker rides down a steep hill.", "Someone rides."],
    ["A cat sleeps on a red sofa.", "The cat is asleep on the couch."],
]
ANSWERS = [
    "A dog runs on the beach.",
    "Two women are sitting on a bench.",
    "A girl in a red dress.",
    "A man rides down a hill.",
    "A cat sleeps on a couch.",
]
NAMES = ("bleu_1", "bleu_2", "bleu_3", "bleu_4", "cider_d", "rouge_l")


@pytest.fixture(autouse=True)
def no_java(monkeypatch):
    """METEOR has its own tests, and takes long to start."""
    monkeypatch.setattr(captions, "java_runs", lambda: False)


def test_the_figures_are_cocos():
    plain = str.maketrans("", "", ".!")
    expected = {
        n: [text.lower().translate(plain).replace("'s", " 's") for text in texts]
        for n, texts in enumerate(REFERENCES)
    }
    said = {n: [text.lower().translate(plain)] for n, text in enumerate(ANSWERS)}
    bleu, _ = Bleu().compute_score(expected, said, verbose=0)
    result = figures(REFERENCES, ANSWERS)
    assert [result[f"bleu_{n}"] for n in (1, 2, 3, 4)] == pytest.approx([100 * x for x in bleu])
    assert result["cider_d"] == pytest.approx(100 * Cider().compute_score(expected, said)[0])
    assert result["rouge_l"] == pytest.approx(100 * Rouge().compute_score(expected, said)[0])


def test_bleu_by_hand():
    """4 and 3 words against the nearest of 5 and 3: 6 of 7 match; of 5 pairs 3."""
    references = [["a b c d e", "a b"], ["x y z"]]
    result = figures(references, ["a b c q", "z x y"])
    brevity = math.exp(1 - 8 / 7)
    assert result["length_ratio"] == pytest.approx(7 / 8)
    assert result["bleu_1"] == pytest.approx(100 * brevity * 6 / 7)
    assert result["bleu_2"] == pytest.approx(100 * brevity * math.sqrt(6 / 7 * 3 / 5))
    assert result["bleu_4"] == 0


def test_right_answers_have_the_highest_figures():
    result = figures([[texts[1]] for texts in REFERENCES], [texts[1] for texts in REFERENCES])
    assert [result[name] for name in NAMES] == pytest.approx([100] * 4 + [1000, 100])
    for name in NAMES:
        assert result[f"{name}_95"] == pytest.approx((result[name], result[name]))


def test_the_intervals_hold_the_figures():
    result = figures(REFERENCES * 4, ANSWERS * 4)
    assert result["examples"] == 20
    for name in NAMES:
        low, high = result[f"{name}_95"]
        assert low < result[name] < high


def test_the_first_figure_with_an_interval_is_bleu_4():
    result = figures(REFERENCES, ANSWERS)
    assert next(name for name in result if name.endswith("_95")) == "bleu_4_95"
    assert "meteor" not in result


@pytest.mark.parametrize("answer", ["", "...", "dog"])
def test_answers_of_no_words_or_one_have_figures(answer):
    result = figures(REFERENCES, [answer] * len(REFERENCES))
    assert result["bleu_4"] == 0
    assert all(np.isfinite(result[name]) for name in NAMES)


def test_meteor_is_of_all_photos(monkeypatch):
    class Counting:
        """In place of the program: the share of photos with a word."""

        def __init__(self, jar):
            assert jar.is_file()

        def __enter__(self):
            return self

        def __exit__(self, *_):
            pass

        def statistics(self, references, answers):
            assert references[2][1] == "a child 's leap into the swimming-pool"
            return np.array([[1, bool(answer)] for answer in answers], float)

        def scores(self, sums):
            return sums[:, 1] / sums[:, 0]

    monkeypatch.setattr(captions, "java_runs", lambda: True)
    monkeypatch.setattr(captions, "Meteor", Counting)
    result = figures(REFERENCES, [*ANSWERS[:4], ""])
    assert result["meteor"] == 80
    assert result["meteor_95"][0] < 80 < result["meteor_95"][1]


def test_the_worst_answers_are_found():
    assert worst(REFERENCES, ANSWERS, 1) == [2]
    assert worst(REFERENCES, [*ANSWERS[:4], ""], 2) == [2, 4]


def test_nothing_is_printed(capfd):
    figures(REFERENCES, ANSWERS)
    assert capfd.readouterr() == ("", "")


def test_without_pycocoevalcap_the_user_is_told_what_to_install(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "pycocoevalcap.cider.cider", None)
    with pytest.raises(UserError, match=r"pip install 'rnn-zoo\[evaluate\]'"):
        worst(REFERENCES, ANSWERS, 1)
