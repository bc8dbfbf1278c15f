"""What a reply can be had for without a model: measured beside it, on the same contexts."""

import random
from collections.abc import Sequence

import numpy as np

from zoo.data.pairs import Pairs

_SIMILARITIES_AT_ONCE = 10_000_000  # of contexts to training contexts: what they take is bounded


def random_replies(train: Pairs, contexts: Sequence[str]) -> list[str]:
    """A training reply for each context, drawn at random."""
    draw = random.Random(0)
    return [draw.choice(train.targets) for _ in contexts]


def nearest_replies(train: Pairs, contexts: Sequence[str]) -> list[str]:
    """For each context the reply to the nearest training context.

    Near is a great cosine between the contexts' TF-IDF of words and pairs of words; of equally
    near contexts the first is taken.
    """
    from sklearn.feature_extraction.text import TfidfVectorizer

    vectorizer = TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True, dtype=np.float32)
    known = vectorizer.fit_transform(train.sources).T.tocsr()
    asked = vectorizer.transform(contexts)
    rows = max(1, _SIMILARITIES_AT_ONCE // len(train))
    nearest = [
        np.asarray((asked[start : start + rows] @ known).argmax(axis=1)).ravel()
        for start in range(0, len(contexts), rows)
    ]
    return [train.targets[n] for n in np.concatenate(nearest)]


BASELINES = {
    "a random training reply": random_replies,
    "the reply of the nearest training context (TF-IDF)": nearest_replies,
}
