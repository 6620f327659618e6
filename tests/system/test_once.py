"""Files and comments are put on a side once, whenever a late answer, another event or a crash comes."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest

from connector.sandbox.faults import Fault, Kind
from mappings.text import Document
from sync.intents import SETTLES_AFTER_S
from sync.keys import record_key
from sync.retry import Retry
from sync.store import Store
from sync.work import LIVE, mark
from sync.worker import LEASE_S, Worker
from tests.system.looks import said_on_page, second_run_writes, texts_on, versions
from tests.system.scenes import ISSUE_COMMENT, PAGE_COMMENT, before, handed_in, hint, let_pass, mirrored
from tests.system.world import CLARA, DANA, MARCO, PRIYA, World

UPLOAD = "/child/attachment$"
WORDS = "whole population"


class Killed(BaseException):
    """What SIGKILL is to a process."""


def let_through(world: World) -> None:
    """The reviewer lets the file through, so that it is to be put on the page."""
    world.person(MARCO).move(world.key(world.task()), "With Auditor")
    world.clock.advance(60)
    world.polls.jira()


def events_come(world: World, seconds: int) -> None:
    """Events for both records every five seconds, each of which has them tried at once."""
    for _ in range(seconds // 5):
        world.clock.advance(5)
        hint(world, world.request())
        hint(world, world.task())


def dies_after(world: World, port: object, name: str) -> None:
    """The worker dies when the answer to its call has come, before anything is kept of it."""
    whole: Callable[..., object] = getattr(port, name)

    def call(*args: object, **more: Any) -> object:
        whole(*args, **more)
        raise Killed

    setattr(port, name, call)
    with pytest.raises(Killed):
        world.worker.run_until_quiet()
    world.worker = world.new_worker("its successor")


@pytest.mark.parametrize("delay_s", [4, 31, 58])
def test_a_file_that_arrives_late_is_put_on_the_page_once_whatever_happens_meanwhile(
    world: World, delay_s: int
) -> None:
    handed_in(world)
    world.site.faults.add("late", "PUT", UPLOAD, delay_s=delay_s)
    let_through(world)
    world.worker.run_until_quiet()
    events_come(world, 90)
    let_pass(world, 180)
    assert versions(world) == [1]
    assert second_run_writes(world) == []


@pytest.mark.long
def test_a_file_of_two_unclear_tries_is_put_on_the_page_once(world: World) -> None:
    handed_in(world)
    world.site.faults.add("timeout_before", "PUT", UPLOAD)
    world.site.faults.add("late", "PUT", UPLOAD, delay_s=50)
    let_through(world)
    world.worker.run_until_quiet()
    events_come(world, 180)
    let_pass(world, 180)
    assert versions(world) == [1]


def test_a_file_that_a_person_has_put_a_newer_one_over_is_not_put_on_the_page_again(world: World) -> None:
    handed_in(world)
    world.site.faults.add("timeout_after", "PUT", UPLOAD)
    let_through(world)
    world.worker.run_until_quiet()
    page_id = world.page()["id"]
    world.person(CLARA).attach_to_page(page_id, "access-review.csv", b"who,role\npriya,admin\nand,mine\n")
    let_pass(world, 300)
    assert versions(world) == [2]
    assert second_run_writes(world) == []


def approval_is_taken_back(world: World) -> None:
    """Another file on the card brings the task back to review."""
    world.person(PRIYA).attach(world.key(world.task()), "more.csv", b"x,y\n")
    with world.db.write() as conn:
        mark(conn, [record_key(world.task().uid)], lane=LIVE)
    world.new_worker("another").run_until_quiet()
    assert world.task().status == "ready_for_review"


def files_on_page(world: World) -> list[str]:
    return [file["title"] for file in world.person(CLARA).files_of_page(world.page()["id"])]


def told_files(world: World) -> list[str]:
    """Those that the register holds to be before the auditor, and the page says to be there."""
    with world.db.read() as conn:
        (its,) = Store(conn).evidence.of([world.request().uid]).values()
    shown = world.page()["body"]["storage"]["value"]
    return [each.file_name for each in its if each.is_released and each.copy_id and each.file_name in shown]


@pytest.mark.parametrize(("kind", "there"), [("timeout_after", ["access-review.csv"]), ("timeout_before", [])])
def test_a_file_whose_approval_is_taken_back_before_its_upload_was_heard_of_is_told_as_it_stands(
    world: World, kind: Kind, there: list[str]
) -> None:
    """It stood on the page, and neither the register nor the page's own table knew of it."""
    handed_in(world)
    world.site.faults.add(kind, "PUT", UPLOAD)
    let_through(world)
    world.worker.run_until_quiet()
    approval_is_taken_back(world)
    let_pass(world, 180)
    assert files_on_page(world) == told_files(world) == there
    assert second_run_writes(world) == []


def test_a_file_whose_approval_is_taken_back_while_another_is_uploaded_stays_inside(world: World) -> None:
    card = mirrored(world)
    for name in ("access-review.csv", "second.csv"):
        world.person(PRIYA).attach(card, name, f"of {name}\n".encode())
    world.person(PRIYA).move(card, "In Review")
    world.settle()
    world.person(MARCO).move(card, "With Auditor")
    before(world, "PUT", UPLOAD, partial(approval_is_taken_back, world))
    hint(world, world.task())
    let_pass(world, 180)
    assert files_on_page(world) == told_files(world) == ["access-review.csv"]
    assert second_run_writes(world) == []


def test_a_file_that_its_owner_put_on_the_page_by_hand_is_told_there_and_not_put_there_again(world: World) -> None:
    """The page had it and did not say so, an acceptance did not cover it, and it got a second version."""
    handed_in(world)
    world.person(PRIYA).attach_to_page(world.page()["id"], "access-review.csv", b"who,role\npriya,admin\n")
    let_pass(world, 120)
    assert told_files(world) == ["access-review.csv"]
    world.person(MARCO).move(world.key(world.task()), "With Auditor")
    let_pass(world, 120)
    assert versions(world) == [1]
    assert second_run_writes(world) == []


@pytest.mark.long
def test_a_file_that_is_recalled_before_confluence_took_it_stays_inside_until_it_is_handed_in_again(
    world: World,
) -> None:
    card = handed_in(world)
    world.site.faults.add("status", "PUT", UPLOAD, times=100)
    for who, key in ((MARCO, card), (DANA, world.key(world.request()))):
        world.person(who).move(key, "With Auditor")
        let_pass(world, 60)
    assert (world.task().status, world.request().status) == ("delivered", "submitted")
    world.person(DANA).comment_issue(world.key(world.request()), "It shows more than was asked for.")
    world.person(DANA).move(world.key(world.request()), "In Progress")
    let_pass(world, 60)
    world.site.faults.clear()
    let_pass(world, 600)
    assert (world.task().status, files_on_page(world)) == ("changes_requested", [])
    world.person(PRIYA).move(card, "In Review")
    let_pass(world, 60)
    world.person(MARCO).move(card, "With Auditor")
    let_pass(world, 120)
    assert files_on_page(world) == told_files(world) == ["access-review.csv"]


def test_a_worker_that_dies_after_an_upload_leaves_one_version(world: World) -> None:
    handed_in(world)
    let_through(world)
    dies_after(world, world.worker._sites.confluence, "attach")
    assert versions(world) == [1]
    world.clock.advance(LEASE_S)
    let_pass(world, 240)
    assert versions(world) == [1]
    assert "access-review.csv" in world.page()["body"]["storage"]["value"]


@pytest.mark.parametrize("where", ["issue", "page"])
def test_a_worker_that_dies_after_a_comment_has_said_it_once(world: World, where: str) -> None:
    card = mirrored(world)
    if where == "issue":
        world.person(CLARA).comment_page(world.page()["id"], f"Is this the {WORDS}?")
    else:
        world.person(PRIYA).comment_issue(card, f"auditor: this is the {WORDS}")
    world.clock.advance(60)
    world.polls.jira()
    world.polls.confluence()
    sites = world.worker._sites
    dies_after(world, sites.jira if where == "issue" else sites.confluence, "comment")
    world.clock.advance(LEASE_S)
    let_pass(world, 240)
    if where == "issue":
        assert sum(WORDS in text for text in texts_on(world, card)) == 1
    else:
        assert said_on_page(world, WORDS) == 1


def a_sleeper(world: World) -> Worker:
    """A worker to whom no time passes between two looks at its lease but the world's."""
    return Worker(
        world.db,
        world.new_sites(),
        world.vault,
        name="sleeper",
        retry=Retry(),
        chance=lambda: 0.5,
        stopwatch=lambda: world.clock.now().timestamp(),
    )


@pytest.mark.parametrize("where", ["issue", "page", "thread"])
def test_a_comment_that_another_has_said_while_its_worker_slept_before_the_call_is_taken_back(
    world: World, where: str
) -> None:
    card = mirrored(world)
    if where == "issue":
        world.person(CLARA).comment_page(world.page()["id"], f"Is this the {WORDS}?")
    elif where == "page":
        world.person(PRIYA).comment_issue(card, f"auditor: this is the {WORDS}")
    else:
        world.person(CLARA).comment_page(world.page()["id"], "accept")
    world.clock.advance(60)
    world.polls.jira()
    world.polls.confluence()
    sleeper = a_sleeper(world)
    slept = sleeps_before_its_call(world)
    sleeper.run_until_quiet()
    let_pass(world, 300)
    assert len(slept) == 1
    said = Counter(marks_on(world, card))
    assert said == dict.fromkeys(said, 1)
    assert len(said) >= 1
    assert second_run_writes(world) == []


def test_a_comment_that_another_found_and_keeps_is_not_taken_back_though_a_third_has_said_it_too(world: World) -> None:
    """Both would have gone, each for the other, and the register would have known one of them."""
    card = mirrored(world)
    sleeper = a_sleeper(world)
    say, said = sleeper._sites.jira.comment, list[str]()

    def sleeps_after_it(issue_id: str, body: Document, ref: str) -> str:
        mine = say(issue_id, body, ref)
        if not said:
            world.clock.advance(LEASE_S + SETTLES_AFTER_S)
            world.new_worker("another").run_until_quiet()
            world.new_sites().jira.comment(issue_id, body, ref)  # the third, who slept right before its call
            said.append(mine)
        return mine

    sleeper._sites.jira.comment = sleeps_after_it  # type: ignore[method-assign]  # where it has said it
    world.person(CLARA).comment_page(world.page()["id"], f"Is this the {WORDS}?")
    world.clock.advance(60)
    world.polls.confluence()
    sleeper.run_until_quiet()
    everywhere = [
        each for key in (card, world.key(world.request())) for each in world.person(DANA).comments_of_issue(key)
    ]
    assert said[0] in [str(each["id"]) for each in everywhere]


def marks_on(world: World, card: str) -> Iterator[tuple[str, str]]:
    """Where each of Tieout's comments stands, with the mark of what it says."""
    page_id = world.page()["id"]
    places = {each: texts_on(world, each) for each in (card, world.key(world.request()))}
    places[page_id] = [comment.version.body for comment in world.site.confluence.comments.on(page_id)]
    for place, texts in places.items():
        for text in texts:
            yield from ((place, mark) for mark in re.findall("ref [0-9a-f]{12}", text))


def sleeps_before_its_call(world: World) -> list[str]:
    """Who comments next sleeps past its lease between its last look at it and the call; another does its work
    meanwhile. Returns on what it slept."""
    take, slept = world.site.faults.take, list[str]()

    def asleep(method: str, path: str) -> Fault | None:
        if method == "POST" and not slept and re.search(f"{ISSUE_COMMENT}|{PAGE_COMMENT}", path):
            slept.append(path)
            world.clock.advance(LEASE_S + SETTLES_AFTER_S)
            world.new_worker("another").run_until_quiet()
        return take(method, path)

    world.site.faults.take = asleep  # type: ignore[method-assign]  # where the call is under way and nothing is done
    return slept


@pytest.mark.parametrize(("path", "delay_s"), [(ISSUE_COMMENT, 31), (PAGE_COMMENT, 31), (PAGE_COMMENT, 58)])
def test_a_comment_that_arrives_late_is_said_once_whatever_happens_meanwhile(
    world: World, path: str, delay_s: int
) -> None:
    card = mirrored(world)
    world.site.faults.add("late", "POST", path, delay_s=delay_s)
    if path == ISSUE_COMMENT:
        world.person(CLARA).comment_page(world.page()["id"], f"Is this the {WORDS}?")
    else:
        world.person(PRIYA).comment_issue(card, f"auditor: this is the {WORDS}")
    world.settle()
    events_come(world, 90)
    let_pass(world, 180)
    assert sum(WORDS in text for text in texts_on(world, card)) == 1
    assert said_on_page(world, WORDS) == 1


def test_a_look_that_is_older_than_a_late_comment_does_not_say_that_it_is_not_there(world: World) -> None:
    """The issue was read when the run began; the comment came to light before the run got to it."""
    card = mirrored(world)
    world.site.faults.add("late", "POST", ISSUE_COMMENT, delay_s=58, times=2)
    world.person(CLARA).comment_page(world.page()["id"], f"Is this the {WORDS}?")
    world.settle()
    world.clock.advance(57)
    take, left = world.site.faults.take, [4.0]

    def later(method: str, path: str) -> Fault | None:
        """The run is slow: seconds pass after its first look."""
        fault = take(method, path)
        if left and re.search("/wiki/api/v2/pages|/comment$", path):
            world.clock.advance(left.pop())
        return fault

    world.site.faults.take = later  # type: ignore[method-assign]  # where the site asks what goes wrong
    hint(world, world.task())
    hint(world, world.request())
    let_pass(world, 300)
    for each in (card, world.key(world.request())):
        assert sum(WORDS in text for text in texts_on(world, each)) == 1
