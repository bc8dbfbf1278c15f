import pytest

from zoo.errors import UserError
from zoo.text.vocabulary import SPECIALS, learn, reference

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


def test_equal_texts_give_an_equal_vocabulary():
    # Every one of the library's hash maps is seeded at random, also within one process.
    texts = [*TEXTS, "abcd dcba cdab bdac"] * 3
    assert len({tuple(learn(texts, size=50)) for _ in range(8)}) == 1


@pytest.mark.parametrize("texts", [[], [""], [" \u00a0"]])
def test_no_text_is_a_user_error(texts):
    with pytest.raises(UserError, match="give at least one"):
        learn(texts, size=100)


def test_too_small_a_size_is_a_user_error_that_names_the_least():
    with pytest.raises(UserError, match="at least 19") as error:
        learn(TEXTS, size=18)
    assert "\n" not in str(error.value)
    assert len(learn(TEXTS, size=19)) == 19


def test_reference_does_not_read_specials_in_a_text():
    tokenizer = reference(learn(TEXTS, size=40))
    assert tokenizer.encode("[PAD] the").tokens == ["[UNK]", "[UNK]", "[UNK]", "the"]
