"""One to many: one photo in, a sequence out."""

from dataclasses import dataclass
from typing import Any

import keras
from keras import ops

from zoo.layers.decoder import Decoder
from zoo.layers.embedding import PieceEmbedding
from zoo.layers.photo_encoder import photo_encoder
from zoo.models.writer import Encoded, Features, Writer

_LOUDNESS = 0.3  # of each place of the grid at the beginning, as its standard deviation


@dataclass(frozen=True)
class OneToManyConfig:
    """The architecture, enough to rebuild the model.

    Attributes:
        pieces: size of the vocabulary.
        photo_size: pixels on a side of a photo, a multiple of 32.
        encoder_width: of the encoder's layers, as a share of the published width.
        memory_size: length of what is remembered of each place of the grid.
        cell: `simple_rnn`, `lstm` or `gru`.
        decoder_layers: recurrent layers of the decoder.
        decoder_units: size of their states.
        attention: `additive`, `multiplicative` or `none`.
        embedding_size: length of a token's vector.
        dropout: share of each layer's inputs that is dropped in training.
    """

    pieces: int
    photo_size: int
    encoder_width: float
    memory_size: int
    cell: str
    decoder_layers: int
    decoder_units: int
    attention: str
    embedding_size: int
    dropout: float


class OneToMany(Writer):
    """A convolutional encoder, and a decoder that looks at its grid (Xu et al. 2015).

    Each place of the grid is normalised (Ba et al. 2016) and projected to what is remembered of it;
    the mean of that starts the decoder's states. Without attention the decoder sees nothing
    but this mean, as in Show and Tell (Vinyals et al. 2015), there once and here at every word.
    """

    def __init__(self, config: OneToManyConfig, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.config = config
        self.encoder = photo_encoder(config.photo_size, config.encoder_width)
        self.grid_dropout = keras.layers.Dropout(config.dropout, noise_shape=(None, 1, None))
        # What the encoder gives is large and nowhere negative: as it is, it drowns the words that a
        # decoder begins with, and the loss hardly falls.
        self.norm = keras.layers.LayerNormalization(
            gamma_initializer=keras.initializers.Constant(_LOUDNESS), name="norm"
        )
        self.projection = keras.layers.Dense(config.memory_size, name="projection")
        self.embedding = PieceEmbedding(config.pieces, 0, config.embedding_size)
        self.decoder = Decoder(
            config.decoder_units,
            config.cell,
            config.decoder_layers,
            config.attention,
            config.embedding_size,
            config.dropout,
        )
        self.bias = self.add_weight(
            name="output_bias", shape=(config.pieces,), initializer="zeros", autocast=False
        )
        self.norm.build((None, None, self.encoder.output_shape[-1]))
        self.projection.build((None, None, self.encoder.output_shape[-1]))
        self.decoder.build(config.embedding_size, config.memory_size)
        self.built = True

    def see(self, photos: Any) -> Any:
        """The encoder's grid, float `[batch, places, 1280]`, row by row.

        Args:
            photos: float `[batch, photo_size, photo_size, 3]` in [-1, 1].
        """
        grid = self.encoder(photos)
        _, rows, columns, size = self.encoder.output_shape
        return ops.reshape(grid, (-1, rows * columns, size))

    def encode(self, grid: Any, training: bool = False) -> Encoded:
        """Read a grid, as of `see`."""
        grid = self.grid_dropout(self.norm(grid), training=training)
        values = self.projection(grid)
        mask = ops.ones(ops.shape(values)[:2], "float32")
        memory = self.decoder.attention.remember(values, mask)
        return Encoded(memory, self.decoder.start(ops.mean(values, axis=1)))

    def read(self, features: Features, training: bool) -> Encoded:
        """Read `photo`, as `see` takes it, or, where it is known already, its `grid`.

        Where a photo has several targets, `of`, int32 `[targets]`, is the place of each one's.
        """
        grid = features["grid"] if "grid" in features else self.see(features["photo"])
        encoded = self.encode(grid, training)
        if "of" not in features:
            return encoded
        return keras.tree.map_structure(lambda x: ops.take(x, features["of"], axis=0), encoded)
