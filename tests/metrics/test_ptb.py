import shutil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zoo.metrics.meteor import java_runs
from zoo.metrics.ptb import ptb_words

# Written for this test; what PTBTokenizer makes of each, joined by spaces.
WORDS = {
    "A man's dog doesn't bark, and won't stop.": "a man 's dog does n't bark and wo n't stop",
    "They can't, couldn't've; I'm, we're, she'd, I'll, I've.": "they ca n't could n't 've "
    "i 'm we 're she 'd i 'll i 've",
    "You cannot say gonna, wanna, gotta, gimme or y'all.": "you can not say gon na wan na got ta "
    "gim me or y' all",
    "'Tis rock 'n' roll at 8 o'clock, says O'Neil.": "'t is rock 'n' roll at 8 o'clock says o'neil",
    "The boys' kite and James's; the 1990's, the '90s.": "the boys kite and james 's the 1990 's "
    "the '90s",
    "A t-shirt -- black-and-white - a half-pipe.": "a t-shirt black-and-white a half-pipe",
    "An indoor/outdoor pool, 1/2 full at 10:30, 1,000 people.": "an indoor/outdoor pool 1/2 full "
    "at 10:30 1,000 people",
    "The U.S. flag at 5 p.m. on Main St. near Mr. Potato.": "the u.s. flag at 5 p.m. on main st. "
    "near mr. potato",
    "J. Doe, no. 12, says no.": "j. doe no. 12 says no",
    "Player #5 (in red) wears a #hat [sic].": "player # 5 -lrb- in red -rrb- wears a #hat -lsb- "
    "sic -rsb-",
    "Wait... what?! Really! No??": "wait what ?! really no ??",
    "AT&T, at&t, Q&amp;A and M & M.": "at&t at & t q&a and m & m.",
    "“It’s” a \"sign\" that reads 'stop'": "it 's a sign that reads stop",
    "A dog.The cat…two — café, 日本": "a dog.the cat two café 日本",
    "50% off for $5.00; a=b": "50 % off for $ 5.00 a = b",
    "See www.example.com/kites or me@example.com.": "see www.example.com/kites or me@example.com",
    "": "",
    " . ": "",
}


@pytest.mark.parametrize("caption", WORDS)
def test_the_words(caption):
    assert " ".join(ptb_words(caption)) == WORDS[caption]


@pytest.mark.skipif(not java_runs(), reason="PTBTokenizer needs Java, which does not run here")
def test_the_words_are_those_of_the_java_program(tmp_path, monkeypatch):
    from pycocoevalcap.tokenizer import ptbtokenizer

    # It writes a file beside its jar, and Java reads that in the shell's encoding.
    folder = shutil.copytree(ptbtokenizer.__file__.rpartition("/")[0], tmp_path / "tokenizer")
    monkeypatch.setattr(ptbtokenizer, "__file__", str(folder / "ptbtokenizer.py"))
    monkeypatch.setenv("JAVA_TOOL_OPTIONS", "-Dfile.encoding=UTF-8")
    captions = [{"caption": caption} for caption in WORDS]
    made = ptbtokenizer.PTBTokenizer().tokenize({0: captions})[0]
    assert dict(zip(WORDS, made, strict=True)) == WORDS


@given(st.text())
def test_a_word_has_no_space_and_no_capital(text):
    for word in ptb_words(text):
        assert word.split() == [word]
        assert word == word.lower()


@given(st.lists(st.sampled_from(["a", "dog", "t-shirt", "café", "3"])))
def test_plain_words_stay_as_they_are(words):
    assert ptb_words(" , ".join(words) + ".") == words
