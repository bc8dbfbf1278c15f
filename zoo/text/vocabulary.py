"""The vocabulary of word pieces: how it is learned, and its tokenizer in the library.

Source: WordPiece as in Devlin et al., "BERT: Pre-training of Deep Bidirectional Transformers for
Language Understanding" (2019), https://arxiv.org/abs/1810.04805, learned by merging the most
frequent pair (Sennrich et al., 2016), as the `tokenizers` library does it.
"""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from zoo.errors import UserError
from zoo.text.words import library_words

if TYPE_CHECKING:
    from tokenizers import Tokenizer

PADDING = "[PAD]"
UNKNOWN = "[UNK]"
SPECIALS = (PADDING, UNKNOWN)
"""The first entries of every vocabulary; no text can be cut into them, brackets being symbols."""

CONTINUATION = "##"
"""What marks a piece that does not begin a word."""

MAX_WORD_CHARS = 100
"""A longer word is unknown as a whole."""


def learn(texts: Iterable[str], size: int) -> list[str]:
    """Learns a cased WordPiece vocabulary.

    Equal texts in equal order give an equal vocabulary.

    Args:
        texts: Cleaned texts.
        size: How many entries the vocabulary has at most. It has fewer when the texts hold no
            further pair of pieces that occurs twice.

    Returns:
        The entries by id: the specials, every character of the texts, every character that
        continues a word, with "##", then the learned pieces.

    Raises:
        UserError: The texts hold no word, or `size` has no room for their characters.
    """
    from tokenizers import Tokenizer, models, trainers

    texts = list(texts)
    alphabet = _alphabet(texts)
    if not alphabet:
        raise UserError("No text to learn a vocabulary from: give at least one that is not blank.")
    fixed = [*SPECIALS, *alphabet]
    if len(fixed) > size:
        raise UserError(
            f"A vocabulary of {size} entries has no room for the characters of these texts: "
            f"choose a size of at least {len(fixed)}."
        )
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


def reference(vocabulary: Sequence[str]) -> "Tokenizer":
    """The library's tokenizer over a vocabulary: what the graph's has to equal.

    Args:
        vocabulary: The entries by id, as `learn` returns them.

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
