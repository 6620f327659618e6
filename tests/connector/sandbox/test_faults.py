"""What goes wrong on demand, and what the state is afterwards."""

import pytest
import requests

from connector.sandbox.clock import ManualClock
from connector.sandbox.faults import Kind
from connector.sandbox.site import Site
from tests.connector.sandbox.conftest import Visitor, doc

FIELDS = {"project": {"key": "AUD"}, "issuetype": {"name": "Task"}, "summary": "Made or not"}


@pytest.mark.parametrize(
    ("kind", "error", "made"),
    [
        ("drop_before", requests.exceptions.ConnectionError, 0),
        ("drop_after", requests.exceptions.ConnectionError, 1),
        ("timeout_before", requests.exceptions.ReadTimeout, 0),
        ("timeout_after", requests.exceptions.ReadTimeout, 1),
    ],
)
def test_a_dropped_request_raises_and_was_applied_or_not(
    site: Site, bot: Visitor, kind: Kind, error: type[Exception], made: int
) -> None:
    site.faults.add(kind, "POST", "/issue$")
    with pytest.raises(error):
        bot.post("/issue", {"fields": FIELDS})
    assert len(site.jira.issues) == made
    (record,) = site.calls.writes()
    assert (record.status, record.applied) == (0, made == 1)
    assert bot.post("/issue", {"fields": FIELDS}).status_code == 201


@pytest.mark.parametrize("status", [500, 502, 503, 504])
@pytest.mark.parametrize(("kind", "made"), [("status", 0), ("status_after", 1)])
def test_a_server_error_says_nothing_about_what_was_done(
    site: Site, bot: Visitor, kind: Kind, made: int, status: int
) -> None:
    site.faults.add(kind, "POST", "/issue$", status=status, retry_after_s=7)
    answer = bot.post("/issue", {"fields": FIELDS})
    assert (answer.status_code, answer.headers["Retry-After"]) == (status, "7")
    assert len(site.jira.issues) == made


def test_a_late_request_times_out_and_is_applied_when_its_time_has_come(
    site: Site, clock: ManualClock, bot: Visitor
) -> None:
    site.faults.add("late", "POST", "/issue$", delay_s=30)
    with pytest.raises(requests.exceptions.ReadTimeout):
        bot.post("/issue", {"fields": FIELDS})
    assert bot.search("project = AUD") == []
    clock.advance(30)
    assert bot.search("project = AUD") == ["AUD-1"]
    assert len(site.calls.writes()) == 1


def test_a_fault_hits_only_what_it_fits_and_as_often_as_it_says(site: Site, bot: Visitor) -> None:
    site.faults.add("status", "GET", "/project/search", status=500, times=2)
    statuses = [bot.get(path).status_code for path in ("/status", *["/project/search"] * 3)]
    assert statuses == [200, 500, 500, 200]
    assert site.faults.scripted == []


def test_a_rate_limit_comes_with_all_its_headers(site: Site, clock: ManualClock, bot: Visitor) -> None:
    site.faults.rate_limit("GET", "/project/search", retry_after_s=11)
    answer = bot.get("/project/search")
    assert answer.status_code == 429
    assert {name: answer.headers[name] for name in ("Retry-After", "X-RateLimit-Remaining", "RateLimit-Reason")} == {
        "Retry-After": "11",
        "X-RateLimit-Remaining": "0",
        "RateLimit-Reason": "jira-burst-based",
    }
    assert answer.headers["X-RateLimit-Reset"] == "2026-10-05T09:00:11Z"


def test_the_twenty_first_write_to_an_issue_within_two_seconds_is_refused(
    site: Site, clock: ManualClock, bot: Visitor
) -> None:
    key, other = bot.create(), bot.create()
    for number in range(20):
        assert bot.post(f"/issue/{key}/comment", {"body": doc(str(number))}).status_code == 201
    refused = bot.post(f"/issue/{key}/comment", {"body": doc("one too many")})
    assert (refused.status_code, refused.headers["RateLimit-Reason"]) == (429, "jira-per-issue-on-write")
    assert bot.post(f"/issue/{other}/comment", {"body": doc("elsewhere")}).status_code == 201
    assert bot.get(f"/issue/{key}").status_code == 200
    clock.advance(float(refused.headers["Retry-After"]))
    assert bot.post(f"/issue/{key}/comment", {"body": doc("now")}).status_code == 201
    assert bot.get(f"/issue/{key}/comment").json()["total"] == 21


def test_the_hundred_and_first_write_within_thirty_seconds_is_refused(
    site: Site, clock: ManualClock, bot: Visitor
) -> None:
    key = bot.create()
    for number in range(100):
        assert bot.put(f"/issue/{key}", {"fields": {"summary": str(number)}}).status_code == 204
        clock.advance(0.2)
    refused = bot.put(f"/issue/{key}", {"fields": {"summary": "last"}})
    assert (refused.status_code, refused.headers["X-RateLimit-Limit"]) == (429, "100")
    clock.advance(float(refused.headers["Retry-After"]))
    assert bot.put(f"/issue/{key}", {"fields": {"summary": "last"}}).status_code == 204


def test_bursts_are_limited_by_endpoint_once_that_is_switched_on(site: Site, clock: ManualClock, bot: Visitor) -> None:
    site.faults.limits.burst = True
    statuses = [bot.get("/priority").status_code for _ in range(101)]
    assert statuses == [200] * 100 + [429]
    assert bot.get("/resolution").status_code == 200
    clock.advance(1)
    assert bot.get("/priority").status_code == 200


def test_an_answer_says_when_its_endpoint_is_nearly_used_up(site: Site, clock: ManualClock, bot: Visitor) -> None:
    """atlassian.md 2.4: "X-RateLimit-NearLimit=true under 20 %"; and "own values for some", as issue GET 150."""
    assert "X-RateLimit-Limit" not in bot.get("/priority").headers
    site.faults.limits.burst = True
    key = bot.create()
    said = [bot.get(f"/issue/{key}").headers for _ in range(150)]
    assert {headers["X-RateLimit-Limit"] for headers in said} == {"150"}
    assert [int(headers["X-RateLimit-Remaining"]) for headers in said] == list(reversed(range(150)))
    near = [headers.get("X-RateLimit-NearLimit") == "true" for headers in said]
    assert near == [False] * 120 + [True] * 30
    assert bot.get(f"/issue/{key}").status_code == 429
    clock.advance(1)
    assert "X-RateLimit-NearLimit" not in bot.get(f"/issue/{key}").headers


def test_search_lags_behind_and_reading_an_issue_does_not(site: Site, clock: ManualClock, bot: Visitor) -> None:
    old = bot.create(summary="Old")
    site.faults.index_lag_s = 20
    new = bot.create(summary="New")
    bot.put(f"/issue/{old}", {"fields": {"labels": ["late"]}})
    assert bot.search("project = AUD") == [old]
    assert bot.search("labels = late") == []
    assert bot.fields(new)["summary"] == "New"
    number = int(bot.get(f"/issue/{new}").json()["id"])
    assert bot.search("project = AUD", reconcileIssues=[number]) == [new, old]
    clock.advance(20)
    assert bot.search("labels = late") == [old]
    bot.delete(f"/issue/{new}")
    assert bot.search("project = AUD") == [old]  # the index still names it, but there is nothing to show


def test_a_lag_that_ends_does_not_bring_old_values_back(site: Site, clock: ManualClock, bot: Visitor) -> None:
    key = bot.create()
    site.faults.index_lag_s = 20
    bot.put(f"/issue/{key}", {"fields": {"labels": ["early"]}})
    site.faults.index_lag_s = 0
    bot.put(f"/issue/{key}", {"fields": {"labels": ["late"]}})
    clock.advance(60)
    assert (bot.search("labels = early"), bot.search("labels = late")) == ([], [key])


def test_the_sites_clock_can_be_off(site: Site, bot: Visitor) -> None:
    site.skew_s = -90
    answer = bot.get("/serverInfo")
    assert answer.headers["Date"] == "Mon, 05 Oct 2026 08:58:30 GMT"
    assert bot.fields(bot.create())["created"] == "2026-10-05T04:58:30.000-0400"
