import csv
import io
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zoo.data.examples import LabelledTexts
from zoo.data.files import read_labelled_texts, read_rows
from zoo.errors import UserError

HEADER = "text,label\n"
GOOD = HEADER + "hello,ham\nwin,spam\n"


@pytest.fixture
def write(tmp_path):
    def write(name: str, content: str | bytes):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
        return path

    return write


def refusal(path) -> str:
    with pytest.raises(UserError) as error:
        read_labelled_texts(path)
    message = str(error.value)
    assert str(path) in message
    assert "\n" not in message
    assert len(message) - len(str(path)) < 600
    return message


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("data.csv", GOOD),
        ("data.CSV", GOOD),
        ("bom.csv", "\ufeff" + GOOD),
        ("crlf.csv", GOOD.replace("\n", "\r\n")),
        ("blank_lines.csv", "\n" + GOOD.replace("\n", "\n\n")),
        ("columns.csv", "id,label,text\n1,ham,hello\n2,spam,win\n"),
        ("data.tsv", GOOD.replace(",", "\t")),
        ("data.jsonl", '{"text": "hello", "label": "ham"}\n\n{"label": "spam", "text": "win"}'),
        (
            "bom.ndjson",
            '\ufeff{"text":"hello","label":"ham","n":1}\r\n{"text":"win","label":"spam"}',
        ),
    ],
)
def test_reads_a_table(write, name, content):
    expected = LabelledTexts(["hello", "win"], ["ham", "spam"])
    assert read_labelled_texts(write(name, content)) == expected


def test_rows_come_with_the_line_where_they_begin(write):
    path = write("data.csv", 'source,target\n"one\ntwo",eins\nthree,drei\n')
    assert read_rows(path, ["source", "target"]) == [
        (2, {"source": "one\ntwo", "target": "eins"}),
        (4, {"source": "three", "target": "drei"}),
    ]


def test_long_texts_and_odd_characters_are_kept(write):
    odd = "a\x00b\x85c\u2028d\x1c" + "long " * 100_000 + "end"
    table = write("data.csv", HEADER + f"{odd},ham\nwin,spam\n")
    lines = write("data.jsonl", f'{json.dumps({"text": odd, "label": "ham"}, ensure_ascii=False)}\n'
                  '{"text": "win", "label": "spam"}\n')  # fmt: skip
    assert read_labelled_texts(table) == read_labelled_texts(lines)
    assert read_labelled_texts(table).texts[0] == odd


ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "text": st.text(st.characters(codec="utf-8")).filter(str.strip),
            "label": st.sampled_from(["ham", "spam", "très, \t sérieux"]),
        }
    ),
    min_size=2,
).filter(lambda rows: len({row["label"] for row in rows}) > 1)


def as_table(rows, dialect) -> str:
    file = io.StringIO(newline="")
    writer = csv.DictWriter(file, ["text", "label"], dialect=dialect)
    writer.writeheader()
    writer.writerows(rows)
    return file.getvalue()


def as_json_lines(rows, ensure_ascii) -> str:
    return "".join(json.dumps(row, ensure_ascii=ensure_ascii) + "\n" for row in rows)


@settings(max_examples=60, deadline=None)
@given(ROWS)
def test_what_is_written_comes_back(tmp_path_factory, rows):
    folder = tmp_path_factory.getbasetemp()
    files = {
        "rows.csv": as_table(rows, "excel"),
        "rows.tsv": as_table(rows, "excel-tab"),
        "rows.jsonl": as_json_lines(rows, ensure_ascii=True),
        "rows.ndjson": as_json_lines(rows, ensure_ascii=False),
    }
    for name, content in files.items():
        (folder / name).write_bytes(content.encode("utf-8"))
        examples = read_labelled_texts(folder / name)
        assert examples.texts == [row["text"] for row in rows]
        assert examples.labels == [row["label"] for row in rows]


def test_refuses_a_missing_file(tmp_path):
    assert "does not exist: check" in refusal(tmp_path / "data.csv")


def test_refuses_a_folder(tmp_path):
    assert "is a folder: name a file" in refusal(tmp_path)


def test_refuses_an_unknown_extension(write):
    assert "one of .csv, .tsv, .jsonl, .ndjson" in refusal(write("data.xlsx", "PK"))


def test_refuses_a_file_it_may_not_read(write, monkeypatch):
    path = write("data.csv", GOOD)

    def denied(_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(type(path), "read_bytes", denied)
    assert "cannot be read (Permission denied)" in refusal(path)


@pytest.mark.parametrize("name", ["data.csv", "data.jsonl"])
@pytest.mark.parametrize("content", ["", " \n\n", "\ufeff"])
def test_refuses_an_empty_file(write, name, content):
    assert "is empty: add rows" in refusal(write(name, content))


def test_refuses_a_header_without_rows(write):
    assert "has a header but no rows" in refusal(write("data.csv", HEADER))


def test_refuses_other_encodings(write):
    path = write("data.csv", (HEADER + "hello,ham\n").encode() + "schön,ham\n".encode("latin-1"))
    assert "is not UTF-8 at byte 24 (line 3): save it as UTF-8" in refusal(path)
    assert "byte 0 (line 1)" in refusal(write("utf16.csv", GOOD.encode("utf-16")))


def test_refuses_a_missing_column(write):
    message = refusal(write("data.csv", "sms,label\nhello,ham\n"))
    assert "needs one column 'text' and has the columns ['sms', 'label']" in message


def test_refuses_a_column_that_stands_twice(write):
    assert "needs one column 'text'" in refusal(write("data.csv", "text,label,text\na,b,c\n"))


def test_refuses_a_broken_header(write):
    assert "the header cannot be read" in refusal(write("data.csv", '"text"s,label\na,b\n'))


def test_refuses_a_single_label(write):
    assert "every label is 'ham'" in refusal(write("data.csv", HEADER + "a,ham\nb,ham\n"))


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("hello", "fields: 1, not 2 as in the header"),
        ("hello, world,ham", "fields: 3, not 2 as in the header"),
        (",ham", "empty 'text'"),
        ("  ,ham", "empty 'text'"),
        ("hello,", "empty 'label'"),
        ('"hello" world,ham', "wrong quotation marks"),
        ('"never closed,ham', "wrong quotation marks"),
    ],
)
def test_refuses_a_bad_row_of_a_table(write, row, reason):
    message = refusal(write("data.csv", f"{GOOD}{row}\n"))
    assert f"has bad rows (1): line 4: {reason}" in message
    assert "Mend or remove these lines" in message


def test_an_unclosed_quotation_mark_is_reported_where_it_opens(write):
    message = refusal(write("data.csv", GOOD + '"open,ham\nnext,spam\nlast,ham\n'))
    assert "(1): line 4: wrong quotation marks" in message


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ('{"text": "a", "label": ', "broken JSON"),
        ("[" * 100_000, "broken JSON"),
        ('["a", "ham"]', "no JSON object"),
        ('{"text": "a", "lable": "ham"}', "no 'label' among ['text', 'lable']"),
        ('{"text": "a", "label": 1}', "'label' is 1, not a string"),
        ('{"text": null, "label": "ham"}', "'text' is None, not a string"),
        ('{"text": "a", "label": ""}', "empty 'label'"),
        (r'{"text": "\ud83d", "label": "ham"}', "'text' holds half a surrogate pair"),
    ],
)
def test_refuses_a_bad_json_row(write, row, reason):
    good = '{"text": "win", "label": "spam"}\n'
    message = refusal(write("data.jsonl", f"{good}{row}\n{good}"))
    assert f"has bad rows (1): line 2: {reason}" in message


def test_reports_all_bad_rows_at_once_and_names_the_first_five(write):
    message = refusal(write("data.csv", GOOD + ",ham\n" * 3 + "a\n" * 1000))
    assert "has bad rows (1003): line 4: empty 'text'; " in message
    assert "line 8: fields: 1" in message
    assert "line 9" not in message
    assert "; and 998 more. Mend" in message


def test_reading_a_table_does_not_import_tensorflow():
    import subprocess
    import sys

    code = "import sys, zoo.data.files; sys.exit('tensorflow' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
