"""Whether this process lives (`/healthz`), and whether it can do its work (`/readyz`)."""

import logging

from flask import Blueprint, Response, jsonify

from mappings.records import Side
from sync.database import Database, StoreTrouble
from sync.migrations import needs_upgrade
from sync.store import Store

log = logging.getLogger(__name__)

POLLED_SIDES = (Side.JIRA, Side.CONFLUENCE)


def health(database: Database) -> Blueprint:
    """The routes of both questions.

    Not ready (503) means that this process cannot store anything: send it nothing. A site that is paused, or a poll
    that is long ago, is told in the body only: no other replica would do better."""
    routes = Blueprint("health", __name__)

    @routes.get("/healthz")
    def healthz() -> Response:
        return Response("ok", mimetype="text/plain")

    @routes.get("/readyz")
    def readyz() -> tuple[Response, int]:
        try:
            if needs_upgrade(database):
                return jsonify(
                    ready=False, why="the database's tables are older than this version: tieout db upgrade"
                ), 503
            return jsonify(ready=True, **_state(database)), 200
        except StoreTrouble as trouble:
            log.warning("not ready", exc_info=trouble)
            return jsonify(ready=False, why="the database cannot be reached"), 503

    return routes


def _state(database: Database) -> dict[str, object]:
    """What a person should know of; only names, as the door to the outside is the same."""
    with database.read() as conn:
        store, now = Store(conn), database.now(conn)
        polled_at = {side.value: store.cursors.get(f"polled:{side}") for side in POLLED_SIDES}
        return {
            "paused_sites": sorted(store.pauses.paused()),
            "alerts": [alert.name for alert in store.alerts.current()],
            "last_poll_s_ago": {side: at and round((now - at).total_seconds()) for side, at in polled_at.items()},
        }
