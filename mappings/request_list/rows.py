"""One item of the list as it was read, and which rows of a table are items at all."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import Enum
from typing import Final, TypeAlias, TypeVar

from mappings.records import EMPTY, Person, RequestStatus

from .columns import Layout
from .dates import is_date_pattern
from .findings import shown
from .headings import meanings_of
from .synonyms import DATES, Column, header_key
from .table import Row, cell_text


class Unsaid(Enum):
    """ABSENT: the cell is blank or the column is not there, so all stays as it is. CLEAR: the cell says `-` or
    `(clear)`, so the field is emptied."""

    ABSENT = "absent"
    CLEAR = "clear"


ABSENT: Final = Unsaid.ABSENT
CLEAR: Final = Unsaid.CLEAR

_EXAMPLE = re.compile(
    r"^(?:example|sample|sample row|example row)$|^example:|^e\.g\.|[(\[](?:example|sample)(?: row)?[)\]]"
)

T = TypeVar("T")
Given: TypeAlias = T | Unsaid


@dataclass(frozen=True, slots=True)
class StatusWord:
    """What one status column says of a request."""

    header: str
    letter: str
    word: str
    status: str
    """A value of `RequestStatus`."""
    why_left_out: str = ""
    """Why the word does not count, if it does not."""


@dataclass(frozen=True, slots=True)
class RequestRow:
    """One item of the list. Fields are named as in `Record`; what the register has no place for is in `extra`."""

    row: int
    number: str
    """Empty when the list has none."""
    is_numbered_here: bool = False
    """The list has no number for it, and Tieout is to give one."""
    title: Given[str] = ABSENT
    description: Given[str] = ABSENT
    criteria: Given[tuple[str, ...]] = ABSENT
    controls: Given[tuple[str, ...]] = ABSENT
    category: Given[str] = ABSENT
    request_type: Given[str] = ABSENT
    team: Given[str] = ABSENT
    owner: Given[Person] = ABSENT
    watchers: tuple[Person, ...] = ()
    """Further people in the owner's cell."""
    reviewer: Given[Person] = ABSENT
    auditor_due_on: Given[date] = ABSENT
    priority: Given[str] = ABSENT
    period_start: Given[date] = ABSENT
    period_end: Given[date] = ABSENT
    sample: Given[str] = ABSENT
    system: Given[str] = ABSENT
    frequency: Given[str] = ABSENT
    jira_key: str = ""
    """An issue that is there already and is to be taken up instead of a new one."""
    first_status: str = RequestStatus.OPEN
    """Where a request begins that the register does not have yet."""
    is_status_imported: bool = False
    """The first status is the list's word, not decided here; said so wherever it is shown."""
    status_words: tuple[StatusWord, ...] = ()
    remarks: tuple[str, ...] = ()
    """What the list said of a request's progress, to be kept with it as text."""
    extra: Mapping[str, str] = field(default_factory=lambda: EMPTY)
    """Heading → text of the columns that are kept word for word; blank cells are not in it."""


def why_no_request(row: Row, layout: Layout) -> str | None:
    """Why a row below the headings is not an item of the list, in words; None when it is one."""
    filled = [(index, cell_text(cell)) for index, cell in enumerate(row.cells) if cell_text(cell)]
    texts = [text for _, text in filled]
    if not filled:
        return "it holds nothing that can be read"
    if _repeats_headings(filled, layout):
        return "it repeats the headings"
    if any(is_date_pattern(cell_text(row.cell(h.index))) for h in layout.headings if h.column in DATES):
        return "it shows how to fill in the list"
    if _is_example(row, texts, layout):
        return "it is marked as an example"
    if _is_total(texts):
        return f"{shown(texts[0])} is a total"
    if len(filled) == 1 and _is_section(row, *filled[0], layout):
        return f"{shown(texts[0])} is a heading of its own"
    return None


def _repeats_headings(filled: list[tuple[int, str]], layout: Layout) -> bool:
    own = {h.index: header_key(h.header) for h in layout.headings}
    same = sum(own.get(index) == header_key(text) for index, text in filled)
    alike = sum(bool(meanings_of(text)) for _, text in filled)
    return len(filled) > 1 and (same >= max(2, 0.6 * len(filled)) or alike == len(filled) >= 3)


def _is_example(row: Row, texts: list[str], layout: Layout) -> bool:
    """Marked in the number or the title; `Sample: …` and `Example of …` are titles that real requests have."""
    telling = [h for column in (Column.NUMBER, Column.TITLE) if (h := layout.heading(column))]
    marks = [cell_text(row.cell(h.index)).casefold() for h in telling]
    return any(_EXAMPLE.search(mark) for mark in marks) or all(text.casefold().startswith("example_") for text in texts)


def _is_total(texts: list[str]) -> bool:
    pattern = r"(grand |sub)?[ -]?totals?( (items|requests|open|number|count).*)?[:\s]*\d*|count:?\s*\d*|end of list\W*"
    return len(texts) <= 4 and re.fullmatch(pattern, texts[0].casefold()) is not None


def _is_section(row: Row, index: int, text: str, layout: Layout) -> bool:
    """The row's only cell heads a section: it is merged over others, or stands where numbers stand and is none."""
    number = layout.heading(Column.NUMBER)
    is_word = re.search(r"\d", text) is None or len(text) > 40
    return row.number in layout.sheet.merged or (number is not None and number.index == index and is_word)
