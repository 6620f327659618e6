"""From the tables of a file to the items of the list: values read, everything odd told, nothing decided yet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mappings.records import Person

from .columns import Layout, find_list
from .dates import DateOrder, decide_orders
from .findings import Finding, Level, Question
from .options import ImportOptions
from .people import known_names, parse_people
from .row_reader import RowReader
from .rows import ABSENT, CLEAR, Given, RequestRow, why_no_request
from .status_words import first_status, remarks
from .synonyms import DATES, KEPT, Column
from .table import Row, Sheet, cell_text
from .words import PRIORITIES, REQUEST_TYPES

LONGEST_TITLE = 255
"""Jira takes no longer summary."""
_STRUCK = "If the request no longer applies, write so in a status column (withdrawn, n/a), or take the row out."


@dataclass(frozen=True, slots=True)
class ParsedList:
    """The list as it was read. `findings` are all there are, of the file and of its rows, in the order of the file."""

    rows: tuple[RequestRow, ...]
    findings: tuple[Finding, ...]
    questions: tuple[Question, ...]
    layout: Layout | None

    @property
    def mapping(self) -> Mapping[str, str]:
        """Heading → meaning as used; may be saved for the firm and given as `ImportOptions.columns` next time."""
        return self.layout.mapping if self.layout else {}

    @property
    def lacks_titles(self) -> bool:
        """Whether it is still asked where the titles are."""
        return any(question.subject == "columns" for question in self.questions)

    def told(self, level: Level, row: int | None = None) -> tuple[Finding, ...]:
        """The findings of one level, of the whole list or of one row."""
        return tuple(f for f in self.findings if f.level == level and row in (None, f.row))


def parse_request_list(sheets: Sequence[Sheet], options: ImportOptions | None = None) -> ParsedList:
    """The items of the list in `sheets` (see `read_table`). Raises nothing: what is wrong is in `findings`, what the
    file alone cannot tell is in `questions`."""
    options = options or ImportOptions()
    found = find_list(sheets, options)
    warnings = [Finding(Level.WARNING, text.rstrip(".")) for sheet in sheets for text in sheet.warnings]
    if found.layout is None:
        return ParsedList((), (*warnings, *found.findings), found.questions, None)
    layout = found.layout
    orders, questions = _orders(layout, options)
    items, passed_over = _items(layout)
    known = known_names([*options.people, *_named_in_list(layout, items)])
    readers = [RowReader(layout, row, orders, known) for row in items]
    rows = [_request(reader, options) for reader in readers]
    of_rows = [finding for reader in readers for finding in reader.findings] + _duplicates(layout, rows) + passed_over
    return ParsedList(
        rows=tuple(rows),
        findings=(*warnings, *found.findings, *_about_all(layout, rows), *sorted(of_rows, key=lambda f: f.row or 0)),
        questions=(*found.questions, *questions),
        layout=layout,
    )


def _orders(layout: Layout, options: ImportOptions) -> tuple[Mapping[int, DateOrder], list[Question]]:
    headings = [h for h in layout.headings if h.column in DATES]
    told = {h.index: order for h in headings if (order := options.date_order or h.order)}
    decision = decide_orders({h.index: [row.cell(h.index) for row in layout.rows] for h in headings}, told)
    choices = tuple(DateOrder)
    if decision.contradicting:
        one, other = decision.contradicting
        text = f"The dates contradict one another: '{one}' has the day first, '{other}' the month. Which is meant?"
        return decision.orders, [Question("dates", text, "date_order", choices)]
    if decision.undecided:
        text = f"Does '{decision.undecided[0]}' have the day first (dmy) or the month (mdy)? No date in the list tells."
        return decision.orders, [Question("dates", text, "date_order", choices)]
    return decision.orders, []


def _items(layout: Layout) -> tuple[list[Row], list[Finding]]:
    reasons = [(row, why_no_request(row, layout)) for row in layout.rows]
    notes = [Finding(Level.NOTE, f"The row is passed over: {reason}", row.number) for row, reason in reasons if reason]
    return [row for row, reason in reasons if reason is None], notes


def _named_in_list(layout: Layout, rows: Sequence[Row]) -> list[Person]:
    """Everybody whom the list itself names together with an e-mail."""
    headings = [h for h in layout.headings if h.column in (Column.OWNER, Column.REVIEWER)]
    texts = {cell_text(row.cell(h.index)) for h in headings for row in rows}
    return [one for text in sorted(texts) for one in parse_people(text, {}).people]


def _request(reader: RowReader, options: ImportOptions) -> RequestRow:
    if reader.row.number in reader.layout.sheet.struck:
        reader.tell(Level.WARNING, None, "The row is struck out, and is read like any other", advice=_STRUCK)
    title, description = _title_and_description(reader)
    owner, watchers = _owner(reader)
    period_start, period_end = reader.period()
    number = _number(reader, options)
    begins_as, is_imported, words = first_status(reader, options)
    return RequestRow(
        row=reader.row.number,
        number=number,
        is_numbered_here=options.number_missing and not number,
        title=title,
        description=description,
        criteria=reader.criteria(),
        controls=reader.names(Column.CONTROLS),
        category=reader.raw(Column.CATEGORY),
        request_type=reader.word(Column.REQUEST_TYPE, REQUEST_TYPES),
        team=reader.raw(Column.TEAM),
        owner=owner,
        watchers=watchers,
        reviewer=_reviewer(reader, owner),
        auditor_due_on=reader.day(Column.AUDITOR_DUE_ON),
        priority=reader.word(Column.PRIORITY, PRIORITIES),
        period_start=period_start,
        period_end=period_end,
        sample=reader.raw(Column.SAMPLE),
        system=reader.raw(Column.SYSTEM),
        frequency=reader.raw(Column.FREQUENCY),
        jira_key=_plain(reader.raw(Column.JIRA_KEY)),
        first_status=begins_as,
        is_status_imported=is_imported,
        status_words=words,
        remarks=remarks(reader, words),
        extra=reader.kept((None, *KEPT)),
    )


def _plain(given: Given[str]) -> str:
    return given if isinstance(given, str) else ""


def _number(reader: RowReader, options: ImportOptions) -> str:
    heading = reader.layout.heading(Column.NUMBER)
    number = " ".join(_plain(reader.raw(Column.NUMBER)).split())
    if not number and heading and not options.number_missing:
        reader.tell(
            Level.PROBLEM,
            heading,
            "The request has no number",
            expected="the auditor's number of the request, the same in every version of the list",
            advice="Add it, or import with numbers of Tieout's own (R-001, R-002 …).",
        )
    return number


def _title_and_description(reader: RowReader) -> tuple[Given[str], Given[str]]:
    """The title on one line, never longer than Jira takes; what is cut off stands whole in the description."""
    description = reader.raw(Column.DESCRIPTION)
    heading = reader.layout.heading(Column.TITLE)
    given = reader.raw(Column.TITLE) if heading else _first_line(description)
    if given is CLEAR:
        reader.tell(Level.PROBLEM, heading, "A title cannot be emptied", advice="Write one, or leave the cell blank.")
    if not isinstance(given, str):
        return ABSENT, description
    title = " ".join(given.split())
    if len(title) <= LONGEST_TITLE:
        return title, description
    what = f"The title has {len(title)} characters; Jira takes {LONGEST_TITLE}. It is cut, and stands whole in the text"
    reader.tell(Level.WARNING, heading or reader.layout.heading(Column.DESCRIPTION), what)
    whole = [title] if heading else []
    text = "\n\n".join([*whole, *([description] if isinstance(description, str) else [])])
    return f"{title[: LONGEST_TITLE - 1].rstrip()}…", text


def _first_line(description: Given[str]) -> Given[str]:
    return description.split("\n", 1)[0] if isinstance(description, str) else ABSENT


def _owner(reader: RowReader) -> tuple[Given[Person], tuple[Person, ...]]:
    people = reader.people(Column.OWNER)
    if not isinstance(people, tuple):
        return people, ()
    if len(people) > 1:
        others = ", ".join(one.name for one in people[1:])
        what = f"Several people are named; {people[0].name} becomes the owner, a task of their own goes to {others} too"
        reader.tell(Level.WARNING, reader.layout.heading(Column.OWNER), what)
    return people[0], people[1:]


def _reviewer(reader: RowReader, owner: Given[Person]) -> Given[Person]:
    people = reader.people(Column.REVIEWER)
    heading = reader.layout.heading(Column.REVIEWER)
    if not isinstance(people, tuple):
        return people
    if len(people) > 1:
        reader.tell(Level.WARNING, heading, f"Several reviewers are named; {people[0].name} is taken")
    if people[0] == owner:
        what = f"{people[0].name} is the owner too, and nobody reviews what is their own"
        reader.tell(Level.WARNING, heading, what, advice="Name a colleague.")
    return people[0]


def _duplicates(layout: Layout, rows: Sequence[RequestRow]) -> list[Finding]:
    heading = layout.heading(Column.NUMBER)
    first: dict[str, int] = {}
    problems = []
    for row in rows:
        earlier = first.setdefault(row.number.casefold(), row.row)
        if row.number and heading and earlier != row.row:
            problems.append(
                Finding(
                    Level.PROBLEM,
                    f"The number is on rows {earlier} and {row.row}",
                    row.row,
                    heading.header,
                    heading.letter,
                    came=row.number,
                    expected="each number once",
                    advice="Give one of them another number, or take it out.",
                )
            )
    return problems


def _about_all(layout: Layout, rows: Sequence[RequestRow]) -> list[Finding]:
    """What is to be said of the list as a whole."""
    said = []
    description = layout.heading(Column.DESCRIPTION)
    if description and not layout.heading(Column.TITLE):
        what = f"No column holds titles; the first line of '{description.header}' is taken"
        said.append(Finding(Level.WARNING, what, column=description.header, letter=description.letter))
    if not rows:
        what = f"There is no request below the headings on row {layout.header.number}"
        said.append(Finding(Level.PROBLEM, what, advice="Check that this is the right file and sheet."))
    return said
