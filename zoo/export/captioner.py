"""The servable form of a captioner."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import keras
import tensorflow as tf

from zoo.decoding.hypotheses import Hypotheses
from zoo.export.chunks import in_chunks
from zoo.export.generator import Functions, Generator
from zoo.export.images import read_photos
from zoo.models.one_to_many import OneToMany
from zoo.models.writer import Encoded

# What the encoder holds at once of a chunk is some 100 MB. A photo's bytes say nothing of its time.
_ROWS = 16
_BYTES = 2**31 - 1


class Seen(NamedTuple):
    """A batch of photos, read.

    Attributes:
        source: what the decoder looks at.
        limits: the most tokens of a caption, int32 `[batch]`.
        readable: whether there was a photo, bool `[batch]`.
    """

    source: Encoded
    limits: tf.Tensor
    readable: tf.Tensor


class Captioner(Generator):
    """The signatures `serving_default` (beam), `greedy`, `n_best` and `explain`.

    What is no readable photo gets an empty caption and the lowest finite score (see
    `zoo.export.images.read_photos`). The encoder's weights are kept in half precision, in half the
    place; it computes in single precision.

    Args:
        vocabulary: the pieces that the model writes.
        model: looks at photos and gives logits for tokens.
        document: as of `Generator`.
    """

    def __init__(
        self, vocabulary: Sequence[str], model: OneToMany, document: Mapping[str, Any]
    ) -> None:
        eyes = model.encoder.variables
        halves = {id(v): tf.Variable(tf.cast(v.value, tf.float16)) for v in eyes}

        def see(photos: tf.Tensor) -> tf.Tensor:
            single = [(v, tf.cast(halves[id(v)], tf.float32)) for v in eyes]
            with keras.StatelessScope(state_mapping=single):
                return model.see(photos)

        self._see, self._encode = see, model.encode
        self._size = model.config.photo_size
        _, self._rows, self._columns, _ = model.encoder.output_shape
        super().__init__(vocabulary, model, document)
        self.weights = [halves.get(id(v), v.value) for v in model.variables]

    def read(self, image_bytes: tf.Tensor) -> Seen:
        """Files' bytes `[batch]`, as the decoder sees them."""
        photos = read_photos(image_bytes, self._size)
        limits = tf.fill([tf.size(image_bytes)], self.longest)
        return Seen(self._encode(self._see(photos.pixels)), limits, photos.readable)

    def captions(self, seen: Seen, found: Hypotheses) -> tuple[tf.Tensor, tf.Tensor]:
        """Captions, string `[batch, n]`, and their scores."""
        texts, scores = self.write(found)
        readable = seen.readable[:, None]
        return tf.where(readable, texts, ""), tf.where(readable, scores, tf.float32.min)

    def looks(self, image_bytes: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """The tokens of the best captions, and where the decoder looked, of as many as can be."""
        seen = self.read(image_bytes)
        tokens = tf.where(seen.readable[:, None], self.beam(seen).tokens[:, 0], 0)
        looked = tf.where((tokens > 0)[:, :, None], self.attention(seen, tokens), 0.0)
        rest = self.longest - tf.shape(tokens)[1]
        return (
            tf.ensure_shape(tf.pad(tokens, [[0, 0], [0, rest]]), [None, self.longest]),
            tf.ensure_shape(
                tf.pad(looked, [[0, 0], [0, rest], [0, 0]]),
                [None, self.longest, self._rows * self._columns],
            ),
        )

    def _functions(self, document: Mapping[str, Any]) -> Functions:
        answer = document["answer"]
        photo = tf.TensorSpec([None], tf.string, name="image_bytes")

        def chunked(
            answers: Callable[[tf.Tensor], Sequence[tf.Tensor]],
            image_bytes: tf.Tensor,
            outputs: Sequence[tf.TensorSpec],
        ) -> list[tf.Tensor]:
            return in_chunks(answers, image_bytes, outputs, most_rows=_ROWS, most_bytes=_BYTES)

        def best(search: Callable[[Seen], Hypotheses]) -> Callable[..., dict[str, tf.Tensor]]:
            def first(chunk: tf.Tensor) -> list[tf.Tensor]:
                seen = self.read(chunk)
                return [x[:, 0] for x in self.captions(seen, search(seen))]

            def one(image_bytes: tf.Tensor) -> dict[str, tf.Tensor]:
                outputs = [tf.TensorSpec([None], kind) for kind in (tf.string, tf.float32)]
                captions, scores = chunked(first, image_bytes, outputs)
                return {answer: captions, "score": scores}

            return tf.function(one, input_signature=[photo])

        def several(chunk: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
            seen = self.read(chunk)
            return self.captions(seen, self.beam(seen))

        def n_best(image_bytes: tf.Tensor) -> dict[str, tf.Tensor]:
            outputs = [tf.TensorSpec([None, self.width], kind) for kind in (tf.string, tf.float32)]
            captions, scores = chunked(several, image_bytes, outputs)
            return {f"{answer}s": captions, "scores": scores}

        def explain(image_bytes: tf.Tensor) -> dict[str, tf.Tensor]:
            outputs = [
                tf.TensorSpec([None, self.longest], tf.int32),
                tf.TensorSpec([None, self.longest, self._rows * self._columns]),
            ]
            tokens, looked = chunked(self.looks, image_bytes, outputs)
            longest = tf.reduce_max(tf.pad(tf.math.count_nonzero(tokens, axis=1), [[0, 1]]))
            grid = tf.reshape(looked, [-1, self.longest, self._rows, self._columns])
            return {
                "tokens": self.named(tokens[:, :longest]),
                "attention": grid[:, :longest],
            }

        return {
            "serving_default": best(self.beam),
            "greedy": best(self.greedy),
            "n_best": tf.function(n_best, input_signature=[photo]),
            "explain": tf.function(explain, input_signature=[photo]),
        }
