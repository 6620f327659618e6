"""The web application, built from its parts by a factory: doors, health, metrics. Nothing is made at import."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from flask import Flask, Response
from werkzeug.exceptions import HTTPException

from sync.database import Database
from webhooks.door_confluence import open_confluence_door
from webhooks.door_jira import open_jira_door
from webhooks.health import health
from webhooks.metrics import CallCount, Metrics


@dataclass(frozen=True)
class Parts:
    """What the application is made of. A door without secrets stays closed: its address is not there.

    `audits` and `spaces` are their keys; `now` is the clock for the age of webhooks; `calls` counts what was
    asked of Atlassian by this process."""

    database: Database
    now: Callable[[], datetime]
    spaces: Collection[str] = ()
    audits: Collection[str] = ()
    jira_secrets: Sequence[bytes] = field(default=(), repr=False)
    confluence_secrets: Sequence[bytes] = field(default=(), repr=False)
    shared_secrets: Sequence[bytes] = field(default=(), repr=False)
    calls: Callable[[], Collection[CallCount]] = tuple


def create_app(parts: Parts) -> Flask:
    """The application. It keeps nothing between requests but its counters, and may serve any number of threads."""
    app = Flask(__name__, static_folder=None)
    metrics = Metrics(parts.database, parts.calls)
    if parts.jira_secrets:
        count = metrics.counter_for("jira")
        app.register_blueprint(open_jira_door(parts.database, parts.jira_secrets, parts.now, count))
    if parts.confluence_secrets or parts.shared_secrets:
        count = metrics.counter_for("confluence")
        secrets = (parts.confluence_secrets, parts.shared_secrets)
        app.register_blueprint(open_confluence_door(parts.database, *secrets, parts.spaces, parts.now, count))
    app.register_blueprint(health(parts.database, parts.now, parts.audits))
    app.register_blueprint(metrics.blueprint())
    app.register_error_handler(HTTPException, _told_plainly)
    return app


def _told_plainly(error: HTTPException) -> Response:
    """An error as one line of text: nobody reads a page here, and nothing of the request is repeated."""
    response = Response(f"{error.code} {error.name}", error.code, mimetype="text/plain")
    response.headers.extend({k: v for k, v in error.get_headers() if k in ("Allow", "Retry-After")})
    return response
