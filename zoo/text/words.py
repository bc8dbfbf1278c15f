r"""The division of a text into words, defined once for two regular-expression engines.

The graph cuts words with RE2, the vocabulary is learned with the `tokenizers` library, which uses
Oniguruma. The two are built with different versions of Unicode, so a class such as `\p{P}` would
not mean the same in both; explicit code points do.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import tensorflow as tf
    from tokenizers.pre_tokenizers import PreTokenizer

_Ranges = tuple[tuple[int, int], ...]

_SPACE: _Ranges = ((0x0020, 0x0020),)

_OTHER_SEPARATORS: _Ranges = (
    (0x00A0, 0x00A0),
    (0x1680, 0x1680),
    (0x2000, 0x200A),
    (0x2028, 0x2029),
    (0x202F, 0x202F),
    (0x205F, 0x205F),
    (0x3000, 0x3000),
)

_SYMBOLS: _Ranges = (
    (0x0021, 0x002F),  # ASCII, around the digits and the letters
    (0x003A, 0x0040),
    (0x005B, 0x0060),
    (0x007B, 0x007E),
    (0x00A1, 0x00A9),  # Latin-1, around its ordinals, superscripts, micro sign and fractions
    (0x00AB, 0x00B1),
    (0x00B4, 0x00B4),
    (0x00B6, 0x00B8),
    (0x00BB, 0x00BB),
    (0x00BF, 0x00BF),
    (0x00D7, 0x00D7),
    (0x00F7, 0x00F7),
    (0x2010, 0x2027),  # general punctuation
    (0x2030, 0x205E),
    (0x20A0, 0x20CF),  # currency
    (0x2100, 0x2BFF),  # letter-like symbols, arrows, mathematics, boxes, dingbats
    (0x3001, 0x303F),  # CJK punctuation
    (0x3040, 0x30FF),  # kana
    (0x3400, 0x4DBF),  # CJK ideographs
    (0x4E00, 0x9FFF),
    (0xF900, 0xFAFF),
    (0xFF01, 0xFF0F),  # fullwidth and halfwidth forms, around their digits and letters
    (0xFF1A, 0xFF20),
    (0xFF3B, 0xFF40),
    (0xFF5B, 0xFF65),
    (0xFFE0, 0xFFEE),
    (0x1F000, 0x1FAFF),  # emoji
    (0x20000, 0x2FA1F),  # CJK ideographs beyond the basic plane
)


def _character_class(ranges: _Ranges) -> str:
    return "[" + "".join(rf"\x{{{low:X}}}-\x{{{high:X}}}" for low, high in ranges) + "]"


SEPARATOR = _character_class(_SPACE + _OTHER_SEPARATORS)
"""Pattern of one character that parts words and belongs to none."""

SYMBOL = _character_class(_SYMBOLS)
"""Pattern of one character that is a word of its own."""

MARK = "\x01"
"""Stands before a word that begins anew; a cleaned text does not contain it."""


def split_words(text: tf.Tensor, spaced: bool = False) -> tf.RaggedTensor:
    """Divides texts into words, in the graph.

    Separators part words; each symbol, ideograph and emoji is a word of its own; everything else
    runs together, so that "c0mpl1mentary" is one word.

    Args:
        text: Cleaned texts, string [b].
        spaced: Whether to tell the words that are glued to what is before them, such as the comma
            and the "s" of "it's,", from those that follow a separator or begin the text: `MARK`
            stands before the latter.

    Returns:
        The words, string [b, (w)]; none of them empty.
    """
    import tensorflow as tf

    if spaced:
        marked = tf.strings.regex_replace(text, f"^{SEPARATOR}*|{SEPARATOR}+", f" {MARK}")
        # A symbol takes its mark along. Where separators, or nothing, end the text, a mark is left.
        pattern = f"({MARK}?{SYMBOL})|{MARK}$"
        return tf.strings.split(tf.strings.regex_replace(marked, pattern, r" \1 "))
    # A separator leaves the group empty, so one pass serves both patterns. The plain space, which
    # the split takes as it is, is left out for speed: every match costs.
    pattern = f"({SYMBOL})|{_character_class(_OTHER_SEPARATORS)}"
    spaced = tf.strings.regex_replace(text, pattern, r" \1 ")
    return tf.strings.split(spaced)


def library_words() -> PreTokenizer:
    """The same division as `split_words`, as a pre-tokenizer of the `tokenizers` library."""
    from tokenizers import Regex
    from tokenizers.pre_tokenizers import Sequence, Split

    return Sequence([Split(Regex(SEPARATOR), "removed"), Split(Regex(SYMBOL), "isolated")])
