"""One record, page or project in trouble holds up no other, and says why it is in trouble."""

from __future__ import annotations

from datetime import date

import pytest

from mappings.records import LinkState
from mappings.rules import Route
from sync.keys import record_key
from sync.work import replay
from tests.system.looks import letters
from tests.system.scenes import let_pass, mirrored, use_rules
from tests.system.world import CLARA, DANA, PRIYA, World


def two(world: World) -> tuple[str, str]:
    """The cards of two mirrored requests."""
    return mirrored(world, "R-001"), mirrored(world, "R-002")


def test_a_task_routed_to_a_project_that_is_not_there_holds_up_nobody(world: World) -> None:
    routes = (*world.rules.audit["SOC2-2026"].routes, Route(team="Ghosts", project="GHOST"))
    use_rules(world, routes=routes)
    world.add_request("R-001", team="Ghosts")
    world.add_request("R-002")
    let_pass(world, 180)
    assert world.key(world.task("R-002")).startswith("SEC-")
    assert world.key(world.request("R-001")).startswith("AUD-")
    assert [letter.key for letter in letters(world)] == [record_key(world.task("R-001").uid)]
    assert "GHOST" in letters(world)[0].error


def test_an_issue_type_that_is_not_there_holds_up_nobody_and_can_be_mended(world: World) -> None:
    before = world.rules.audit["SOC2-2026"].routes
    use_rules(
        world, routes=tuple(r.model_copy(update={"issue_type": "Chore"}) if r.team == "IT" else r for r in before)
    )
    world.add_request("R-001", team="IT")
    world.add_request("R-002")
    let_pass(world, 180)
    (letter,) = letters(world)
    assert "Chore" in letter.error
    assert world.link(world.task("R-002")).state is LinkState.LIVE
    assert world.link(world.request("R-001")).state is LinkState.LIVE
    use_rules(world, routes=before)
    with world.db.write() as conn:
        replay(conn)
    let_pass(world, 120)
    assert world.key(world.task("R-001")).startswith("IT-")
    assert letters(world) == []


def test_an_owner_who_cannot_be_assigned_holds_up_nobody(world: World) -> None:
    world.add_request("R-001", owner=CLARA)
    world.add_request("R-002")
    let_pass(world, 180)
    (letter,) = letters(world)
    assert letter.key == record_key(world.request("R-001").uid)
    assert "assign" in letter.error
    assert world.link(world.task("R-002")).state is LinkState.LIVE


@pytest.mark.parametrize("status", [403, 404, 400, 500])
@pytest.mark.parametrize("what", ["footer-comments", "attachments"])
def test_a_page_whose_parts_cannot_be_read_holds_up_nobody(world: World, what: str, status: int) -> None:
    two(world)
    page_id = world.page("R-001")["id"]
    world.site.faults.add("status", "GET", f"/pages/{page_id}/{what}", status=status, times=10_000)
    world.person(CLARA).comment_page(page_id, "first")
    world.person(CLARA).comment_page(world.page("R-002")["id"], "due 2026-12-01")
    world.sweeps.everything()
    let_pass(world, 180)
    assert world.request("R-002").auditor_due_on == date(2026, 12, 1)
    assert len(letters(world)) <= 1
    world.site.faults.clear()
    with world.db.write() as conn:
        replay(conn)
    let_pass(world, 600)
    assert "first" in str(world.person(DANA).comments_of_issue(world.key(world.task("R-001"))))


def test_a_file_that_cannot_be_downloaded_holds_up_nobody(world: World) -> None:
    first, second = two(world)
    file = world.person(PRIYA).attach(first, "list.csv", b"a,b\n")
    world.site.faults.add("status", "GET", f"/attachment/content/{file}", status=404, times=10_000)
    for card in (first, second):
        world.person(PRIYA).move(card, "In Progress")
    world.person(CLARA).comment_page(world.page("R-001")["id"], "due 2026-12-01")
    world.sweeps.everything()
    let_pass(world, 180)
    assert world.task("R-002").status == "in_progress"
    assert world.request("R-001").auditor_due_on == date(2026, 12, 1)
    assert [letter.key for letter in letters(world)] == [record_key(world.task("R-001").uid)]


def test_one_issue_under_its_write_limit_holds_up_no_other(world: World) -> None:
    two(world)
    world.site.faults.add(
        "status",
        "PUT",
        f"/issue/{world.link(world.request('R-001')).remote_id}$",
        status=429,
        retry_after_s=3,
        reason="jira-per-issue-on-write",
        times=10_000,
    )
    for number in ("R-001", "R-002"):
        world.person(CLARA).comment_page(world.page(number)["id"], "due 2026-12-01")
    let_pass(world, 180)
    fields = world.person(DANA).issue(world.key(world.request("R-002")))["fields"]
    assert fields["duedate"] == "2026-12-01"


def test_an_escalation_type_that_is_not_there_holds_up_no_other_write(world: World) -> None:
    use_rules(world, escalation_issue_type="Alarm")
    card = mirrored(world)
    mirrored(world, "R-002", due_on=date(2027, 2, 1), auditor_due_on=date(2027, 2, 1))
    world.clock.advance(35 * 86_400)
    world.sweeps.ladder()
    world.sweeps.everything()
    let_pass(world, 180)
    assert "overdue" in world.person(DANA).issue(card)["fields"]["labels"]
    assert [letter.key for letter in letters(world)] == [record_key(world.task("R-001").uid)]
