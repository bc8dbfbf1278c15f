"""Translation: a sentence in, the same in another language out. Many to many, English to German."""

from tasks.translation.data import (
    MANYTHINGS,
    MULTI30K,
    load_everyday,
    load_manythings,
    load_multi30k,
    load_pairs,
    load_sample,
)
from zoo.analysis.compare import Trial
from zoo.metrics.translation import figures, worst
from zoo.recipes.task import Dataset
from zoo.recipes.translation import Translation, TranslationConfig

_CAPTIONS = f"{MULTI30K.name}, {MULTI30K.homepage}"
_SENTENCES = f"ManyThings sentence pairs, {MANYTHINGS['de'].homepage}"


# Of the comparison: small enough that each row trains in minutes, on captions alone.
_SMALL = {
    "encoder_units": 96,
    "decoder_units": 128,
    "embedding_size": 96,
    "vocabulary_size": 2000,
    "batch_size": 64,
    "dropout": 0.1,
    "subword_dropout": 0.0,
    "learning_rate": 0.003,
    "epochs": 3,
}


def _trials() -> list[Trial]:
    """Three seeds, trained on Multi30k's captions and measured on its validation split."""
    captions = load_multi30k("en", "de")
    return [Trial(f"seed {n}", captions.train, captions.validation, n) for n in range(3)]


TASK = Translation(
    name="translation",
    title="A sentence, translated",
    answer="translation",
    config=TranslationConfig(
        max_characters=400, subword_dropout=0.1, epochs=8, precision="mixed_bfloat16"
    ),
    datasets={
        "multi30k_manythings": Dataset(
            "multi30k_manythings",
            load_pairs,
            f"{_CAPTIONS}; {_SENTENCES}",
            f"{MULTI30K.licence}; {MANYTHINGS['de'].licence}",
            # The test split of both together is Multi30k's.
            further_tests={
                "ManyThings": lambda source, target: load_manythings(source, target).test
            },
        ),
        "multi30k": Dataset("multi30k", load_multi30k, _CAPTIONS, MULTI30K.licence),
        "manythings": Dataset("manythings", load_manythings, _SENTENCES, MANYTHINGS["de"].licence),
        "sample": Dataset(
            "sample",
            load_sample,
            "sentences written for this project, tasks/translation/sample.tsv",
            "Apache 2.0",
        ),
    },
    # Written for this project; none stands in a data set.
    examples=(
        "A dog runs on the beach.",
        "Good morning! How are you?",
        "The train to Munich leaves at 8:45 from platform 3.",
        "My colleague Aoife Brennan-Okafor paid 1,250 euros.",
        "Two children are playing chess in a park while an old man watches them.",
        "",
        "Ça ne veut rien dire.",
        "😀 😀 😀",
    ),
    limits=(
        "It learned from captions of photos and short everyday sentences: of other kinds of text, "
        "the less the more they differ.",
        "One sentence at a time: of a longer text it knows nothing but what it is given, and a "
        "text is cut at 400 characters, at the end of a sentence or word.",
        "It has no knowledge of the world beyond its data: rare names and words are spelled from "
        "pieces, and may come out wrong.",
    ),
    figures=figures,
    worst=worst,
    shown=load_everyday,
    variants={
        f"{name}, {'attention' if attention else 'no attention'}": {
            **_SMALL,
            "cell": cell,
            "attention": "multiplicative" if attention else "none",
        }
        for name, cell in (("SimpleRNN", "simple_rnn"), ("LSTM", "lstm"), ("GRU", "gru"))
        for attention in (False, True)
    },
    trials=_trials,
)
