"""Figures of translations, by sacreBLEU's definitions (Post 2018)."""

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np

from zoo.errors import UserError
from zoo.metrics.bootstrap import with_intervals


def figures(references: Sequence[str], answers: Sequence[str]) -> dict[str, Any]:
    """BLEU in two flavours and chrF, each with its 95 % interval.

    Args:
        references: the right translations, one of each sentence.
        answers: the model's.

    Returns:
        JSON types. `bleu` is cased, with sacreBLEU's tokeniser 13a; `bleu_lower` the same of
        lower-cased text, which is the flavour of Multi30k's published tables but for their
        tokeniser, Moses', which 13a is close to; `chrf` is chrF2 (Popović 2015). All are in per
        cent. Intervals are bootstraps over the sentences (Koehn 2004). `signature` is sacreBLEU's
        of `bleu`.
    """
    metrics = _sacrebleu_metrics()
    flavours = {
        "bleu": metrics.BLEU(),
        "bleu_lower": metrics.BLEU(lowercase=True),
        "chrf": metrics.CHRF(),
    }
    result: dict[str, Any] = {"examples": len(answers)}
    for name, metric in flavours.items():
        # Not sacreBLEU's own resampling: it fails on sets so small that a resample has no match.
        statistics = np.array(metric._extract_corpus_statistics(answers, [references]))
        result |= with_intervals([name], statistics, partial(_scores, metric))
    result["signature"] = str(flavours["bleu"].get_signature())
    return result


def _scores(metric: Any, sums: np.ndarray) -> np.ndarray:
    """What a metric of sacreBLEU makes of sums of its statistics, `[n, 1]`."""
    scores = [metric._compute_score_from_stats(row.tolist()).score for row in sums]
    return np.array(scores, float)[:, np.newaxis]


def worst(references: Sequence[str], answers: Sequence[str], count: int) -> list[int]:
    """The places of the answers with the least chrF of their own, the worst first."""
    metric = _sacrebleu_metrics().CHRF()
    scores = [
        metric.sentence_score(answer, [reference]).score
        for answer, reference in zip(answers, references, strict=True)
    ]
    return sorted(range(len(scores)), key=scores.__getitem__)[:count]


def _sacrebleu_metrics() -> Any:
    try:
        from sacrebleu import metrics
    except ModuleNotFoundError as error:
        raise UserError(
            "figures need sacreBLEU: pip install 'rnn-zoo[evaluate]' in this environment"
        ) from error
    return metrics
