"""What training gives, whatever the form."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Learned:
    """A trained model.

    Attributes:
        document: what stands in `model.json`.
        encoder: of texts, a `zoo.text.encoder.TextEncoder`.
        model: one of `zoo.models` with its best weights.
        steps_per_epoch: of its training.
    """

    document: dict[str, Any]
    encoder: Any
    model: Any
    steps_per_epoch: int
