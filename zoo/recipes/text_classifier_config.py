"""The settings of a many-to-one text task."""

from dataclasses import dataclass, fields

from zoo.errors import UserError
from zoo.recipes.config import (
    check_above_zero,
    check_at_least_one,
    check_at_least_zero,
    check_one_of,
    check_shares,
    check_training,
    setting,
)


@dataclass(frozen=True)
class TextClassifierConfig:
    """All settings of a many-to-one text task."""

    cell: str = setting("lstm", "simple_rnn, linear_rnn, lstm or gru")
    bidirectional: bool = setting(True, "read the text in both directions")
    layers: int = setting(1, "recurrent layers on top of each other")
    units: int = setting(48, "size of the state, per direction")
    mean: bool = setting(False, "pool by the mean over time too, beside the maximum")
    bare: bool = setting(False, "answer from the last state alone, without pooling")
    window: int = setting(
        0, "an MLP over so many tokens in the place of the recurrence; 0 for none"
    )
    embedding_size: int = setting(32, "length of a token's vector")
    vocabulary_size: int = setting(4000, "pieces that the tokenizer learns, at most")
    max_characters: int = setting(1000, "a longer text is cut")
    plain: bool = setting(False, "read HTML tags as spaces, and capitals as small letters")
    ngram_buckets: int = setting(
        16384, "rows of the table of hashed character n-grams; 0 for no n-grams"
    )
    shortest_ngram: int = setting(1, "characters in the shortest n-gram")
    longest_ngram: int = setting(5, "characters in the longest n-gram")
    dropout: float = setting(0.5, "share of each layer's inputs dropped in training")
    ngram_dropout: float = setting(0.4, "share of the character n-grams dropped in training")
    batch_size: int = setting(32, "texts in a batch")
    training_tokens: int = setting(
        512, "of a longer text, training reads so many: a quarter from its beginning, else its end"
    )
    epochs: int = setting(6, "times through the data, at most")
    patience: int = setting(3, "epochs without a better validation loss before stopping")
    learning_rate: float = setting(0.003, "at its peak")
    averaging: float = setting(0.98, "decay of the moving average of the weights")
    threshold: float = setting(0.5, "probability from which a text gets the positive label")
    label_smoothing: float = setting(0.05, "share of a target spread over all labels")
    checkpoint_every: int = setting(50, "steps between checkpoints")
    log_gradients: bool = setting(False, "log the norm of each weight's gradient to TensorBoard")
    precision: str = setting("float32", "of training: float32 or mixed_bfloat16")
    seed: int = setting(0, "of weights, order and dropout")

    def __post_init__(self) -> None:
        check_at_least_one(
            self, "layers", "units", "embedding_size", "vocabulary_size", "max_characters",
            "shortest_ngram", "batch_size", "training_tokens", "epochs", "patience",
            "checkpoint_every",
        )  # fmt: skip
        check_shares(self, "dropout", "ngram_dropout", "label_smoothing", "averaging", "threshold")
        check_above_zero(self, "learning_rate")
        check_at_least_zero(self, "ngram_buckets", "window")
        check_one_of(self, "cell", "simple_rnn", "linear_rnn", "lstm", "gru")
        check_training(self)
        if self.longest_ngram < self.shortest_ngram:
            raise UserError("longest_ngram is less than shortest_ngram")
        if self.window and not self.bare:
            raise UserError("an MLP has no states to pool: give --bare with --window")


@dataclass(frozen=True)
class PretrainedConfig(TextClassifierConfig):
    """Settings of a many-to-one text task whose classifier starts from language models."""

    pretrained: str = setting("language_model", "what the classifier starts from, or none")
    lm_epochs: int = setting(2, "of the language models: times through their texts")
    lm_streams: int = setting(256, "of the language models: streams of text side by side")
    lm_window: int = setting(32, "of the language models: tokens that gradients flow back through")
    lm_samples: int = setting(1024, "of the language models: tokens that stand for the vocabulary")
    lm_learning_rate: float = setting(0.003, "of the language models: at its peak")
    lm_averaging: float = setting(
        0.998, "of the language models: decay of the moving average of the weights"
    )
    lm_checkpoint_every: int = setting(200, "of the language models: steps between checkpoints")
    lm_precision: str = setting(
        "float32", "of the language models' training: float32 or mixed_bfloat16"
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        check_one_of(self, "pretrained", "language_model", "none")
        if self.pretrained != "none" and self.ngram_buckets:
            raise UserError(
                "language models read no character n-grams: give --ngram-buckets 0, or "
                "--pretrained none"
            )
        if self.pretrained != "none" and self.window:
            raise UserError("an MLP starts from no language model: give --pretrained none")
        check_at_least_one(
            self, "lm_epochs", "lm_streams", "lm_window", "lm_samples", "lm_checkpoint_every"
        )
        check_shares(self, "lm_averaging")
        check_above_zero(self, "lm_learning_rate")
        check_one_of(self, "lm_precision", "float32", "mixed_bfloat16")


LANGUAGE_MODEL_SETTINGS = (
    "cell", "bidirectional", "units", "embedding_size", "vocabulary_size", "max_characters",
    "plain", "seed",
    *(field.name for field in fields(PretrainedConfig) if field.name.startswith("lm_")),
)  # fmt: skip
"""The settings that a language model depends on."""
