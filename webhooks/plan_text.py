"""A plan as a person reads it: request by request, what would change from what to what, and why."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from mappings.planned import Change, Planned, writing_calls
from mappings.records import Value
from sync.sync_plan import SyncPlan
from webhooks.desk import plain
from webhooks.plan_file import totals

LONGEST = 70
"""Characters of a value that are shown; the JSON has it whole."""
_SIGNS = {"create": "+", "attach": "+", "add": "+", "comment": "+", "let": "-"}
NOTHING_TO_DO = "Nothing to do: all sides agree."
NO_RECORDS = "Nothing to do: there is no record yet. `tieout import LIST --audit KEY` takes in the auditor's list."


def lines_of(plan: SyncPlan) -> Iterator[str]:
    """The plan as lines of text."""
    for (audit, number), writes in groupby(plan.writes, key=lambda each: (each.audit, each.number)):
        yield f"{plain(number)}" if number else f"audit {plain(audit)}"
        for each in writes:
            yield from _write_lines(each)
    if plan.held:
        yield "Held back:"
        for held in plan.held:
            name = f"{plain(held.number)}, {held.side}" if held.number else str(held.side)
            yield f"  {name}: {plain(held.why)}"
    yield from _total_lines(plan)


def _write_lines(each: Planned) -> Iterator[str]:
    sign = _SIGNS.get(each.kind.split()[0], "~")
    yield f"  {sign} {each.side:<10} {each.kind:<16} {plain(each.what)}"
    for change in each.changes:
        yield f"      {_change(change)}"
    yield f"      because {plain(each.why)}"


def _change(change: Change) -> str:
    if change.before is None:
        return f"{plain(change.field)}: {_value(change.after)}"
    return f"{plain(change.field)}: {_value(change.before)} → {_value(change.after)}"


def _value(value: Value) -> str:
    if value is None:
        return "(none)"
    text = plain(value)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def _total_lines(plan: SyncPlan) -> Iterator[str]:
    for side, counts in totals(plan).items():
        yield f"{side}: " + ", ".join(f"{count} {kind}" for kind, count in counts.items())
    calls = writing_calls(plan.writes)
    if plan.writes:
        yield f"{len(plan.writes)} writes in {calls} calls at the least, for {plan.looked_at} records looked at."
    else:
        yield NOTHING_TO_DO if plan.looked_at else NO_RECORDS
