"""What the caller of an import may say about a list that the file itself does not tell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from mappings.records import EMPTY, Person

from .dates import DateOrder


@dataclass(frozen=True, slots=True)
class ImportOptions:
    columns: Mapping[str, str] = field(default_factory=lambda: EMPTY)
    """Heading as in the file → a value of `Column`, or `keep` for a column to be kept word for word. Comes before
    everything the words of the heading suggest."""
    sheet: str | None = None
    """The sheet to read, where a workbook has several lists."""
    date_order: DateOrder | None = None
    """How `03/04/2026` is meant, where the list itself does not decide it."""
    source_is_auditor: bool = False
    """The list comes from the auditor's hands: its word `accepted` counts, and is marked as imported."""
    number_missing: bool = False
    """Give requests without a number one of ours, R-001, R-002 …"""
    people: tuple[Person, ...] = ()
    """People already known, by whom a name without an e-mail is recognised when only one has it."""
