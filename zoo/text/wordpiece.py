"""WordPiece in the graph: the longest known piece first, over all distinct words at once.

Source: the greedy longest-match-first tokenizer of Devlin et al., "BERT: Pre-training of Deep
Bidirectional Transformers for Language Understanding" (2019), https://arxiv.org/abs/1810.04805.
"""

from collections.abc import Sequence
from typing import NamedTuple

import tensorflow as tf

from zoo.text.flat import ranges, rows_of, splits_of
from zoo.text.vocabulary import CONTINUATION, MAX_WORD_CHARS, UNKNOWN
from zoo.text.words import MARK, split_words

_ABSENT = -1
# The first bytes of a rest of a word tell how long an entry to look for, which keeps the number of
# candidates near this number for each byte, however long the longest entry.
_STEM = 4


class Tokens(NamedTuple):
    """The pieces of a batch of texts; the three parts have the same rows.

    Attributes:
        ids: Index into the vocabulary, int32 [b, (t)].
        pieces: The piece as it stands in the text, without "##", and for an unknown word the
            whole word, string [b, (t)].
        word_starts: Whether the piece is the first of a word, bool [b, (t)]. In spaced mode this
            holds for a word that is glued to the one before it too, though its entry has "##".
    """

    ids: tf.RaggedTensor
    pieces: tf.RaggedTensor
    word_starts: tf.RaggedTensor


class _Spelling(NamedTuple):
    """Words as rows of pieces: ids int32 [p], pieces string [p], row splits int64 [w + 1]."""

    ids: tf.Tensor
    pieces: tf.Tensor
    splits: tf.Tensor


class WordPiece(tf.Module):
    """Cuts cleaned texts into the pieces of a vocabulary.

    Equal to the `tokenizers` library's WordPiece (`zoo.text.vocabulary.reference`) on every
    cleaned text, unless spaced: then an entry without "##" begins a word that follows a separator
    or begins the text, and a word glued to what is before it is made of entries with "##" only,
    so that `zoo.text.detokenize` can give the text back.
    """

    def __init__(self, vocabulary: Sequence[str], spaced: bool = False) -> None:
        """Builds the lookup tables.

        Args:
            vocabulary: The entries by id, as `zoo.text.vocabulary.learn` returns them.
            spaced: Whether it was learned with `spaced`.

        Raises:
            ValueError: "[UNK]" is not in the vocabulary.
        """
        super().__init__(name="wordpiece")
        self._spaced = spaced
        self._unknown = vocabulary.index(UNKNOWN)
        entries = {
            _key(piece): index
            for index, piece in enumerate(vocabulary)
            # A longer entry could only match a word that is too long to be known.
            if len(piece.removeprefix(CONTINUATION)) <= MAX_WORD_CHARS
        }
        longest: dict[bytes, int] = {}
        for key in entries:
            longest[key[:_STEM]] = max(len(key), longest.get(key[:_STEM], _STEM))
        self._max_size = max(longest.values())
        self._table = _table(entries, default=_ABSENT)
        self._longest = _table(longest, default=_STEM)

    def __call__(self, text: tf.Tensor) -> Tokens:
        """Tokenizes a batch.

        Args:
            text: Cleaned texts, string [b].

        Returns:
            Their pieces. A word of more than 100 characters, or one that known pieces do not
            cover, is one "[UNK]".
        """
        divided = split_words(text, self._spaced)
        distinct, index = tf.unique(divided.flat_values, out_idx=tf.int64)
        if self._spaced:
            words, marked = tf.strings.regex_replace(distinct, f"^{MARK}", ""), distinct
        else:
            words, marked = distinct, tf.strings.join([MARK, distinct])
        ids = self._table.lookup(marked)
        spelling, row = tf.cond(
            tf.reduce_all(ids != _ABSENT),
            lambda: _whole(words, ids),
            lambda: self._spell_absent(words, marked, ids),
        )
        return _lay_out(spelling, tf.gather(row, index), divided.row_splits)

    def _spell_absent(
        self, words: tf.Tensor, marked: tf.Tensor, ids: tf.Tensor
    ) -> tuple[_Spelling, tf.Tensor]:
        """Spells the words that are not in the table.

        Args:
            words: Distinct words, string [w].
            marked: The same, with `MARK` before those that an entry without "##" begins.
            ids: The piece of each, int32 [w], where it is one.

        Returns:
            What `_whole` does.
        """
        absent = ids == _ABSENT
        short = tf.strings.length(words, unit="UTF8_CHAR") <= MAX_WORD_CHARS
        to_spell = tf.where(absent & short)
        whole, row = _whole(words, tf.where(absent, self._unknown, ids))
        spelled = self._spell(tf.gather_nd(words, to_spell), tf.gather_nd(marked, to_spell))
        # The rows spelled here come after those of whole words, and replace some of them.
        count = tf.size(words, out_type=tf.int64)
        new_rows = tf.range(count, count + tf.size(to_spell, out_type=tf.int64))
        both = _Spelling(
            ids=tf.concat([whole.ids, spelled.ids], axis=0),
            pieces=tf.concat([whole.pieces, spelled.pieces], axis=0),
            splits=tf.concat([whole.splits, count + spelled.splits[1:]], axis=0),
        )
        return both, tf.tensor_scatter_nd_update(row, to_spell, new_rows)

    def _spell(self, words: tf.Tensor, marked: tf.Tensor) -> _Spelling:
        """Cuts words of at most 100 characters into pieces.

        For every byte of every word, as if a piece began there, the longest entry that matches is
        found, all at once. Hopping on from the beginning of a word by these gives its pieces.
        Bytes will do for characters: an entry is valid UTF-8, so it matches whole ones only.

        Args:
            words: Words that are not in the table, string [w].
            marked: The same, with `MARK` before those that an entry without "##" begins.

        Returns:
            Their pieces, the whole word with "[UNK]" where entries do not cover it.
        """
        sizes = tf.cast(tf.strings.length(marked), tf.int64)
        # One slot for each byte of a word, and one for its end.
        splits, position = ranges(tf.constant(0, tf.int64), sizes + 1)
        word = rows_of(splits, position)
        size, entry = self._longest_matches(tf.gather(marked, word), position)
        begins = position == 0
        reached = _reached(begins, size)
        covered = tf.gather(tf.gather(reached, splits[1:] - 1), word)
        # Of a word that is not covered, the first slot is kept, for "[UNK]".
        kept = tf.where(reached & (begins | (covered & (size > 0))))[:, 0]
        word, position, size, entry, covered = (
            tf.gather(part, kept) for part in (word, position, size, entry, covered)
        )
        # The mark belongs to the first match but not to the text.
        mark = tf.gather(sizes - tf.cast(tf.strings.length(words), tf.int64), word)
        start = tf.maximum(position - mark, 0)
        end = tf.where(covered, position + size, tf.gather(sizes, word)) - mark
        return _Spelling(
            ids=tf.where(covered, entry, self._unknown),
            pieces=tf.strings.substr(tf.gather(words, word), start, end - start),
            splits=splits_of(word, tf.size(words, out_type=tf.int64)),
        )

    def _longest_matches(
        self, words: tf.Tensor, position: tf.Tensor
    ) -> tuple[tf.Tensor, tf.Tensor]:
        """Finds the longest entry that begins at a position of a word.

        Args:
            words: Marked words, string [s].
            position: A byte in each, or its end, int64 [s].

        Returns:
            The entry's size in bytes, int64 [s], 0 where none matches; its id, int32 [s].
        """
        max_size = tf.fill(tf.shape(position), tf.constant(self._max_size, tf.int64))
        rest = tf.strings.substr(words, position, max_size)
        longest = self._longest.lookup(tf.strings.substr(rest, 0, _STEM))
        longest = tf.cast(tf.minimum(longest, tf.strings.length(rest)), tf.int64)
        splits, size = ranges(tf.constant(1, tf.int64), longest + 1)
        slot = rows_of(splits, size)
        candidates = tf.strings.substr(tf.gather(rest, slot), tf.zeros_like(size), size)
        ids = self._table.lookup(candidates)
        # Candidates stand in order of size: the last match of a slot is its longest. A candidate
        # of size 0 is put before them for the slots without a match.
        numbers = tf.range(1, tf.size(ids) + 1)
        matches = tf.where(ids != _ABSENT, numbers, 0)
        best = tf.math.unsorted_segment_max(matches, slot, tf.size(position))
        best = tf.maximum(best, 0)
        sizes = tf.concat([tf.zeros([1], tf.int64), size], axis=0)
        return tf.gather(sizes, best), tf.gather(tf.concat([[_ABSENT], ids], axis=0), best)


def _key(piece: str) -> bytes:
    """What stands for a piece of the vocabulary in the table, which holds both kinds of pieces."""
    if piece.startswith(CONTINUATION):
        return piece.removeprefix(CONTINUATION).encode()
    return (MARK + piece).encode()


def _table(values: dict[bytes, int], default: int) -> tf.lookup.StaticHashTable:
    initializer = tf.lookup.KeyValueTensorInitializer(
        list(values), list(values.values()), tf.string, tf.int32
    )
    return tf.lookup.StaticHashTable(initializer, default)


def _whole(words: tf.Tensor, ids: tf.Tensor) -> tuple[_Spelling, tf.Tensor]:
    """Spells each word as one piece.

    Args:
        words: Distinct words, string [w].
        ids: The piece of each, int32 [w].

    Returns:
        Rows of pieces, and which of these rows each word is, int64 [w].
    """
    splits = tf.range(tf.size(words, out_type=tf.int64) + 1)
    return _Spelling(ids, words, splits), splits[:-1]


def _reached(begins: tf.Tensor, hop: tf.Tensor) -> tf.Tensor:
    """Follows hops from slot to slot.

    The distance followed doubles with every round, so that a few rounds do for the longest word.

    Args:
        begins: Where to begin, bool [s].
        hop: How many slots to go on from each slot, int64 [s].

    Returns:
        Which slots are reached, bool [s].
    """
    slots = tf.size(hop, out_type=tf.int64)
    target = tf.range(slots) + hop
    reached = tf.cast(begins, tf.int32)
    for _ in range(MAX_WORD_CHARS.bit_length()):
        reached = tf.maximum(reached, tf.math.unsorted_segment_max(reached, target, slots))
        target = tf.gather(target, target)
    return reached > 0


def _lay_out(spelling: _Spelling, row: tf.Tensor, text_splits: tf.Tensor) -> Tokens:
    """Puts spelled words in the order of the texts.

    Args:
        spelling: The words as rows of pieces.
        row: The row of each word of the texts, int64 [n].
        text_splits: Where texts begin and end in these words, int64 [b + 1].
    """
    starts = tf.gather(spelling.splits, row)
    word_splits, piece = ranges(starts, tf.gather(spelling.splits, row + 1))
    row_splits = tf.gather(word_splits, text_splits)

    def rows(values: tf.Tensor) -> tf.RaggedTensor:
        return tf.RaggedTensor.from_row_splits(values, row_splits, validate=False)

    word_starts = tf.gather(starts, rows_of(word_splits, piece)) == piece
    return Tokens(
        ids=rows(tf.gather(spelling.ids, piece)),
        pieces=rows(tf.gather(spelling.pieces, piece)),
        word_starts=rows(word_starts),
    )
