"""What an import has to tell the coordinator: notes, warnings and problems, each with its place in the file."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """`note`: for information. `warning`: something was left out or read in one of several ways.
    `problem`: the whole file is refused until it is put right."""

    NOTE = "note"
    WARNING = "warning"
    PROBLEM = "problem"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to tell. Row and column are those a person sees when the file is open."""

    level: Level
    what: str
    """What is the matter, without a full stop."""
    row: int | None = None
    column: str = ""
    """The column's header as it stands in the file."""
    letter: str = ""
    """The column's letter in a spreadsheet program; empty for JSON."""
    came: str = ""
    expected: str = ""
    advice: str = ""
    """What to do about it, as a sentence."""

    @property
    def place(self) -> str:
        """`row 5, column F "Due date"`, or as much of it as is known."""
        column = f'column {self.letter} "{self.column}"' if self.letter else f'"{self.column}"'
        parts = [f"row {self.row}"] if self.row is not None else []
        return ", ".join([*parts, *([column] if self.column or self.letter else [])])

    def __str__(self) -> str:
        place = f"{self.place}: " if self.place else ""
        return place[:1].upper() + place[1:] + self.message

    @property
    def message(self) -> str:
        """The finding without its place."""
        came = f" (came: {shown(self.came)})" if self.came else ""
        expected = f"; expected {self.expected}" if self.expected else ""
        return f"{self.what}{came}{expected}.{' ' + self.advice if self.advice else ''}"


@dataclass(frozen=True, slots=True)
class Question:
    """Something the file alone cannot tell. It stops the import until the caller answers with `option`."""

    subject: str
    """columns, dates, number or sheet."""
    text: str
    option: str
    """The field of `ImportOptions` that answers it."""
    choices: tuple[str, ...] = ()


def shown(text: str, *, longest: int = 60) -> str:
    """`text` in quotes on one line, cut when it is long."""
    flat = " ".join(text.split())
    return f"'{flat}'" if len(flat) <= longest else f"'{flat[: longest - 1]}…'"
