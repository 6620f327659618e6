"""Tieout is stopped at every step of what it does, and started again: the world ends as if nothing had happened.

A story is told once without a stop, and its steps are counted. Then it is told again for each step, stopped there.
Of steps between which nothing was written anywhere one stands for all, as what the next process finds is the same.
The everyday form stops at two steps of every second story on SQLite; the long one at all that differ on SQLite, where a
story costs least, and at some of each on PostgreSQL and of those at which a process may sleep.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest

from connector.sandbox.clock import ManualClock
from mappings.records import marker
from sync import journal
from sync.database import open_database
from sync.keys import record_key
from sync.settlement import Keep, settle
from sync.store import Store
from sync.work import LIVE, mark
from tests.system.picture import picture
from tests.system.steps import Moment, SteppedWorld, that_differ
from tests.system.test_desk import audit
from tests.system.test_faults_racing import card_edit, register_says
from tests.system.test_faults_twins import choose, with_twin
from tests.system.test_faults_writing import before
from tests.system.test_going_round import handed_in, mirrored, submitted
from tests.system.world import CLARA, DANA, MARCO, PRIYA, START, TOMAS

SAMPLED, SAMPLED_LONG = 2, 5
"""Steps of a story at which the everyday form stops, and the long one where it does not stop at all."""

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
    audits = {key: audit.model_copy(update={"ask": ("due",)}) for key, audit in world.rules.audit.items()}
    world.rules = world.rules.model_copy(update={"audit": audits})
    world.start_anew()
    under_way(world)


def race_for_the_date(world: SteppedWorld) -> None:
    """The coordinator sets a date at the desk, and the owner another one in Jira just as Tieout writes."""
    register_says(world, due_on=date(2026, 12, 2))
    before(world, "PUT", card_edit(world), partial(world.person(PRIYA).set_due, card_of(world), date(2026, 12, 4)))


def settle_for_theirs(world: SteppedWorld) -> None:
    settle(world.db, audit(world), "R-001/1", "due", Keep.THEIRS, by="dana")


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
        (race_for_the_date, settle_for_theirs),
        lambda world: world.task().due_on == date(2026, 12, 4) and journaled(world, "due") == ["2026-12-04"],
    ),
)  # fmt: skip


@pytest.fixture
def world(database_url: str, tmp_path: Path) -> Iterator[SteppedWorld]:
    clock = ManualClock(START)
    db = open_database(database_url, clock=clock.now, is_durable=False)
    yield SteppedWorld(db, clock, tmp_path)
    db.dispose()


def tell(
    world: SteppedWorld, story: Story, begun: Moment, *stops: int, looks: bool = False, sleeps: bool = False
) -> list[str]:
    """The story from its beginning, stopped at these steps, or asleep there; what the world looks like in the end."""
    world.come_back(begun)
    world.steps.begin(stops, looks=looks, sleep=world.let_another_work if sleeps else None)
    for hour, act in enumerate(story.acts):
        world.clock.set(begun.at + timedelta(hours=hour))  # however long it took Tieout to come to rest
        act(world)
        world.settle()
    return picture(world)


def assert_at_rest(world: SteppedWorld) -> None:
    with world.db.read() as conn:
        assert journal.verify(conn) is None
        uids = Store(conn).records.uids()
    for uid in uids:
        marked = [each.key for each in world.site.jira.issues.values() if marker(uid) in each.values["labels"]]
        assert len(marked) == 1
    assert list(world.vault.verify()) == []
    assert world.full_sync_writes() == []


def check(world: SteppedWorld, story: Story, choose: Callable[[list[int]], list[int]]) -> None:
    """Tell the story once in peace, then once for each chosen stop, and hold the ends together."""
    story.given(world)
    begun = world.keep()
    expected = tell(world, story, begun, looks=True)
    steps = tuple(world.steps.taken)
    assert story.shows(world)
    assert_at_rest(world)
    for stop in choose(that_differ(steps)):
        starts = world.starts
        found = tell(world, story, begun, stop)
        assert world.starts == starts + 2, "once at the beginning, once after the stop"
        assert found == expected, f"stopped at step {stop}, {steps[stop].what}"
        assert_at_rest(world)


def _named(story: Story) -> str:
    return story.name


def some(story: Story, number: int) -> Callable[[list[int]], list[int]]:
    """That many of a story's stops, spread over it, others for each story; all where it has no more."""
    place = STORIES.index(story)

    def choose(stops: list[int]) -> list[int]:
        return (
            sorted({stops[(7 * place + n * len(stops) // number) % len(stops)] for n in range(number)}) if stops else []
        )

    return choose


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
@pytest.mark.parametrize("story", STORIES[::2], ids=_named)
def test_a_process_stopped_here_or_there_and_started_again_ends_in_the_same_world(
    world: SteppedWorld, story: Story
) -> None:
    check(world, story, some(story, SAMPLED))


@pytest.mark.long
@pytest.mark.parametrize("story", STORIES, ids=_named)
def test_a_process_stopped_at_any_step_and_started_again_ends_in_the_same_world(
    world: SteppedWorld, story: Story, backend: str
) -> None:
    check(world, story, list if backend == "sqlite" else some(story, SAMPLED_LONG))


@pytest.mark.long
@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
@pytest.mark.parametrize("story", STORIES, ids=_named)
def test_a_process_that_sleeps_past_its_lease_at_any_step_does_nothing_twice(world: SteppedWorld, story: Story) -> None:
    """Wherever it may notice on waking: after an answer, and after a commit. Between its last look at the clock and
    the call itself nothing can help."""
    story.given(world)
    begun = world.keep()
    expected = tell(world, story, begun, looks=True)
    steps = tuple(world.steps.taken)
    places = [last + 1 for last in that_differ(steps)[:-1]]
    for stop in some(story, SAMPLED_LONG)([place for place in places if steps[place].what.startswith("after")]):
        found = tell(world, story, begun, stop, sleeps=True)
        assert world.slept, "it slept"
        assert found == expected, f"asleep at step {stop}, {steps[stop].what}"
        assert_at_rest(world)


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_what_is_put_back_is_journaled_once_though_the_first_try_was_lost(world: SteppedWorld) -> None:
    story = next(each for each in STORIES if each.name == "a card is put back with an explanation")
    story.given(world)
    begun = world.keep()
    tell(world, story, begun)
    whats = [step.what for step in world.steps.taken]
    stop = next(n for n, what in enumerate(whats) if what.startswith("before POST") and what.endswith("/transitions"))
    tell(world, story, begun, stop)
    with world.db.read() as conn:
        told = [entry for entry in journal.entries(conn, limit=1_000) if entry.what == "status put back"]
    assert len(told) == 1
