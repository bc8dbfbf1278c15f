import numpy as np

from tasks.chatbot import baselines
from tasks.chatbot.baselines import nearest_replies, random_replies
from zoo.data.pairs import Pairs

TRAIN = Pairs(
    sources=[
        "Good morning!\nCan I have a cup of tea?",
        "Where is the station?",
        "Where is the bus stop?",
        "Can I have a cup of coffee?",
        "Shall we have a cup of tea?",
        "Is the station far from the bus stop?",
    ],
    targets=["With milk?", "Over there.", "By the church.", "Sure.", "I'd love to.", "No."],
)


def test_random_replies_are_training_replies_and_always_the_same():
    replies = random_replies(TRAIN, ["Hi."] * 200)
    assert set(replies) == set(TRAIN.targets)
    assert random_replies(TRAIN, ["Hi."] * 200) == replies


def test_a_known_context_has_its_own_reply():
    assert nearest_replies(TRAIN, TRAIN.sources) == TRAIN.targets


def test_the_nearest_is_that_of_the_cosines(monkeypatch):
    from sklearn.feature_extraction.text import TfidfVectorizer

    asked = ["Where is my cup?", "A cup of tea, please.", "Is it far?", "???"]
    vectorizer = TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True)
    known = vectorizer.fit_transform(TRAIN.sources).toarray()
    cosines = vectorizer.transform(asked).toarray() @ known.T
    expected = [TRAIN.targets[n] for n in np.argmax(cosines, axis=1)]
    assert nearest_replies(TRAIN, asked) == expected
    monkeypatch.setattr(baselines, "_SIMILARITIES_AT_ONCE", 1)
    assert nearest_replies(TRAIN, asked) == expected
