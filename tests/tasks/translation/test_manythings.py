import hashlib
import io
import zipfile
from dataclasses import replace

import pytest

from tasks.translation import data
from zoo.data.examples import Splits
from zoo.data.pairs import Pairs
from zoo.errors import UserError

# Of 1,000 sentences about ten stand in each of the two small splits.
ENGLISH = [f"Tom has {n} sheep." for n in range(1000)]
# Every third sentence has a second translation.
PAIRS = [(sentence, f"Tom hat {n} Schafe.") for n, sentence in enumerate(ENGLISH)]
PAIRS += [(sentence, f"{n} Schafe\u2028gehören Tom.") for n, sentence in enumerate(ENGLISH[::3])]
COUNTS = {"lines": 1334, "pairs": 1334, "English sentences": 1000}


def place(sentence) -> float:
    return int(hashlib.sha256(sentence.encode()).hexdigest(), 16) / 2**256


# Three sentences that the digest puts into train, written otherwise.
IN_MULTI30K = [sentence for sentence in ENGLISH if place(sentence) < 0.98][:3]
MULTI30K = Splits(
    train=Pairs(["A man sings."], ["Ein Mann singt."]),
    validation=Pairs([f" {IN_MULTI30K[0].upper()}"], ["Zwei."]),
    test=Pairs([f"{IN_MULTI30K[1]}\n", IN_MULTI30K[2]], ["Drei.", "Vier."]),
)


def zipped(lines, name="deu.txt") -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(name, "".join(f"{line}\n" for line in lines))
        archive.writestr("_about.txt", "** Info **\n\na\tb\n")
    return buffer.getvalue()


@pytest.fixture
def builder_class(monkeypatch, tmp_path):
    """The builder, told that a small set is the published one."""
    from tasks.translation.manythings import Manythings

    sources = {"de": replace(data.MANYTHINGS["de"], counts=COUNTS)}
    monkeypatch.setattr(Manythings, "SOURCES", sources)
    monkeypatch.setenv("ZOO_DATA", str(tmp_path / "data"))
    return Manythings


@pytest.fixture
def fill(monkeypatch, tmp_path):
    """Fills a mirror with an archive."""

    def fill(content: bytes):
        folder = tmp_path / "mirror"
        (folder / "manythings").mkdir(parents=True, exist_ok=True)
        (folder / "manythings/deu-eng.zip").write_bytes(content)
        checksum = hashlib.sha256(content).hexdigest()
        (folder / "SHA256SUMS").write_text(f"{checksum}  manythings/deu-eng.zip\n")
        monkeypatch.setenv("ZOO_MIRROR", str(folder))

    return fill


@pytest.fixture
def small_set(builder_class, fill, monkeypatch):
    """A small set in the mirror, and a Multi30k that is prepared already."""
    from tasks.translation.multi30k import Multi30k

    fill(zipped(f"{english}\t{german}" for english, german in PAIRS))
    prepare, read = data.prepare, data._pairs

    def small_prepare(builder, *config):
        return MULTI30K if builder is Multi30k else prepare(builder, *config)

    def small_read(builder, split, source, target):
        if builder is not MULTI30K:
            return read(builder, split, source, target)
        pairs = getattr(builder, split)
        return pairs if source == "en" else Pairs(pairs.targets, pairs.sources)

    monkeypatch.setattr(data, "prepare", small_prepare)
    monkeypatch.setattr(data, "_pairs", small_read)


def rows(pairs):
    return list(zip(pairs.sources, pairs.targets, strict=True))


@pytest.mark.parametrize(("source", "target"), [("en", "de"), ("de", "en")])
def test_train_alone_gets_other_names(small_set, source, target):
    splits = data.load_manythings(source, target)
    for part in (splits.validation, splits.test):
        assert all("Tom" in sentence for pair in rows(part) for sentence in pair)
    named = ["Tom" in sentence for sentence in splits.train.sources]
    assert 0.2 < sum(named) / len(named) < 0.5


def test_no_variant_is_a_sentence_held_out(small_set, monkeypatch):
    held_out = next(english for english, _ in PAIRS if place(english) >= 0.98).upper()
    told = [held_out, "Never said."]
    monkeypatch.setattr(
        data,
        "with_variants",
        lambda pairs, english: Pairs([*pairs.sources, *told], [*pairs.targets, "?", "?"]),
    )
    found = data.load_manythings("en", "de").train.sources
    assert held_out not in found
    assert "Never said." in found


def test_the_english_sentence_says_where_a_pair_stands(small_set, capsys, monkeypatch):
    monkeypatch.setattr(data, "with_other_names", lambda pairs, english: pairs)
    splits = data.load_manythings("en", "de")
    expected = {
        "train": [p for p in PAIRS if place(p[0]) < 0.98 and p[0] not in IN_MULTI30K],
        "validation": [p for p in PAIRS if 0.98 <= place(p[0]) < 0.99],
        "test": [p for p in PAIRS if place(p[0]) >= 0.99],
    }
    for name, pairs in expected.items():
        found = rows(getattr(splits, name))
        assert sorted(found) == sorted(pairs)
        assert [place(source) for source, _ in found] == sorted(place(s) for s, _ in found)
    assert len(splits.train) < len([p for p in PAIRS if place(p[0]) < 0.98])
    assert capsys.readouterr().out == ""


def test_the_other_direction_has_the_same_splits(small_set):
    forward, back = data.load_manythings("en", "de"), data.load_manythings("de", "en")
    for name in ("train", "validation", "test"):
        swapped = [(english, german) for german, english in rows(getattr(back, name))]
        assert swapped == rows(getattr(forward, name))


def test_the_task_trains_on_both_and_is_judged_by_multi30k(small_set):
    sentences = data.load_manythings("de", "en")
    splits = data.load_pairs("de", "en")
    assert rows(splits.train) == [("Ein Mann singt.", "A man sings.")] * 3 + rows(sentences.train)
    captions = MULTI30K.validation
    assert splits.validation.sources == captions.targets + sentences.validation.sources
    assert splits.validation.targets == captions.sources + sentences.validation.targets
    assert splits.test.targets == MULTI30K.test.sources


def test_an_attribution_is_left_aside(builder_class, fill, small_set, monkeypatch, tmp_path):
    expected = data.load_manythings("en", "de")
    monkeypatch.setenv("ZOO_DATA", str(tmp_path / "data again"))
    attribution = "CC-BY 2.0 (France) Attribution: tatoeba.org #1 (CK)"
    fill(zipped(f"{english}\t{german}\t{attribution}" for english, german in reversed(PAIRS)))
    assert data.load_manythings("en", "de") == expected


def test_a_newer_release_is_told(builder_class, fill, small_set, capfd):
    more = [f"{english}\t{german}" for english, german in PAIRS]
    fill(zipped([*more, "No translation.", "None either.\t ", "Hi.\tHallo!\tattribution"]))
    splits = data.load_manythings("en", "de")
    assert ("Hi.", "Hallo!") in rows(splits.train)
    told = [line for line in capfd.readouterr().err.splitlines() if "has changed" in line]
    assert told == [
        "ManyThings German-English sentence pairs has changed at its source: it has 1337 lines, "
        "1335 pairs, 1001 English sentences, not 1334 lines, 1334 pairs, 1000 English sentences; "
        "what is trained on it differs from what was published"
    ]


def test_an_archive_without_pairs_is_refused(builder_class, fill, tmp_path):
    fill(zipped(["Hi, Hallo!"]))
    with pytest.raises(UserError, match=r"has 1 lines, 0 pairs, 0 English.*; run this") as error:
        data.load_manythings("en", "de")
    assert "\n" not in str(error.value)
    assert not list((tmp_path / "data").glob("manythings/*/1*"))


@pytest.mark.parametrize("load", [data.load_manythings, data.load_pairs])
@pytest.mark.parametrize(("source", "target"), [("de", "fr"), ("en", "en"), ("en", "es")])
def test_an_unknown_pair_of_languages_is_refused(load, source, target):
    with pytest.raises(UserError) as error:
        load(source, target)
    assert str(error.value) == (
        f"ManyThings has no pairs {source}-{target}: choose one of en-de, de-en, en-fr, fr-en"
    )
