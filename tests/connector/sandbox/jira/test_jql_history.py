"""JQL that asks what was, and what changed when, from what to what, and by whom."""

from dataclasses import dataclass, replace

import pytest

from connector.sandbox.app import create_app
from connector.sandbox.clock import ManualClock
from connector.sandbox.jira.jql.syntax import Clause, Function, Qualifier, Word, parse
from connector.sandbox.seed import BOT_EMAIL, seed_acme
from connector.sandbox.site import Site
from tests.connector.sandbox.conftest import START, Visitor

PRIYA = "712020:00000000-0000-4000-8000-000000000002"
TOMAS = "712020:00000000-0000-4000-8000-000000000003"

READINGS = [
    ("status was Open", Clause("status", "was", (Word("Open"),))),
    ("status WAS NOT IN (a, b)", Clause("status", "was not in", (Word("a"), Word("b")))),
    (
        "status was Done by currentUser() before -1d",
        Clause(
            "status",
            "was",
            (Word("Done"),),
            (Qualifier("by", (Function("currentUser"),)), Qualifier("before", (Word("-1d"),))),
        ),
    ),
    (
        "status changed from a to b during ('2026-10-01', now())",
        Clause(
            "status",
            "changed",
            (),
            (
                Qualifier("from", (Word("a"),)),
                Qualifier("to", (Word("b"),)),
                Qualifier("during", (Word("2026-10-01"), Function("now"))),
            ),
        ),
    ),
]


@pytest.mark.parametrize(("text", "tree"), READINGS)
def test_a_question_about_the_past_is_read(text: str, tree: object) -> None:
    assert parse(text).where == tree


@dataclass(frozen=True)
class Past:
    """Three issues of the bot's by a letter each, and what happened to two of them."""

    site: Site
    bot: Visitor
    keys: dict[str, str]


def _past() -> Past:
    """Made on 5 October at 09:00 UTC; `a` went on by Priya on the 6th and back by the bot on the 7th."""
    site = Site(clock := ManualClock(START))
    seed_acme(site)
    app = create_app(site)
    bot, priya = (
        Visitor(app, site.account_by_email(email), lambda _answer: None)
        for email in (BOT_EMAIL, "priya.nair@acme.example")
    )
    keys = {letter: bot.create(assignee={"accountId": PRIYA}) for letter in "abc"}
    clock.advance(86400)
    priya.go(keys["a"], "In Progress")
    bot.put(f"/issue/{keys['b']}", {"fields": {"assignee": {"accountId": TOMAS}, "priority": {"name": "High"}}})
    clock.advance(86400)
    bot.go(keys["a"], "To Do")
    bot.go(keys["b"], "Done")
    clock.advance(86400)
    return Past(site, bot, keys)


@pytest.fixture(scope="module")
def past() -> Past:
    """For asking only."""
    return _past()


FINDINGS = [
    ("status was 'In Progress'", "a"),
    ("status was 'To Do'", "abc"),
    ("status was not 'In Progress'", "bc"),
    ("not status was 'In Progress'", "bc"),
    ("status was in ('In Progress', Done)", "ab"),
    ("status was not in ('In Progress', Done)", "c"),
    ("status was 'In Progress' before '2026-10-06 04:00'", ""),  # 09:00 UTC is 05:00 in New York
    ("status was 'In Progress' before '2026-10-06 06:00'", "a"),
    ("status was 'In Progress' after '2026-10-07 04:00'", "a"),
    ("status was 'In Progress' after '2026-10-07 06:00'", ""),
    ("status was 'To Do' on '2026-10-06'", "abc"),
    ("status was 'To Do' on '2026-10-08'", "ac"),
    ("status was 'In Progress' during ('2026-10-06 12:00', '2026-10-06 13:00')", "a"),
    ("status was 'In Progress' during ('2026-10-07 12:00', '2026-10-08')", ""),
    (f"status was 'In Progress' by {PRIYA}", "a"),
    ("status was 'In Progress' by currentUser()", ""),
    ("status was 'To Do' by currentUser() after -36h", "abc"),
    ("status changed", "ab"),
    ("not status changed", "c"),
    ("status changed from 'To Do'", "ab"),
    ("status changed to 'To Do'", "a"),
    ("status changed from 'To Do' to Done", "b"),
    ("status changed from 'In Progress' to Done", ""),
    (f"status changed by {PRIYA}", "a"),
    (f"status changed to 'To Do' by {PRIYA}", ""),
    ("status changed by (currentUser())", "ab"),
    ("status changed before '2026-10-07'", "a"),
    ("status changed after startOfDay(-1d)", "ab"),
    ("status changed on '2026-10-06'", "a"),
    ("status changed during ('2026-10-06', '2026-10-06 23:59')", "a"),
    ("status changed after '2026-10-05' and project = AUD and status = Done", "b"),
    (f"assignee was {PRIYA}", "abc"),
    (f"assignee was {TOMAS}", "b"),
    (f"assignee was not {TOMAS}", "ac"),
    ("assignee was EMPTY", ""),
    ("assignee was membersOf(site-admins)", ""),
    ("assignee changed", "b"),
    (f"assignee changed from {PRIYA} to {TOMAS}", "b"),
    ("reporter changed", ""),
    ("reporter was currentUser()", "abc"),
    ("priority was Medium", "abc"),
    ("priority changed to High", "b"),
    ("resolution was EMPTY", "abc"),
    ("resolution was Done", "b"),
    ("resolution changed from EMPTY", "b"),
    ("fixVersion changed", ""),
    ("fixVersion was EMPTY", "abc"),
]


@pytest.mark.parametrize(("jql", "expected"), FINDINGS)
def test_the_change_log_answers(jql: str, expected: str, past: Past) -> None:
    letters = {key: letter for letter, key in past.keys.items()}
    assert "".join(sorted(letters[key] for key in past.bot.search(jql))) == expected


REFUSALS = [
    ("project was AUD", "History searches do not support the  'project' field."),
    ("labels changed", "History searches do not support the  'labels' field."),
    ("due was not EMPTY", "History searches do not support the  'due' field."),
    ("colour was red", "Field 'colour' does not exist or you do not have permission to view it."),
    ("status was Nope", "The value 'Nope' does not exist for the field 'status'."),
    ("status changed to Nope", "The value 'Nope' does not exist for the field 'status'."),
    ("status changed by nobody", "The value 'nobody' does not exist for the field 'assignee'."),
    ("status changed before soon", "Date value 'soon'"),
    ("status changed during (-1d)", "takes two dates"),
    ("status was Done from 'To Do'", "The predicate 'from' is not supported by the operator 'was'."),
    ("status changed Done", "Expecting either 'OR' or 'AND'"),
    ("status was", "before the end of the query"),
    ("status was in Done", "'(' or a function"),
]


@pytest.mark.parametrize(("jql", "says"), REFUSALS)
def test_a_question_about_the_past_is_refused(jql: str, says: str, past: Past) -> None:
    answer = past.bot.get("/search/jql", params={"jql": jql})
    assert answer.status_code == 400
    assert says in answer.json()["errorMessages"][0]


def test_a_value_is_known_by_the_name_it_had_when_it_was_set() -> None:
    """ "This operator will match the value name which was configured at the time that the field was changed." """
    past = _past()
    site, bot = past.site, past.bot
    done = next(one for one in site.jira.statuses.values() if one.name == "Done")
    site.jira.statuses[done.status_id] = replace(done, name="Finished")
    assert bot.search("status was Finished") == bot.search(f"status was {done.status_id}") == [past.keys["b"]]
    site.jira.statuses = {key: one for key, one in site.jira.statuses.items() if one.name != "Done"}
    assert bot.search("status was Done") == [past.keys["b"]]


def test_the_past_lags_like_the_present(site: Site, clock: ManualClock, bot: Visitor) -> None:
    key = bot.create()
    site.faults.index_lag_s = 30
    bot.go(key, "Done")
    assert bot.search("status changed") == []
    clock.advance(31)
    assert bot.search("status changed") == [key]
