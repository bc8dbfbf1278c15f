import csv
import re
import unicodedata
from collections import Counter
from itertools import groupby
from pathlib import Path

import pytest

from zoo.data.files import read_labelled_texts

SAMPLE = Path(__file__).parents[3] / "tasks/sentiment/sample.tsv"
TEXTS_OF_KIND = {
    "film": 160,
    "product": 80,
    "restaurant": 80,
    "book or music": 60,
    "travel": 40,
    "short": 60,
}


@pytest.fixture(scope="module")
def content():
    return SAMPLE.read_bytes().decode("utf-8")


@pytest.fixture(scope="module")
def rows(content):
    header, *rows = csv.reader(content.splitlines(keepends=True), delimiter="\t")
    assert header == ["text", "label", "kind"]
    return rows


@pytest.fixture(scope="module")
def texts(rows):
    return [text for text, _, _ in rows]


def test_it_is_plain_lines_of_three_fields(content, rows):
    assert content.endswith("\n")
    lines = content.removesuffix("\n").split("\n")
    assert [line.split("\t") for line in lines] == [["text", "label", "kind"], *rows]
    assert {len(row) for row in rows} == {3}


def test_the_reader_takes_every_row_and_leaves_the_kinds_aside(rows):
    examples = read_labelled_texts(SAMPLE)
    read = zip(examples.texts, examples.labels, strict=True)
    assert list(read) == [(text, label) for text, label, _ in rows]


def test_every_kind_has_as_many_of_either_label(rows):
    counts = Counter((kind, label) for _, label, kind in rows)
    assert counts == {
        (kind, label): count // 2
        for kind, count in TEXTS_OF_KIND.items()
        for label in ("negative", "positive")
    }


def test_labels_and_kinds_are_mixed(rows):
    for column in (1, 2):
        runs = [len(list(run)) for _, run in groupby(row[column] for row in rows)]
        assert max(runs) <= 10


def test_the_texts_are_distinct(texts):
    folded = Counter(" ".join(text.casefold().split()) for text in texts)
    assert [text for text, count in folded.items() if count > 1] == []


def test_the_texts_are_as_long_as_their_kind_asks(rows):
    words = {kind: [] for kind in TEXTS_OF_KIND}
    for text, _, kind in rows:
        words[kind].append(len(text.split()))
    assert 2 <= min(words["short"]) <= max(words["short"]) <= 12
    assert sum(120 <= count <= 250 for count in words["film"]) == 16
    assert max(max(counts) for counts in words.values()) <= 250


def test_the_label_does_not_show_in_the_length(rows):
    words = Counter()
    for text, label, _ in rows:
        words[label] += len(text.split())
    assert 0.9 < words["negative"] / words["positive"] < 1.1


def test_film_reviews_of_either_label_have_the_markup_of_film_sites(rows):
    marked = Counter((label, kind) for text, label, kind in rows if "<br /><br />" in text)
    assert marked == {("negative", "film"): 5, ("positive", "film"): 5}


@pytest.mark.parametrize("pattern", [r"\bnot\b", r"n't\b", r"\bnever\b", r"\bbut\b"])
def test_negation_and_contrast_do_not_give_the_label_away(rows, pattern):
    found = Counter(label for text, label, _ in rows if re.search(pattern, text.lower()))
    fewer, more = sorted((found["negative"], found["positive"]))
    assert fewer > 10
    assert more < 2 * fewer


def test_no_text_needs_quoting_or_trimming(texts):
    assert [text for text in texts if text.startswith('"') or text != text.strip()] == []
    controls = [text for text in texts if any(unicodedata.category(c) == "Cc" for c in text)]
    assert controls == []
