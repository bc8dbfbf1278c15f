"""The settings of a captioning task."""

from dataclasses import dataclass

from zoo.errors import UserError
from zoo.recipes.config import (
    check_above_zero,
    check_at_least_one,
    check_at_least_zero,
    check_decoder,
    check_shares,
    check_training,
    setting,
)

_STRIDE = 32  # pixels of a photo on a side of each place that the encoder sees


@dataclass(frozen=True)
class CaptioningConfig:
    """All settings of a captioning task.

    The decoder is trained first, on what the encoder sees as it is; then both are; and at last the
    decoder alone again, by what its own captions are worth.
    """

    cell: str = setting("lstm", "simple_rnn, lstm or gru")
    attention: str = setting("multiplicative", "additive, multiplicative or none")
    encoder_weights: str = setting("imagenet", "what to start from: imagenet, none or a .h5 file")
    encoder_width: float = setting(1.0, "of MobileNetV2's layers, as a share")
    photo_size: int = setting(224, "pixels on a side that the encoder sees, a multiple of 32")
    memory_size: int = setting(320, "length of what is remembered of each place of a photo")
    decoder_layers: int = setting(2, "recurrent layers of the decoder, at least 2")
    decoder_units: int = setting(384, "size of their states")
    embedding_size: int = setting(256, "length of a token's vector")
    vocabulary_size: int = setting(4000, "pieces that the tokenizer learns, at most")
    training_tokens: int = setting(40, "longer captions are left out of training")
    dropout: float = setting(0.4, "share of each layer's inputs dropped in training")
    label_smoothing: float = setting(0.1, "share of a target spread over all pieces")
    batch_size: int = setting(16, "photos in a batch, each with all its captions")
    epochs: int = setting(12, "of the decoder alone, at most")
    learning_rate: float = setting(0.001, "of the decoder alone, at its peak")
    tuning_epochs: int = setting(4, "of encoder and decoder together, at most; 0 for none")
    tuning_rate: float = setting(0.0001, "of encoder and decoder together, at its peak")
    reward_epochs: int = setting(4, "of the decoder by its own captions, at most; 0 for none")
    reward_rate: float = setting(0.0001, "of the decoder by its own captions, at its peak")
    drawn: int = setting(5, "captions that it draws of each photo in that, at least 2")
    patience: int = setting(3, "epochs without a better validation loss before stopping")
    averaging: float = setting(0.999, "decay of the moving average of the weights")
    beam_width: int = setting(5, "hypotheses of the beam search")
    length_penalty: float = setting(1.0, "its exponent; 0 prefers short captions")
    longest_answer: int = setting(40, "a caption ends after so many tokens at the latest")
    checkpoint_every: int = setting(200, "steps between checkpoints")
    log_gradients: bool = setting(False, "log the norm of each weight's gradient to TensorBoard")
    precision: str = setting("float32", "of training: float32 or mixed_bfloat16")
    seed: int = setting(0, "of weights, order, dropout and how photos are varied")

    def __post_init__(self) -> None:
        check_at_least_one(
            self, "memory_size", "decoder_units", "embedding_size", "vocabulary_size",
            "training_tokens", "batch_size", "epochs", "patience", "beam_width", "longest_answer",
            "checkpoint_every",
        )  # fmt: skip
        check_shares(self, "dropout", "label_smoothing", "averaging")
        check_above_zero(self, "learning_rate", "tuning_rate", "reward_rate", "encoder_width")
        if self.photo_size < _STRIDE or self.photo_size % _STRIDE:
            raise UserError(f"photo_size is {self.photo_size}, and must be a multiple of {_STRIDE}")
        check_at_least_zero(self, "tuning_epochs", "reward_epochs")
        if self.drawn < 2:
            raise UserError(f"drawn is {self.drawn}, and must be at least 2")
        check_decoder(self)
        check_training(self)
