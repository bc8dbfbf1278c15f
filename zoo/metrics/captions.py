"""Figures of captions, by the definitions of COCO's evaluation (Chen et al. 2015)."""

import importlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from zoo.errors import UserError
from zoo.metrics.bootstrap import with_intervals
from zoo.metrics.meteor import Meteor, java_runs
from zoo.metrics.ptb import ptb_words


def figures(references: Sequence[Sequence[str]], answers: Sequence[str]) -> dict[str, Any]:
    """BLEU, CIDEr-D, ROUGE-L and, where Java runs, METEOR, each with its 95 % interval.

    Args:
        references: people's captions of each photo, one or more.
        answers: the model's.

    Returns:
        JSON types. `bleu_4` comes first, `bleu_1` to `bleu_3` follow (Papineni et al. 2002; the
        reference nearest in length counts for the brevity penalty). `cider_d` (Vedantam et al.
        2015) weighs words by how few of these photos' captions have them: it depends on the set,
        and of a single photo it is 0. `rouge_l` (Lin 2004) and `meteor` (Denkowski & Lavie 2014)
        are COCO's too. All are in per cent, as tables have them: of CIDEr-D 1,000 is the most.
        `length_ratio` is the answers' words to those of the nearest references; where it is r < 1,
        tables without a brevity penalty (Xu et al. 2015) have BLEU larger by exp(1/r - 1).
        Intervals are bootstraps over the photos, CIDEr-D's with its weights as they are.
    """
    expected, said = _tokenised(references, answers)
    bleu = _bleu_statistics(expected, said)
    means = np.stack([_cider(expected, said), _rouge(expected, said)], axis=1)
    result = {
        "examples": len(said),
        **with_intervals(["bleu_4", "bleu_1", "bleu_2", "bleu_3"], bleu, _bleu),
        **with_intervals(["cider_d", "rouge_l"], means, lambda sums: sums / len(said)),
        "length_ratio": float(bleu[:, 0].sum() / bleu[:, 1].sum()),
    }
    if java_runs():
        with Meteor(meteor_jar()) as meteor:
            result |= with_intervals(
                ["meteor"],
                meteor.statistics(expected, said),
                lambda sums: 100 * meteor.scores(sums)[:, np.newaxis],
            )
    return result


def worst(references: Sequence[Sequence[str]], answers: Sequence[str], count: int) -> list[int]:
    """The places of the answers with the least CIDEr-D of their own, the worst first."""
    scores = _cider(*_tokenised(references, answers))
    return np.argsort(scores, stable=True)[:count].tolist()


def _tokenised(
    references: Sequence[Sequence[str]], answers: Sequence[str]
) -> tuple[list[list[str]], list[str]]:
    """The same with a space between words, and no others."""
    expected = [[" ".join(ptb_words(caption)) for caption in captions] for captions in references]
    return expected, [" ".join(ptb_words(answer)) for answer in answers]


def _bleu_statistics(expected: Sequence[Sequence[str]], said: Sequence[str]) -> np.ndarray:
    """Of each answer: its words, the nearest reference's, and of each n the n-grams matched, all.

    Returns:
        `[answers, 2 + 4 + 4]`.
    """
    bleu = _library("bleu.bleu_scorer")
    rows = []
    for captions, answer in zip(expected, said, strict=True):
        counts = bleu.cook_test(answer, bleu.cook_refs(captions), eff="closest")
        rows.append([counts["testlen"], counts["reflen"], *counts["correct"], *counts["guess"]])
    return np.array(rows, float)


def _bleu(sums: np.ndarray) -> np.ndarray:
    """BLEU-4, -1, -2 and -3 in per cent, `[n, 4]`, of sums of `_bleu_statistics`."""
    length, nearest = sums[:, :1], sums[:, 1:2]
    matched, all_ = sums[:, 2:6], sums[:, 6:]
    with np.errstate(divide="ignore"):  # log 0 is -inf, and e to that 0
        brevity = np.minimum(0, 1 - nearest / length)
        precisions = np.log(matched / np.maximum(all_, 1))
    orders = np.arange(1, 5)
    bleu = 100 * np.exp(brevity + precisions.cumsum(axis=1) / orders)
    return np.roll(bleu, 1, axis=1)


def _cider(expected: Sequence[Sequence[str]], said: Sequence[str]) -> np.ndarray:
    """CIDEr-D of each answer in per cent."""
    _, scores = (
        _library("cider.cider")
        .Cider()
        .compute_score(dict(enumerate(expected)), {n: [answer] for n, answer in enumerate(said)})
    )
    return 100 * scores


def _rouge(expected: Sequence[Sequence[str]], said: Sequence[str]) -> np.ndarray:
    """ROUGE-L of each answer in per cent."""
    rouge = _library("rouge.rouge").Rouge()
    pairs = zip(expected, said, strict=True)
    return 100 * np.array([rouge.calc_score([answer], captions) for captions, answer in pairs])


def meteor_jar() -> Path:
    """METEOR's program, which pycocoevalcap brings along."""
    return Path(_library("meteor.meteor").__file__).with_name("meteor-1.5.jar")


def _library(module: str) -> Any:
    try:
        return importlib.import_module(f"pycocoevalcap.{module}")
    except ModuleNotFoundError as error:
        raise UserError(
            "figures need pycocoevalcap: pip install 'rnn-zoo[evaluate]' in this environment"
        ) from error
