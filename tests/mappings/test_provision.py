"""What is provisioned, and what is decided about each thing: every row of the law, without a site."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from mappings.evidence_page import Overview, index_regions, readiness_region
from mappings.provision import Ground, Made, Seen, Thing, ThingKind, Verb, decide, removal, resolved, things_of_audit
from mappings.provision.things import mark, marked, reference
from mappings.records import Kind, Record, Value
from mappings.rules import AuditRule, Route
from mappings.storage import check_well_formed, plain_text

NOW = datetime(2026, 10, 5, 9, 0, tzinfo=UTC)
ME = "tieout"
WANTED = {"name": "Overdue", "jql": "new"}
THING = Thing("soc2/filter/overdue", ThingKind.FILTER, WANTED, "why")


def audit(**changes: Any) -> AuditRule:
    return AuditRule(
        name="SOC 2", period_start=date(2026, 1, 1), period_end=date(2026, 12, 31), project="AUD", space="S",
        coordinator="c@acme.example", auditors=("a@firm.example",),
    ).model_copy(update=changes)  # fmt: skip


def ground(**changes: Any) -> Ground:
    keys = ("filter-results-gadget", "pie-chart-gadget", "two-dimensional-stats-gadget")
    gadgets = {key: f"x:{key}/y.xml" for key in (*keys, "created-vs-resolved-issues-chart-gadget")}
    return replace(Ground(ME, True, {}, gadgets, {}, frozenset(), {}), **changes)


def step_of(made: Made | None, *seen: Seen, now: datetime = NOW, force: bool = False) -> tuple[Verb, str]:
    known = {made.name: made} if made else {}
    (step,) = decide([THING], known, seen, now, ME, force=force).steps
    return step.verb, step.reason


def made(said: Mapping[str, Value] = WANTED, remote_id: str | None = "7", begun: datetime | None = None) -> Made:
    return Made(THING.name, ThingKind.FILTER, remote_id, said, begun)


def there(says: Mapping[str, Value], mark: str = "", owner: str = ME) -> Seen:
    return Seen(ThingKind.FILTER, "7", says, mark, owner)


OLD, THEIRS = {**WANTED, "jql": "old"}, {**WANTED, "jql": "theirs"}


@pytest.mark.parametrize(
    ("known", "seen", "verb", "forced"),
    [
        (None, None, Verb.MAKE, Verb.MAKE),
        (None, there(WANTED, THING.name), Verb.KEEP, Verb.KEEP),
        (None, there(OLD, THING.name), Verb.CHANGE, Verb.CHANGE),
        (None, there(WANTED), Verb.LEAVE, Verb.LEAVE),
        (None, there(WANTED, owner="dana"), Verb.MAKE, Verb.MAKE),
        (made(), there(WANTED), Verb.KEEP, Verb.KEEP),
        (made(OLD), there(OLD), Verb.CHANGE, Verb.CHANGE),
        (made(), there(THEIRS), Verb.LEAVE, Verb.CHANGE),
        (made(OLD), there(THEIRS), Verb.LEAVE, Verb.CHANGE),
        (made(OLD), there(WANTED), Verb.KEEP, Verb.KEEP),
        (made(), None, Verb.LEAVE, Verb.MAKE),
        (made(remote_id=None, begun=NOW), None, Verb.WAIT, Verb.WAIT),
        (made(remote_id=None, begun=NOW), there(WANTED), Verb.KEEP, Verb.KEEP),
        (made(remote_id=None, begun=NOW - timedelta(seconds=61)), None, Verb.MAKE, Verb.MAKE),
    ],
)
def test_the_law_of_provisioning(known: Made | None, seen: Seen | None, verb: Verb, forced: Verb) -> None:
    sees = () if seen is None else (seen,)
    assert step_of(known, *sees)[0] is verb
    assert step_of(known, *sees, force=True)[0] is forced


def test_one_value_of_a_person_stays_while_another_is_brought_up_to_date() -> None:
    seen = there({"name": "Mine", "jql": "old"})
    (step,) = decide([THING], {THING.name: made({"name": "Overdue", "jql": "old"})}, [seen], NOW, ME).steps
    assert (step.verb, dict(step.says)) == (Verb.CHANGE, {"name": "Mine", "jql": "new"})
    assert dict(step.base) == {"name": "Overdue", "jql": "new"}
    assert step.is_drift


def test_what_needs_something_that_is_not_there_is_left() -> None:
    gadget = Thing("soc2/gadget", ThingKind.GADGET, {"title": "G", "filter": reference(THING.name)}, "why")
    first, second = decide([gadget, THING], {}, [there(WANTED)], NOW, ME).steps
    assert (first.verb, second.verb, second.reason) == (
        Verb.LEAVE, Verb.LEAVE, "it needs Overdue, which is not there",
    )  # fmt: skip


def test_what_is_not_wanted_any_more_costs_nothing_by_itself() -> None:
    known = {THING.name: made()}
    assert [step.verb for step in decide([], known, [there(WANTED)], NOW, ME).steps] == [Verb.LEAVE]
    assert [step.verb for step in decide([], known, [there(WANTED)], NOW, ME, force=True).steps] == [Verb.REMOVE]


@pytest.mark.parametrize(
    ("known", "seen", "verb", "forced"),
    [
        (made(), there(WANTED), Verb.REMOVE, Verb.REMOVE),
        (made(), there(THEIRS), Verb.LEAVE, Verb.REMOVE),
        (made(), None, Verb.FORGET, Verb.FORGET),
        (made(remote_id=None), None, Verb.FORGET, Verb.FORGET),
    ],
)
def test_the_law_of_taking_away(known: Made, seen: Seen | None, verb: Verb, forced: Verb) -> None:
    sees = () if seen is None else (seen,)
    assert [step.verb for step in removal([known], sees).steps] == [verb]
    assert [step.verb for step in removal([known], sees, force=True).steps] == [forced]


def test_a_mark_is_found_in_whatever_stands_around_it() -> None:
    assert marked(f"Mine now. {mark('soc2/filter/open')} see wiki") == "soc2/filter/open"
    assert marked("Kept by [somebody]") == ""
    assert resolved({"a": reference("x"), "b": (f"filter-{reference('x')}",), "c": 3}, {"x": "7"}) == {
        "a": "7", "b": ("filter-7",), "c": 3,
    }  # fmt: skip


def jql(things: list[Thing], name: str) -> str:
    return next(str(thing.says["jql"]) for thing in things if thing.name == f"soc2/filter/{name}")


def test_work_is_counted_once_where_requests_and_tasks_can_be_told_apart() -> None:
    same = things_of_audit("soc2", audit(), ground())
    apart = things_of_audit(
        "soc2", audit(issue_type="Audit Request", routes=(Route(team="x", project="IT"),)), ground()
    )
    assert 'NOT (project = "AUD" AND issuetype = "Audit Request")' not in jql(same, "open")
    assert 'NOT (project = "AUD" AND issuetype = "Audit Request")' in jql(apart, "open")
    assert 'AND project = "AUD" AND issuetype = "Audit Request"' in jql(apart, "requests")
    alone = things_of_audit("soc2", audit(tasks="none", issue_type="Audit Request"), ground())
    assert "issuetype" not in jql(alone, "open")


def test_names_from_outside_cannot_leave_their_quotes_in_a_query() -> None:
    odd = audit(issue_type='Audit" OR project = "SEC')
    assert r'issuetype = "Audit\" OR project = \"SEC"' in jql(things_of_audit("soc2", odd, ground()), "requests")


def test_a_gadget_that_the_site_does_not_offer_is_not_wanted() -> None:
    things = things_of_audit("soc2", audit(), ground(gadgets={"pie-chart-gadget": "x:pie-chart-gadget/y.xml"}))
    assert [thing.title for thing in things if thing.kind is ThingKind.GADGET] == ["Requests by criterion"]


def test_readiness_counts_what_counts_and_escapes_what_came_from_outside() -> None:
    def request(number: str, status: str, due: date | None = None, *criteria: str) -> Record:
        return Record(number * 32, Kind.REQUEST, "soc2", number, "<b>", status, auditor_due_on=due, criteria=criteria)

    late = date(2026, 10, 1)
    found = (
        request("1", "accepted", late, "CC6.1"), request("2", "open", late, "CC6.1"),
        request("3", "submitted", late, "CC6.1", "CC5.3"), request("4", "withdrawn", late, "CC6.1"),
        request("5", "open", late, "CC9.9"),
    )  # fmt: skip
    overview = Overview("soc2", found, NOW.date(), {}, has_index=True)
    assert overview.criteria == ("CC5.3", "CC6.1")
    region = readiness_region(overview)
    check_well_formed(region)
    assert "CC6.1 Logical access protected | 3 | 1 | 1 | 1 | 1 | Late" in plain_text(region)
    (index,) = index_regions(overview, "CC6.1").values()
    check_well_formed(index)
    assert ("&lt;b&gt;" in index, "<b>" in index) == (True, False)
