"""What the demo shows beside an issue and a page: where the three sides stand, and what was done last."""

from __future__ import annotations

from datetime import date

from connector.sandbox.companion import Report, Subject
from mappings.records import LinkRole
from tests.system.scenes import mirrored
from tests.system.world import CLARA, PRIYA, World
from webhooks.demo.panel import panel_of


def told(world: World, subject: Subject, remote_id: str | None = "") -> Report:
    report = panel_of(world.db, world.site)(subject, remote_id or "")
    assert report is not None
    return report


def test_issue_and_page_tell_of_the_same_request_on_all_sides_and_when_they_agreed(world: World) -> None:
    card = mirrored(world)
    page = told(world, "page", world.link(world.request(), LinkRole.PAGE).remote_id)
    issue = told(world, "issue", world.link(world.task()).remote_id)
    assert page == issue
    assert [side.name for side in page.sides] == [
        "Register",
        f"Jira {world.key(world.request())}",
        "Confluence",
        f"Jira {card}",
    ]
    assert [side.href for side in page.sides][3] == f"/browse/{card}"
    assert page.is_in_step
    assert page.agreed_at is not None


def test_what_a_person_did_stands_above_with_their_name_and_what_followed(world: World) -> None:
    card = mirrored(world)
    world.person(PRIYA).move(card, "In Progress")
    world.settle()
    deeds = told(world, "issue", world.link(world.task()).remote_id).deeds
    assert ("Priya Nair", "R-001/1", "status: todo → in progress") in [(d.who, d.record, d.what) for d in deeds]
    assert deeds[0].at >= deeds[-1].at
    assert {deed.who for deed in deeds} == {"Tieout", "Priya Nair"}


def test_what_was_put_back_is_told_by_the_name_that_people_see(world: World) -> None:
    card = mirrored(world)
    world.person(PRIYA).move(card, "Done")
    world.settle()
    deeds = told(world, "issue", world.link(world.task()).remote_id).deeds
    assert "status put back: Done → todo" in [deed.what for deed in deeds]
    assert "status: Done is put back to todo" in [deed.why for deed in deeds]


def test_a_side_that_is_not_in_step_says_why_and_the_sides_do_not_agree(world: World) -> None:
    mirrored(world)
    world.person(CLARA).comment_page(world.page()["id"], f"due {date(2026, 12, 4)}")
    world.sweeps.everything()
    report = told(world, "page", world.page()["id"])
    assert (report.is_in_step, report.agreed_at) == (False, None)
    assert {side.trouble for side in report.sides if side.trouble} == {"waits for its turn"}


def test_what_is_no_record_tells_what_was_done_last_anywhere(world: World) -> None:
    mirrored(world)
    report = told(world, "page", world.site.confluence.spaces[next(iter(world.site.confluence.spaces))].homepage_id)
    assert (report.title, report.sides, bool(report.deeds)) == ("everything", (), True)
