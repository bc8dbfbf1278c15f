"""Text again from the pieces of a vocabulary, in the graph."""

from collections.abc import Sequence

import tensorflow as tf

from zoo.text.vocabulary import CONTINUATION


class Detokenizer(tf.Module):
    """Joins pieces to texts.

    The pieces of a spaced `zoo.text.wordpiece.WordPiece` give its text back, with one space for the
    separators between two words, none at either end, and without the unknown words.
    """

    def __init__(self, vocabulary: Sequence[str]) -> None:
        """Builds the table of what each entry writes.

        Args:
            vocabulary: The entries by id, as `zoo.text.vocabulary.learn` returns them.
        """
        super().__init__(name="detokenizer")
        self._written = tf.constant([_written(piece) for piece in vocabulary])

    def __call__(self, ids: tf.Tensor) -> tf.Tensor:
        """Writes a batch.

        Args:
            ids: Indices into the vocabulary, int32 [..., t]; the specials, padding among them,
                write nothing.

        Returns:
            The texts, string [...].
        """
        return tf.strings.strip(tf.strings.reduce_join(tf.gather(self._written, ids), axis=-1))


def _written(piece: str) -> str:
    """What an entry of the vocabulary adds to a text."""
    if piece.startswith(CONTINUATION):
        return piece.removeprefix(CONTINUATION)
    # A bracket being a word of its own, only a special goes on after one.
    return "" if piece.startswith("[") and len(piece) > 1 else " " + piece
