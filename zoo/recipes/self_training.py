"""Self-training: a classifier labels texts, and a student learns from these labels too.

The teacher is a trained classifier together with a linear one over TF-IDF features, which errs
elsewhere (Blum & Mitchell 1998; Xie et al. 2020).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from zoo.data.atomic import replacing
from zoo.data.examples import LabelledTexts
from zoo.recipes.text_classifier_learning import LearnedClassifier
from zoo.training.run import RunFolder


@dataclass(frozen=True)
class SoftlyLabelled:
    """Texts with the probability of each label, float32 `[texts, labels]`."""

    texts: Sequence[str]
    probabilities: np.ndarray


def label(
    teacher: LearnedClassifier,
    linear: Any,
    weight: float,
    train: LabelledTexts,
    texts: Sequence[str],
    run: RunFolder,
) -> SoftlyLabelled:
    """Label texts, or read the labels that the run's folder has of them.

    The logit of the second of two labels is the teacher's and `weight` times the distance of the
    linear classifier's decision.

    Args:
        teacher: a classifier of two labels.
        linear: a scikit-learn pipeline with a `decision_function`, not yet trained.
        weight: of the linear classifier.
        train: what it is trained on.
        texts: to be labelled.
        run: of the teacher.
    """
    file = run.path / "soft_labels.npy"
    if not file.exists():
        p = np.clip(teacher.probabilities(texts), 1e-6, 1)
        positive = teacher.document["labels"][1]
        linear.fit(train.texts, [label == positive for label in train.labels])
        logit = np.log(p[:, 1] / p[:, 0]) + weight * linear.decision_function(texts)
        q = 1 / (1 + np.exp(-logit))
        with replacing(file) as beside, beside.open("wb") as opened:
            np.save(opened, np.stack([1 - q, q], axis=1).astype(np.float32))
    return SoftlyLabelled(texts, np.load(file, allow_pickle=False))
