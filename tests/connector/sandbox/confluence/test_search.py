"""CQL: what it finds, how it words its refusals, and how far it lags."""

from collections.abc import Callable
from typing import Any

import pytest

from connector.sandbox.accounts import Account
from connector.sandbox.clock import ManualClock
from connector.sandbox.confluence import lifecycle, spaces
from connector.sandbox.confluence.state import Space
from connector.sandbox.site import Site
from tests.connector.sandbox.confluence.conftest import V1, V2, Visitor


def titles(visitor: Visitor, cql: str, **query: Any) -> list[str]:
    answer = visitor.get(f"{V1}/search", params={"cql": cql, **query})
    assert answer.status_code == 200, answer.text
    return [row["title"] for row in answer.json()["results"]]


@pytest.fixture
def filled(dana: Visitor, space: Space, clock: ManualClock) -> dict[str, Any]:
    """Three pages a minute apart, one labelled, one commented on."""
    made = {}
    for title, body in (("Access review", "<p>quarterly list</p>"), ("Backups", "<p>log</p>"), ('Say "x"', "<p/>")):
        clock.advance(60)
        made[title] = dana.create(space, title, body)
    dana.post(f"{V1}/content/{made['Backups']['id']}/label", json=[{"prefix": "global", "name": "soc2"}])
    dana.footer(made["Backups"]["id"], "<p>accept this</p>")
    return made


FOUND = [
    ("type = page and space = soc2", ["SOC 2 evidence", "Access review", "Backups", 'Say "x"']),
    ("type in (comment)", ["Re: Backups"]),
    ('title = "backups"', ["Backups"]),
    ('title = "Back"', []),
    ('title ~ "back*" and type = page', ["Backups"]),
    (r'title = "Say \"x\""', ['Say "x"']),
    ("label = soc2", ["Backups"]),
    ("label in (soc2, other) or title = 'Access review'", ["Access review", "Backups"]),
    ('text ~ "quarterly"', ["Access review"]),
    ("type = page and not (title = Backups or label = soc2)", ["SOC 2 evidence", "Access review", 'Say "x"']),
    ('type = page and lastmodified >= "2026-10-05 09:02"', ["Backups", 'Say "x"']),
    ('type = page and lastmodified < "2026/10/05 09:01"', ["SOC 2 evidence"]),
    ('type = page and created > now("-2m") order by created desc', ['Say "x"', "Backups"]),
    ("type = page and created >= startOfDay()", ["SOC 2 evidence", "Access review", "Backups", 'Say "x"']),
    ("type = page and created < startOfDay()", []),
    ("type = page and created < startOfDay('+1d') and created > endOfDay('-1d') and title = Backups", ["Backups"]),
    ("title = Backups and lastmodified >= startOfWeek() and lastmodified <= endOfWeek()", ["Backups"]),
    ("title = Backups and lastmodified > endOfWeek('-1w') and lastmodified < startOfWeek('1w')", ["Backups"]),
    ("title = Backups and created > startOfMonth() and created < endOfMonth()", ["Backups"]),
    ("title = Backups and created > startOfMonth('-1M') and created < startOfMonth()", []),
    ("title = Backups and created > startOfYear() and created < endOfYear()", ["Backups"]),
    ("title = Backups and created > endOfYear('-1y') and created < startOfYear('+1y')", ["Backups"]),
    ("title = Backups and created < now() and created > now('-4w')", ["Backups"]),
    ("title = Backups and created < now('-1M')", []),
    ("space = NOSUCH", []),
    ("type = page and space.key in (SOC2) order by title", ["Access review", "Backups", 'Say "x"', "SOC 2 evidence"]),
]


@pytest.mark.parametrize(("cql", "expected"), FOUND)
def test_cql_finds(dana: Visitor, filled: dict[str, Any], cql: str, expected: list[str]) -> None:
    assert titles(dana, cql) == expected


def test_an_id_finds_one_page(dana: Visitor, filled: dict[str, Any]) -> None:
    assert titles(dana, f"id = {filled['Backups']['id']}") == ["Backups"]
    assert titles(dana, f"ancestor = {filled['Backups']['parentId']} and type = page") == list(filled)


@pytest.mark.parametrize(
    ("cql", "message"),
    [
        ("status = current", "No field exists with the name: 'status'"),
        ("", "Could not parse cql"),
        ('title = "a" or', "Could not parse cql"),
        ("type = (", "Could not parse cql"),
        ('lastmodified > "soon"', "is not a date"),
        ("title > 1", "does not support the operator"),
        ('title = "open', "Could not parse cql"),
        ("created > startOfDay('yesterday')", "'yesterday' is no increment"),
        ("created > now(-4)", "'-4' is no increment"),
        ("created > someDay()", "not someDay()"),
        ("created > recentlyViewedContent()", "not recentlyViewedContent()"),
        ("created ~ now()", "does not support the operator"),
        ("created in (startOfDay())", "does not support the operator"),
        ("title = startOfDay()", "is compared with no date"),
    ],
)
def test_what_is_no_cql_is_refused(dana: Visitor, cql: str, message: str) -> None:
    answer = dana.get(f"{V1}/search", params={"cql": cql})
    assert answer.status_code == 400
    assert message in answer.json()["message"]


def test_times_are_read_in_the_callers_zone_and_to_the_minute(
    dana: Visitor, filled: dict[str, Any], account: Callable[[str], Account]
) -> None:
    account("dana").time_zone = "Europe/Berlin"
    assert titles(dana, 'type = page and lastmodified >= "2026-10-05 11:03:59"') == ['Say "x"']
    assert titles(dana, 'type = page and lastmodified >= "2026-10-05 09:03"') == ["SOC 2 evidence", *filled]


def test_a_day_begins_in_the_callers_zone(
    dana: Visitor, filled: dict[str, Any], account: Callable[[str], Account]
) -> None:
    of_the_day_before = "title = Backups and created >= startOfDay() and created < '2026-10-05'"
    assert titles(dana, of_the_day_before) == []
    account("dana").time_zone = "Pacific/Honolulu"
    assert titles(dana, of_the_day_before) == ["Backups"]


def test_nobody_in_particular_has_made_nothing(
    site: Site, dana: Visitor, visit: Callable[[str | None], Visitor]
) -> None:
    """ "Anonymous users cannot use this function." """
    spaces.open_to_anyone(site.confluence.space_by_key("SOC2"))
    nobody = visit(None)
    assert titles(nobody, "type = page") == ["SOC 2 evidence"]
    assert nobody.get(f"{V1}/search", params={"cql": "creator = currentUser()"}).status_code == 400


def test_a_change_is_found_only_after_the_lag_and_so_is_a_deletion(
    site: Site, dana: Visitor, space: Space, clock: ManualClock
) -> None:
    clock.advance(60)
    site.faults.index_lag_s = 20
    page = dana.create(space, "New")
    assert titles(dana, "title = New") == []
    clock.advance(20)
    assert titles(dana, "title = New") == ["New"]
    dana.delete(f"{V2}/pages/{page['id']}")
    assert titles(dana, "title = New") == ["New"]
    clock.advance(20)
    assert titles(dana, "title = New") == []


def test_many_changes_within_the_lag_surface_one_by_one(
    site: Site, dana: Visitor, space: Space, clock: ManualClock
) -> None:
    clock.advance(60)
    site.faults.index_lag_s = 10
    page = dana.create(space, "T0")
    for number in range(1, 4):
        clock.advance(5)
        dana.put(f"{V2}/pages/{page['id']}/title", json={"status": "current", "title": f"T{number}"})
    assert titles(dana, 'title ~ "T*" and type = page') == ["T1"]
    clock.advance(5)
    assert titles(dana, 'title ~ "T*" and type = page') == ["T2"]


def test_archived_pages_are_not_found(
    site: Site, dana: Visitor, filled: dict[str, Any], account: Callable[[str], Account]
) -> None:
    lifecycle.archive_page(site, account("dana"), filled["Backups"]["id"])
    assert titles(dana, "title = Backups") == []


def test_only_the_cursor_pages_and_start_is_ignored(dana: Visitor, filled: dict[str, Any]) -> None:
    first = dana.get(f"{V1}/search", params={"cql": "type = page", "limit": 3, "start": 2}).json()
    assert [row["title"] for row in first["results"]] == ["SOC 2 evidence", "Access review", "Backups"]
    assert first["totalSize"] == 4
    second = dana.get("/wiki" + first["_links"]["next"]).json()
    assert [row["title"] for row in second["results"]] == ['Say "x"']
    assert "next" not in second["_links"]


def test_content_search_gives_the_content_itself(dana: Visitor, filled: dict[str, Any]) -> None:
    answer = dana.get(f"{V1}/content/search", params={"cql": "label = soc2", "expand": "version"}).json()
    assert [(c["title"], c["version"]["number"]) for c in answer["results"]] == [("Backups", 1)]


def test_a_search_finds_only_what_the_caller_sees(
    dana: Visitor, filled: dict[str, Any], visit: Callable[[str | None], Visitor]
) -> None:
    me = {"type": "known", "accountId": dana.me}
    wanted = [{"operation": "read", "restrictions": {"user": [me]}}]
    dana.put(f"{V1}/content/{filled['Backups']['id']}/restriction", json=wanted)
    assert titles(visit("owen"), "label = soc2") == []
    assert titles(dana, "label = soc2") == ["Backups"]
