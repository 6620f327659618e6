"""Two dates, two owners: the auditor's, and the working date that the owner plans with.

The working date moves freely up to the auditor's. Beyond it somebody must agree, and until then the old date stands.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from .records import Record, Role


@dataclass(frozen=True, slots=True)
class DueVerdict:
    """The dates as the record should have them. Where `new_due_on` is not what was wanted, it is put back."""

    new_due_on: date | None
    extension_on: date | None
    new_auditor_due_on: date | None
    why: str


def judge_due(record: Record, wanted: date | None, roles: frozenset[Role]) -> DueVerdict:
    """What becomes of a record's dates when somebody with `roles` sets its due date to `wanted`, or takes it away."""
    if Role.AUDITOR in roles:
        return _set_by_auditor(record, wanted)
    if Role.COORDINATOR in roles:
        return DueVerdict(wanted, None, record.auditor_due_on, "The coordinator set the date.")
    if wanted == record.due_on:
        return _as_it_was(record, "The date is what it was.")
    if wanted is None:
        return _as_it_was(record, "A due date can be moved, but not taken away: it was put back.")
    if record.auditor_due_on is None or wanted <= max(record.auditor_due_on, record.due_on or date.min):
        return DueVerdict(wanted, None, record.auditor_due_on, "The working date is the owner's to move.")
    return DueVerdict(
        record.due_on,
        wanted,
        record.auditor_due_on,
        f"{wanted} is later than the auditor's date, {record.auditor_due_on}: the coordinator or the auditor must "
        "agree, and the old date stands until then.",
    )


def settle_extension(record: Record, *, is_granted: bool) -> DueVerdict:
    """The coordinator's or the auditor's answer to a later date that was asked for."""
    if record.extension_on is None:
        return _as_it_was(record, "Nobody has asked for a later date.")
    if is_granted:
        return DueVerdict(record.extension_on, None, record.auditor_due_on, "The later date was granted.")
    return DueVerdict(record.due_on, None, record.auditor_due_on, "The later date was not granted.")


def _set_by_auditor(record: Record, wanted: date | None) -> DueVerdict:
    """The working date follows unless the owner chose an earlier one; a later one that was asked for may fit now."""
    if wanted is None:
        return DueVerdict(record.due_on, record.extension_on, None, "The auditor has no date for it any more.")
    if record.extension_on is not None and record.extension_on <= wanted:
        why = "The auditor's date moved and leaves room for the later date that was asked for."
        return DueVerdict(record.extension_on, None, wanted, why)
    follows = record.due_on is None or record.due_on == record.auditor_due_on or record.due_on > wanted
    why = "The auditor set the date." if follows else "The auditor set the date; the owner's earlier one stays."
    return DueVerdict(wanted if follows else record.due_on, None, wanted, why)


def _as_it_was(record: Record, why: str) -> DueVerdict:
    return DueVerdict(record.due_on, record.extension_on, record.auditor_due_on, why)


def iso(day: date | None) -> str | None:
    """A date as the journal has it."""
    return day.isoformat() if day else None
