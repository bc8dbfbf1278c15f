import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.chatbot.as_written import as_written
from zoo.metrics.dialogue import plato_tokens


@pytest.mark.parametrize(
    ("turn", "expected"),
    [
        (" Well , I don ' t know . ", "Well, I don't know."),
        ("I \u2019 Ve been there ; it \u2019 s nice !", "I've been there; it's nice!"),
        ("I don't . It can't", "I don't. It can't"),
        ("At eight 0 ' clock , ma ' am ?", "At eight o'clock, ma'am?"),
        ("Tell ' em O ' Brien won .", "Tell 'em O'Brien won."),
        ("It \u2018 s from the ' 80s .", "It's from the '80s."),
        ("in the teachers ' room", "in the teachers' room"),
        ('He said " no " , and left .', 'He said "no", and left.'),
        ("\u201c Why ? \u201d she asked . \u201c Well ... \u201d", '"Why?" she asked. "Well..."'),
        ("I saw ' The Boat ' , and ' The Sea . '", "I saw 'The Boat', and 'The Sea.'"),
        ("That is $ 36.50 , ( 20 % off ) .", "That is $36.50, (20% off)."),
        ("Come at 8: 00 p . m . or 9:15 .", "Come at 8:00 p.m. or 9:15."),
        ("A 15 - inch screen - at last", "A 15-inch screen - at last"),
        ("Hm . . . an L / C .", "Hm... an L/C."),
        ("You are right.But when,Tom ?It rains", "You are right. But when, Tom? It rains"),
        ("I like it.I do", "I like it. I do"),
        ("Visit example.com , 1,000 people do", "Visit example.com, 1,000 people do"),
        ("Dr . Lee has a Ph.D", "Dr. Lee has a Ph.D"),
        ("", ""),
    ],
)
def test_marks_stand_where_people_put_them(turn, expected):
    assert as_written(turn) == expected


TURNS = st.lists(
    st.sampled_from(
        ["so", "it", "I", "teachers", "don't", "12", ".", ",", "?", "!", "...", "(", ")"]
    )
).map(" ".join)


@given(TURNS)
def test_no_word_is_lost(turn):
    # What the figures count stays, whichever way a turn is written.
    assert plato_tokens(as_written(turn)) == plato_tokens(turn)


@given(st.text())
def test_any_text_can_be_written_and_stays_so_short(text):
    written = as_written(text)
    assert written == " ".join(written.split())
    assert "\n" not in written
