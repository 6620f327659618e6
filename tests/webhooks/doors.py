"""What tests of the doors share: a register with one request in it, ways to knock, and a look at what is kept."""

import hashlib
import hmac
import json
from datetime import UTC, datetime
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from mappings.records import Kind, Link, LinkRole, LinkState, Record
from sync.database import Database
from sync.store import Store
from sync.tables import metadata, work
from webhooks.app import Parts, create_app

NOW = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)
NOW_MS = int(NOW.timestamp() * 1000)
SECRET = b"jira signs with this secret"
NEXT_SECRET = b"and soon with this one instead"
CONFLUENCE_SECRET = b"confluence signs with this"
SHARED_SECRET = b"an automation rule sends this"
UID = "a" * 32
ISSUE, PAGE = "10001", "70001"


def client_of(database: Database, **parts: Any) -> FlaskClient:
    """The application with all doors open, at a time that stands still."""
    chosen: dict[str, Any] = {
        "jira_secrets": (SECRET, NEXT_SECRET),
        "confluence_secrets": (CONFLUENCE_SECRET,),
        "shared_secrets": (SHARED_SECRET,),
        "spaces": ("SOC2",),
        "now": lambda: NOW,
    }
    return create_app(Parts(database=database, **(chosen | parts))).test_client()


def add_request(database: Database) -> None:
    """One request with an issue and a page."""
    with database.write() as conn:
        store = Store(conn)
        store.records.add(Record(UID, Kind.REQUEST, "soc2", "1", "Access list", "open"))
        store.links.put(Link(UID, LinkRole.ISSUE, LinkState.LIVE, ISSUE, "AUD-1"))
        store.links.put(Link(UID, LinkRole.PAGE, LinkState.LIVE, PAGE, "1 Access list"))


def sign(body: bytes, secret: bytes = SECRET) -> str:
    return "sha256=" + hmac.new(secret, body, hashlib.sha256).hexdigest()


def knock(
    client: FlaskClient,
    body: bytes | dict[str, Any],
    *,
    door: str = "jira",
    secret: bytes | None = SECRET,
    delivery: str | None = "d-1",
    headers: dict[str, str] | None = None,
    method: str = "POST",
    content_type: str = "application/json; charset=UTF-8",
) -> TestResponse:
    """Send one delivery, signed unless `secret` is None."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    sent = {"X-Hub-Signature": sign(raw, secret)} if secret is not None else {}
    sent |= {"X-Atlassian-Webhook-Identifier": delivery} if delivery else {}
    path = f"/webhooks/{door}"
    return client.open(path, method=method, data=raw, headers=sent | (headers or {}), content_type=content_type)


def issue_updated(issue_id: str = ISSUE, /, **more: Any) -> dict[str, Any]:
    """What Jira sends when an issue was edited a moment ago."""
    return {"timestamp": NOW_MS, "webhookEvent": "jira:issue_updated", "issue": {"id": issue_id}} | more


def due_keys(database: Database) -> dict[str, int]:
    """Keys that wait to be worked on, with the parts of the page to read."""
    with database.read() as conn:
        rows = conn.execute(select(work.c.key, work.c.facets).where(work.c.wanted > work.c.done))
        return {row.key: row.facets for row in rows}


def everything(database: Database) -> dict[str, list[Any]]:
    """Every row of every table."""
    with database.read() as conn:
        return {name: [tuple(row) for row in conn.execute(select(table))] for name, table in metadata.tables.items()}
