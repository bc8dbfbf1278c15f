"""The settings of a many-to-many text task."""

from dataclasses import dataclass

from zoo.recipes.config import (
    check_above_zero,
    check_at_least_one,
    check_between,
    check_decoder,
    check_shares,
    check_training,
    setting,
)


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
    subword_dropout: float = setting(0.0, "share of a source's pieces cut smaller in training")
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
            "vocabulary_size", "training_tokens", "batch_size", "epochs",
            "patience", "beam_width", "longest_answer", "checkpoint_every",
        )  # fmt: skip
        check_shares(self, "dropout", "subword_dropout", "label_smoothing", "averaging")
        check_above_zero(self, "learning_rate")
        check_between(self, "max_characters", 2, 2000)  # as `zoo.text.clean.trim` wants it
        check_decoder(self)
        check_training(self)
