import pytest
from sacrebleu.metrics import BLEU, CHRF

from zoo.errors import UserError
from zoo.metrics.translation import figures, worst

RIGHT = [f"Der Hund Nummer {n} läuft am Strand entlang ." for n in range(20)]


def test_the_right_answers_have_the_highest_figures():
    result = figures(RIGHT, RIGHT)
    assert result["examples"] == 20
    for name in ("bleu", "bleu_lower", "chrf"):
        assert result[name] == pytest.approx(100)
        assert result[f"{name}_95"] == pytest.approx((100, 100))


def test_capitals_count_in_one_flavour():
    result = figures(RIGHT, [text.lower() for text in RIGHT])
    assert result["bleu"] < 70
    assert result["bleu_lower"] == pytest.approx(100)


def test_the_flavour_is_named():
    signature = figures(RIGHT, RIGHT)["signature"]
    assert "case:mixed" in signature
    assert "tok:13a" in signature
    assert "nrefs:1" in signature


def test_bleu_is_counted_over_the_corpus():
    """By hand: of 16 words 13 match, of 14 pairs 10, of 12 triples 8, of 10 fours 6."""
    right = ["a b c d e f g h", "i j k l m n o p"]
    answers = ["a b c d e f g x", "i j k y m n o z"]
    # 7 + 6 words; 6 + 2 + 2 pairs; 5 + 1 + 1; 4 + 0.
    expected = 100 * (13 / 16 * 10 / 14 * 7 / 12 * 4 / 10) ** 0.25
    result = figures(right, answers)
    assert result["bleu"] == pytest.approx(expected)
    low, high = result["bleu_95"]
    assert low < expected < high


def test_the_interval_is_the_same_every_time():
    answers = [text.replace("Strand", "Meer") if n % 3 else text for n, text in enumerate(RIGHT)]
    first = figures(RIGHT, answers)
    assert figures(RIGHT, answers) == first
    assert first["chrf_95"][0] < first["chrf"] < first["chrf_95"][1]


def test_figures_and_interval_are_sacrebleus():
    answers = [text.replace("Strand", "Meer") if n % 3 else text for n, text in enumerate(RIGHT)]
    result = figures(RIGHT, answers)
    for name, metric in (("bleu", BLEU()), ("chrf", CHRF())):
        theirs = metric.corpus_score(answers, [RIGHT], n_bootstrap=1000)
        assert result[name] == pytest.approx(theirs.score)
        middle, half = theirs._mean, theirs._ci
        assert result[f"{name}_95"] == pytest.approx((middle - half, middle + half), abs=0.6)


def test_answers_without_a_match_have_an_interval_too():
    result = figures(["a", "b"], ["", "c d e f"])
    assert result["bleu"] == 0
    assert result["bleu_95"] == (0, 0)


def test_the_worst_answers_are_found():
    answers = [*RIGHT[:5], "", "Der Hund", *RIGHT[7:]]
    assert worst(RIGHT, answers, 2) == [5, 6]


@pytest.mark.parametrize("measure", [figures, lambda *texts: worst(*texts, 1)])
def test_without_sacrebleu_the_user_is_told_what_to_install(monkeypatch, measure):
    monkeypatch.setitem(__import__("sys").modules, "sacrebleu", None)
    with pytest.raises(UserError, match=r"pip install 'rnn-zoo\[evaluate\]'"):
        measure(RIGHT, RIGHT)
