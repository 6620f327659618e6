"""Decides what each column of a list means, from its heading and, where that can mean two things, from its cells.

The rules, in their order:

1. What the caller says of a heading holds.
2. A heading that surely means a column has it before one that only usually does (the ranks of `synonyms`).
3. Of two headings that mean the same equally well: one that has another meaning free takes that; an empty column and
   one that says the same in every row give way; else it is a question, if the column matters, and the first one has it.
4. `ID` beside `Reference` is a question: tools use either for the auditor's number.
5. `Item` is the number when nothing else is and its cells look like numbers, else the title.
6. `From` without `To`, and the other way round, is no period.
7. With no title, the first line of the description is the title.

What no rule gives a meaning is kept word for word.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from .dates import DateOrder, order_in_heading
from .findings import Finding, Level, Question
from .synonyms import KEPT, MEANINGS, Column, Meaning, header_key
from .table import Cell, Row, cell_text

_ITEM = "item"
_LONGEST_HEADING = 60


@dataclass(frozen=True, slots=True)
class Heading:
    """One column of the list: its place, its heading in the file, and what it means; None is kept word for word."""

    index: int
    header: str
    letter: str
    column: Column | None = None
    order: DateOrder | None = None
    """The order of day and month that the heading itself tells."""


@dataclass(frozen=True, slots=True)
class Assignment:
    headings: tuple[Heading, ...]
    findings: tuple[Finding, ...] = ()
    questions: tuple[Question, ...] = ()


def meanings_of(header: str) -> tuple[Meaning, ...]:
    """What a heading may mean, likeliest first; a remark in brackets is left away when it is not known with it."""
    if len(header) > _LONGEST_HEADING:
        return ()
    return MEANINGS.get(header_key(header)) or MEANINGS.get(header_key(re.sub(r"[(\[].*?[)\]]", "", header)), ())


def told_meanings(header: str, told: Mapping[str, Column | None]) -> tuple[Meaning, ...]:
    """`meanings_of`, with the caller's word before everything else."""
    key = header_key(header)
    if key not in told:
        return meanings_of(header)
    column = told[key]
    return (Meaning(column, 0),) if column else ()


def assign(headings: Sequence[Heading], rows: Sequence[Row], told: Mapping[str, Column | None]) -> Assignment:
    """The headings with their meanings. `rows` are those below them; `told` is keyed by `header_key`."""
    claims = {h.index: told_meanings(h.header, told) for h in headings}
    claims = {index: _without_item(index, found, claims, headings, rows) for index, found in claims.items()}
    given: dict[int, Column] = {}
    questions: list[Question] = []
    for rank in range(4):
        for column in Column:
            claimants = _claimants(claims, given, column, rank)
            if claimants and column not in given.values():
                best, is_open = _choose(claimants, column, claims, given, rows)
                given[best] = column
                if is_open:
                    questions.append(_which(column, [h for h in headings if h.index in is_open]))
    _drop_half_periods(given, claims)
    questions += _reference_question(headings, claims, given)
    known = tuple(replace(h, column=given.get(h.index), order=order_in_heading(h.header)) for h in headings)
    return Assignment(known, tuple(_second_bests(known, claims)), tuple(questions))


def _claimants(
    claims: Mapping[int, Sequence[Meaning]], given: Mapping[int, Column], column: Column, rank: int
) -> list[int]:
    return [index for index, found in claims.items() if index not in given and Meaning(column, rank) in found]


def _choose(
    claimants: list[int],
    column: Column,
    claims: Mapping[int, Sequence[Meaning]],
    given: Mapping[int, Column],
    rows: Sequence[Row],
) -> tuple[int, tuple[int, ...]]:
    """The heading that gets `column`, and those between which a person must choose, if any."""
    taken = {*given.values(), column}
    single = [index for index in claimants if not any(m.column not in taken for m in claims[index])] or claimants
    filled = [index for index in single if any(row.cell(index) is not None for row in rows)] or single
    distinct: dict[tuple[str, ...], int] = {}
    for index in filled:
        distinct.setdefault(tuple(cell_text(row.cell(index)) for row in rows), index)
    left = tuple(distinct.values())
    return left[0], left if len(left) > 1 and column not in KEPT else ()


def _without_item(
    index: int,
    found: tuple[Meaning, ...],
    claims: Mapping[int, Sequence[Meaning]],
    headings: Sequence[Heading],
    rows: Sequence[Row],
) -> tuple[Meaning, ...]:
    """`Item` is a number only where nothing else is one and its cells look like numbers; else it is a title."""
    if not any(h.index == index and header_key(h.header) == _ITEM for h in headings) or len(found) < 2:
        return found
    has_number = any(m.column == Column.NUMBER for other, ms in claims.items() if other != index for m in ms)
    is_number = not has_number and _look_like_numbers([row.cell(index) for row in rows])
    return tuple(m for m in found if (m.column == Column.NUMBER) == is_number)


def _look_like_numbers(cells: Sequence[Cell]) -> bool:
    texts = [cell_text(cell) for cell in cells if cell is not None]
    short = [text for text in texts if len(text) <= 12 and re.search(r"\d", text)]
    return bool(texts) and len(short) >= 0.8 * len(texts)


def _drop_half_periods(given: dict[int, Column], claims: Mapping[int, Sequence[Meaning]]) -> None:
    ends = {Column.PERIOD_START, Column.PERIOD_END}
    halves = [index for index, column in given.items() if column in ends]
    if len(halves) == 1 and claims[halves[0]][0].rank == 2:
        del given[halves[0]]


def _reference_question(
    headings: Sequence[Heading], claims: Mapping[int, Sequence[Meaning]], given: Mapping[int, Column]
) -> list[Question]:
    chosen = [index for index, column in given.items() if column == Column.NUMBER]
    if not chosen or Meaning(Column.NUMBER, 2) not in claims[chosen[0]]:
        return []
    other = [index for index, found in claims.items() if Meaning(Column.NUMBER, 3) in found and index not in given]
    both = [h for h in headings if h.index in (*chosen, *other)]
    return [_which(Column.NUMBER, both)] if other else []


def _which(column: Column, between: Sequence[Heading]) -> Question:
    names = tuple(h.header for h in between)
    listed = " and ".join(f"'{name}'" for name in names)
    return Question(
        subject="columns",
        text=f"Both {listed} can be the {_SPOKEN.get(column, column.value)}. Say which one is it.",
        option="columns",
        choices=names,
    )


def _second_bests(headings: Sequence[Heading], claims: Mapping[int, Sequence[Meaning]]) -> list[Finding]:
    """A note for each heading that was recognised but gave way to a better one."""
    named = {h.column: h for h in headings if h.column}
    return [
        Finding(
            Level.NOTE,
            f"'{named[claims[h.index][0].column].header}' is read as the {_SPOKEN.get(column, column.value)}; "
            "this column is kept as it is",
            column=h.header,
            letter=h.letter,
        )
        for h in headings
        if h.column is None and claims[h.index]
        for column in [claims[h.index][0].column]
        if column in named and column not in KEPT
    ]


_SPOKEN: Mapping[Column, str] = {
    Column.NUMBER: "request's number",
    Column.AUDITOR_DUE_ON: "due date",
    Column.REQUEST_TYPE: "type of request",
    Column.EVIDENCE_LINK: "link to the evidence",
}
