"""Who may move which date how far."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappings.due_dates import DueVerdict, judge_due, settle_extension
from mappings.records import Kind, Record, Role

D1, D10, D15, D20, D30 = (date(2026, 11, day) for day in (1, 10, 15, 20, 30))
OWNER, COORDINATOR, AUDITOR = frozenset({Role.OWNER}), frozenset({Role.COORDINATOR}), frozenset({Role.AUDITOR})
ANYBODY: frozenset[Role] = frozenset()


def task(due_on: date | None = D10, auditor: date | None = D20, extension: date | None = None) -> Record:
    return Record(
        "0" * 32, Kind.TASK, "soc2", "1/1", "t", "todo", due_on=due_on, auditor_due_on=auditor, extension_on=extension
    )


def dates(verdict: DueVerdict) -> tuple[date | None, date | None, date | None]:
    return verdict.new_due_on, verdict.extension_on, verdict.new_auditor_due_on


@pytest.mark.parametrize(
    ("record", "wanted", "roles", "outcome"),
    [
        (task(), D15, OWNER, (D15, None, D20)),
        (task(), D20, OWNER, (D20, None, D20)),
        (task(), D1, OWNER, (D1, None, D20)),
        (task(), D15, ANYBODY, (D15, None, D20)),
        (task(), D30, OWNER, (D10, D30, D20)),
        (task(), D30, ANYBODY, (D10, D30, D20)),
        (task(extension=D30), D10, OWNER, (D10, D30, D20)),
        (task(extension=D30), D15, OWNER, (D15, None, D20)),
        (task(extension=D30), None, OWNER, (D10, D30, D20)),
        (task(), None, OWNER, (D10, None, D20)),
        (task(due_on=None), D30, OWNER, (None, D30, D20)),
        (task(due_on=None), None, OWNER, (None, None, D20)),
        (task(auditor=None), D30, OWNER, (D30, None, None)),
        (task(due_on=D30), date(2026, 11, 25), OWNER, (date(2026, 11, 25), None, D20)),
        (task(), D30, COORDINATOR, (D30, None, D20)),
        (task(extension=D30), D30, COORDINATOR, (D30, None, D20)),
        (task(), None, COORDINATOR, (None, None, D20)),
        (task(), D30, OWNER | COORDINATOR, (D30, None, D20)),
        (task(), D30, AUDITOR, (D10, None, D30)),
        (task(due_on=D20), D30, AUDITOR, (D30, None, D30)),
        (task(due_on=None), D30, AUDITOR, (D30, None, D30)),
        (task(due_on=D20), D15, AUDITOR, (D15, None, D15)),
        (task(due_on=D15), D1, AUDITOR, (D1, None, D1)),
        (task(extension=D30), D30, AUDITOR, (D30, None, D30)),
        (task(extension=D30), date(2026, 11, 25), AUDITOR, (D10, None, date(2026, 11, 25))),
        (task(), None, AUDITOR, (D10, None, None)),
    ],
)
def test_what_becomes_of_the_dates(
    record: Record, wanted: date | None, roles: frozenset[Role], outcome: tuple[date | None, date | None, date | None]
) -> None:
    assert dates(judge_due(record, wanted, roles)) == outcome


def test_a_request_for_more_time_says_who_must_agree() -> None:
    assert judge_due(task(), D30, OWNER).why == (
        "2026-11-30 is later than the auditor's date, 2026-11-20: the coordinator or the auditor must agree, "
        "and the old date stands until then."
    )


def test_a_later_date_that_was_asked_for_is_granted_or_not() -> None:
    assert dates(settle_extension(task(extension=D30), is_granted=True)) == (D30, None, D20)
    assert dates(settle_extension(task(extension=D30), is_granted=False)) == (D10, None, D20)
    assert dates(settle_extension(task(), is_granted=True)) == (D10, None, D20)


@given(
    st.none() | st.dates(),
    st.none() | st.dates(),
    st.none() | st.dates(),
    st.frozensets(st.sampled_from([Role.OWNER, Role.REVIEWER])),
)
def test_no_owner_gets_beyond_the_auditors_date_alone(
    due_on: date | None, auditor: date | None, wanted: date | None, roles: frozenset[Role]
) -> None:
    record = task(due_on, auditor)
    verdict = judge_due(record, wanted, roles)
    assert verdict.new_auditor_due_on == auditor
    if verdict.new_due_on != due_on:
        assert verdict.new_due_on == wanted is not None
        assert auditor is None or wanted <= max(auditor, due_on or date.min)
    again = judge_due(replace(record, due_on=verdict.new_due_on, extension_on=verdict.extension_on), wanted, roles)
    assert dates(again) == dates(verdict)
