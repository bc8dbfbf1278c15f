"""Words that no reply should have, told in memory and in the graph.

The list has slurs against people for their origin, religion, sex, love or disability, as far as
they are common in English and seldom mean anything else; it is short, and no safety filter: it
knows neither other spellings nor other languages, and an insult needs none of these words. It
stands here in ROT13, which spares its reader.
"""

import codecs
import re

import tensorflow as tf

_LIST = """
avttn avttre cbynpx cnxv cvpxnavaal enturnq ergneq ergneqrq fcvp furznyr fyhg gbjryurnq
genaal jrgonpx juber lvq mvccreurnq ornare ovgpu ovgpurf phag puvax qnexvr qntb snt snttbg
tbbx tlccb urro wvtnobb xvxr zbatbybvq
genaavrf cvpxnavaavrf qntbrf
"""

# One pattern for Python and for RE2, with explicit letters: the two differ in what a word is, and
# in which characters are the same letter in capitals.
_WORDS = codecs.decode(_LIST, "rot13").split()
_SPELLED = "|".join("".join(f"[{c}{c.upper()}]" for c in word) for word in _WORDS)
_PATTERN = rf"(?:^|[^A-Za-z])(?:{_SPELLED})[sSzZ]?(?:[^A-Za-z]|$)"
_COMPILED = re.compile(_PATTERN)


def has_slur(text: str) -> bool:
    """Whether one of the words, or its plural, stands in a text, in capitals or small letters."""
    return _COMPILED.search(text) is not None


def have_slurs(texts: tf.Tensor) -> tf.Tensor:
    """`has_slur` of each text, in the graph.

    Args:
        texts: Valid UTF-8, a string tensor of any shape.

    Returns:
        A bool tensor of the same shape.
    """
    return tf.strings.regex_replace(texts, _PATTERN, "", replace_global=False) != texts
