"""Figures of replies in a dialogue, in the flavours that papers on dialogue use."""

import math
import os
import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from functools import cache
from itertools import pairwise
from typing import Any

import numpy as np

from zoo.errors import UserError

_RESAMPLES = 1000
_ONE_GRAMS, _TWO_GRAMS = (1.0, 0.0, 0.0, 0.0), (0.5, 0.5, 0.0, 0.0)

# A punctuation mark as BERT has it: Unicode's, and all of ASCII's that are no letter or digit.
_ASCII_MARKS = re.compile(r"[!-/:-@\[-`{-~]")
_TYPED_APOSTROPHE = str.maketrans("\N{RIGHT SINGLE QUOTATION MARK}", "'")
# PLATO puts these together again before it counts, in this order.
_TOGETHER = ((" - ", "-"), (" ' ", "'"), (" n't", "n't"), (" 'm", "'m"), (" do not", " don't"),
             (" 's", "'s"), (" 've", "'ve"), (" 're", "'re"))  # fmt: skip


def plato_tokens(text: str) -> list[str]:
    """The words that PLATO's BLEU and distinct count (Bao et al. 2020, by their published code).

    Lower case, without accents, every punctuation mark a word of its own (BERT's division), but
    "-" and "'" put together again with what is around them, and " do not" read as " don't". The
    typographic apostrophe is read as the typed one.
    """
    plain = unicodedata.normalize("NFD", text.translate(_TYPED_APOSTROPHE).lower())
    spaced = "".join(
        f" {c} " if _ASCII_MARKS.match(c) or unicodedata.category(c).startswith("P") else c
        for c in plain
        if unicodedata.category(c) != "Mn"
    )
    joined = " ".join(spaced.split())
    for apart, together in _TOGETHER:
        joined = joined.replace(apart, together)
    return joined.split(" ")


def figures(references: Sequence[str], replies: Sequence[str]) -> dict[str, Any]:
    """How near replies are to what was said, and how much they differ from each other.

    Args:
        references: what was said, one reply to each context.
        replies: the model's.

    Returns:
        JSON types. `bleu_1` and `bleu_2` are PLATO's, of `plato_tokens`: the mean over the replies
        of `plato_bleu`; intervals are bootstraps over the replies. `sacrebleu` is BLEU by
        sacreBLEU's definition (Post 2018), in per cent, and `sacrebleu_signature` says how.
        `distinct_1` and `distinct_2` are the share of different words and pairs of neighbours
        among all of all replies together (Li et al. 2016); they fall as replies get more, so that
        they are to be compared over equally many. `mean_length` is in words, a punctuation mark
        being one. `distinct_replies` is the share of different replies, and
        `most_frequent_reply` that of the one that is given most often.
    """
    words = [plato_tokens(reply) for reply in replies]
    expected = [plato_tokens(reference) for reference in references]
    scores = np.array([plato_bleu(*pair) for pair in zip(expected, words, strict=True)])
    result: dict[str, Any] = {"examples": len(replies)}
    for name, column in zip(("bleu_1", "bleu_2"), scores.T, strict=True):
        result[name] = float(column.mean())
        result[f"{name}_95"] = bootstrap_interval(column)
    counts = Counter(map(tuple, words))
    return {
        **result,
        **_sacrebleu(references, replies),
        "distinct_1": _distinct([[(word,) for word in reply] for reply in words]),
        "distinct_2": _distinct([[*pairwise(reply)] for reply in words]),
        "mean_length": float(np.mean([len(reply) for reply in words])),
        "distinct_replies": len(counts) / len(words),
        "most_frequent_reply": counts.most_common(1)[0][1] / len(words),
    }


def plato_bleu(reference: Sequence[str], reply: Sequence[str]) -> tuple[float, float]:
    """BLEU-1 and BLEU-2 of one reply as PLATO's published figures have them.

    They are NLTK's sentence BLEU with smoothing method 7 (Chen and Cherry 2014, methods 4 and 5
    one after the other) as it was in NLTK 3.4.5, of 2019: later versions count an order of n-grams
    without a match otherwise, and give other figures. They are no shares: the smoothing lifts a
    reply that is right to 1.2 and more. A reply of one word, for which that version knew no
    answer, has 0, as has one without any right word.

    Args:
        reference: the words that were said.
        reply: the words that are measured.
    """
    if len(reply) < 2:
        return 0.0, 0.0
    first, second = _nltk().sentence_bleu(
        [reference], reply, [_ONE_GRAMS, _TWO_GRAMS], smoothing_function=_smoothing().method7
    )
    return float(first), float(second)


@cache
def _smoothing() -> Any:
    class Smoothing2019(_nltk().SmoothingFunction):  # type: ignore[misc]
        """NLTK 3.4.5's."""

        def method4(self, p_n: list[Any], _: Any, __: Any, length: int) -> list[Any]:
            """An order n without a match has the precision 1 / (n - 1 + k / ln(length))."""
            return [
                p if p.numerator else 1 / (n + self.k / math.log(length)) for n, p in enumerate(p_n)
            ]

    return Smoothing2019()


def bootstrap_interval(scores: np.ndarray, seed: int = 0) -> tuple[float, float]:
    """The 95 % interval of a mean of scores float `[n]` (Efron 1979, percentile)."""
    random = np.random.default_rng(seed)
    means = [random.choice(scores, len(scores)).mean() for _ in range(_RESAMPLES)]
    low, high = np.percentile(means, [2.5, 97.5])
    return float(low), float(high)


def word_perplexity(nats: float, texts: Sequence[str]) -> float:
    """The exponential of a word's mean surprise, whatever pieces the model writes words from.

    Args:
        nats: -log p of all texts together, the ends of the texts included.
        texts: what was surprising; their words are `plato_tokens`, and their ends count as one.
    """
    return math.exp(nats / sum(len(plato_tokens(text)) + 1 for text in texts))


def _distinct(ngrams: list[list[tuple[str, ...]]]) -> float:
    counted = Counter(ngram for reply in ngrams for ngram in reply)
    return len(counted) / max(1, counted.total())


def _sacrebleu(references: Sequence[str], replies: Sequence[str]) -> dict[str, Any]:
    from sacrebleu.metrics import BLEU

    os.environ["SACREBLEU_SEED"] = "12345"  # the resampling's, whatever the caller's shell says
    metric = BLEU()
    score = metric.corpus_score(list(replies), [list(references)], n_bootstrap=_RESAMPLES)
    # Of the resampled scores sacreBLEU gives the mean and half of the interval's width.
    mean, half = float(score._mean), float(score._ci)
    return {
        "sacrebleu": float(score.score),
        "sacrebleu_95": (mean - half, mean + half),
        "sacrebleu_signature": str(metric.get_signature()),
    }


def _nltk() -> Any:
    try:
        from nltk.translate import bleu_score
    except ModuleNotFoundError as error:
        raise UserError(
            "figures need NLTK: pip install 'rnn-zoo[evaluate]' in this environment"
        ) from error
    return bleu_score
