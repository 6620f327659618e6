"""Health and metrics: they tell what the register says, and stay up when it does not answer."""

from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text

from mappings.records import Side
from sync import journal, work
from sync.database import Database, open_database
from sync.keys import record_key
from sync.store import Store
from webhooks.metrics import CallCount

from .doors import NOW, UID, add_request, client_of, issue_updated, knock


@pytest.fixture
def without_database(tmp_path: Path) -> FlaskClient:
    return client_of(open_database(f"sqlite:///{tmp_path}/no-such-folder/tieout.db"))


def samples(client: FlaskClient) -> dict[str, float]:
    lines = client.get("/metrics").text.splitlines()
    return {name: float(value) for line in lines if line[0] != "#" for name, _, value in [line.rpartition(" ")]}


def test_a_process_lives_without_its_database(without_database: FlaskClient) -> None:
    assert without_database.get("/healthz").status_code == 200


def test_a_process_without_its_database_is_not_ready_and_its_metrics_say_so(without_database: FlaskClient) -> None:
    answer = without_database.get("/readyz")
    assert (answer.status_code, answer.json) == (503, {"ready": False, "why": "the database cannot be reached"})
    assert samples(without_database)["tieout_register_up"] == 0


def test_a_database_that_was_not_upgraded_is_not_ready(tmp_path: Path) -> None:
    answer = client_of(open_database(f"sqlite:///{tmp_path}/new.db")).get("/readyz")
    assert answer.status_code == 503
    assert "tieout db upgrade" in answer.text


def test_while_a_newer_version_takes_over_the_old_one_goes_on_taking_webhooks(database: Database) -> None:
    with database.write() as conn:
        was = conn.execute(text("SELECT version_num FROM alembic_version")).scalar_one()
        conn.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    client = client_of(database)
    assert (client.get("/readyz").status_code, knock(client, issue_updated()).status_code) == (200, 202)
    with database.write() as conn:
        conn.execute(text("UPDATE alembic_version SET version_num = :was"), {"was": was})


def test_a_ready_process_tells_of_pauses_alerts_and_polls(database: Database) -> None:
    with database.write() as conn:
        store, now = Store(conn), database.now(conn)
        store.pauses.pause("acme.atlassian.net", "the token has ended: hunter2", now)
        store.alerts.raise_once("sign-in", "hunter2", now)
        store.cursors.set(f"polled:{Side.JIRA}", now)
    answer = client_of(database).get("/readyz")
    assert answer.status_code == 200
    assert answer.json == {
        "ready": True,
        "paused_sites": ["acme.atlassian.net"],
        "alerts": ["sign-in"],
        "waiting_for_first_plan": {},
        "setup": {"errors": [], "warnings": [], "checked_s_ago": None},
        "last_poll_s_ago": {"jira": 0, "confluence": None},
    }


def test_deliveries_are_counted_by_what_became_of_them(database: Database) -> None:
    client = client_of(database)
    knock(client, issue_updated())
    knock(client, issue_updated())
    knock(client, issue_updated(), secret=None)
    knock(client, issue_updated(), method="GET")
    found = samples(client)
    for outcome, count in {"kept": 1, "seen_before": 1, "unsigned": 1, "wrong_method": 1, "stale": 0}.items():
        assert found[f'tieout_deliveries_total{{outcome="{outcome}",sender="jira"}}'] == count


def test_the_register_is_read_at_each_scrape(database: Database) -> None:
    client = client_of(database, calls=lambda: [CallCount("GET", "/rest/api/3/myself", 200, 7)])
    add_request(database)
    with database.write() as conn:
        work.mark(conn, [record_key(UID)])
        journal.append(conn, who="t", what="w", record=UID, before=None, after=None, why="", at=NOW)
    found = samples(client)
    assert found["tieout_register_up"] == 1
    assert found['tieout_work{state="due"}'] == 1
    assert found["tieout_oldest_due_seconds"] >= 0
    assert found["tieout_journal_entries_total"] == 1
    assert found['tieout_records{audit="soc2",kind="request",status="open"}'] == 1
    assert found['tieout_atlassian_calls_total{method="GET",status="200",template="/rest/api/3/myself"}'] == 7


def test_two_applications_in_one_process_count_apart(database: Database) -> None:
    one, other = client_of(database), client_of(database)
    knock(one, issue_updated())
    assert samples(other)['tieout_deliveries_total{outcome="kept",sender="jira"}'] == 0


def test_an_address_that_is_not_there_repeats_nothing_of_the_request(database: Database) -> None:
    answer = client_of(database).get("/<script>alert(1)</script>")
    assert (answer.status_code, answer.text) == (404, "404 Not Found")
