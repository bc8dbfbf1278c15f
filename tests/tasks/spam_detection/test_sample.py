import csv
import re
import unicodedata
from collections import Counter
from pathlib import Path

import pytest

SAMPLE = Path(__file__).parents[3] / "tasks/spam_detection/sample.tsv"

# RFC 2606 and RFC 6761.
RESERVED_DOMAIN = re.compile(r"(?:.+\.)?example\.(?:com|net|org)|.+\.(?:example|test|invalid)")
# With a scheme, `hxxp` included, or bare as in "see shop.example" and after the "@" of an address.
URL_HOST = re.compile(r"(?i)\bh(?:tt|xx)ps?://([^\s/:?#]+)\S*")
BARE_HOST = re.compile(r"(?i)\b(?![\w.-]+@)(?:[a-z0-9-]+\.)+[a-z]{2,}\b")

# Ten digits or more, perhaps in groups.
PHONE = re.compile(r"(?<!\w)\d(?:\)?[ .-]?\d){9,}")
# Ofcom's numbers for drama and the fictional 555-01xx of North America.
FICTIONAL_PHONE = re.compile(
    r"07700900\d{3}|09098790\d{3}|08081570\d{3}|03069990\d{3}|01632960\d{3}|02079460\d{3}"
    r"|0(?:113|114|115|116|117|118|121|131|141|151|161)4960\d{3}|1?[2-9]\d\d55501\d\d"
)


def hosts(text):
    bare = URL_HOST.sub(" ", text)
    return [host.rstrip(".,)") for host in URL_HOST.findall(text)] + BARE_HOST.findall(bare)


@pytest.fixture(scope="module")
def content():
    return SAMPLE.read_bytes().decode("utf-8")


@pytest.fixture(scope="module")
def rows(content):
    header, *rows = csv.reader(content.splitlines(keepends=True), delimiter="\t")
    assert header == ["text", "label"]
    return rows


@pytest.fixture(scope="module")
def texts(rows):
    return [text for text, _ in rows]


def test_it_is_plain_lines_of_two_fields(content, rows):
    assert content.endswith("\n")
    lines = content.removesuffix("\n").split("\n")
    assert [line.split("\t") for line in lines] == [["text", "label"], *rows]
    assert {len(row) for row in rows} == {2}


def test_there_are_enough_of_either_label(rows):
    counts = Counter(label for _, label in rows)
    assert set(counts) == {"ham", "spam"}
    assert counts["ham"] >= 250
    assert counts["spam"] >= 120


def test_the_messages_are_distinct(texts):
    folded = Counter(" ".join(text.casefold().split()) for text in texts)
    assert [text for text, count in folded.items() if count > 1] == []


def test_the_messages_are_as_long_as_real_ones(texts):
    assert [text for text in texts if not 2 <= len(text) <= 300] == []
    assert min(map(len, texts)) < 5
    assert max(map(len, texts)) > 200


def test_no_message_needs_quoting_or_trimming(texts):
    assert [text for text in texts if text.startswith('"') or text != text.strip()] == []
    controls = [text for text in texts if any(unicodedata.category(c) == "Cc" for c in text)]
    assert controls == []


def test_every_domain_is_reserved_for_examples(texts):
    found = [host for text in texts for host in hosts(text)]
    assert len(found) > 30
    assert [host for host in found if not RESERVED_DOMAIN.fullmatch(host.lower())] == []


@pytest.mark.parametrize(
    "text", ["go to http://shop.co.uk/x", "see bit.ly/a", "me@notexample.com", "hxxps://a.test.io/"]
)
def test_a_real_domain_would_be_found(text):
    assert not all(RESERVED_DOMAIN.fullmatch(host.lower()) for host in hosts(text))
    assert hosts(text)


def test_every_phone_number_is_fictional(texts):
    found = [re.sub(r"\D", "", number) for text in texts for number in PHONE.findall(text)]
    assert len(found) > 10
    assert [number for number in found if not FICTIONAL_PHONE.fullmatch(number)] == []


@pytest.mark.parametrize("text", ["ring 07911 123456", "+44 20 7946 0001", "(415) 555-2671"])
def test_a_real_phone_number_would_be_found(text):
    (number,) = PHONE.findall(text)
    assert not FICTIONAL_PHONE.fullmatch(re.sub(r"\D", "", number))
