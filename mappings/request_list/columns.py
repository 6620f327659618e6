"""Finds the list in a file: its sheet, its row of headings, and what each column means."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from .findings import Finding, Level, Question
from .headings import Assignment, Heading, assign, told_meanings
from .options import ImportOptions
from .synonyms import Column, header_key
from .table import Cell, Row, Sheet, cell_text

KEEP = "keep"
"""What the caller answers for a column that is to be kept word for word."""

_LOOKED_AT = 50
"""Rows of a sheet in which its headings are looked for."""
_ASIDE = ("instruction", "dashboard", "readme", "read me", "legend", "lookup", "dropdown", "how to", "cover", "example")
_CLEARLY_BETTER = 2


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the list is and how it is read."""

    sheet: Sheet
    header: Row
    headings: tuple[Heading, ...]

    @property
    def rows(self) -> tuple[Row, ...]:
        """The rows below the headings."""
        return tuple(row for row in self.sheet.rows if row.number > self.header.number)

    def heading(self, column: Column) -> Heading | None:
        return next((h for h in self.headings if h.column == column), None)

    @property
    def mapping(self) -> Mapping[str, str]:
        """Heading to meaning, `keep` for those without: what `ImportOptions.columns` takes next time."""
        return {h.header: h.column.value if h.column else KEEP for h in self.headings if h.header}


@dataclass(frozen=True, slots=True)
class Found:
    """The list, if there is one, and what is to be said about it."""

    layout: Layout | None
    findings: tuple[Finding, ...] = ()
    questions: tuple[Question, ...] = ()


def find_list(sheets: Sequence[Sheet], options: ImportOptions) -> Found:
    """The sheet and the row of headings that most headings are recognised in; sheets that only explain are left out."""
    told, findings = _told(options.columns)
    if options.sheet is not None and not (named := [s for s in sheets if s.name == options.sheet]):
        names = tuple(s.name for s in sheets)
        question = Question("sheet", f"There is no sheet '{options.sheet}'. Which one is the list?", "sheet", names)
        return Found(None, findings, (question,))
    candidates = sorted(
        (
            (score, sheet, row)
            for sheet in (named if options.sheet else sheets)
            for score, row in [_header(sheet, told)]
        ),
        key=lambda found: (not _is_aside(found[1], options), found[0]),
        reverse=True,
    )
    if not candidates or candidates[0][0] == 0:
        return Found(None, (*findings, _NO_HEADINGS))
    score, sheet, header = candidates[0]
    lists = [(n, s.name) for n, s, row in candidates[1:] if n and s.rows[-1] != row and not _is_aside(s, options)]
    rivals = [name for _, name in lists]
    close = [name for n, name in lists if n > score - _CLEARLY_BETTER]
    if close:
        return Found(None, findings, (_which_sheet([sheet.name, *close]),))
    layout, assignment = _layout(sheet, header, told)
    aside = [Finding(Level.NOTE, f"Only the sheet '{sheet.name}' is read, not: {', '.join(rivals)}")] if rivals else []
    return Found(
        layout,
        (*findings, *_unused(layout, options), *aside, *assignment.findings),
        (*assignment.questions, *_missing(layout, options)),
    )


def _told(columns: Mapping[str, str]) -> tuple[dict[str, Column | None], tuple[Finding, ...]]:
    """The caller's mapping by `header_key`, and a problem for each meaning there is not."""
    known = {column.value: column for column in Column}
    wrong = tuple(
        Finding(
            Level.PROBLEM,
            "The mapping of columns names a meaning that does not exist",
            column=header,
            came=meaning,
            expected=f"one of {', '.join(known)}, or {KEEP}",
        )
        for header, meaning in columns.items()
        if meaning not in known and meaning != KEEP
    )
    sound = {header: meaning for header, meaning in columns.items() if meaning in known or meaning == KEEP}
    return {header_key(header): known.get(meaning) for header, meaning in sound.items()}, wrong


def _header(sheet: Sheet, told: Mapping[str, Column | None]) -> tuple[int, Row]:
    """How many columns the best row of headings names, and that row; 0 when there is none."""
    scored = [(_score(row, told), row) for row in sheet.rows[:_LOOKED_AT]]
    return max(scored, key=lambda found: found[0], default=(0, Row(0, ())))


def _score(row: Row, told: Mapping[str, Column | None]) -> int:
    """The columns a row names, if it names enough of them to be a row of headings: what is asked, and one more."""
    named = [{m.column for m in told_meanings(cell_text(cell), told)} for cell in row.cells if isinstance(cell, str)]
    columns = {next(iter(sorted(found))) for found in named if found}
    is_list = any(found & {Column.NUMBER, Column.TITLE, Column.DESCRIPTION} for found in named)
    return len(columns) if is_list and sum(map(bool, named)) > 1 else 0


def _is_aside(sheet: Sheet, options: ImportOptions) -> bool:
    return options.sheet is None and sheet.name.casefold().startswith(_ASIDE)


def _layout(sheet: Sheet, header: Row, told: Mapping[str, Column | None]) -> tuple[Layout, Assignment]:
    below = tuple(row for row in sheet.rows if row.number > header.number)
    width = max([len(header.cells), *(len(row.cells) for row in below)])
    headings = [
        Heading(index, _name(header.cell(index)), sheet.letter(index))
        for index in range(width)
        if header.cell(index) is not None or any(row.cell(index) is not None for row in below)
    ]
    assignment = assign(headings, below, told)
    return Layout(sheet, header, assignment.headings), assignment


def _name(cell: Cell) -> str:
    return " ".join(cell_text(cell).split())


def _unused(layout: Layout, options: ImportOptions) -> list[Finding]:
    there = {header_key(h.header) for h in layout.headings}
    return [
        Finding(Level.WARNING, f"The mapping names a column '{header}' that this list does not have")
        for header in options.columns
        if header_key(header) not in there
    ]


def _missing(layout: Layout, options: ImportOptions) -> list[Question]:
    choices = tuple(h.header for h in layout.headings if h.column is None and h.header)
    questions = []
    if not layout.heading(Column.TITLE) and not layout.heading(Column.DESCRIPTION):
        text = "No column holds the title of a request. Say which one does."
        questions.append(Question("columns", text, "columns", choices))
    if not layout.heading(Column.NUMBER) and not options.number_missing:
        text = "No column holds the request's number. Say which one does, or let Tieout number them R-001, R-002 …"
        questions.append(Question("number", text, "number_missing", choices))
    return questions


def _which_sheet(names: Sequence[str]) -> Question:
    text = f"Several sheets look like the list: {', '.join(names)}. Say which one to read."
    return Question("sheet", text, "sheet", tuple(names))


_NO_HEADINGS = Finding(
    Level.PROBLEM,
    "No row of headings was found",
    expected="a row with at least a title and one more heading, such as 'Request #', 'Title', 'Owner', 'Due date'",
    advice="Add the row, or say with the mapping of columns what yours are called.",
)
