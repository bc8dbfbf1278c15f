"""The settings of a many-to-many text task."""

import math
from dataclasses import dataclass

from zoo.errors import UserError
from zoo.layers.attention import KINDS
from zoo.recipes.config import check_above_zero, check_at_least_one, check_shares, setting


@dataclass(frozen=True)
class TextToTextConfig:
    """All settings of a many-to-many text task."""

    cell: str = setting("lstm", "simple_rnn, lstm or gru")
    bidirectional: bool = setting(True, "read the source in both directions")
    attention: str = setting("multiplicative", "additive, multiplicative or none")
    encoder_layers: int = setting(1, "recurrent layers of the encoder")
    encoder_units: int = setting(256, "size of their states, per direction")
    decoder_layers: int = setting(2, "recurrent layers of the decoder, at least 2")
    decoder_units: int = setting(384, "size of their states")
    embedding_size: int = setting(256, "length of a token's vector")
    vocabulary_size: int = setting(6000, "pieces that the tokenizer learns, at most")
    max_characters: int = setting(1000, "a longer source is cut")
    training_tokens: int = setting(60, "pairs with a longer side are left out of training")
    dropout: float = setting(0.3, "share of each layer's inputs dropped in training")
    batch_size: int = setting(128, "pairs in a batch")
    epochs: int = setting(10, "times through the data, at most")
    patience: int = setting(3, "epochs without a better validation loss before stopping")
    learning_rate: float = setting(0.002, "at its peak")
    averaging: float = setting(0.999, "decay of the moving average of the weights")
    label_smoothing: float = setting(0.1, "share of a target spread over all pieces")
    beam_width: int = setting(5, "hypotheses of the beam search")
    length_penalty: float = setting(1.0, "its exponent; 0 prefers short answers")
    longest_answer: int = setting(150, "an answer ends after so many tokens at the latest")
    checkpoint_every: int = setting(200, "steps between checkpoints")
    log_gradients: bool = setting(False, "log the norm of each weight's gradient to TensorBoard")
    precision: str = setting("float32", "of training: float32 or mixed_bfloat16")
    seed: int = setting(0, "of weights, order and dropout")

    def __post_init__(self) -> None:
        check_at_least_one(
            self, "encoder_layers", "encoder_units", "decoder_units", "embedding_size",
            "vocabulary_size", "max_characters", "training_tokens", "batch_size", "epochs",
            "patience", "beam_width", "longest_answer", "checkpoint_every",
        )  # fmt: skip
        check_shares(self, "dropout", "label_smoothing", "averaging")
        check_above_zero(self, "learning_rate")
        if self.decoder_layers < 2:
            raise UserError(f"decoder_layers is {self.decoder_layers}, and must be at least 2")
        if not 0 <= self.length_penalty < math.inf:
            raise UserError(f"length_penalty is {self.length_penalty}, and must be at least 0")
        if not 0 <= self.seed < 2**32:
            raise UserError(f"seed is {self.seed}, and must be in [0, 2**32)")
        if self.cell not in ("simple_rnn", "lstm", "gru"):
            raise UserError(f"unknown cell {self.cell!r}: choose simple_rnn, lstm or gru")
        if self.attention not in KINDS:
            raise UserError(
                f"unknown attention {self.attention!r}: choose one of {', '.join(KINDS)}"
            )
        if self.precision not in ("float32", "mixed_bfloat16"):
            raise UserError(
                f"unknown precision {self.precision!r}: choose float32 or mixed_bfloat16"
            )
