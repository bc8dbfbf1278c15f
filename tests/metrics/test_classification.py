import math

import numpy as np
import pytest
from sklearn import metrics

from zoo.errors import UserError
from zoo.metrics.classification import bootstrap_interval, figures, log_loss, mcnemar

# Five spam, of which four are found; five ham, of which two are taken for spam.
TRUTH = ["spam"] * 5 + ["ham"] * 5
ANSWERS = ["spam"] * 4 + ["ham"] + ["spam"] * 2 + ["ham"] * 3


def test_the_figures_are_as_counted_by_hand():
    assert figures(TRUTH, ANSWERS, "spam") == pytest.approx(
        {
            "examples": 10,
            "accuracy": 0.7,
            "mcc": (4 * 3 - 2 * 1) / math.sqrt(6 * 5 * 5 * 4),
            "f1": 2 * 4 / (2 * 4 + 2 + 1),
            "positives": 5,
            "false_positives": 2,
            "false_negatives": 1,
        }
    )


def test_the_other_label_as_the_positive_one_swaps_the_errors():
    result = figures(TRUTH, ANSWERS, "ham")
    assert (result["false_positives"], result["false_negatives"]) == (1, 2)


def test_three_labels_have_the_mean_of_their_f1():
    truth, answers = ["a", "a", "b", "b", "c", "c"], ["a", "b", "b", "b", "c", "a"]
    result = figures(truth, answers, None)
    assert result["macro_f1"] == pytest.approx((0.5 + 0.8 + 2 / 3) / 3)
    assert result["accuracy"] == pytest.approx(4 / 6)
    assert "false_positives" not in result


@pytest.mark.parametrize("seed", range(3))
def test_the_figures_are_scikit_learns(seed):
    random = np.random.default_rng(seed)
    truth, answers = (list(random.choice(["ham", "spam"], 50)) for _ in range(2))
    result = figures(truth, answers, "spam")
    assert result["mcc"] == pytest.approx(metrics.matthews_corrcoef(truth, answers))
    assert result["f1"] == pytest.approx(metrics.f1_score(truth, answers, pos_label="spam"))
    assert result["accuracy"] == pytest.approx(metrics.accuracy_score(truth, answers))


def test_one_answer_for_all_has_no_correlation():
    assert figures(TRUTH, ["ham"] * 10, "spam")["mcc"] == 0


def test_log_loss_is_as_counted_by_hand():
    p = np.array([[0.5, 0.5], [0.25, 0.75]])
    assert log_loss(p, np.array([0, 0])) == pytest.approx((math.log(2) + math.log(4)) / 2)


def test_log_loss_is_scikit_learns():
    p = np.random.default_rng(0).dirichlet([1, 1, 1], 20)
    targets = np.arange(20) % 3
    assert log_loss(p, targets) == pytest.approx(metrics.log_loss(targets, p))


def test_log_loss_is_finite_where_the_right_label_has_no_probability():
    assert 10 < log_loss(np.array([[1.0, 0.0]]), np.array([1])) < 100


def test_the_interval_holds_the_figure():
    truth, answers = TRUTH * 10, ANSWERS * 10
    low, high = bootstrap_interval("mcc", truth, answers, resamples=200)
    assert low < figures(truth, answers, "spam")["mcc"] < high


def test_the_interval_is_that_of_the_binomial():
    low, high = bootstrap_interval("accuracy", ["a"] * 400, ["a"] * 300 + ["b"] * 100)
    reach = 1.96 * math.sqrt(0.75 * 0.25 / 400)
    assert (low, high) == pytest.approx((0.75 - reach, 0.75 + reach), abs=0.01)


def test_the_interval_is_a_function_of_the_seed():
    first, again, other = (
        bootstrap_interval("mcc", TRUTH, ANSWERS, resamples=50, seed=seed) for seed in (0, 0, 1)
    )
    assert first == again != other


def test_mcnemar_is_the_binomial_test_by_hand():
    truth = np.array(["a"] * 20)
    first = np.array(["a"] * 8 + ["b"] * 2 + ["a"] * 6 + ["b"] * 4)
    second = np.array(["b"] * 8 + ["a"] * 2 + ["a"] * 6 + ["b"] * 4)
    p = 2 * sum(math.comb(10, k) for k in range(3)) / 2**10
    assert mcnemar(truth, first, second) == pytest.approx(
        {"only_first": 8, "only_second": 2, "p": p}
    )
    assert mcnemar(truth, second, first)["p"] == pytest.approx(p)


def test_classifiers_that_never_differ_do_not_differ():
    same = np.array(ANSWERS)
    assert mcnemar(np.array(TRUTH), same, same) == {"only_first": 0, "only_second": 0, "p": 1.0}


def test_without_scikit_learn_the_user_is_told_what_to_install(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "sklearn", None)
    with pytest.raises(UserError, match=r"pip install 'rnn-zoo\[evaluate\]'"):
        figures(TRUTH, ANSWERS, "spam")
