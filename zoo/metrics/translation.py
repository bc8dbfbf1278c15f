"""Figures of translations, by sacreBLEU's definitions (Post 2018)."""

import os
from collections.abc import Sequence
from typing import Any

from zoo.errors import UserError

_RESAMPLES = 1000


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
    os.environ["SACREBLEU_SEED"] = "12345"  # the resampling's, whatever the caller's shell says
    result: dict[str, Any] = {"examples": len(answers)}
    flavours = {
        "bleu": metrics.BLEU(),
        "bleu_lower": metrics.BLEU(lowercase=True),
        "chrf": metrics.CHRF(),
    }
    for name, metric in flavours.items():
        score = metric.corpus_score(list(answers), [list(references)], n_bootstrap=_RESAMPLES)
        result[name] = float(score.score)
        # Of the resampled scores sacreBLEU gives the mean and half of the interval's width.
        mean, half = float(score._mean), float(score._ci)
        result[f"{name}_95"] = (mean - half, mean + half)
    result["signature"] = str(flavours["bleu"].get_signature())
    return result


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
