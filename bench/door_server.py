"""The server under load: `python -m bench.door_server door|bare FILE`. Prints its port and serves until terminated."""

import os
import signal
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path

from flask import Flask, Response, request

from bench.payload import ISSUES, SECRET
from mappings.records import Kind, Link, LinkRole, LinkState, Record
from sync.database import Database, open_database
from sync.migrations import upgrade
from sync.store import Store
from webhooks.app import Parts, create_app
from webhooks.door import LARGEST_BODY
from webhooks.logs import log_to
from webhooks.serving import serving


def bare_app(database: Database) -> Flask:
    """The same server and the same one commit: the body is stored as it came, and that is all."""
    app = Flask("bare")

    @app.post("/webhooks/jira")
    def keep() -> Response:
        body = request.get_data()
        delivery_id = request.headers["X-Atlassian-Webhook-Identifier"]
        with database.write() as conn:
            Store(conn).deliveries.add("jira", delivery_id, delivery_id, body, datetime.now(UTC))
        return Response("kept", 202, mimetype="text/plain")

    return app


def fill(database: Database) -> None:
    """A register whose records have the issues that the webhooks are about."""
    with database.write() as conn:
        store = Store(conn)
        for number in range(1, ISSUES + 1):
            uid = f"{number:032x}"
            store.records.add(Record(uid, Kind.REQUEST, "bench", str(number), f"Request {number}", "open"))
            store.links.put(Link(uid, LinkRole.ISSUE, LinkState.LIVE, str(number)))


def main(kind: str, file: str) -> None:
    database = open_database(f"sqlite:///{file}")
    upgrade(database)
    fill(database)
    parts = Parts(database, now=lambda: datetime.now(UTC), jira_secrets=(SECRET,))
    app = create_app(parts) if kind == "door" else bare_app(database)
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    with Path(os.devnull).open("w") as nowhere, serving(app, "127.0.0.1:0", largest_body=LARGEST_BODY) as port:
        log_to(nowhere, "INFO")  # each delivery writes its line, as when it is run
        print(port, flush=True)
        stop.wait()


main(*sys.argv[1:])
