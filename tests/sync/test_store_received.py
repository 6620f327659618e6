from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone

import pytest

from mappings.records import Side
from sync.database import Database
from sync.store import Alert, ImportFile, Paused, Store

from .values import AT

LATER = AT + timedelta(minutes=1)


@pytest.fixture
def store(database: Database) -> Iterator[Store]:
    with database.write() as conn:
        yield Store(conn)


def test_a_cursor_remembers_a_time_to_the_microsecond_in_utc(store: Store) -> None:
    berlin = datetime(2026, 3, 2, 10, 0, 0, 123456, tzinfo=timezone(timedelta(hours=1)))
    assert store.cursors.get("jira") is None
    store.cursors.set("jira", AT)
    store.cursors.set("jira", berlin)
    assert store.cursors.get("jira") == berlin
    assert store.cursors.get("jira").tzinfo is UTC  # type: ignore[union-attr]  # it was just set


def test_a_time_without_a_zone_is_refused(database: Database) -> None:
    with pytest.raises(Exception, match="expected a datetime with a zone"), database.write() as conn:
        Store(conn).cursors.set("jira", datetime(2026, 3, 2))  # noqa: DTZ001 the mistake under test


def test_a_change_is_unseen_until_it_is_marked_at_its_very_time(store: Store) -> None:
    store.seen.mark(Side.JIRA, {"1": AT, "2": AT})
    assert store.seen.unseen(Side.JIRA, {"1": AT, "2": LATER, "3": AT}) == ["2", "3"]
    assert store.seen.unseen(Side.CONFLUENCE, {"1": AT}) == ["1"]
    store.seen.mark(Side.JIRA, {"2": LATER})
    assert store.seen.unseen(Side.JIRA, {"2": LATER}) == []


def test_the_ledger_forgets_what_is_old(store: Store) -> None:
    store.seen.mark(Side.JIRA, {"1": AT, "2": LATER})
    assert store.seen.prune(LATER) == 1
    assert store.seen.unseen(Side.JIRA, {"1": AT, "2": LATER}) == ["1"]


@pytest.mark.parametrize(
    ("sender", "delivery_id", "body_sha256", "is_new"),
    [
        ("jira", "d2", "h2", True),
        ("jira", "d1", "h2", False),
        ("jira", "d2", "h1", False),
        ("confluence", "d1", "h1", True),
    ],
)
def test_a_delivery_is_new_when_neither_its_id_nor_its_body_came_before(
    store: Store, sender: str, delivery_id: str, body_sha256: str, is_new: bool
) -> None:
    assert store.deliveries.add("jira", "d1", "h1", b"\x00\xff{}", AT)
    assert store.deliveries.add(sender, delivery_id, body_sha256, b"{}", AT) is is_new


def test_old_deliveries_are_forgotten(store: Store) -> None:
    store.deliveries.add("jira", "d1", "h1", b"{}", AT)
    store.deliveries.add("jira", "d2", "h2", b"{}", LATER)
    assert store.deliveries.prune(LATER) == 1
    assert store.deliveries.add("jira", "d1", "h1", b"{}", LATER)
    assert not store.deliveries.add("jira", "d2", "h2", b"{}", LATER)


def test_the_same_list_is_taken_in_once_for_an_audit(store: Store) -> None:
    first = ImportFile("acme-2026", "ab" * 32, "pbc.xlsx", "cy@acme.example", AT, {"added": 300, "changed": 0})
    assert store.imports.add(first)
    assert not store.imports.add(first)
    assert store.imports.of("acme-2026") == (first,)
    assert store.imports.of("other") == ()


def test_an_alert_is_raised_once_until_it_is_cleared(store: Store) -> None:
    assert store.alerts.raise_once("token", "first", AT)
    assert not store.alerts.raise_once("token", "second", LATER)
    assert store.alerts.current() == (Alert("token", "first", AT),)
    assert store.alerts.clear("token")
    assert not store.alerts.clear("token")
    assert store.alerts.raise_once("token", "third", LATER)


def test_a_site_stays_paused_until_it_is_resumed(store: Store) -> None:
    assert store.pauses.pause("https://acme.example", "401", AT)
    assert not store.pauses.pause("https://acme.example", "again", LATER)
    assert store.pauses.paused() == {"https://acme.example": Paused("https://acme.example", "401", AT)}
    assert store.pauses.resume("https://acme.example")
    assert not store.pauses.resume("https://acme.example")
    assert store.pauses.paused() == {}
