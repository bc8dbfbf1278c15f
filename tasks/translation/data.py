"""Multi30k and the ManyThings pairs as this task uses them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import permutations
from pathlib import Path
from typing import TYPE_CHECKING

from tasks.translation.names import with_other_names
from tasks.translation.variants import with_variants
from zoo.data.examples import Splits
from zoo.data.pairs import Pairs, read_pairs, split_pairs
from zoo.data.sources import Source
from zoo.data.tfds_builder import prepare
from zoo.errors import UserError

if TYPE_CHECKING:
    import tensorflow_datasets as tfds

LANGUAGES = ("en", "de", "fr")
_MULTI30K_FILES = [
    f"{part}.{language}" for part in ("train", "val", "test_2016_flickr") for language in LANGUAGES
]

MULTI30K = Source(
    name="Multi30k task 1",
    homepage="https://github.com/multi30k/dataset",
    urls=tuple(
        f"https://raw.githubusercontent.com/multi30k/dataset/master/data/task1/raw/{name}.gz"
        for name in _MULTI30K_FILES
    ),
    mirror_paths=tuple(f"multi30k/data/task1/raw/{name}.gz" for name in _MULTI30K_FILES),
    sha256={
        "train.en": "460a15fbd157e34a7a9957ee388c1ca247fe47af3ef25fb50442af6c274e0fc6",
        "train.de": "2c2b73fd2b548fbcde3a875e0a78d6ee94d498bfdee6bd3eae3945779e9ddf72",
        "train.fr": "5925a3c18f1587b6b54b87743106e6e8ab93618edb6f65d19eac0621f853a10d",
        "val.en": "1f2a23d992769b5b3d209b0a10dd0b77c08cceb1f20dfb97ed0aafa49d107227",
        "val.de": "660e09eb7e1da2f856ea13ee5ad3cf6d36b3d5b0b733c857e94c5747a3dfc660",
        "val.fr": "5304e444d842e962b2dda4d816b70b22a1765b15401642b7ca37a67477e708dc",
        "test_2016_flickr.en": "399a4382932c1aadd3ceb9bef1008d388a64c76d4ae4e9d4728c6f4301cac182",
        "test_2016_flickr.de": "4be6b5b3236b79c25475c6bb829800a7ce559e9ba7a1f6c2394fe4d40be46d16",
        "test_2016_flickr.fr": "cb3160d69b002bb638e66cc7612fcd56cb0af82eadc9c142dedc438afb885ef6",
    },
    counts={
        "train.en": 29000,
        "train.de": 29000,
        "train.fr": 29000,
        "val.en": 1014,
        "val.de": 1014,
        "val.fr": 1014,
        "test_2016_flickr.en": 1000,
        "test_2016_flickr.de": 1000,
        "test_2016_flickr.fr": 1000,
    },
    licence="non-commercial research and education",
    citation="""\
@inproceedings{elliott2016multi30k,
  title = {{Multi30K}: Multilingual {English}-{German} Image Descriptions},
  author = {Elliott, Desmond and Frank, Stella and Sima'an, Khalil and Specia, Lucia},
  booktitle = {Proceedings of the 5th Workshop on Vision and Language},
  year = {2016},
  pages = {70--74},
  doi = {10.18653/v1/W16-3210},
}
@inproceedings{elliott2017findings,
  title = {Findings of the Second Shared Task on Multimodal Machine Translation and Multilingual
    Image Description},
  author = {Elliott, Desmond and Frank, Stella and Barrault, Lo{\\"i}c and Bougares, Fethi and
    Specia, Lucia},
  booktitle = {Proceedings of the Second Conference on Machine Translation},
  year = {2017},
  pages = {215--233},
  doi = {10.18653/v1/W17-4718},
}""",
    note="The canonical download was never tried; the mirror's files are the canonical ones.",
)


def _manythings(name: str, archive: str, counts: dict[str, int]) -> Source:
    return Source(
        name=f"ManyThings {name}-English sentence pairs",
        homepage="https://www.manythings.org/anki/",
        urls=(f"https://www.manythings.org/anki/{archive}",),
        mirror_paths=(f"manythings/{archive}",),
        sha256={},
        counts=counts,
        licence="CC BY 2.0 FR, attribution to tatoeba.org and manythings.org",
        citation="""\
@misc{tatoeba,
  title = {Tatoeba: a collection of sentences and translations},
  author = {{Contributors to Tatoeba}},
  howpublished = {\\url{https://tatoeba.org}},
}
@misc{kelly_manythings,
  title = {Tab-delimited Bilingual Sentence Pairs from the {Tatoeba} Project},
  author = {Kelly, Charles},
  howpublished = {\\url{https://www.manythings.org/anki/}},
}""",
        note="The canonical download was never tried, and is a newer release than the mirror's, "
        "which is of 2018 and lacks some English sentences with all their translations. The "
        "counts are those of the mirror.",
        grows=True,
    )


# By the language that is not English.
MANYTHINGS = {
    "de": _manythings(
        "German",
        "deu-eng.zip",
        {"lines": 167301, "pairs": 167301, "English sentences": 133534},
    ),
    "fr": _manythings(
        "French",
        "fra-eng.zip",
        {"lines": 164338, "pairs": 164338, "English sentences": 114830},
    ),
}

# ManyThings has six times as many pairs, of half the length.
_CAPTIONS_TIMES = 3
_BATCH = 1000  # pairs that are read at once: many times as fast as one by one


def load_multi30k(source: str, target: str) -> Splits[Pairs]:
    """Loads the published splits: 29,000 captions to train, 1,014 to validate, 1,000 to test.

    Captions and their order are as published: a few of train are equal, and one of train also
    stands in validation.

    Args:
        source: The language to translate from: en, de or fr.
        target: Another of them, to translate into.

    Raises:
        UserError: There is no such pair of languages, or the set cannot be fetched or prepared.
    """
    _check_languages("Multi30k", source, target, list(permutations(LANGUAGES, 2)))
    from tasks.translation.multi30k import Multi30k

    return _splits(prepare(Multi30k), source, target)


def load_manythings(source: str, target: str) -> Splits[Pairs]:
    """Loads the ManyThings pairs, about 98 % to train, 1 % to validate and 1 % to test.

    `split_pairs` cut them by their English sentence, which stands in one split with all its
    translations. With German, many of train's that are about Tom get another name, those about
    Boston another city, and those with a date or a time of day stand beside others (see
    `tasks.translation.names` and `tasks.translation.variants`). Last, English sentences that are
    in validation or test, here or in Multi30k, and the everyday ones are left out of train. Of the
    mirror's releases, English and German have 166,237, 1,724 and 1,626 pairs, English and French
    161,176, 1,567 and 1,595.

    Args:
        source: The language to translate from: en, de or fr.
        target: The language to translate into; one of the two is en.

    Raises:
        UserError: There is no such pair of languages, or this set or Multi30k cannot be fetched
            or prepared.
    """
    possible = [pair for other in MANYTHINGS for pair in (("en", other), (other, "en"))]
    _check_languages("ManyThings", source, target, possible)
    from tasks.translation.manythings import Manythings
    from tasks.translation.multi30k import Multi30k

    other = target if source == "en" else source
    splits = _splits(prepare(Manythings, other), source, target)
    train = splits.train
    if other == "de":
        train = with_variants(with_other_names(train, source == "en"), source == "en")

    captions = prepare(Multi30k)
    held_out = [_english(part, source) for part in (splits.validation, splits.test)]
    held_out += [_pairs(captions, part, "en", other).sources for part in ("validation", "test")]
    held_out.append(load_everyday("en", "de").sources)
    folded = {_folded(sentence) for part in held_out for sentence in part}
    sentences = enumerate(_english(train, source))
    train = train.select(n for n, sentence in sentences if _folded(sentence) not in folded)
    return Splits(train, splits.validation, splits.test)


def load_pairs(source: str, target: str) -> Splits[Pairs]:
    """Loads what this task trains on: both sets, Multi30k's captions three times.

    Args:
        source: The language to translate from, as `load_manythings` takes it.
        target: The language to translate into.

    Returns:
        In train Multi30k's pairs, three times, and then ManyThings's; in validation those of both;
        in test Multi30k's alone.

    Raises:
        UserError: There is no such pair of languages, or a set cannot be fetched or prepared.
    """
    sentences = load_manythings(source, target)
    captions = load_multi30k(source, target)
    return Splits(
        _joined(*[captions.train] * _CAPTIONS_TIMES, sentences.train),
        _joined(captions.validation, sentences.validation),
        captions.test,
    )


def _joined(*parts: Pairs) -> Pairs:
    return Pairs(
        [source for part in parts for source in part.sources],
        [target for part in parts for target in part.targets],
    )


def load_sample(source: str, target: str) -> Splits[Pairs]:
    """Loads the English sentences and their German translations written for this project.

    Args:
        source: The language to translate from: en or de.
        target: The other one.

    Raises:
        UserError: There is no such pair of languages.
    """
    _check_languages("the sample set", source, target, [("en", "de"), ("de", "en")])
    pairs = read_pairs(Path(__file__).with_name("sample.tsv"))
    splits = split_pairs(pairs, pairs.sources, (80, 10, 10))
    parts = (splits.train, splits.validation, splits.test)
    return Splits(*(_turned(part, source) for part in parts))


def load_everyday(source: str, target: str) -> Pairs:
    """Loads thirty everyday sentences written for this project, which the card shows.

    Args:
        source: The language to translate from, as `load_sample` takes it; of other languages
            there are none.
        target: The language to translate into.
    """
    if {source, target} != {"en", "de"}:
        return Pairs([], [])
    return _turned(read_pairs(Path(__file__).with_name("everyday.tsv")), source)


def _turned(pairs: Pairs, source: str) -> Pairs:
    return pairs if source == "en" else Pairs(pairs.targets, pairs.sources)


def _check_languages(name: str, source: str, target: str, possible: list[tuple[str, str]]) -> None:
    if (source, target) not in possible:
        choice = ", ".join("-".join(pair) for pair in possible)
        raise UserError(f"{name} has no pairs {source}-{target}: choose one of {choice}")


def _splits(builder: tfds.core.DatasetBuilder, source: str, target: str) -> Splits[Pairs]:
    return Splits(
        train=_pairs(builder, "train", source, target),
        validation=_pairs(builder, "validation", source, target),
        test=_pairs(builder, "test", source, target),
    )


def _pairs(builder: tfds.core.DatasetBuilder, split: str, source: str, target: str) -> Pairs:
    import tensorflow_datasets as tfds

    pairs = Pairs([], [])
    for batch in tfds.as_numpy(builder.as_dataset(split=split, batch_size=_BATCH)):
        pairs.sources.extend(text.decode("utf-8") for text in batch[source])
        pairs.targets.extend(text.decode("utf-8") for text in batch[target])
    return pairs


def _english(pairs: Pairs, source: str) -> Sequence[str]:
    return pairs.sources if source == "en" else pairs.targets


def _folded(sentence: str) -> str:
    return sentence.strip().casefold()
