import csv
import re
import string
import unicodedata
from collections import Counter
from pathlib import Path

import pytest

from tasks.translation import data
from zoo.data.pairs import read_pairs

FOLDER = Path(__file__).parents[3] / "tasks/translation"
SIZES = {"sample.tsv": 400, "everyday.tsv": 30}


@pytest.fixture(scope="module", params=SIZES)
def name(request):
    return request.param


@pytest.fixture(scope="module")
def content(name):
    return (FOLDER / name).read_bytes().decode("utf-8")


@pytest.fixture(scope="module")
def rows(content):
    header, *rows = csv.reader(content.splitlines(keepends=True), delimiter="\t")
    assert header == ["source", "target"]
    return rows


def folded(sentence):
    return " ".join(re.findall(r"\w+", sentence.casefold()))


def test_it_is_plain_lines_of_two_fields(name, content, rows):
    assert content.endswith("\n")
    lines = content.removesuffix("\n").split("\n")
    assert [line.split("\t") for line in lines] == [["source", "target"], *rows]
    assert {len(row) for row in rows} == {2}
    assert len(rows) == SIZES[name]


def test_the_reader_takes_every_row(name, rows):
    pairs = read_pairs(FOLDER / name)
    assert [list(row) for row in zip(pairs.sources, pairs.targets, strict=True)] == rows


@pytest.mark.parametrize("side", ["sources", "targets"])
def test_no_sentence_stands_twice_in_both_files_together(side):
    counts = Counter(
        folded(sentence) for name in SIZES for sentence in getattr(read_pairs(FOLDER / name), side)
    )
    assert [sentence for sentence, count in counts.items() if count > 1] == []


def test_the_sentences_are_short(rows):
    lengths = [len(sentence.split()) for row in rows for sentence in row]
    assert min(lengths) >= 3
    assert max(lengths) <= 16
    assert len(set(lengths)) >= 8


def test_the_sentences_are_written_as_sentences(rows):
    sentences = [sentence for row in rows for sentence in row]
    assert [s for s in sentences if not s[0].isupper() or s[-1] not in ".?!"] == []
    assert [s for s in sentences if '"' in s or s != " ".join(s.split())] == []
    controls = [s for s in sentences if any(unicodedata.category(c) in ("Cc", "Cf") for c in s)]
    assert controls == []


def test_questions_stay_questions_and_numbers_stay_numbers(rows):
    differ = [row for row in rows if row[0].endswith("?") != row[1].endswith("?")]
    assert differ == []
    differ = [row for row in rows if re.findall(r"\d+", row[0]) != re.findall(r"\d+", row[1])]
    assert differ == []


def test_the_german_is_german(rows):
    german = "".join(target for _, target in rows)
    allowed = set(string.ascii_letters + string.digits + "äöüÄÖÜßé" + ",.?!:- ")
    assert set("äöüß") < set(german) <= allowed


def test_the_sample_can_be_split():
    splits = data.load_sample("en", "de")
    sizes = [len(part) for part in vars(splits).values()]
    assert min(sizes) > 25
    assert sum(sizes) == 400


def test_it_can_be_turned():
    there, back = data.load_sample("en", "de"), data.load_sample("de", "en")
    assert there.train.sources == back.train.targets
    assert there.test.targets == back.test.sources
    everyday = data.load_everyday("de", "en")
    assert everyday.targets == data.load_everyday("en", "de").sources
    assert len(everyday) == 30
    assert len(data.load_everyday("en", "fr")) == 0
