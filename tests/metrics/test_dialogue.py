import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zoo.errors import UserError
from zoo.metrics import dialogue
from zoo.metrics.dialogue import (
    bootstrap_interval,
    figures,
    plato_bleu,
    plato_tokens,
    word_perplexity,
)

REFERENCES = ["I'm fine, thank you.", "Tea, please.", "No.", "See you on Monday!"]
REPLIES = ["I am fine.", "Some tea, please.", "No.", "I am fine."]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Don't you like it, Zoë?", "don't you like it , zoe ?"),
        ("don ' t you like it , Zoë ?", "don't you like it , zoe ?"),
        ("It\u2019s 10:30 - a well-known hour", "it's 10 : 30-a well-known hour"),
        ("I do not know.", "i don't know ."),
        ("$5 (or <6>)", "$ 5 ( or < 6 > )"),
        ("\u201cYes\u201d, he   said\n", "\u201c yes \u201d , he said"),
        ("the teachers' room", "the teachers'room"),
        ("", ""),
    ],
)
def test_words_are_platos(text, expected):
    assert " ".join(plato_tokens(text)) == expected


@given(st.text())
def test_any_text_has_words(text):
    words = plato_tokens(text)
    assert words == [""] or all(words)


@pytest.mark.parametrize(
    ("reference", "reply", "expected"),
    [  # As NLTK 3.4.5 itself gave them.
        ("i am fine , thank you .", "i am fine .", (0.5773368977945735, 0.466006070692472)),
        (
            "what would you like to drink ?",
            "i would like some tea , please .",
            (0.5979098671101496, 0.47218289605934132),
        ),
        (
            "we went to the sea last summer .",
            "we went to the mountains last summer with my aunt .",
            (0.8909090909090909, 0.6703388303954693),
        ),
        ("see you on monday .", "no .", (0.15780889083060293, 0.10490078347798584)),
        ("it's cold here .", "it's cold here .", (1.3333333333333333, 1.2171612389003692)),
        ("yes .", "i don't know what to say to that", (0, 0)),
        ("yes .", "yes", (0, 0)),
        ("yes .", "", (0, 0)),
    ],
)
def test_bleu_is_that_of_the_nltk_of_2019(reference, reply, expected):
    assert plato_bleu(reference.split(), reply.split(" ")) == pytest.approx(expected)


def test_bleu_is_the_smoothing_by_hand():
    # "a b x" for "a c b y": two of three words, none of two pairs, brevity exp(1 - 4/3).
    p1, k = 2 / 3, 5 / math.log(3)
    p2, p3 = 1 / (1 + k), 1 / (2 + k)
    m1 = (p1 + 1 + p1 + p2) / 3
    m2 = (m1 + p2 + p3) / 3
    brevity = math.exp(1 - 4 / 3)
    expected = brevity * m1, brevity * math.sqrt(m1 * m2)
    assert plato_bleu(["a", "c", "b", "y"], ["a", "b", "x"]) == pytest.approx(expected)


def test_the_figures_are_as_counted_by_hand():
    result = figures(REFERENCES, REPLIES)
    # i am fine . | some tea , please . | no . | i am fine .
    assert result["examples"] == 4
    assert result["distinct_1"] == pytest.approx(9 / 15)
    assert result["distinct_2"] == pytest.approx(8 / 11)
    assert result["mean_length"] == pytest.approx(15 / 4)
    assert result["distinct_replies"] == pytest.approx(3 / 4)
    assert result["most_frequent_reply"] == pytest.approx(2 / 4)
    pairs = zip(REFERENCES, REPLIES, strict=True)
    scores = np.array([plato_bleu(*map(plato_tokens, pair)) for pair in pairs])
    assert (result["bleu_1"], result["bleu_2"]) == pytest.approx(tuple(scores.mean(0)))
    for name, column in zip(("bleu_1", "bleu_2"), scores.T, strict=True):
        assert result[f"{name}_95"] == bootstrap_interval(column)


def test_sacrebleu_is_plain():
    from sacrebleu import corpus_bleu

    result = figures(REFERENCES, REPLIES)
    assert result["sacrebleu"] == pytest.approx(corpus_bleu(REPLIES, [REFERENCES]).score)
    assert "tok:13a" in result["sacrebleu_signature"]
    low, high = result["sacrebleu_95"]
    assert low <= high


def test_one_reply_to_all_is_told():
    result = figures(["Yes.", "No.", "Why?"], ["I don't know."] * 3)
    assert result["most_frequent_reply"] == 1
    assert result["distinct_replies"] == pytest.approx(1 / 3)
    assert result["distinct_2"] == pytest.approx(1 / 3)


def test_empty_replies_are_measured_too():
    result = figures(["Yes.", "No."], ["", ""])
    assert result["bleu_1"] == result["bleu_2"] == result["distinct_2"] == 0


def test_the_interval_is_that_of_the_mean():
    scores = np.random.default_rng(0).normal(0.3, 0.2, 400)
    reach = 1.96 * scores.std() / 20
    expected = scores.mean() - reach, scores.mean() + reach
    assert bootstrap_interval(scores) == pytest.approx(expected, abs=0.003)
    assert bootstrap_interval(scores, seed=1) != bootstrap_interval(scores)


def test_the_perplexity_of_words_drawn_from_eight_is_eight():
    # Three words and an end, two words and an end.
    assert word_perplexity(7 * math.log(8), ["I'm fine.", "No."]) == pytest.approx(8)


def test_without_nltk_the_user_is_told_what_to_install(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "nltk.translate", None)
    dialogue._smoothing.cache_clear()
    with pytest.raises(UserError, match=r"pip install 'rnn-zoo\[evaluate\]'"):
        figures(["Yes."], ["Yes."])
