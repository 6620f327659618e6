"""What the checks decide without asking a site: ways through workflows, clocks, last days, limits, webhooks."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from connector.checks.circumstances import Circumstances
from connector.checks.jira_reading import Flow, Webhook, headroom
from connector.checks.signing_in import check_clock, check_connection
from connector.checks.ways import Ground
from connector.checks.webhooks import EVENTS, judge_webhooks
from connector.refusals import Reply
from connector.workflows import Transition
from mappings.far import StatusInfo
from mappings.rules import Connection

from .conftest import START

TODO, DOING, DONE = (
    StatusInfo("1", "To Do", "new"),
    StatusInfo("2", "Doing", "indeterminate"),
    StatusInfo("3", "Done", "done"),
)
REVIEW = StatusInfo("4", "Review", "indeterminate")
DOOR = "https://tieout.example/webhooks/jira"


def step(name: str, to: StatusInfo, **required: str) -> Transition:
    return Transition(name, name, to, frozenset(required), required)


def names(way: tuple[Transition, ...] | None) -> list[str] | None:
    return None if way is None else [each.name for each in way]


def test_a_way_is_the_shortest_and_never_goes_through_a_done_status() -> None:
    steps = {
        "1": (step("close", DONE), step("begin", DOING)),
        "2": (step("hand in", REVIEW),),
        "3": (step("reopen", REVIEW),),
    }
    ground = Ground("1", steps)
    assert names(ground.way("1", "4", ())) == ["begin", "hand in"]
    assert names(ground.way("1", "3", ())) == ["close"], "a done status may be where it ends"
    assert names(ground.way("3", "4", ())) == ["reopen"], "and where it begins"
    assert ground.way("4", "1", ()) is None
    assert names(Ground("1", {"1": (step("close", DONE),), "3": (step("reopen", REVIEW),)}).way("1", "4", ())) is None


def test_of_two_steps_to_one_status_the_one_that_lacks_nothing_is_taken() -> None:
    ground = Ground("1", {"1": (step("close", DONE, resolution="Resolution"), step("close with comment", DONE))})
    assert names(ground.way("1", "3", ())) == ["close with comment"]


def test_a_status_that_nobody_could_look_at_leaves_the_question_open() -> None:
    seen = {"1": (step("begin", DOING),)}
    assert Ground("1", seen).blind_spots("1") == {"2"}
    assert Ground("1", {**seen, "2": ()}).blind_spots("1") == set()


def test_what_single_issues_show_counts_before_what_the_workflow_says_and_an_empty_look_says_nothing() -> None:
    flow = Flow("2", {"1": (step("begin", DOING),), "2": (step("hand in", REVIEW),)})
    ground = Ground.of(flow, {"1": (step("start", DOING),), "2": ()}, "1")
    assert (ground.initial, names(ground.way("1", "4", ()))) == ("2", ["start", "hand in"])


@pytest.mark.parametrize(
    ("off_s", "seconds"),
    [(0, []), (59, []), (-59, []), (-60, [60]), (61, [60]), (-3600, [3600])],
)
def test_a_clock_is_told_when_it_is_a_minute_off_whatever_the_call_took(off_s: int, seconds: list[int]) -> None:
    """The site's time has no fraction of a second, so being ahead of it by up to one means nothing."""
    answered_at = START - timedelta(seconds=off_s)
    told = [finding.why for finding in check_clock(answered_at, START, START, "acme")]
    assert [f"{each} s" in why for each, why in zip(seconds, told, strict=True)] == [True] * len(seconds)
    assert list(check_clock(START + timedelta(seconds=90), START, START + timedelta(seconds=120), "acme")) == []
    assert list(check_clock(None, START, START, "acme")) == []


@pytest.mark.parametrize(
    ("days", "name"),
    [
        (-1, "token-expired"),
        (0, "token-expires-this-week"),
        (7, "token-expires-this-week"),
        (8, "token-expires-soon"),
        (30, "token-expires-soon"),
        (31, None),
    ],
)
def test_a_tokens_last_day_is_told_thirty_and_seven_days_before(days: int, name: str | None) -> None:
    today = date(2026, 10, 5)
    connection = Connection(url="https://acme.atlassian.net", token_expires_on=today + timedelta(days=days))
    assert [finding.name for finding in check_connection(connection, today)] == ([name] if name else [])


@pytest.mark.parametrize(
    ("headers", "said"),
    [
        ({}, ""),
        ({"X-RateLimit-Limit": "100", "X-RateLimit-Remaining": "20"}, ""),
        ({"X-RateLimit-Limit": "100", "X-RateLimit-Remaining": "19"}, "19 of 100 calls left"),
        ({"X-RateLimit-NearLimit": "True"}, "X-RateLimit-NearLimit: true"),
        ({"X-RateLimit-Limit": "0", "X-RateLimit-Remaining": "0"}, ""),
        ({"X-RateLimit-Limit": "many", "X-RateLimit-Remaining": "few"}, ""),
    ],
)
def test_less_than_a_fifth_of_a_limit_is_little(headers: dict[str, str], said: str) -> None:
    assert headroom(Reply(200, headers, {})) == said


def test_a_webhook_elsewhere_is_no_fault_while_one_leads_here() -> None:
    here = Webhook("here", f"{DOOR}/", EVENTS, is_enabled=True, is_signed=True)
    old = Webhook("old", "https://old.example/webhooks/jira", EVENTS, is_enabled=False, is_signed=False)
    strange = Webhook("other", "https://chat.example/hook", frozenset(), is_enabled=True, is_signed=False)
    around = Circumstances(lambda: START, public_url="https://tieout.example", has_jira_secret=True)
    assert list(judge_webhooks([here, old, strange], "acme", DOOR, around)) == []
    assert [each.name for each in judge_webhooks([old, strange], "acme", DOOR, around)] == ["webhook-elsewhere"]
    assert [each.name for each in judge_webhooks([strange], "acme", DOOR, around)] == ["webhook-missing"]
