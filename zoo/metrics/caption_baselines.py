"""What a captioner must beat: answers that nothing was learned for."""

from collections import Counter
from collections.abc import Sequence

import numpy as np


def most_frequent(captions: Sequence[Sequence[str]]) -> str:
    """The caption that stands most often in the training set, of equals the first.

    Args:
        captions: of each photo.
    """
    return Counter(caption for written in captions for caption in written).most_common(1)[0][0]


def nearest(
    features: np.ndarray, known: np.ndarray, captions: Sequence[Sequence[str]]
) -> list[str]:
    """For each photo the first caption of the training photo that is most like it.

    Args:
        features: `[photos, size]`, of the photos: the means of the encoder's grids.
        known: `[known photos, size]`, of the training photos.
        captions: of each of these.

    Returns:
        One caption for each photo; likeness is the cosine of the features, of equals the first.
    """
    likeness = _unit(features) @ _unit(known).T
    return [captions[n][0] for n in np.argmax(likeness, axis=1)]


def _unit(rows: np.ndarray) -> np.ndarray:
    rows = np.asarray(rows, np.float32)
    return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12)
