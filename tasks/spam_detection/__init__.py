"""Spam detection: is a text message spam? Many to one, on the SMS Spam Collection."""

from pathlib import Path

from tasks.spam_detection.baselines import BASELINES
from tasks.spam_detection.data import SMS_SPAM, load_all, load_sms_spam
from zoo.analysis.compare import ten_folds
from zoo.data.examples import LabelledTexts, Splits, split
from zoo.data.files import read_labelled_texts
from zoo.recipes.bare import bare_rows
from zoo.recipes.task import Dataset
from zoo.recipes.text_classifier import TextClassification
from zoo.recipes.text_classifier_config import TextClassifierConfig


def _load_sample() -> Splits[LabelledTexts]:
    return split(read_labelled_texts(Path(__file__).with_name("sample.tsv")))


TASK = TextClassification(
    name="spam_detection",
    title="Is a text message spam?",
    config=TextClassifierConfig(),
    datasets={
        "sms_spam": Dataset(
            "sms_spam", load_sms_spam, f"{SMS_SPAM.name}, {SMS_SPAM.homepage}", SMS_SPAM.licence
        ),
        "sample": Dataset(
            "sample",
            _load_sample,
            "messages written for this project, tasks/spam_detection/sample.tsv",
            "Apache 2.0",
        ),
    },
    positive="spam",
    # Written for this project; none stands in a data set.
    examples=(
        "WINNER!! Claim your prize, call 09061701461",
        "Running late, be there in 10. Can you order me a tea?",
        "URGENT: your parcel is held at the depot. Pay the fee of £1.99 at http://post.example/fee",
        "ok",
        "Dinner at ours on Friday? Bring nothing but yourselves :)",
        "FREE entry in our weekly draw! Txt WIN to 80086 now. 150p/msg, 18+ only",
        "Your code is 482 193. Do not share it with anyone.",
        "C0ngratulat1ons, y0u have been ch0sen for a cash reward of $5,000!!! reply YES",
        "",
        "مرحبا، هل أنت في البيت؟ 😀",
    ),
    limits=(
        "English messages of about 2005: other languages, today's phishing and messages longer "
        "than a few hundred characters are outside of what it was measured on.",
        "A text is cut at 1,000 characters; what stands after them is not looked at.",
        "Advertisements that read like a friend's message are what it misses most.",
    ),
    variants={
        "SimpleRNN": {"cell": "simple_rnn", "bidirectional": False},
        "BiRNN": {"cell": "simple_rnn", "bidirectional": True},
        "LSTM": {"cell": "lstm", "bidirectional": False},
        "BiLSTM": {"cell": "lstm", "bidirectional": True},
        **bare_rows(window=64, ngram_buckets=0, patience=6),
    },
    baselines=BASELINES,
    shipped_variant="BiLSTM",
    trials=lambda: ten_folds(load_all()),
)
