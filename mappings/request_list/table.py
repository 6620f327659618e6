"""A table as it stands in a file, before anybody says what its columns mean."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from types import MappingProxyType
from typing import TypeAlias

Cell: TypeAlias = str | date | None
"""Text as a person sees it, a date the program itself knows as one (`datetime` where it has a time), or nothing."""

MOST_BYTES = 20 * 1024 * 1024
MOST_ROWS = 10_000
MOST_COLUMNS = 200

_NO_CELLS: Mapping[tuple[int, int], str] = MappingProxyType({})
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufeff\ufffe\uffff\ud800-\udfff]")
_FORMULA_START = ("=", "+", "-", "@", "\t", "\r")


class UnreadableFile(ValueError):
    """The file cannot be read as a list at all. The message says what was expected, what came, and what to do."""


@dataclass(frozen=True, slots=True)
class Row:
    number: int
    """As a person counts: the sheet's row, the line a CSV record begins on, the place in a JSON array from 1."""
    cells: tuple[Cell, ...]

    def cell(self, index: int) -> Cell:
        return self.cells[index] if index < len(self.cells) else None

    @property
    def is_blank(self) -> bool:
        return all(is_blank(cell) for cell in self.cells)


@dataclass(frozen=True, slots=True)
class Sheet:
    """One visible table of a file; rows without content are not in it."""

    name: str
    rows: tuple[Row, ...]
    kind: str = "csv"
    """xlsx, csv or json."""
    merged: frozenset[int] = frozenset()
    """Numbers of rows in which one merged cell spans several columns: titles and section headings."""
    struck: frozenset[int] = frozenset()
    """Numbers of rows that are struck out as a whole."""
    formulas: Mapping[tuple[int, int], str] = field(default_factory=lambda: _NO_CELLS)
    """Cells (row number, column index) whose formula has no saved result; the formula's text stands for it."""
    warnings: tuple[str, ...] = ()
    """About the file as a whole, such as a guessed encoding."""
    delimiter: str = ","
    """Of a CSV file; its export uses the same."""

    def letter(self, index: int) -> str:
        return "" if self.kind == "json" else column_letter(index)


def column_letter(index: int) -> str:
    """The spreadsheet letter of the column at `index`, counted from 0: A, B … Z, AA."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def is_blank(cell: Cell) -> bool:
    return cell is None or (isinstance(cell, str) and not cell.strip())


def cell_text(cell: Cell) -> str:
    """A cell as clean text: no control characters, line ends as \\n, no blanks around, our own escape taken off."""
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        return (
            cell.date().isoformat() if not (cell.hour or cell.minute or cell.second) else cell.isoformat(" ", "minutes")
        )
    if isinstance(cell, date):
        return cell.isoformat()
    text = _CONTROL.sub("", cell.replace("_x000D_", "").replace("\r\n", "\n").replace("\r", "\n")).strip()
    return text[1:] if text[:1] == "'" and text[1:].startswith(_FORMULA_START) else text


def has_control_characters(cell: Cell) -> bool:
    """Whether `cell_text` drops characters that no person typed."""
    return isinstance(cell, str) and _CONTROL.search(cell.lstrip("\ufeff").replace("\r", "")) is not None


def escaped(text: str) -> str:
    """`text` so that no spreadsheet program takes it for a formula: with an apostrophe before it where needed."""
    is_number = re.fullmatch(r"[+-]?[\d.,]*%?", text) is not None
    return f"'{text}" if text.startswith(_FORMULA_START) and not is_number else text
