"""People's own data: files of rows with named columns.

A file with bad rows is refused as a whole, and all its bad rows are counted at once: data that
is silently dropped would change what a model learns and what its metrics mean.
"""

import csv
import io
import json
import reprlib
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from zoo.data.examples import LabelledTexts
from zoo.errors import UserError

_DELIMITERS = {".csv": ",", ".tsv": "\t"}
_JSON_LINES = (".jsonl", ".ndjson")
_FAULTS_SHOWN = 5


@dataclass(frozen=True)
class Fault:
    """What is wrong with a row."""

    reason: str


_Record = dict[str, object] | Fault
_Row = TypeVar("_Row")


def read_labelled_texts(path: Path) -> LabelledTexts:
    """Reads the columns `text` and `label` of a CSV, TSV or JSON-lines file.

    Args:
        path: The file, as `read_rows` takes it. The labels are any strings, two or more.

    Returns:
        The texts and labels as they stand in the file, repeated rows included.

    Raises:
        UserError: The file cannot be read as such, or knows a single label.
    """
    rows = [row for _, row in read_rows(path, ("text", "label"))]
    examples = LabelledTexts([row["text"] for row in rows], [row["label"] for row in rows])
    if len(set(examples.labels)) == 1:
        label = reprlib.repr(examples.labels[0])
        raise UserError(f"{path}: every label is {label}; add examples of another label")
    return examples


def read_rows(path: Path, columns: Sequence[str]) -> list[tuple[int, dict[str, str]]]:
    """Reads named columns of a table, chosen by the file's extension.

    `.csv` and `.tsv` have a header, and fields quoted as Python's `csv` writes them; `.jsonl` and
    `.ndjson` have one JSON object a line. All are UTF-8; blank lines are skipped.

    Args:
        path: The file.
        columns: The columns to read; others are ignored.

    Returns:
        For each row the line where it begins, counted from 1, and its columns' values: strings
        that hold more than white space, unchanged.

    Raises:
        UserError: The file cannot be read, is empty, lacks a column, or has bad rows.
    """
    text = _read_text(path)
    suffix = path.suffix.lower()
    if suffix in _DELIMITERS:
        records = _delimited_records(text, _DELIMITERS[suffix], columns, path)
    else:
        records = _json_records(text)

    rows = _good(path, records, lambda record: _chosen(record, columns))
    if not rows:
        raise UserError(f"{path} has a header but no rows: add some")
    return rows


def read_lists(path: Path, column: str, shortest: int) -> list[tuple[int, list[str]]]:
    """Reads a column of lists of strings, of a `.jsonl` or `.ndjson` file as `read_rows` takes it.

    Args:
        path: The file.
        column: The column to read; others are ignored.
        shortest: How many strings a list should have at least.

    Returns:
        For each row its line, counted from 1, and its list: strings that hold more than white
        space, unchanged.

    Raises:
        UserError: The file cannot be read, is empty, is a table, or has bad rows.
    """
    text = _read_text(path)
    if path.suffix.lower() not in _JSON_LINES:
        raise UserError(
            f"{path} holds no lists: write one JSON object with a list {column!r} a line, "
            f"in a file that ends in {' or '.join(_JSON_LINES)}"
        )
    return _good(path, _json_records(text), lambda record: _listed(record, column, shortest))


def _good(
    path: Path,
    records: Iterable[tuple[int, _Record]],
    choose: Callable[[dict[str, object]], _Row | Fault],
) -> list[tuple[int, _Row]]:
    """What is chosen from each record, with its line.

    Raises:
        UserError: There are bad rows.
    """
    rows: list[tuple[int, _Row]] = []
    faults: list[tuple[int, Fault]] = []
    for line, record in records:
        row = record if isinstance(record, Fault) else choose(record)
        if isinstance(row, Fault):
            faults.append((line, row))
        else:
            rows.append((line, row))
    refuse_faults(path, faults)
    return rows


def _read_text(path: Path) -> str:
    if path.is_dir():
        raise UserError(f"{path} is a folder: name a file in it")
    if not path.exists():
        raise UserError(f"{path} does not exist: check the file's name")
    known = (*_DELIMITERS, *_JSON_LINES)
    if path.suffix.lower() not in known:
        raise UserError(f"{path} has no known extension: it should be one of {', '.join(known)}")
    try:
        content = path.read_bytes()
    except OSError as error:
        raise UserError(
            f"{path} cannot be read ({error.strerror}): check who may read it"
        ) from None
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise UserError(
            f"{path} is not UTF-8 at byte {error.start} (line {line}): save it as UTF-8"
        ) from None
    text = text.removeprefix("\ufeff")
    if not text.strip():
        raise UserError(f"{path} is empty: add rows")
    return text


def _delimited_records(
    text: str, delimiter: str, columns: Sequence[str], path: Path
) -> Iterator[tuple[int, _Record]]:
    csv.field_size_limit(sys.maxsize)  # the default refuses texts beyond 131,072 characters
    # Strict, since otherwise a quotation mark that is never closed swallows all rows behind it.
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        header = next(fields for fields in reader if fields)
    except csv.Error as error:
        raise UserError(f"{path}: the header cannot be read ({error}): mend it") from None
    for column in columns:
        if header.count(column) != 1:
            raise UserError(
                f"{path} needs one column {column!r} and has the columns {reprlib.repr(header)}: "
                "rename them in its first line"
            )
    while True:
        line = reader.line_num + 1
        try:
            fields = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield line, Fault(f"wrong quotation marks ({error})")
            continue
        if not fields:
            continue
        if len(fields) == len(header):
            yield line, dict(zip(header, fields, strict=True))
        else:
            yield (
                line,
                Fault(f"fields: {len(fields)}, not {len(header)} as in the header"),
            )


def _json_records(text: str) -> Iterator[tuple[int, _Record]]:
    # Only "\n" ends a line: JSON strings may hold the other characters that str.splitlines knows.
    for line, source in enumerate(text.split("\n"), start=1):
        if not source.strip():
            continue
        try:
            value = json.loads(source)
        except (ValueError, RecursionError):
            yield line, Fault("broken JSON")
            continue
        yield line, value if isinstance(value, dict) else Fault("no JSON object")


def _chosen(record: dict[str, object], columns: Sequence[str]) -> dict[str, str] | Fault:
    """Gives the columns' values, or the first thing that is wrong with them."""
    chosen: dict[str, str] = {}
    for column in columns:
        if column not in record:
            return _missing(record, column)
        value = _string(record[column], repr(column))
        if isinstance(value, Fault):
            return value
        chosen[column] = value
    return chosen


def _listed(record: dict[str, object], column: str, shortest: int) -> list[str] | Fault:
    """Gives the strings of a column's list, or the first thing that is wrong with them."""
    if column not in record:
        return _missing(record, column)
    values = record[column]
    if not isinstance(values, list):
        return Fault(f"{column!r} is {reprlib.repr(values)}, not a list")
    if len(values) < shortest:
        return Fault(f"{column!r} has {len(values)} strings, not {shortest} or more")
    strings: list[str] = []
    for place, value in enumerate(values, start=1):
        string = _string(value, f"string {place} of {column!r}")
        if isinstance(string, Fault):
            return string
        strings.append(string)
    return strings


def _missing(record: dict[str, object], column: str) -> Fault:
    return Fault(f"no {column!r} among {reprlib.repr(list(record))}")


def _string(value: object, name: str) -> str | Fault:
    """Gives a value that is a string fit to be read."""
    if not isinstance(value, str):
        return Fault(f"{name} is {reprlib.repr(value)}, not a string")
    if not value.strip():
        return Fault(f"empty {name}")
    if any("\ud800" <= character <= "\udfff" for character in value):
        return Fault(f"{name} holds half a surrogate pair")
    return value


def refuse_faults(path: Path, faults: Sequence[tuple[int, Fault]]) -> None:
    """Refuses a file with bad rows.

    Args:
        path: The file.
        faults: What is wrong, each with its line.

    Raises:
        UserError: There are any.
    """
    if faults:
        shown = "; ".join(f"line {line}: {fault.reason}" for line, fault in faults[:_FAULTS_SHOWN])
        hidden = len(faults) - _FAULTS_SHOWN
        more = f"; and {hidden} more" if hidden > 0 else ""
        raise UserError(
            f"{path} has bad rows ({len(faults)}): {shown}{more}. Mend or remove these lines"
        )
