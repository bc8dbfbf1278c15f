"""The settings of a many-to-one text task."""

import math
from dataclasses import dataclass

from zoo.errors import UserError
from zoo.recipes.config import setting


@dataclass(frozen=True)
class TextClassifierConfig:
    """All settings of a many-to-one text task."""

    cell: str = setting("lstm", "simple_rnn, lstm or gru")
    bidirectional: bool = setting(True, "read the text in both directions")
    layers: int = setting(1, "recurrent layers on top of each other")
    units: int = setting(48, "size of the state, per direction")
    embedding_size: int = setting(32, "length of a token's vector")
    vocabulary_size: int = setting(4000, "pieces that the tokenizer learns, at most")
    max_characters: int = setting(1000, "a longer text is cut")
    ngram_buckets: int = setting(16384, "rows of the table of hashed character n-grams")
    shortest_ngram: int = setting(1, "characters in the shortest n-gram")
    longest_ngram: int = setting(5, "characters in the longest n-gram")
    dropout: float = setting(0.5, "share of each layer's inputs dropped in training")
    ngram_dropout: float = setting(0.4, "share of the character n-grams dropped in training")
    batch_size: int = setting(32, "texts in a batch")
    epochs: int = setting(6, "times through the data, at most")
    patience: int = setting(3, "epochs without a better validation loss before stopping")
    learning_rate: float = setting(0.003, "at its peak")
    averaging: float = setting(0.98, "decay of the moving average of the weights")
    threshold: float = setting(0.5, "probability from which a text gets the positive label")
    label_smoothing: float = setting(0.05, "share of a target spread over all labels")
    checkpoint_every: int = setting(50, "steps between checkpoints")
    seed: int = setting(0, "of weights, order and dropout")

    def __post_init__(self) -> None:
        for name in ("layers", "units", "embedding_size", "vocabulary_size", "max_characters",
                     "ngram_buckets", "shortest_ngram", "batch_size", "epochs", "patience",
                     "checkpoint_every"):  # fmt: skip
            if getattr(self, name) < 1:
                raise UserError(f"{name} is {getattr(self, name)}, and must be at least 1")
        for name in (
            "dropout",
            "ngram_dropout",
            "label_smoothing",
            "averaging",
            "threshold",
        ):
            if not 0 <= getattr(self, name) < 1:
                raise UserError(f"{name} is {getattr(self, name)}, and must be in [0, 1)")
        if self.longest_ngram < self.shortest_ngram:
            raise UserError("longest_ngram is less than shortest_ngram")
        if not 0 < self.learning_rate < math.inf:
            raise UserError(f"learning_rate is {self.learning_rate}, and must be more than 0")
        if not 0 <= self.seed < 2**32:
            raise UserError(f"seed is {self.seed}, and must be in [0, 2**32)")
        if self.cell not in ("simple_rnn", "lstm", "gru"):
            raise UserError(f"unknown cell {self.cell!r}: choose simple_rnn, lstm or gru")
