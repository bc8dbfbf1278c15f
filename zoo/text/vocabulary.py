"""The vocabulary of word pieces: how it is learned, and its tokenizer in the library.

Source: WordPiece as in Devlin et al., "BERT: Pre-training of Deep Bidirectional Transformers for
Language Understanding" (2019), https://arxiv.org/abs/1810.04805, learned by merging the most
frequent pair (Sennrich et al., 2016), as the `tokenizers` library does it.
"""

import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from zoo.errors import UserError
from zoo.text.words import MARK, library_words, split_words

if TYPE_CHECKING:
    from tokenizers import Tokenizer

PADDING = "[PAD]"
UNKNOWN = "[UNK]"
BEGIN = "[BEGIN]"
END = "[END]"
SPECIALS = (PADDING, UNKNOWN)
"""The first entries of every vocabulary; no text can be cut into them, brackets being symbols."""

SEQUENCE_SPECIALS = (*SPECIALS, BEGIN, END)
"""The first entries of a vocabulary in which texts are written too."""

CONTINUATION = "##"
"""What marks a piece that does not begin a word."""

MAX_WORD_CHARS = 100
"""A longer word is unknown as a whole."""

# Texts that are divided at a time.
_BATCH = 4096
# Unicode's private planes: characters that stand for others while pieces are learned.
_PRIVATE = range(0xF0000, 0x110000)


def learn(
    texts: Iterable[str],
    size: int,
    spaced: bool = False,
    specials: Sequence[str] = SPECIALS,
) -> list[str]:
    """Learns a cased WordPiece vocabulary.

    Equal texts in equal order give an equal vocabulary.

    Args:
        texts: Cleaned texts.
        size: How many entries the vocabulary has at most. It has fewer when the texts hold no
            further pair of pieces that occurs twice.
        spaced: Whether an entry without "##" begins a word that follows a separator or begins
            the text, and any other word is made of entries with "##" only.
        specials: The first entries, each in brackets.

    Returns:
        The entries by id: the specials, every character of the texts, every character that
        continues a word, with "##", then the learned pieces. In spaced mode the characters
        without "##" are those that begin a word after a separator.

    Raises:
        UserError: The texts hold no word, or `size` has no room for their characters.
    """
    texts = list(texts)
    if spaced:
        texts = _divide(texts)
    alphabet = _spaced_alphabet(texts) if spaced else _alphabet(texts)
    if not alphabet:
        raise UserError("No text to learn a vocabulary from: give at least one that is not blank.")
    fixed = [*specials, *alphabet]
    if len(fixed) > size:
        raise UserError(
            f"A vocabulary of {size} entries has no room for the characters of these texts: "
            f"choose a size of at least {len(fixed)}."
        )
    return _merge_spaced(texts, fixed, size) if spaced else _merge(texts, fixed, size)


def reference(vocabulary: Sequence[str]) -> "Tokenizer":
    """The library's tokenizer over a vocabulary: what the graph's has to equal.

    Args:
        vocabulary: The entries by id, as `learn` returns them without `spaced`.

    Returns:
        A tokenizer for cleaned texts. The specials are not registered with it, so "[PAD]" in a
        text is read as three words.
    """
    from tokenizers import Tokenizer, models

    model = models.WordPiece(
        vocab={piece: index for index, piece in enumerate(vocabulary)},
        unk_token=UNKNOWN,
        max_input_chars_per_word=MAX_WORD_CHARS,
        continuing_subword_prefix=CONTINUATION,
    )
    tokenizer = Tokenizer(model)
    tokenizer.pre_tokenizer = library_words()
    return tokenizer


def _alphabet(texts: Iterable[str]) -> list[str]:
    """Every character of a word, then every one that continues a word, each in order."""
    divide = library_words().pre_tokenize_str
    words = {word for text in texts for word, _ in divide(text)}
    characters = {character for word in words for character in word}
    continuing = {character for word in words for character in word[1:]}
    return sorted(characters) + [CONTINUATION + character for character in sorted(continuing)]


def _merge(texts: list[str], fixed: list[str], size: int) -> list[str]:
    """The fixed entries and the learned pieces after them."""
    from tokenizers import Tokenizer, models, trainers

    tokenizer = Tokenizer(models.WordPiece(unk_token=UNKNOWN))
    tokenizer.pre_tokenizer = library_words()
    trainer = trainers.WordPieceTrainer(
        vocab_size=size,
        min_frequency=2,
        # The library numbers continuing characters in the order of a hash map seeded at random and
        # breaks ties between pairs by number. Naming the alphabet here fixes both.
        special_tokens=fixed,
        continuing_subword_prefix=CONTINUATION,
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    ids = tokenizer.get_vocab()
    return sorted(ids, key=ids.__getitem__)


def _divide(texts: list[str]) -> list[str]:
    """The words of each text in spaced mode, with a space between them."""
    import tensorflow as tf

    divided: list[str] = []
    for start in range(0, len(texts), _BATCH):
        words = split_words(tf.constant(texts[start : start + _BATCH]), spaced=True)
        lines = tf.strings.reduce_join(words, axis=-1, separator=" ")
        divided += [line.decode() for line in lines.numpy()]
    return divided


def _spaced_alphabet(divided: Iterable[str]) -> list[str]:
    """Every character that begins a word after a separator, then every other, each in order."""
    words = {word for line in divided for word in line.split()}
    beginning = {word[1] for word in words if word[0] == MARK}
    continuing = {c for word in words for c in word[2 if word[0] == MARK else 0 :]}
    return sorted(beginning) + [CONTINUATION + character for character in sorted(continuing)]


def _merge_spaced(divided: list[str], fixed: list[str], size: int) -> list[str]:
    """The fixed entries and the learned pieces after them, in spaced mode.

    The library knows one kind of character, so a private one stands for each that begins a word.
    """
    from tokenizers import Tokenizer, models, pre_tokenizers, trainers

    taken = {entry.removeprefix(CONTINUATION) for entry in fixed}
    private = (chr(code) for code in _PRIVATE if chr(code) not in taken)
    stands_for = {entry: next(private) for entry in fixed if len(entry) == 1}
    entry_of = {character: entry for entry, character in stands_for.items()}
    letters = [stands_for.get(entry, entry.removeprefix(CONTINUATION)) for entry in fixed]

    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    trainer = trainers.BpeTrainer(
        vocab_size=size,
        min_frequency=2,
        special_tokens=letters,  # numbered in this order, as in `_merge`
        show_progress=False,
    )
    marked = f"{MARK}(.)"
    lines = (re.sub(marked, lambda found: stands_for[found[1]], line) for line in divided)
    tokenizer.train_from_iterator(lines, trainer)
    ids = tokenizer.get_vocab()
    pieces = sorted(ids, key=ids.__getitem__)[len(letters) :]
    return fixed + [
        entry_of[piece[0]] + piece[1:] if piece[0] in entry_of else CONTINUATION + piece
        for piece in pieces
    ]
