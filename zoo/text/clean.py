"""Raw bytes to text every later step can rely on."""

from collections.abc import Sequence

import tensorflow as tf

# Unicode's category Cc: C0, DEL and C1. The category is closed, so the list is final.
_CONTROL = r"[\x00-\x1F\x7F-\x{9F}]"
_REPLACEMENT = 0xFFFD
_TAG = r"</?[A-Za-z][^<>]*>"


def clean(text: tf.Tensor) -> tf.Tensor:
    """Makes valid UTF-8 without control characters.

    Every malformed sequence becomes U+FFFD and every control character (Unicode's Cc: NUL, tab
    and newline among them) a space. Nothing else changes: there is no Unicode normalisation, as
    look-alike characters are what a spam filter wants to see.

    Args:
        text: Bytes, a string tensor of any shape.

    Returns:
        A string tensor of the same shape.
    """
    valid = tf.strings.unicode_transcode(
        text, "UTF-8", "UTF-8", errors="replace", replacement_char=_REPLACEMENT
    )
    return tf.strings.regex_replace(valid, _CONTROL, " ")


def truncate(text: tf.Tensor, max_chars: int) -> tf.Tensor:
    """Keeps the first characters of each text.

    Args:
        text: Cleaned texts, a string tensor of any shape.
        max_chars: How many Unicode characters (code points) to keep at most.

    Returns:
        A string tensor of the same shape.
    """
    return tf.strings.substr(text, 0, max_chars, unit="UTF8_CHAR")


def trim(text: tf.Tensor, max_chars: int) -> tf.Tensor:
    """Keeps the beginning of each text, up to the end of a sentence or else of a word.

    Args:
        text: Cleaned texts, a string tensor of any shape.
        max_chars: How many Unicode characters (code points) to keep at most, from 2 to 2,000. The
            end of a sentence is looked for in the second half of them, that of a word in all.

    Returns:
        A string tensor of the same shape; texts that are short enough are as they were.
    """
    kept = truncate(text, max_chars + 1)
    # The longest match from the beginning: the last end of a sentence before a space.
    sentence = rf"(?s)^(.{{{max_chars // 2},}}[.!?…][\"'”\x{{2019}}»)]*)[ \x{{3000}}].*$"
    at_sentence = tf.strings.regex_replace(kept, sentence, r"\1")
    at_word = tf.strings.regex_replace(kept, r"(?s)^(.*\S)\s.*$", r"\1")
    cut = truncate(tf.where(at_sentence == kept, at_word, at_sentence), max_chars)
    return tf.where(tf.strings.length(text, unit="UTF8_CHAR") <= max_chars, text, cut)


def plain(text: tf.Tensor) -> tf.Tensor:
    """Reads HTML tags as spaces, and capitals as small letters.

    Args:
        text: Cleaned texts, a string tensor of any shape.

    Returns:
        A string tensor of the same shape.
    """
    return tf.strings.lower(tf.strings.regex_replace(text, _TAG, " "), encoding="utf-8")


def clean_texts(texts: Sequence[str], as_plain: bool = False) -> list[str]:
    """`clean`, and `plain` where wanted: the texts that a vocabulary is learned from."""
    cleaned = clean(tf.constant([text.encode("utf-8", "replace") for text in texts], tf.string))
    if as_plain:
        cleaned = plain(cleaned)
    return [text.decode("utf-8") for text in cleaned.numpy()]
