import pytest

from zoo.text.vocabulary import learn

TEXTS = [
    "WINNER!! You have won a complimentary prize, call 09061701461 now",
    "Win a prize now! Call 0800 123 456 to claim your complimentary £100 prize",
    "are you coming home now? call me when you are home",
    "naïve café 你好 שלום привет 😀 «ok»",
] * 2


@pytest.fixture(scope="session")
def vocabulary():
    return learn(TEXTS, size=250)
