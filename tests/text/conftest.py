import pytest

from zoo.text.vocabulary import SEQUENCE_SPECIALS, learn

TEXTS = [
    "WINNER!! You have won a complimentary prize, call 09061701461 now",
    "Win a prize now! Call 0800 123 456 to claim your complimentary £100 prize",
    "are you coming home now? call me when you are home",
    "naïve café 你好 שלום привет 😀 «ok»",
] * 2


WRITTEN = [
    "Hello, world! (It's 5.30 p.m.) \"Quoted\", 'so' – “he” said: «nein»…",
    "On 2024-05-31, at 09:15, 1,000.50 € or $7/8 (90%) went to e-mail@example.org; why?",
    "Äpfel, Öl und Übermut: „Schöne Grüße“, sagte Jürgen – großäugig.",
    "#yes C# a##b [UNK] & 你好 cafe\u0301 שלום",
]


@pytest.fixture(scope="session")
def vocabulary():
    return learn(TEXTS, size=250)


@pytest.fixture(scope="session")
def spaced_vocabulary():
    """Every character of the texts, and all of ASCII, is in it in both kinds."""
    characters = sorted({chr(c) for c in range(0x21, 0x7F)} | set("".join(WRITTEN)) - {" "})
    everywhere = [f"{c} a{c}" for c in characters]
    return learn([*WRITTEN * 2, *everywhere], size=400, spaced=True, specials=SEQUENCE_SPECIALS)
