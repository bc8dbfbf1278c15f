"""Figures of classifiers, by scikit-learn's definitions."""

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np

from zoo.errors import UserError


def figures(truth: Sequence[str], answers: Sequence[str], positive: str | None) -> dict[str, Any]:
    """Accuracy, Matthews' correlation (MCC) and F1, and for two labels the errors by kind.

    Args:
        truth: the right labels.
        answers: the labels that were answered.
        positive: the label that F1 and the errors are about; None for the mean F1 of all labels.

    Returns:
        JSON types.
    """
    metrics = _sklearn_metrics()
    result: dict[str, Any] = {
        "examples": len(truth),
        "accuracy": float(metrics.accuracy_score(truth, answers)),
        "mcc": float(metrics.matthews_corrcoef(truth, answers)),
    }
    if positive is None:
        return {**result, "macro_f1": float(metrics.f1_score(truth, answers, average="macro"))}
    right, answered = (np.asarray(x) == positive for x in (truth, answers))
    return {
        **result,
        "f1": float(metrics.f1_score(right, answered, zero_division=0)),
        "positives": int(right.sum()),
        "false_positives": int((answered & ~right).sum()),
        "false_negatives": int((right & ~answered).sum()),
    }


def log_loss(probabilities: np.ndarray, targets: np.ndarray) -> float:
    """Mean negative log-probability, in nats, of `targets` int `[n]` in `[n, classes]`."""
    chosen = probabilities[np.arange(len(targets)), targets]
    return float(-np.log(np.maximum(chosen, 1e-9)).mean())


def bootstrap_interval(
    headline: str,
    truth: Sequence[str],
    answers: Sequence[str],
    resamples: int = 1000,
    seed: int = 0,
) -> tuple[float, float]:
    """The 95 % interval of a headline under resampling of the test set (Efron 1979, percentile)."""
    figure = {"mcc": _mcc, "accuracy": _accuracy}[headline]
    random = np.random.default_rng(seed)
    a, b = np.asarray(truth), np.asarray(answers)
    drawn = (random.integers(0, len(a), len(a)) for _ in range(resamples))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of a resample that holds a single label
        low, high = np.percentile([figure(a[i], b[i]) for i in drawn], [2.5, 97.5])
    return float(low), float(high)


def _mcc(truth: np.ndarray, answers: np.ndarray) -> float:
    return float(_sklearn_metrics().matthews_corrcoef(truth, answers))


def _accuracy(truth: np.ndarray, answers: np.ndarray) -> float:
    return float((truth == answers).mean())


def mcnemar(truth: np.ndarray, first: np.ndarray, second: np.ndarray) -> dict[str, float]:
    """The exact test whether two classifiers err equally often (McNemar 1947).

    Returns:
        How many examples only the first gets right, only the second, and the two-sided p.
    """
    from scipy.stats import binomtest

    only_first = int(((first == truth) & (second != truth)).sum())
    only_second = int(((first != truth) & (second == truth)).sum())
    differing = only_first + only_second
    p = binomtest(only_first, differing).pvalue if differing else 1.0
    return {"only_first": only_first, "only_second": only_second, "p": float(p)}


def _sklearn_metrics() -> Any:
    try:
        from sklearn import metrics
    except ModuleNotFoundError as error:
        raise UserError(
            "figures need scikit-learn: pip install 'rnn-zoo[evaluate]' in this environment"
        ) from error
    return metrics
