"""What people do and Tieout answers with, as stories to be stopped at every step of: one for each kind of write."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import partial

from connector.sandbox.confluence import lifecycle
from connector.sandbox.faults import Kind
from connector.sandbox.jira import changes
from connector.sandbox.seed import BOT_EMAIL
from mappings.records import LinkRole, LinkState
from mappings.request_list.options import ImportOptions
from sync import journal
from sync.importing import RequestList, import_list
from sync.keys import SWEEP_ALL, record_key
from sync.settlement import Keep, settle
from sync.store import Store
from sync.work import LIVE, mark
from tests.system.mended import audit, delete_issue, mender
from tests.system.scenes import before, card_edit, choose, handed_in, mirrored, register_says, submitted, with_twin
from tests.system.steps import SteppedWorld
from tests.system.world import AUDIT, CLARA, DANA, MARCO, PRIYA, START, TOMAS

Act = Callable[[SteppedWorld], object]


@dataclass(frozen=True)
class Story:
    """What people do, one act after another; Tieout comes to rest after each."""

    name: str
    given: Act
    acts: tuple[Act, ...]
    shows: Callable[[SteppedWorld], bool]
    """Whether the story ended as it should: a story in which nothing happens would prove nothing."""


def nothing(world: SteppedWorld) -> None:
    """The register is empty."""


def two_tasks(world: SteppedWorld) -> None:
    mirrored(world)
    second = replace(world.task(), uid="e" * 32, number="R-001/2", owner=TOMAS, version=1)
    with world.db.write() as conn:
        Store(conn).records.add(second)
        mark(conn, [record_key(second.uid)], lane=LIVE)
    world.settle()


def under_way(world: SteppedWorld) -> None:
    card = mirrored(world)
    world.person(PRIYA).move(card, "In Progress")
    world.settle()


def returned(world: SteppedWorld) -> None:
    submitted(world)
    comment(CLARA, "return: the list ends in June")(world)
    world.settle()


def long_overdue(world: SteppedWorld) -> None:
    mirrored(world)
    on(2026, 12, 23)(world)
    world.settle()


def under_way_and_asking(world: SteppedWorld) -> None:
    world.ask("due")
    under_way(world)


def race_for_the_date(world: SteppedWorld) -> None:
    """The coordinator sets a date at the desk, and the owner another one in Jira just as Tieout writes."""
    register_says(world, due_on=date(2026, 12, 2))
    before(world, "PUT", card_edit(world), partial(world.person(PRIYA).set_due, card_of(world), date(2026, 12, 4)))


def an_hour_passes(world: SteppedWorld) -> None:
    """What was written over comes to light with the next poll."""


def journaled(world: SteppedWorld, what: str) -> list[object]:
    """What the journal says that the task's field became."""
    with world.db.read() as conn:
        return [each.after for each in journal.entries(conn, world.task().uid) if each.what == what]


def card_of(world: SteppedWorld) -> str:
    return world.key(world.task())


def add(*numbers: str) -> Act:
    return lambda world: [world.add_request(number) for number in numbers]


def move(who: str, status: str) -> Act:
    return lambda world: world.person(who).move(card_of(world), status)


def move_request(who: str, status: str) -> Act:
    return lambda world: world.person(who).move(world.key(world.request()), status)


def comment(who: str, text: str) -> Act:
    return lambda world: world.person(who).comment_page(world.page()["id"], text)


def say(who: str, text: str) -> Act:
    return lambda world: world.person(who).comment_issue(card_of(world), text)


def hand_in(content: bytes) -> Act:
    def act(world: SteppedWorld) -> None:
        priya = world.person(PRIYA)
        priya.attach(card_of(world), "access-review.csv", content)
        priya.move(card_of(world), "In Review")

    return act


def vandalise(world: SteppedWorld) -> None:
    """Somebody changes the due date and cuts the evidence part out, and leaves a note of their own."""
    page = world.page()
    value = page["body"]["storage"]["value"].replace("2026-12-14", "2027-12-14").replace("Access review", "Nothing")
    world.person(DANA).write_page(page, value + "<p>ours, kept</p>")


def on(year: int, month: int, day: int) -> Act:
    return lambda world: world.clock.set(datetime(year, month, day, 9, tzinfo=START.tzinfo))


def add_on_the_board(world: SteppedWorld) -> None:
    priya = world.person(PRIYA)
    summary = "Export from the HR tool"
    card = priya.create_issue(project={"key": "SEC"}, issuetype={"name": "Task"}, summary=summary, labels=["tieout"])
    ends = {"inwardIssue": {"key": card}, "outwardIssue": {"key": world.key(world.request())}}
    priya.call("POST", "/rest/api/3/issueLink", json={"type": {"name": "Relates"}, **ends})


def statuses(world: SteppedWorld) -> tuple[str, str]:
    return world.request().status, world.task().status


def comments_with(world: SteppedWorld, card: str, text: str) -> int:
    return sum(text in str(each["body"]) for each in world.person(DANA).comments_of_issue(card))


def files_on_page(world: SteppedWorld) -> list[tuple[str, int]]:
    files = world.person(CLARA).files_of_page(world.page()["id"])
    return [(file["title"], file["version"]["number"]) for file in files]


def answers(world: SteppedWorld) -> list[str]:
    """What Tieout said on the page."""
    return [
        each.version.body for each in world.site.confluence.comments.values() if each.author_id not in people(world)
    ]


def people(world: SteppedWorld) -> set[str]:
    return {world.account(each) for each in (CLARA, DANA, PRIYA, MARCO, TOMAS)}


def listed(*rows: str) -> Act:
    """The auditor's list comes, as it now is."""
    head = "Request #,Title,Description,Criteria,Team,Owner,Reviewer,Due date,Priority\n"

    def act(world: SteppedWorld) -> None:
        uids = iter(range(1, 99))
        brought = RequestList(AUDIT, "list.csv", (head + "".join(f"{row}\n" for row in rows)).encode(), "dana")
        rule = world.rules.audit[AUDIT]
        import_list(world.db, brought, rule, ImportOptions(), new_uid=lambda: f"{next(uids):032x}")

    return act


ROW = (
    "R-00{},{},With sign-off,CC6.2,Security,Priya Nair <priya.nair@acme.example>,"
    "Marco Rossi <marco.rossi@acme.example>,{},Medium"
)
FIRST, SECOND = ROW.format(1, "Access review", "2026-12-14"), ROW.format(2, "Leavers", "2026-12-14")
FIRST_CHANGED = ROW.format(1, "Access review of the year", "2026-12-21")


def imported(world: SteppedWorld) -> None:
    listed(FIRST, SECOND)(world)
    world.settle()


def after(*acts: Act) -> Act:
    """These acts, with a rest after each."""

    def given(world: SteppedWorld) -> None:
        for act in acts:
            act(world)
            world.settle()

    return given


def look_at_all(world: SteppedWorld) -> None:
    """No poll shows what is gone."""
    with world.db.write() as conn:
        mark(conn, [SWEEP_ALL], lane=LIVE)


def delete_card(world: SteppedWorld) -> None:
    world.person(BOT_EMAIL).call("DELETE", f"/rest/api/3/issue/{card_of(world)}")
    look_at_all(world)


def without_its_card(world: SteppedWorld) -> None:
    delete_issue(world, mirrored(world))


def make_again(world: SteppedWorld) -> None:
    mender(world).recreate("R-001/1", ())


def trash_page(world: SteppedWorld) -> None:
    dana = world.site.accounts[world.account(DANA)]
    lifecycle.trash_page(world.site, dana, str(world.link(world.request(), LinkRole.PAGE).remote_id))
    look_at_all(world)


def restore_page(world: SteppedWorld) -> None:
    dana = world.site.accounts[world.account(DANA)]
    lifecycle.restore_page(world.site, dana, str(world.link(world.request(), LinkRole.PAGE).remote_id))
    look_at_all(world)


def move_to_project(world: SteppedWorld) -> None:
    issue = world.site.jira.issue(card_of(world))
    target = world.site.jira.project("IT")
    assert issue
    assert target
    changes.move(world.site, issue, target, world.account(DANA))


def attach_to_page(world: SteppedWorld) -> None:
    world.person(CLARA).attach_to_page(world.page()["id"], "sample.csv", b"12,31\n")


def edit_due_cell(world: SteppedWorld) -> None:
    page = world.page()
    world.person(CLARA).write_page(page, page["body"]["storage"]["value"].replace("2026-12-14", "2026-12-04"))


def meanwhile_faults(kind: Kind, method: str, path: str, status: int, act: Act) -> Act:
    """Somebody does something, and Tieout's first call to answer it with gets another answer than it hoped for."""

    def acts(world: SteppedWorld) -> None:
        act(world)
        world.site.faults.add(kind, method, path, status=status)

    return acts


def settle_as(number: str, field: str, keep: Keep) -> Act:
    return lambda world: settle(world.db, audit(world), number, field, keep, by="dana")


def asking(world: SteppedWorld) -> None:
    """Mirrored, and the mapping file asks a person about due dates that both sides changed."""
    world.ask("due")
    mirrored(world)
    world.settle()


def quarrel(world: SteppedWorld) -> None:
    register_says(world, due_on=date(2026, 12, 2))
    world.person(PRIYA).set_due(card_of(world), date(2026, 12, 4))


def quarrelled(world: SteppedWorld) -> None:
    after(asking, quarrel)(world)


def open_conflicts(world: SteppedWorld) -> int:
    with world.db.read() as conn:
        return len(Store(conn).conflicts.open())


def state_of(world: SteppedWorld, role: LinkRole) -> LinkState:
    record = world.task() if role is LinkRole.ISSUE else world.request()
    return world.link(record, role).state


STORIES = (
    Story(
        "a request with its task is mirrored", nothing, (add("R-001"),),
        lambda world: card_of(world) == "SEC-1" and len(world.site.jira.issues) == 2,
    ),
    Story(
        "two requests are made in one call", nothing, (add("R-001", "R-002"),),
        lambda world: len(world.site.jira.issues) == 4,
    ),
    Story(
        "a card moves", mirrored, (move(PRIYA, "In Progress"),),
        lambda world: statuses(world) == ("in_progress", "in_progress"),
    ),
    Story(
        "a card is put back with an explanation", under_way, (move(PRIYA, "In Review"),),
        lambda world: world.person(DANA).status(card_of(world)) == "In Progress"
        and len(world.person(DANA).comments_of_issue(card_of(world))) == 1,
    ),
    Story(
        "a later date is an extension asked for", mirrored,
        (lambda world: world.person(PRIYA).set_due(card_of(world), date(2027, 1, 20)),),
        lambda world: world.task().extension_on == date(2027, 1, 20),
    ),
    Story(
        "an auditor's comment goes to both tasks", two_tasks, (comment(CLARA, "Is this the whole population?"),),
        lambda world: all(comments_with(world, key, "whole population") == 1 for key in ("SEC-1", "SEC-2")),
    ),
    Story(
        "an auditor returns", submitted, (comment(CLARA, "return: the list ends in June"),),
        lambda world: statuses(world) == ("returned", "changes_requested") and "Returned" in answers(world)[-1],
    ),
    Story(
        "an auditor accepts", submitted, (comment(CLARA, "accept"),),
        lambda world: statuses(world) == ("accepted", "done") and "Accepted" in answers(world)[-1],
    ),
    Story(
        "evidence is handed in, approved and shown to the auditor", under_way,
        (hand_in(b"who,role\n"), move(MARCO, "With Auditor"), move_request(DANA, "With Auditor")),
        lambda world: statuses(world) == ("submitted", "delivered")
        and files_on_page(world) == [("access-review.csv", 1)],
    ),
    Story(
        "a file comes in a new version", returned,
        (move(PRIYA, "In Progress"), hand_in(b"the whole year\n"), move(MARCO, "With Auditor")),
        lambda world: files_on_page(world) == [("access-review.csv", 2)],
    ),
    Story(
        "a page is vandalised", handed_in, (vandalise,),
        lambda world: "2027-12-14" not in str(world.page()["body"]) and "ours, kept" in str(world.page()["body"]),
    ),
    Story(
        "what is overdue reaches the manager", mirrored, (on(2026, 12, 15),),
        lambda world: world.task().escalation_level == 1 and len(world.site.jira.issue("SEC-1").watchers) == 2,  # type: ignore[union-attr]  # it is there
    ),
    Story(
        "what is badly overdue gets an escalation issue", mirrored, (on(2026, 12, 23),),
        lambda world: world.task().escalation_level == 3
        and len(world.person(DANA).find_issues("labels = tieout-escalation")) == 1,
    ),
    Story(
        "settling puts an escalation back", long_overdue, (comment(CLARA, "not applicable: out of scope"),),
        lambda world: world.request().status == "not_applicable" and world.task().escalation_level == 0,
    ),
    Story(
        "a task is taken up from the board", mirrored, (add_on_the_board,),
        lambda world: world.task(index=1).number == "R-001/2" and world.key(world.task(index=1)) == "SEC-2",
    ),
    Story(
        "an owner speaks to the auditor", mirrored, (say(PRIYA, "auditor: the March export follows on Friday"),),
        lambda world: ["March export follows" in each for each in answers(world)] == [True],
    ),
    Story(
        "of two issues made for one request the other one is kept", with_twin,
        (lambda world: choose(world, Keep.THEIRS),),
        lambda world: comments_with(world, "AUD-1", "made this issue twice") == 1
        and world.key(world.request()) == "AUD-2",
    ),
    Story(
        "an owner sets a date while another one is written over it", under_way, (race_for_the_date,),
        lambda world: world.task().due_on == date(2026, 12, 4) and journaled(world, "due") == ["2026-12-04"],
    ),
    Story(
        "a person decides for a date that was written over", under_way_and_asking,
        (race_for_the_date, an_hour_passes, settle_as("R-001/1", "due", Keep.THEIRS)),
        lambda world: world.task().due_on == date(2026, 12, 4) and journaled(world, "due") == ["2026-12-04"],
    ),
    Story(
        "an auditor's date in the due cell goes to all sides", mirrored, (edit_due_cell,),
        lambda world: str(world.person(DANA).issue(card_of(world))["fields"]["duedate"]) == "2026-12-04",
    ),
    Story(
        "a page is written though somebody was faster", mirrored,
        (meanwhile_faults("status", "PUT", r"/pages/\d+$", 409, comment(CLARA, "due 2026-12-01")),),
        lambda world: "2026-12-01" in str(world.page()["body"]) and world.request().auditor_due_on == date(2026, 12, 1),
    ),
    Story(
        "a file of the auditor's reaches the owner", mirrored, (attach_to_page,),
        lambda world: comments_with(world, card_of(world), "sample.csv") == 1,
    ),
    Story(
        "an acceptance falls when a file is added", submitted, (comment(CLARA, "accept"), attach_to_page),
        lambda world: world.request().status != "accepted",
    ),
    Story(
        "an owner's question stops the clock", mirrored, (say(PRIYA, "question: all of 2026?"),),
        lambda world: world.request().clock_stopped_on is not None,
    ),
    Story(
        "a card is deleted", mirrored, (delete_card,),
        lambda world: state_of(world, LinkRole.ISSUE) is LinkState.DETACHED,
    ),
    Story(
        "a deleted card is made again on a person's word", without_its_card, (make_again,),
        lambda world: card_of(world) == "SEC-2" and state_of(world, LinkRole.ISSUE) is LinkState.LIVE,
    ),
    Story(
        "a page goes to the trash and comes back", mirrored, (trash_page, restore_page),
        lambda world: state_of(world, LinkRole.PAGE) is LinkState.LIVE,
    ),
    Story(
        "a card moves to another project", mirrored, (move_to_project,),
        lambda world: card_of(world).startswith("IT-"),
    ),
    Story(
        # What Jira's workflow begins with is read by the next look, whenever that is.
        "a list is imported", nothing, (listed(FIRST, SECOND), look_at_all),
        lambda world: len(world.site.jira.issues) == 4,
    ),
    Story(
        "the list comes again with changes", imported, (listed(FIRST_CHANGED, SECOND),),
        lambda world: "of the year" in world.page()["title"] and str(world.request().auditor_due_on) == "2026-12-21",
    ),
    Story(
        "the list comes again without a request", imported, (listed(FIRST),),
        lambda world: world.request("R-002").is_proposed_withdrawn or world.request("R-002").status == "withdrawn",
    ),
    Story(
        "the token expires before a write", under_way,
        (meanwhile_faults("status", "POST", "/transitions$", 401, move(PRIYA, "In Review")),),
        lambda world: world.person(DANA).status(card_of(world)) == "In Progress",
    ),
    Story(
        "an answer to a create is lost", nothing,
        (meanwhile_faults("drop_after", "POST", "/issue/bulk$", 0, add("R-001")),),
        lambda world: len(world.site.jira.issues) == 2,
    ),
    Story(
        "a date that both sides changed waits for a person", asking, (quarrel,),
        lambda world: open_conflicts(world) == 1,
    ),
    Story(
        "a person settles a date that both sides changed", quarrelled, (settle_as("R-001/1", "due", Keep.THEIRS),),
        lambda world: open_conflicts(world) == 0 and world.task().due_on == date(2026, 12, 4),
    ),
)  # fmt: skip
SHORT = ("a card moves", "a card is deleted", "a card is put back with an explanation")
"""Those with few steps."""
