"""Reads the cells of one row into values, and notes whatever was left out or could not be read."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from mappings.criteria import parse_criteria
from mappings.records import Person

from .columns import Layout
from .dates import EXPECTED, DateOrder, NotADate, TwoWays, is_no_date_yet, parse_date, parse_period
from .findings import Finding, Level
from .headings import Heading
from .people import ParsedPeople, is_nobody, parse_people
from .rows import ABSENT, CLEAR, Given
from .synonyms import Column
from .table import Row, cell_text, has_control_characters
from .words import meaning

_CLEAR_WORDS = ("-", "–", "—", "(clear)")
_ERROR = re.compile(r"#(REF|N/A|NAME|VALUE|DIV/0|NUM|NULL|SPILL|CALC|GETTING_DATA)[!?]?")
_CONTROL = "Control characters were taken out of the text"
_PEOPLE = "Write people as First Last <e-mail>, several with a semicolon between them."
_NOTHING = re.compile(r"n/?a|none|tb[dac]", re.IGNORECASE)


@dataclass(slots=True)
class RowReader:
    """The cells of one row by what they mean. `findings` grows as they are read; each cell is read once."""

    layout: Layout
    row: Row
    orders: Mapping[int, DateOrder]
    known: Mapping[str, Person]
    """See `people.known_names`."""
    findings: list[Finding] = field(default_factory=list)

    def tell(
        self, level: Level, heading: Heading | None, what: str, *, came: str = "", expected: str = "", advice: str = ""
    ) -> None:
        column, letter = (heading.header, heading.letter) if heading else ("", "")
        self.findings.append(Finding(level, what, self.row.number, column, letter, came, expected, advice))

    def raw(self, column: Column) -> Given[str]:
        """The cell's text: ABSENT when blank or an Excel error, CLEAR when it says so."""
        heading = self.layout.heading(column)
        return self._text(heading) if heading else ABSENT

    def _text(self, heading: Heading) -> Given[str]:
        cell = self.row.cell(heading.index)
        text = cell_text(cell)
        if _ERROR.fullmatch(text):
            self.tell(Level.WARNING, heading, "Excel shows an error here; the cell is left out", came=text)
            return ABSENT
        if has_control_characters(cell):
            self.tell(Level.WARNING, heading, _CONTROL)
        if (self.row.number, heading.index) in self.layout.sheet.formulas:
            self.tell(
                Level.WARNING, heading, "The cell holds a formula without a result; it is kept as text", came=text
            )
        elif text.startswith("="):
            self.tell(Level.WARNING, heading, "The text begins like a formula; it is kept as text", came=text)
        return CLEAR if text in _CLEAR_WORDS else text or ABSENT

    def word(self, column: Column, words: Mapping[str, str]) -> Given[str]:
        """The meaning of a word; one that is not known is told and left out."""
        text = self.raw(column)
        if not isinstance(text, str):
            return text
        found = meaning(words, text)
        if found is None:
            known = ", ".join(dict.fromkeys(words.values()))
            self.tell(Level.WARNING, self.layout.heading(column), "The word is not known; it is left out", came=text,
                      expected=f"a word for one of: {known}")  # fmt: skip
            return ABSENT
        return found

    def criteria(self) -> Given[tuple[str, ...]]:
        text = self.raw(Column.CRITERIA)
        if not isinstance(text, str) or _NOTHING.fullmatch(text):
            return text if text is CLEAR else ABSENT
        parsed = parse_criteria(text)
        for unknown in parsed.unknown:
            self.tell(Level.WARNING, self.layout.heading(Column.CRITERIA),
                      "This is not a Trust Services criterion; it is left out", came=unknown)  # fmt: skip
        return parsed.known or ABSENT

    def names(self, column: Column) -> Given[tuple[str, ...]]:
        """Names parted by commas, semicolons or lines, each once."""
        text = self.raw(column)
        if not isinstance(text, str) or _NOTHING.fullmatch(text):
            return text if text is CLEAR else ABSENT
        return tuple(dict.fromkeys(part.strip() for part in re.split(r"[,;\n|]", text) if part.strip())) or ABSENT

    def people(self, column: Column) -> Given[tuple[Person, ...]]:
        """The people a cell names, the first one first."""
        text = self.raw(column)
        heading = self.layout.heading(column)
        if not isinstance(text, str):
            return text
        parsed = ParsedPeople(()) if is_nobody(text) else parse_people(text, self.known)
        if not parsed.people:
            self.tell(Level.WARNING, heading, "Nobody is named here", came=text)
            return ABSENT
        for remark in parsed.remarks:
            self.tell(Level.WARNING, heading, remark, advice=_PEOPLE)
        return parsed.people

    def day(self, column: Column) -> Given[date]:
        """A date; TBD and its like are told and leave all as it is, an impossible one is a problem."""
        heading = self.layout.heading(column)
        text = self.raw(column)
        if heading is None or not isinstance(text, str):
            return CLEAR if text is CLEAR else ABSENT
        if is_no_date_yet(text):
            self.tell(Level.WARNING, heading, "No date is given yet", came=text)
            return ABSENT
        try:
            return parse_date(self.row.cell(heading.index), self.orders.get(heading.index))
        except TwoWays:
            return ABSENT
        except NotADate as reason:
            self._no_date(heading, str(reason), text)
            return ABSENT

    def period(self) -> tuple[Given[date], Given[date]]:
        """First and last day, from their own columns or from one for both."""
        first, last = self.day(Column.PERIOD_START), self.day(Column.PERIOD_END)
        if first is ABSENT and last is ABSENT and (heading := self.layout.heading(Column.PERIOD)):
            first, last = self._whole_period(heading)
        if isinstance(first, date) and isinstance(last, date) and last < first:
            heading = self.layout.heading(Column.PERIOD) or self.layout.heading(Column.PERIOD_END)
            self.tell(Level.PROBLEM, heading, f"The period ends before it begins ({first} to {last})",
                      advice="Correct it in the file.")  # fmt: skip
            return ABSENT, ABSENT
        return first, last

    def _whole_period(self, heading: Heading) -> tuple[Given[date], Given[date]]:
        text = self.raw(Column.PERIOD)
        if not isinstance(text, str):
            return text, text
        try:
            return parse_period(self.row.cell(heading.index), self.orders.get(heading.index))
        except TwoWays:
            return ABSENT, ABSENT
        except NotADate:
            self.tell(Level.WARNING, heading, "The period cannot be read; it is left out", came=text,
                      expected="two dates, such as 2026-01-01 to 2026-12-31")  # fmt: skip
            return ABSENT, ABSENT

    def _no_date(self, heading: Heading, reason: str, came: str) -> None:
        self.tell(Level.PROBLEM, heading, f"The date cannot be read: {reason}", came=came, expected=EXPECTED,
                  advice="Correct it in the file.")  # fmt: skip

    def kept(self, columns: Sequence[Column | None]) -> dict[str, str]:
        """Heading → text of the filled cells under columns of these meanings, word for word."""
        headings = [heading for heading in self.layout.headings if heading.column in columns]
        texts = [(self._name(heading), self._kept_text(heading)) for heading in headings]
        return {name: text for name, text in texts if text}

    def _kept_text(self, heading: Heading) -> str:
        if has_control_characters(self.row.cell(heading.index)):
            self.tell(Level.WARNING, heading, _CONTROL)
        return cell_text(self.row.cell(heading.index))

    def _name(self, heading: Heading) -> str:
        """The heading, with its letter where it has no text or another column before it has the same."""
        name = heading.header or "Column"
        before = [h for h in self.layout.headings if h.header == heading.header and h.index < heading.index]
        return name if heading.header and not before else f"{name} {heading.letter or heading.index + 1}"
