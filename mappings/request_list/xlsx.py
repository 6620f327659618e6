"""Excel workbooks: visible sheets, native dates, saved results of formulas, merged cells. XML entities stay off.

openpyxl parses with defusedxml whenever that is installed, and it is one of our requirements.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from xml.etree.ElementTree import ParseError

import defusedxml.ElementTree
import openpyxl
from openpyxl.utils.cell import range_boundaries
from openpyxl.utils.exceptions import InvalidFileException

from .table import MOST_COLUMNS, MOST_ROWS, Cell, Row, Sheet, UnreadableFile, is_blank

MOST_UNPACKED = 50 * 1024 * 1024
PIECE_BYTES = 64 * 1024
MOST_CELLS = 500_000
"""Cells looked at in one sheet, filled or not."""

MOST_MERGES = 2_000
WIDE = 2
"""A cell that covers more than this many columns beside its own marks a title or a section, not a request."""

_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_MERGE = re.compile(rb'<(?:\w+:)?mergeCell\s[^>]*?ref="([A-Z]+[0-9]+(?::[A-Z]+[0-9]+)?)"')
"""Read off the bytes: a tree of the whole sheet, for a handful of references at its end, would be far larger."""
_FORMULA = re.compile(rb"<(?:\w+:)?f[\s/>]")
_RELATION_ID = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    InvalidFileException,
    ParseError,
    AttributeError,
    EOFError,
    IndexError,
    KeyError,
    NotImplementedError,
    OSError,
    OverflowError,
    RuntimeError,
    TypeError,
    ValueError,
)
"""What openpyxl and zipfile raise on a damaged or hostile workbook; defusedxml's refusals are ValueErrors."""


@dataclass(frozen=True, slots=True)
class _Merges:
    """Merged cells of one sheet: rows that are one wide cell, and columns in which one cell stands for several rows."""

    wide: frozenset[int]
    tall: tuple[tuple[int, int, int], ...]
    """Column index, first and last row."""


_NO_MERGES = _Merges(frozenset(), ())


def read_xlsx(file_name: str, content: bytes) -> list[Sheet]:
    """Every visible sheet that has content. Raises `UnreadableFile` for a damaged, hostile or oversized workbook."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            check_archive(file_name, archive)
            merges = _merges(archive)
            has_formulas = any(_FORMULA.search(archive.read(name)) for name in archive.namelist() if _is_sheet(name))
        second = _visible(content, data_only=False) if has_formulas else ()
        formulas = {name: dict(_formulas(sheet)) for name, sheet in second}
        sheets = [
            _sheet(file_name, name, sheet, formulas.get(name, {}), merges.get(name, _NO_MERGES))
            for name, sheet in _visible(content, data_only=True)
        ]
    except UnreadableFile:
        raise
    except _DAMAGE as error:
        raise UnreadableFile(
            f"{file_name} cannot be read as an Excel workbook ({type(error).__name__}). It may be damaged, protected, "
            "or of another kind (.xlsb, .ods, .numbers): open it in Excel and save it as .xlsx."
        ) from error
    return [sheet for sheet in sheets if sheet.rows]


def _is_sheet(path: str) -> bool:
    return path.startswith("xl/worksheets/") and path.endswith(".xml")


def check_archive(file_name: str, archive: zipfile.ZipFile) -> None:
    """Refuses an archive that unpacks to far more than a list can be, or than it says, before it is unpacked."""
    unpacked = sum(entry.file_size for entry in archive.infolist())
    if unpacked > MOST_UNPACKED:
        raise UnreadableFile(
            f"{file_name} would unpack to {unpacked // 1024 // 1024} MB; at most {MOST_UNPACKED // 1024 // 1024} MB "
            "are read. Copy the list alone into a new workbook."
        )
    if "xl/workbook.xml" not in archive.namelist():
        raise UnreadableFile(f"{file_name} is a zip file but not an Excel workbook. Save the list as .xlsx.")
    for entry in archive.infolist():
        if not _is_what_it_says(archive, entry):
            raise UnreadableFile(
                f"{file_name} is not as Excel made it: its part {entry.filename[:100]!r} has not the size that is said "
                "of it. Copy the list alone into a new workbook."
            )


def _is_what_it_says(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bool:
    """Whether a part unpacks to the size its directory says, found out a piece at a time.

    Read as a whole, a part is unpacked as a whole, however small it said it was; `zipfile` cuts it only then."""
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        return False  # nothing else is unpacked by the piece
    said = entry.file_size
    entry.file_size = said + 1  # as far as `zipfile` will read on
    try:
        with archive.open(entry) as part:
            return sum(map(len, iter(lambda: part.read(PIECE_BYTES), b""))) == said
    finally:
        entry.file_size = said


def _visible(content: bytes, *, data_only: bool) -> Iterator[tuple[str, Any]]:
    workbook = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=data_only, keep_links=False)
    for sheet in workbook.worksheets:
        if sheet.sheet_state == "visible":
            # The size a file claims is not believed: it may say a million rows of which ten exist.
            sheet.reset_dimensions()
            yield sheet.title, sheet
    workbook.close()


def _formulas(sheet: Any) -> Iterator[tuple[tuple[int, int], str]]:
    """Formulas by (row number, column index), as text."""
    for number, cells in _numbered(sheet):
        for index, cell in enumerate(cells):
            if cell.data_type == "f" and cell.value is not None:
                yield (number, index), str(getattr(cell.value, "text", cell.value))


def _numbered(sheet: Any) -> Iterator[tuple[int, tuple[Any, ...]]]:
    looked_at = 0
    for number, cells in enumerate(sheet.iter_rows(), 1):
        looked_at += len(cells)
        if looked_at > MOST_CELLS:
            raise UnreadableFile(
                f"Sheet '{sheet.title}' has more than {MOST_CELLS:,} cells. Copy the list alone into a new workbook."
            )
        yield number, cells


def _sheet(file_name: str, name: str, sheet: Any, formulas: Mapping[tuple[int, int], str], merges: _Merges) -> Sheet:
    rows: dict[int, list[Cell]] = {}
    unsaved = {}
    struck: set[int] = set()
    for number, raw in _numbered(sheet):
        cells = [_cell(cell) for cell in raw]
        for index, cell in enumerate(cells):
            if cell is None and (number, index) in formulas:
                cells[index] = unsaved[number, index] = formulas[number, index]
        if not all(is_blank(cell) for cell in cells):
            rows[number] = cells
            if all(raw[index].font.strike for index, cell in enumerate(cells) if not is_blank(cell)):
                struck.add(number)
            _check_size(file_name, name, number, cells, len(rows))
    _fill_down(rows, merges)
    return Sheet(
        name=name,
        rows=tuple(Row(number, tuple(cells)) for number, cells in rows.items()),
        kind="xlsx",
        merged=merges.wide,
        struck=frozenset(struck),
        formulas=unsaved,
    )


def _check_size(file_name: str, name: str, number: int, cells: list[Cell], count: int) -> None:
    width = max(index for index, cell in enumerate(cells, 1) if not is_blank(cell))
    if width > MOST_COLUMNS:
        raise UnreadableFile(
            f"{file_name}, sheet '{name}', row {number}: {width} columns came, at most {MOST_COLUMNS} are read. "
            "Take columns out."
        )
    if count > MOST_ROWS:
        raise UnreadableFile(f"{file_name}, sheet '{name}' has more than {MOST_ROWS:,} rows. Split it.")


def _fill_down(rows: dict[int, list[Cell]], merges: _Merges) -> None:
    """A cell merged over several rows holds for each of them, as a person reads it; the file has it in the first."""
    numbers = sorted(rows)
    for index, first, last in merges.tall:
        source = rows.get(first, [])
        if index < len(source) and source[index] is not None:
            for number in numbers[bisect_right(numbers, first) : bisect_right(numbers, last)]:
                cells = rows[number]
                cells.extend([None] * (index + 1 - len(cells)))
                cells[index] = source[index] if cells[index] is None else cells[index]


def _cell(cell: Any) -> Cell:
    """A cell's value as a person sees it; only a cell that Excel itself holds as a date is one."""
    value = cell.value
    match value:
        case None:
            return None
        case bool():
            return "yes" if value else "no"
        case int() | float():
            return _number(value, cell.number_format)
        case datetime() | date():
            return value
        case time() | timedelta():
            return str(value)
        case _:
            return str(value) or None


def _number(value: float, number_format: str) -> str:
    """A number as text: `7` under the format `000` is 007, `1.1` under `0.00` is 1.10, a whole float has no point."""
    if re.fullmatch(r"0{2,}", number_format):
        return f"{round(value):0{len(number_format)}d}"
    if decimals := re.fullmatch(r"0\.(0+)", number_format):
        return f"{value:.{len(decimals.group(1))}f}"
    return str(int(value)) if float(value).is_integer() else str(value)


def _merges(archive: zipfile.ZipFile) -> dict[str, _Merges]:
    """Merged cells by sheet name. openpyxl does not tell them of a sheet that it reads row by row."""
    relations = defusedxml.ElementTree.fromstring(archive.read("xl/_rels/workbook.xml.rels"))
    targets = {relation.get("Id"): relation.get("Target", "") for relation in relations}
    workbook = defusedxml.ElementTree.fromstring(archive.read("xl/workbook.xml"))
    paths = {
        sheet.get("name", ""): targets.get(sheet.get(_RELATION_ID), "") for sheet in workbook.iter(f"{_MAIN}sheet")
    }
    names = set(archive.namelist())
    full = {name: path.lstrip("/") if path.startswith("/") else f"xl/{path}" for name, path in paths.items()}
    return {name: _merged_cells(archive, path) for name, path in full.items() if path in names}


def _merged_cells(archive: zipfile.ZipFile, path: str) -> _Merges:
    wide: set[int] = set()
    tall: list[tuple[int, int, int]] = []
    for found in _MERGE.finditer(archive.read(path)):
        left, top, right, bottom = (int(edge or 0) for edge in range_boundaries(found.group(1).decode()))
        if right - left >= WIDE:
            wide.add(top)
        if bottom > top and len(tall) < MOST_MERGES:
            tall.append((left - 1, top, bottom))
    return _Merges(frozenset(wide), tuple(tall))
