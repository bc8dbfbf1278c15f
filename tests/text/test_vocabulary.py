import pytest

from zoo.errors import UserError
from zoo.text.vocabulary import SEQUENCE_SPECIALS, SPECIALS, learn, reference

TEXTS = ["the theme of the then", "the end", "Ends then"]


def test_specials_then_alphabet_then_pieces():
    pieces = learn(TEXTS, size=40)
    assert pieces[:2] == list(SPECIALS) == ["[PAD]", "[UNK]"]
    assert pieces[2:12] == list("Edefhmnost")
    assert pieces[12:19] == ["##d", "##e", "##f", "##h", "##m", "##n", "##s"]
    assert "the" in pieces
    assert len(set(pieces)) == len(pieces) <= 40


def test_size_is_kept():
    assert len(learn(TEXTS, size=21)) == 21


@pytest.mark.parametrize("spaced", [False, True])
def test_equal_texts_give_an_equal_vocabulary(spaced):
    # Every one of the library's hash maps is seeded at random, also within one process.
    texts = [*TEXTS, "abcd dcba cdab bdac"] * 3
    assert len({tuple(learn(texts, 50, spaced)) for _ in range(8)}) == 1


@pytest.mark.parametrize("spaced", [False, True])
@pytest.mark.parametrize("texts", [[], [""], [" \u00a0"]])
def test_no_text_is_a_user_error(texts, spaced):
    with pytest.raises(UserError, match="give at least one"):
        learn(texts, 100, spaced)


def test_too_small_a_size_is_a_user_error_that_names_the_least():
    with pytest.raises(UserError, match="at least 19") as error:
        learn(TEXTS, size=18)
    assert "\n" not in str(error.value)
    assert len(learn(TEXTS, size=19)) == 19


def test_reference_does_not_read_specials_in_a_text():
    tokenizer = reference(learn(TEXTS, size=40))
    assert tokenizer.encode("[PAD] the").tokens == ["[UNK]", "[UNK]", "[UNK]", "the"]


def test_a_decoder_has_specials_of_its_own():
    pieces = learn(TEXTS, size=40, specials=SEQUENCE_SPECIALS)
    assert pieces[:5] == ["[PAD]", "[UNK]", "[BEGIN]", "[END]", "E"]
    assert pieces[4:] == learn(TEXTS, size=38)[2:]


# Spaced mode.

GLUED = ["It's the end, the-end.", "the (then) it's the-end", "\U000f0000a a\U000f0000"]


def test_in_spaced_mode_only_what_follows_a_separator_begins():
    pieces = learn(GLUED, size=100, spaced=True, specials=SEQUENCE_SPECIALS)
    beginning = ["(", "I", "a", "e", "i", "t", "\U000f0000"]
    continuing = [f"##{c}" for c in "'),-.adehnst\U000f0000"]
    fixed = [*SEQUENCE_SPECIALS, *beginning, *continuing]
    assert pieces[: len(fixed)] == fixed
    learned = pieces[len(fixed) :]
    assert {"the", "##end", "end"} & set(learned) == {"the", "##end"}
    assert len(set(pieces)) == len(pieces)
    with pytest.raises(UserError, match=f"at least {len(fixed)}"):
        learn(GLUED, size=len(fixed) - 1, spaced=True, specials=SEQUENCE_SPECIALS)
    for size in (len(fixed), len(fixed) + 2):
        assert learn(GLUED, size, spaced=True, specials=SEQUENCE_SPECIALS) == pieces[:size]


def test_without_glued_words_spaced_mode_learns_the_same_pieces():
    texts = [*TEXTS, "abcd dcba cdab bdac ends"] * 3
    begun = {word[0] for text in texts for word in text.split()}
    plain = [p for p in learn(texts, 100) if len(p) != 1 or p in begun]
    assert learn(texts, 100, spaced=True) == plain
