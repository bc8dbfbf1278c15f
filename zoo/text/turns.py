"""A dialogue's last turns, in the graph."""

import tensorflow as tf

from zoo.text.clean import clean

TURN = "\N{RETURN SYMBOL}"
"""What parts turns where a dialogue is cut into pieces: a symbol, and so a piece of its own."""


def on_one_line(dialogue: tf.Tensor, max_characters: int) -> tf.Tensor:
    """The `newest` turns with `TURN` between them; where one of them has that symbol, a space."""
    typed = tf.strings.regex_replace(dialogue, TURN, " ")
    return tf.strings.regex_replace(newest(typed, max_characters), "\n", TURN)


def newest(dialogue: tf.Tensor, max_characters: int) -> tf.Tensor:
    """Cleans dialogues and keeps their last turns, as many as there is room for.

    A turn that holds nothing but white space and control characters is left out. Only a newline
    begins a turn: whatever else is typed, such as the name of a speaker, is part of what is said.
    In memory this is `zoo.data.dialogues.context`.

    Args:
        dialogue: Raw strings `[b]`, any bytes: the turns on a line each, the oldest first.
        max_characters: The most characters (code points), what parts turns included.

    Returns:
        Strings `[b]` of valid UTF-8, the turns on a line each; of a last turn that is too long by
        itself, its end.
    """
    turns = tf.strings.split(dialogue, "\n")
    turns = turns.with_flat_values(tf.strings.strip(clean(turns.flat_values)))
    turns = tf.ragged.boolean_mask(turns, turns != "")
    whole = tf.strings.reduce_join(turns, axis=1, separator="\n")
    # With the character before them, which says whether a turn begins there.
    kept = _last(whole, max_characters + 1)
    from_a_turn = tf.strings.regex_replace(kept, r"^[^\n]*\n", "", replace_global=False)
    end = tf.strings.strip(_last(whole, max_characters))
    cut = tf.where(from_a_turn == kept, end, from_a_turn)
    return tf.where(tf.strings.length(whole, unit="UTF8_CHAR") <= max_characters, whole, cut)


def _last(text: tf.Tensor, characters: int) -> tf.Tensor:
    start = tf.maximum(tf.strings.length(text, unit="UTF8_CHAR") - characters, 0)
    return tf.strings.substr(text, start, tf.fill(tf.shape(start), characters), unit="UTF8_CHAR")
