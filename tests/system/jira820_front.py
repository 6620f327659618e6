"""The PyPI package `jira820` (Jira Data Center 8.20 by somebody else) behind what it leaves out.

It is used as it is for everything it does: shapes of answers, creates, edits, transitions with their screens, comments,
links, files, JQL. What it has not, real Data Center has (jira-dc-10.3.json), and this front adds, in its own words:

- who calls: it checks no token and writes every change as `admin`;
- an issue by its id: it takes keys only;
- `POST /issue/bulk`: taken apart into single creates; `update` of labels and links, which it ignores;
- `creator` and times of day in JQL: it knows `reporter`, which it serves as creator too, and days;
- the time of a change: whatever happens there happens at nine, and a poll would take it for known;
- the Date header, which its web server would add.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any
from urllib.parse import urlencode

from jira820.config import Config
from jira820.serialize import iid
from jira820.server import make_app
from jira820.store import JiraError, Store
from werkzeug.wrappers import Request, Response

from connector.sandbox.clock import ManualClock

ISSUE = re.compile(r"(/rest/api/2/issue/)(\d+)(?=/|$)")
STATUSES = (
    ("To Do", "todo", "1"),
    ("In Progress", "inprogress", "3"),
    ("Blocked", "inprogress", "10001"),
    ("In Review", "inprogress", "10002"),
    ("With Auditor", "inprogress", "10003"),
    ("Done", "done", "10004"),
)
TYPES = (("Task", "1"), ("Audit Request", "2"), ("Escalation", "3"))


class Jira820Front:
    """A WSGI application with one project. `tokens` are the personal access tokens with whose they are."""

    def __init__(
        self, clock: ManualClock, people: dict[str, str], tokens: dict[str, str], project: str = "AUD"
    ) -> None:
        self.clock, self._tokens = clock, tokens
        config = Config(project_key=project, base_date=clock.now().date())
        config.statuses = [list(row) for row in STATUSES]
        config.issue_types = [list(row) for row in TYPES]
        config.transition_screens = {"Done": ["resolution?"]}
        self.store = Store(config, seed=False)
        self.store.users = {name: {"name": name, "displayName": shown} for name, shown in people.items()}
        self._app = make_app(store=self.store)
        self._loop = asyncio.new_event_loop()
        self.writes: list[str] = []

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        return self._respond(Request(environ))(environ, start_response)

    def _respond(self, request: Request) -> Response:
        name = self._tokens.get(request.headers.get("Authorization", "").removeprefix("Bearer "))
        if name is None:
            return _json(401, {"errorMessages": ["You do not have the permission to see the specified issue."]})
        self.store.config.current_user = name
        self.store.config.base_date = self.clock.now().date()
        response = self._answered(request, name)
        if request.method != "GET":
            self.writes.append(f"{request.method} {request.path}")
        response.headers["Date"] = format_datetime(self.clock.now().astimezone(UTC), usegmt=True)
        return response

    def _answered(self, request: Request, name: str) -> Response:
        path = ISSUE.sub(lambda found: found[1] + self._key(found[2]), request.path)
        body = request.get_data()
        if (request.method, path) == ("POST", "/rest/api/2/issue/bulk"):
            return self._create_many(json.loads(body)["issueUpdates"], name)
        if request.method == "PUT" and re.fullmatch(r"/rest/api/2/issue/[^/]+", path):
            body = self._edit_of(path.rpartition("/")[2], json.loads(body))
        query = [(key, _dated(value) if key == "jql" else value) for key, value in request.args.items(multi=True)]
        before = {
            key: (len(issue["changelog"]), len(issue.get("attachments", ())), issue["comments"][-1:])
            for key, issue in self.store.issues.items()
        }
        response = self._loop.run_until_complete(_ask(self._app, request, path, urlencode(query), body))
        if request.method != "GET":
            for key in set(re.findall(r"[A-Z]+-\d+", path)) & self.store.issues.keys():
                self._sign(self.store.issues[key], name, *before[key])
        return response

    def _sign(self, issue: dict[str, Any], name: str, entries: int, files: int, comments: list[dict[str, Any]]) -> None:
        """Who changed it, and when."""
        issue["tupdated"] = now = f"{self.clock.now():%H:%M:%S}"
        for number in issue.get("attachments", ())[files:]:
            self.store.attachments[number]["author"] = name
        for entry in issue["changelog"][entries:]:
            entry |= {"author": name, "time": now}
        if issue["comments"][-1:] != comments:
            issue["comments"][-1] |= {"tcreated": now, "tupdated": now}

    def _key(self, issue_id: str) -> str:
        return next((key for key in self.store.issues if iid(key) == issue_id), f"GONE-{issue_id}")

    def _create_many(self, elements: list[dict[str, Any]], name: str) -> Response:
        issues, errors = [], []
        for number, element in enumerate(elements):
            try:
                made = self.store.create_issue({**element["fields"], "reporter": {"name": name}})
            except JiraError as error:
                errors.append({"status": 400, "elementErrors": error.body(), "failedElementNumber": number})
                continue
            issues.append(made)
            for link in element.get("update", {}).get("issuelinks", ()):
                given = link["add"]
                self.store.add_issue_link(given["type"]["name"], made["key"], given["outwardIssue"]["key"])
        return _json(201 if issues else 400, {"issues": issues, "errors": errors})

    def _edit_of(self, key: str, body: dict[str, Any]) -> bytes:
        """An edit in whole fields, as jira820 takes them."""
        fields = dict(body.get("fields", {}))
        steps = body.get("update", {}).get("labels", ())
        if steps and key in self.store.issues:
            labels = set(self.store.issues[key]["labels"]) | {step["add"] for step in steps if "add" in step}
            fields["labels"] = sorted(labels - {step["remove"] for step in steps if "remove" in step})
        return json.dumps({"fields": fields}).encode()


def _dated(jql: str) -> str:
    """A query with days for moments, and with the reporter for the creator."""
    jql = jql.replace("creator = currentUser()", "reporter = tieout")
    return re.sub(
        r"(updated >= )(\d{12,})",
        lambda found: f"{found[1]}{datetime.fromtimestamp(int(found[2]) / 1000, UTC):%F}",
        jql,
    )


def _json(status: int, body: Any) -> Response:
    return Response(json.dumps(body), status, content_type="application/json")


async def _ask(app: Any, request: Request, path: str, query: str, body: bytes) -> Response:
    """One call of an ASGI application."""
    sent: list[dict[str, Any]] = []
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": request.method,
        "scheme": request.scheme,
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "root_path": "",
        "headers": [
            (key.lower().encode("latin-1"), value.encode("latin-1"))
            for key, value in request.headers.items()
            if key.lower() != "content-length"
        ],
        "client": ("127.0.0.1", 1),
        "server": (request.host, 443),
    }

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    await app(scope, receive, send)
    head = next(message for message in sent if message["type"] == "http.response.start")
    content = b"".join(message.get("body", b"") for message in sent if message["type"] == "http.response.body")
    headers = [(key.decode("latin-1"), value.decode("latin-1")) for key, value in head["headers"]]
    return Response(content, head["status"], headers)
