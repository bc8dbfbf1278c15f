"""The page docs/all_about_rnn.md says what is so.

Its tables are held to what was measured by tests/analysis/test_cards.py.
"""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "all_about_rnn.md").read_text(encoding="utf-8")
EXCERPTS = re.findall(r"<!-- code: (\S+) -->\n```python\n(.*?)```", PAGE, re.DOTALL)
SOURCES = "\n".join(p.read_text(encoding="utf-8") for p in sorted((ROOT / "tests").rglob("*.py")))


def test_all_code_on_the_page_names_its_source():
    assert len(EXCERPTS) == PAGE.count("```python") > 10


@pytest.mark.parametrize(("file", "code"), EXCERPTS, ids=[file for file, _ in EXCERPTS])
def test_an_excerpt_stands_in_its_source(file, code):
    assert code in (ROOT / file).read_text(encoding="utf-8")


def test_the_tests_that_it_names_are_there():
    names = re.findall(r"`(test_\w+)`", PAGE)
    assert len(names) >= 6
    assert [name for name in names if f"def {name}(" not in SOURCES] == []


def test_its_files_and_pictures_are_there():
    files = re.findall(r"`((?:zoo|tests|tasks)/[\w/]+\.py)`", PAGE)
    pictures = re.findall(r"\]\((pictures/\S+)\)", PAGE)
    assert len(files) > 5
    assert len(pictures) >= 4
    missing = [name for name in files if not (ROOT / name).is_file()]
    missing += [name for name in pictures if not (ROOT / "docs" / name).is_file()]
    assert missing == []


def test_no_picture_is_large():
    sizes = {p.name: p.stat().st_size for p in (ROOT / "docs" / "pictures").iterdir()}
    assert [name for name, size in sizes.items() if size > 60_000] == []
