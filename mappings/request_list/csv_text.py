"""CSV as it comes from anywhere: UTF-8, UTF-16 or Windows text, and any of the usual delimiters."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress

from .table import MOST_COLUMNS, MOST_ROWS, Row, Sheet, UnreadableFile

_DELIMITERS = ",;\t|"
_BEGINNING = 200
"""Bytes by which UTF-16 without its mark is told: there, every other byte of plain Latin text is nought."""
_LOOKED_AT = 60
"""Records by which the delimiter is chosen."""


def read_csv(file_name: str, content: bytes) -> Sheet:
    """The one table of a CSV file; a row's number is the line its record begins on."""
    text, warnings = _decoded(file_name, content)
    declared = re.match(r"sep=(.)\r?\n", text)
    delimiter = declared.group(1) if declared else _delimiter(text)
    rows: list[Row] = []
    for row in _records(file_name, text, delimiter):
        if row.is_blank or (declared and row.number == 1):
            continue
        if len(rows) == MOST_ROWS:
            raise UnreadableFile(f"{file_name} has more than {MOST_ROWS:,} rows. Split it, or take empty rows out.")
        if len(row.cells) > MOST_COLUMNS:
            raise UnreadableFile(
                f"{file_name}, line {row.number}: {len(row.cells)} columns came, at most {MOST_COLUMNS} are read. "
                "Take columns out, or mend the quotes on that line."
            )
        rows.append(row)
    return Sheet(name=file_name, rows=tuple(rows), kind="csv", warnings=warnings, delimiter=delimiter)


def _records(file_name: str, text: str, delimiter: str) -> Iterator[Row]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    begins_on = 1
    try:
        for record in reader:
            yield Row(begins_on, tuple(cell or None for cell in record))
            begins_on = reader.line_num + 1
    except csv.Error as error:
        raise UnreadableFile(
            f"{file_name}: the record that begins on line {begins_on} cannot be read ({error}). "
            "Look for a double quote that is not closed, or not doubled within a quoted text."
        ) from error


def _decoded(file_name: str, content: bytes) -> tuple[str, tuple[str, ...]]:
    """The text, and a warning when its encoding had to be guessed."""
    encoding = "utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    if encoding == "utf-8-sig" and content[:_BEGINNING].count(0) > len(content[:_BEGINNING]) / 4:
        encoding = "utf-16-le" if content[1:2] == b"\x00" else "utf-16-be"
    try:
        return content.decode(encoding), ()
    except UnicodeDecodeError:
        return _windows_text(file_name, content)


def _windows_text(file_name: str, content: bytes) -> tuple[str, tuple[str, ...]]:
    try:
        text = content.decode("cp1252")
    except UnicodeDecodeError as error:
        raise UnreadableFile(
            f"{file_name} is neither UTF-8, UTF-16 nor Windows text (byte {error.start}). "
            "Save it as 'CSV UTF-8', or send the .xlsx."
        ) from error
    return text, ("The file is not UTF-8; it was read as Windows text (cp1252). Check letters with accents.",)


def _delimiter(text: str) -> str:
    """The delimiter under which most records have the same number of cells; the wider table wins a tie."""
    return max(_DELIMITERS, key=lambda delimiter: _evenness(text, delimiter))


def _evenness(text: str, delimiter: str) -> tuple[bool, float, int]:
    widths: Counter[int] = Counter()
    # A record that cannot be read ends the look; reading the whole file will tell where and why.
    with suppress(csv.Error):
        for record in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True):
            if any(record):
                widths[len(record)] += 1
            if widths.total() == _LOOKED_AT:
                break
    if not widths:
        return (False, 0.0, 0)
    width, count = widths.most_common(1)[0]
    return (width > 1, count / widths.total(), width)
