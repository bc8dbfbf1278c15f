"""Sentiment: does a review praise or complain? Many to one, on IMDB."""

from tasks.sentiment.baselines import BASELINES
from tasks.sentiment.data import IMDB, load_imdb, load_sample, load_unlabelled
from zoo.analysis.compare import three_seeds
from zoo.data.examples import split
from zoo.recipes.bare import bare_rows
from zoo.recipes.task import Dataset
from zoo.recipes.text_classifier import TextClassification
from zoo.recipes.text_classifier_config import PretrainedConfig

# Of the comparison: small enough that each row trains in minutes, and no row is pretrained.
_SMALL = {"units": 64, "embedding_size": 64, "learning_rate": 0.002, "epochs": 2, "patience": 2}


TASK = TextClassification(
    name="sentiment",
    title="Does a review praise or complain?",
    config=PretrainedConfig(
        units=320,
        mean=True,
        embedding_size=256,
        vocabulary_size=12_000,
        max_characters=16_000,
        plain=True,
        ngram_buckets=0,
        batch_size=64,
        epochs=3,
        learning_rate=0.001,
        averaging=0.995,
        dropout=0.25,
        training_tokens=400,
        precision="mixed_bfloat16",
        lm_precision="mixed_bfloat16",
    ),
    datasets={
        "imdb": Dataset(
            "imdb",
            load_imdb,
            f"{IMDB.name}, {IMDB.homepage}",
            IMDB.licence,
            unlabelled=load_unlabelled,
            further_tests={
                "short film reviews": lambda: load_sample({"film"}),
                "products, restaurants, books, music, travel": lambda: load_sample(
                    {"product", "restaurant", "book or music", "travel"}
                ),
                "one-liners": lambda: load_sample({"short"}),
            },
        ),
        "sample": Dataset(
            "sample",
            lambda: split(load_sample()),
            "texts written for this project, tasks/sentiment/sample.tsv",
            "Apache 2.0",
        ),
    },
    positive="positive",
    # Written for this project; none stands in a data set.
    examples=(
        "A warm, funny film that trusts its audience. I left smiling.",
        "Two hours I will never get back.",
        "I wanted to like it, and for ten minutes I did.<br /><br />Then the plot remembered that "
        "it had nowhere to go, and neither did anybody in it.",
        "not bad at all",
        "ok",
        "The acting is superb, the script is not. Still, I would gladly see it again.",
        "Everything about the second half is a mess: the pacing, the music, the endless speeches.",
        "Ce film est magnifique, du début à la fin.",
        "",
        "😀 loved it!!! 10/10",
    ),
    limits=(
        "English film reviews: texts of other kinds are outside of what it was trained on, and "
        "for other languages the answer is worth little.",
        "A text is cut at 16,000 characters (longer than any review in the data); what stands "
        "after them is not looked at.",
        "It knows two answers: a neutral text gets one of them too.",
    ),
    variants={
        "SimpleRNN": {"cell": "simple_rnn", "bidirectional": False, **_SMALL},
        "BiRNN": {"cell": "simple_rnn", "bidirectional": True, **_SMALL},
        "LSTM": {"cell": "lstm", "bidirectional": False, **_SMALL},
        "BiLSTM": {"cell": "lstm", "bidirectional": True, **_SMALL},
        **bare_rows(window=256, pretrained="none", mean=False, **_SMALL),
    },
    baselines=BASELINES,
    shipped_variant="BiLSTM",
    trials=lambda: three_seeds(load_imdb()),
    headline="accuracy",
    length_edges=(100, 200, 400),
)
