"""Whether this process lives (`/healthz`), and whether it can do its work (`/readyz`)."""

import threading
from collections.abc import Callable, Collection
from datetime import datetime, timedelta

from flask import Blueprint, Response, jsonify

from connector.checks import Severity
from mappings.records import Side
from sync.database import Database, StoreTrouble
from sync.first_plan import unshown
from sync.migrations import needs_upgrade
from sync.setup_alerts import CHECKED
from sync.store import Store
from webhooks.setup_check import named_in

POLLED_SIDES = (Side.JIRA, Side.CONFLUENCE)
PROBED_EVERY = timedelta(seconds=5)
"""However often it is asked, no more is written than one row this often."""
UPGRADE = "the database's tables are older than this version: tieout db upgrade"


def health(database: Database, now: Callable[[], datetime], audits: Collection[str] = ()) -> Blueprint:
    """The routes of both questions.

    Not ready (503) means that this process cannot store anything: send it nothing. A site that is paused, or a poll
    that is long ago, is told in the body only: no other replica would do better."""
    routes = Blueprint("health", __name__)
    probe = _Probe(database, now)

    @routes.get("/healthz")
    def healthz() -> Response:
        return Response("ok", mimetype="text/plain")

    @routes.get("/readyz")
    def readyz() -> tuple[Response, int]:
        try:
            why = UPGRADE if needs_upgrade(database) else probe.why_not()
            return (
                (jsonify(ready=False, why=why), 503) if why else (jsonify(ready=True, **_state(database, audits)), 200)
            )
        except StoreTrouble:  # the database's own log tells of it, once
            return jsonify(ready=False, why="the database cannot be reached"), 503

    return routes


class _Probe:
    """Whether a row can be written and committed. A disk that is full, a file that is locked or read-only, a standby
    that was a master: all of them can be read from as ever."""

    def __init__(self, database: Database, now: Callable[[], datetime]) -> None:
        self._database = database
        self._now = now
        self._turn = threading.Lock()
        self._asked_at: datetime | None = None
        self._why: str | None = None

    def why_not(self) -> str | None:
        """The reason, as far as it may be told to the outside; None when all is well."""
        with self._turn:
            now = self._now()
            if self._asked_at is None or abs(now - self._asked_at) >= PROBED_EVERY:
                self._why, self._asked_at = self._tried(now), now
            return self._why

    def _tried(self, now: datetime) -> str | None:
        try:
            with self._database.write() as conn:
                Store(conn).cursors.set("ready", now)
        except StoreTrouble:
            return "the database cannot be written to"
        return None


def _state(database: Database, audits: Collection[str]) -> dict[str, object]:
    """What a person should know of; only names, as the door to the outside is the same."""
    with database.read() as conn:
        store, now = Store(conn), database.now(conn)
        polled_at = {side.value: store.cursors.get(f"polled:{side}") for side in POLLED_SIDES}
        checked_at = store.cursors.get(CHECKED)
        alerts = [alert.name for alert in store.alerts.current()]
        return {
            "paused_sites": sorted(store.pauses.paused()),
            "alerts": alerts,
            "setup": {
                "errors": named_in(alerts, Severity.ERROR),
                "warnings": named_in(alerts, Severity.WARNING),
                "checked_s_ago": checked_at and round((now - checked_at).total_seconds()),
            },
            "waiting_for_first_plan": {audit: f"tieout plan --audit {audit}" for audit in unshown(conn, audits)},
            "last_poll_s_ago": {side: at and round((now - at).total_seconds()) for side, at in polled_at.items()},
        }
