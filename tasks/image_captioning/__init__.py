"""Image captioning: a photo in, a sentence about it out. One to many."""

from tasks.image_captioning.data import FLICKR8K, load_flickr8k
from tasks.image_captioning.scenes import load_examples, load_scenes
from zoo.analysis.compare import Trial
from zoo.recipes.captioning import Captioning
from zoo.recipes.captioning_config import CaptioningConfig
from zoo.recipes.task import Dataset

# Of the comparison: small enough that each row trains in minutes, with the encoder as it is.
_SMALL = {
    "memory_size": 128,
    "decoder_units": 128,
    "embedding_size": 96,
    "vocabulary_size": 2000,
    "dropout": 0.2,
    "learning_rate": 0.002,
    "epochs": 3,
    "tuning_epochs": 0,
    "reward_epochs": 0,
}


def _trials() -> list[Trial]:
    """Three seeds, measured on the validation split."""
    photos = load_flickr8k()
    return [Trial(f"seed {n}", photos.train, photos.validation, n) for n in range(3)]


TASK = Captioning(
    name="image_captioning",
    title="A photo, described in a sentence",
    config=CaptioningConfig(precision="mixed_bfloat16"),
    datasets={
        "flickr8k": Dataset(
            "flickr8k",
            load_flickr8k,
            f"{FLICKR8K.name}, {FLICKR8K.homepage}",
            FLICKR8K.licence,
        ),
        "sample": Dataset(
            "sample",
            load_scenes,
            "scenes of shapes drawn for this project, tasks/image_captioning/scenes.py",
            "Apache 2.0",
            # Shapes need no pretrained eyes, and fewer pixels than photos do.
            settings={
                "encoder_weights": "none",
                "encoder_width": 0.35,
                "photo_size": 96,
                "memory_size": 64,
                "decoder_units": 64,
                "embedding_size": 48,
                "vocabulary_size": 200,
                "dropout": 0.1,
                "epochs": 3,
                "learning_rate": 0.005,
                "tuning_epochs": 3,
                "tuning_rate": 0.002,
                "reward_epochs": 1,
                "reward_rate": 0.001,
                "averaging": 0.95,
                "precision": "float32",
            },
        ),
    },
    examples=load_examples,
    variants={
        "LSTM, no attention": {**_SMALL, "attention": "none"},
        "LSTM, additive attention": {**_SMALL, "attention": "additive"},
        "LSTM, multiplicative attention": {**_SMALL, "attention": "multiplicative"},
        "SimpleRNN, multiplicative attention": {**_SMALL, "cell": "simple_rnn"},
        "GRU, multiplicative attention": {**_SMALL, "cell": "gru"},
    },
    trials=_trials,
    limits=(
        "It learned from photos of people and dogs doing something: of other scenes it says what "
        "it knows, and is wrong.",
        "It errs in numbers, colours and who does what, and says of a person's sex and age what "
        "captions of such photos mostly say: nothing is to be decided by it.",
        "A photo is squashed to a square of 224 pixels: small things and writing are not seen.",
        "What is no JPEG or PNG file, or declares more than 50 megapixels, gets an empty caption.",
    ),
)
