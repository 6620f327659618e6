"""What the coordinator does at the desk reaches the sites: withdrawals, dates, links, conflicts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from hashlib import sha256

import pytest

from connector.sandbox.seed import BOT_EMAIL
from mappings import coordinator
from mappings.context import AuditContext, Family, Intake
from mappings.coordinator import Word
from mappings.records import LinkRole, LinkState, Record
from sync import settlement
from sync.desk import DeskRefused, Done, decide
from sync.settlement import Keep
from sync.store import Conflict, Store
from tests.system.looks import texts_on
from tests.system.mended import audit, delete_issue, mender, notice
from tests.system.scenes import decided, mirrored, submitted
from tests.system.world import CLARA, DANA, PRIYA, World

WORD = Word("dana", "Not in scope any more.")


def act(world: World, decision: Callable[[Family, AuditContext, Word], Intake]) -> Done:
    """One act on R-001, and everything that follows on the sites."""
    done = decide(world.db, audit(world), "R-001", lambda _, family, ctx: decision(family, ctx, WORD))
    world.settle()
    return done


def assert_quiet(world: World) -> None:
    """Nothing is left to write."""
    world.settle()
    world.site.calls.clear()
    world.sweeps.everything()
    world.settle()
    assert world.writes() == []


def delete_page(world: World) -> None:
    world.person(BOT_EMAIL).call("DELETE", f"/wiki/api/v2/pages/{world.page()['id']}")
    notice(world)


def detached(world: World) -> list[str]:
    with world.db.read() as conn:
        return [link.role.value for link in Store(conn).links.detached()]


def test_a_withdrawal_closes_the_issues_and_the_page_says_so(world: World) -> None:
    card = mirrored(world)
    act(world, coordinator.withdraw)
    dana = world.person(DANA)
    for key in (card, world.key(world.request())):
        fields = dana.issue(key)["fields"]
        assert fields["status"]["statusCategory"]["key"] == "done"
    assert "WITHDRAWN" in world.page()["body"]["storage"]["value"].upper()
    assert (world.request().status, world.task().status) == ("withdrawn", "cancelled")
    assert [text for text in texts_on(world, card) if "Not in scope any more." in text]
    assert_quiet(world)


def test_what_applies_after_all_is_open_on_all_sides(world: World) -> None:
    card = mirrored(world)
    decided(world, "not applicable: we have no such system")
    assert world.person(DANA).issue(card)["fields"]["status"]["statusCategory"]["key"] == "done"
    act(world, coordinator.reopen)
    assert (world.request().status, world.task().status) == ("open", "todo")
    assert world.person(PRIYA).status(card) == "To Do"
    assert_quiet(world)


def ask_for_more_time(world: World, card: str) -> None:
    world.person(PRIYA).set_due(card, date(2027, 1, 20))
    world.settle()
    assert world.task().extension_on == date(2027, 1, 20)


@pytest.mark.parametrize(("is_granted", "due"), [(True, "2027-01-20"), (False, "2026-12-14")])
def test_the_answer_to_an_owner_who_asked_for_more_time_is_on_issue_and_page(
    world: World, is_granted: bool, due: str
) -> None:
    card = mirrored(world)
    ask_for_more_time(world, card)

    def answer(record: Record, family: Family, ctx: AuditContext) -> Intake:
        return coordinator.settle_later_date(record, family, ctx, WORD, is_granted=is_granted)

    decide(world.db, audit(world), "R-001/1", answer)
    world.settle()
    assert world.person(PRIYA).issue(card)["fields"]["duedate"] == due
    assert world.person(DANA).issue(world.key(world.request()))["fields"]["duedate"] == due
    assert ("2027-01-20" in world.page()["body"]["storage"]["value"]) is is_granted
    assert len([text for text in texts_on(world, card) if WORD.reason in text]) == 1
    assert_quiet(world)


def test_a_deleted_issue_is_made_again_on_a_persons_word_and_once(world: World) -> None:
    card = mirrored(world)
    delete_issue(world, card)
    assert detached(world) == ["issue"]
    mender(world).recreate("R-001/1", ())
    world.settle()
    [issue] = world.issues_marked(world.task())
    assert issue["key"] == world.key(world.task()) != card
    assert detached(world) == []
    with world.db.read() as conn:
        assert Store(conn).alerts.current() == ()
    assert_quiet(world)


def test_a_deleted_page_is_made_again_with_its_files(world: World) -> None:
    submitted(world)
    old = world.page()["id"]
    delete_page(world)
    assert detached(world) == ["page"]
    mender(world).recreate("R-001", [LinkRole.PAGE])
    world.settle()
    world.settle()
    page = world.page()
    assert page["id"] != old
    assert [file["title"] for file in world.person(CLARA).files_of_page(page["id"])] == ["access-review.csv"]
    assert sha256(b"who,role\npriya,admin\n").hexdigest() in page["body"]["storage"]["value"]
    assert_quiet(world)
    decided(world, "accept")
    assert world.request().status == "accepted"


def test_a_file_of_the_auditors_comes_along_to_the_new_page(world: World) -> None:
    mirrored(world)
    world.person(CLARA).attach_to_page(world.page()["id"], "sample.csv", b"1,2\n")
    world.settle()
    delete_page(world)
    mender(world).recreate("R-001", ())
    world.settle()
    world.settle()
    assert [file["title"] for file in world.person(CLARA).files_of_page(world.page()["id"])] == ["sample.csv"]
    assert_quiet(world)


def test_another_issue_takes_the_place_and_says_what_the_register_says(world: World) -> None:
    card = mirrored(world)
    dana = world.person(DANA)
    dana.set_fields(card, priority={"name": "High"})
    world.settle()
    delete_issue(world, card)
    other = dana.create_issue(
        project={"key": "SEC"}, issuetype={"name": "Task"}, summary="Access review", duedate="2027-03-01"
    )
    dana.comment_issue(other, "escalate: this is old")
    mended = mender(world).point_at_issue("R-001/1", other)
    assert (mended.state, mended.key) == (LinkState.LIVE, other)
    world.settle()
    fields = dana.issue(other)["fields"]
    assert fields["duedate"] == "2026-12-14"
    assert fields["priority"]["name"] == "High"
    assert fields["summary"].startswith("R-001/1")
    assert [issue["key"] for issue in world.issues_marked(world.task())] == [other]
    assert world.task().raised_by is None
    assert_quiet(world)
    world.person(PRIYA).move(other, "In Progress")
    world.settle()
    assert world.task().status == "in_progress"


def test_another_page_takes_the_place_and_keeps_what_people_wrote_on_it(world: World) -> None:
    mirrored(world)
    space = world.page()["spaceId"]
    delete_page(world)
    body = {"representation": "storage", "value": "<p>ours since 2019</p>"}
    clara = world.person(CLARA)
    new = {"spaceId": space, "status": "current", "title": "Access", "body": body}
    page = world.person(DANA).call("POST", "/wiki/api/v2/pages", json=new)
    clara.comment_page(page["id"], "not applicable: an old remark about something else")
    mender(world).point_at_page("R-001", page["id"])
    world.settle()
    value = world.page()["body"]["storage"]["value"]
    assert world.page()["id"] == page["id"]
    assert world.page()["title"].startswith("R-001 ")
    assert "ours since 2019" in value
    assert "tieout-facts" in value
    assert world.request().status == "open"
    assert_quiet(world)
    clara.comment_page(page["id"], "due 2026-12-01")
    world.settle()
    assert world.request().auditor_due_on == date(2026, 12, 1)


def test_an_object_that_is_back_is_taken_up_with_what_changed_there(world: World) -> None:
    card = mirrored(world)
    with world.db.write() as conn:
        store = Store(conn)
        link = store.links.of([world.task().uid])[world.task().uid, LinkRole.ISSUE]
        store.links.put(replace(link, state=LinkState.DETACHED, detached_reason="not visible"))
    world.person(PRIYA).move(card, "In Progress")
    mender(world).take_up_again("R-001/1")
    assert world.link(world.task()).state is LinkState.LIVE
    world.settle()
    assert world.task().status == "in_progress"
    assert_quiet(world)


def test_nothing_is_made_while_something_of_the_record_is_there(world: World) -> None:
    card = mirrored(world)
    with pytest.raises(DeskRefused, match="no detached"):
        mender(world).recreate("R-001/1", ())
    dana = world.person(DANA)
    labels = dana.issue(card)["fields"]["labels"]
    copy = dana.create_issue(project={"key": "SEC"}, issuetype={"name": "Task"}, summary="Copy", labels=labels)
    delete_issue(world, card)
    with pytest.raises(DeskRefused, match=f"{copy} carries its mark: .*--issue {copy}"):
        mender(world).recreate("R-001/1", ())
    mender(world).point_at_issue("R-001/1", copy)
    assert_quiet(world)
    assert [issue["key"] for issue in world.issues_marked(world.task())] == [copy]


def test_what_answers_again_is_not_made_a_second_time(world: World) -> None:
    mirrored(world)
    with world.db.write() as conn:
        store = Store(conn)
        for link in store.links.of([world.request().uid]).values():
            store.links.put(replace(link, state=LinkState.DETACHED, detached_reason="not visible"))
    for role in (LinkRole.ISSUE, LinkRole.PAGE):
        with pytest.raises(DeskRefused, match=r"answers, .*links mend R-001"):
            mender(world).recreate("R-001", [role])


def test_nobody_elses_counterpart_takes_the_place(world: World) -> None:
    card = mirrored(world)
    mirrored(world, "R-002")
    theirs, page = world.key(world.task("R-002")), world.page("R-002")["id"]
    delete_issue(world, card)
    delete_page(world)
    with pytest.raises(DeskRefused, match=f"{theirs} belongs to R-002/1"):
        mender(world).point_at_issue("R-001/1", theirs)
    with pytest.raises(DeskRefused, match="belongs to R-002"):
        mender(world).point_at_page("R-001", page)
    with pytest.raises(DeskRefused, match="goes to SEC"):
        mender(world).point_at_issue("R-001/1", world.key(world.request()))
    with pytest.raises(DeskRefused, match="cannot be read"):
        mender(world).point_at_issue("R-001/1", "SEC-9999")
    with pytest.raises(DeskRefused, match="cannot be read"):
        mender(world).point_at_page("R-001", "424242")
    home = world.person(DANA).find_page("SOC2", "SOC 2 Type II 2026")["id"]
    with pytest.raises(DeskRefused, match="home page"):
        mender(world).point_at_page("R-001", home)
    assert sorted(detached(world)) == ["issue", "page"]


def test_nothing_is_made_again_for_what_is_settled(world: World) -> None:
    card = mirrored(world)
    act(world, coordinator.withdraw)
    delete_issue(world, card)
    with pytest.raises(DeskRefused, match="it is cancelled, so nothing is made"):
        mender(world).recreate("R-001/1", ())


@pytest.mark.parametrize(("keep", "expected"), [(Keep.OURS, "2026-12-10"), (Keep.THEIRS, "2026-12-03")])
def test_a_conflict_ends_as_the_person_says_on_both_sides(world: World, keep: Keep, expected: str) -> None:
    card = mirrored(world)
    task = world.task()
    world.person(PRIYA).set_due(card, date(2026, 12, 3))
    with world.db.write() as conn:
        store, now = Store(conn), world.db.now(conn)
        store.records.put(replace(task, due_on=date(2026, 12, 10)))
        ours, theirs = "2026-12-10", "2026-12-03"
        store.conflicts.add(Conflict("c" * 32, task.uid, LinkRole.ISSUE, "due", ours, theirs, now))
    settlement.settle(world.db, audit(world), "R-001/1", None, keep, by="dana")
    world.settle()
    assert world.task().due_on == date.fromisoformat(expected)
    assert world.person(PRIYA).issue(card)["fields"]["duedate"] == expected
    with world.db.read() as conn:
        assert Store(conn).conflicts.open() == ()
    assert_quiet(world)
