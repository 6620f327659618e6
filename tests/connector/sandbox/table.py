"""The part of docs/sandbox.md that is made: which of Atlassian's operations there are, and with which parameters.

`python -m tests.connector.sandbox.table` writes it anew; a test holds it true. A parameter counts as taken when a
handler read it while every route was driven.
"""

import json
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests
from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.wrappers import Request

from connector.sandbox.adapter import SandboxAdapter
from connector.sandbox.app import SandboxApp
from connector.sandbox.confluence.routes import ROUTES as CONFLUENCE
from connector.sandbox.jira.routes import ROUTES as JIRA
from connector.sandbox.wire import Route
from tests.connector.sandbox.drives import acme, drive_confluence, drive_jira

ROOT = Path(__file__).parents[3]
FOLDER = ROOT / ".." / "shared" / "openapi"
PAGE = ROOT / "docs" / "sandbox.md"
BEGIN, END = "<!-- made by tests/connector/sandbox/table.py -->", "<!-- as far as here -->"
NAMES_READ: set[str] = set()


@dataclass(frozen=True)
class Document:
    """One of Atlassian's API documents, and where its paths begin on the site."""

    title: str
    file: str
    prefix: str


DOCUMENTS = (
    Document("Jira Cloud, REST v3", "jira-cloud-platform-v3.json", ""),
    Document("Jira Software Cloud", "jira-software-cloud.json", ""),
    Document("Confluence Cloud, REST v2", "confluence-cloud-v2.json", "/wiki/api/v2"),
    Document("Confluence Cloud, what is left of v1", "confluence-cloud-v1.json", ""),
)


class _Parameters(ImmutableMultiDict[str, str]):
    """Query parameters that keep which of them are looked at."""

    def get(self, key: str, *more: Any, **named: Any) -> Any:
        NAMES_READ.add(key)
        return super().get(key, *more, **named)

    def getlist(self, key: str, *more: Any, **named: Any) -> Any:
        NAMES_READ.add(key)
        return super().getlist(key, *more, **named)


@dataclass
class Seen:
    """What came of driving one route: parameters read, statuses answered."""

    names: set[str] = field(default_factory=set)
    statuses: set[int] = field(default_factory=set)


class _Watching(SandboxAdapter):
    """Keeps for each route what its handler looked at and what it answered."""

    def __init__(self, app: SandboxApp, seen: dict[tuple[str, str], Seen]) -> None:
        super().__init__(app)
        self._calls, self._seen = app.site.calls, seen

    def send(self, request: requests.PreparedRequest, *args: Any, **network: Any) -> requests.Response:
        NAMES_READ.clear()
        answer = super().send(request, *args, **network)
        record = list(self._calls)[-1]
        one = self._seen[record.method, record.template]
        one.names |= NAMES_READ
        one.statuses.add(answer.status_code)
        return answer


def driven() -> dict[tuple[str, str], Seen]:
    """By method and template, what is seen when every route is driven."""
    seen: dict[tuple[str, str], Seen] = defaultdict(Seen)
    usual = Request.parameter_storage_class
    Request.parameter_storage_class = _Parameters
    try:
        for drive in (drive_jira, drive_confluence):
            app = acme()
            drive(app, _Watching(app, seen))
    finally:
        Request.parameter_storage_class = usual
    return seen


def made() -> str:
    """The made part, markers and all. Needs ../shared."""
    seen, placed = driven(), set[Route]()
    blocks = [BEGIN, ""]
    for document in DOCUMENTS:
        loaded = json.loads((FOLDER / document.file).read_text(encoding="utf-8"))
        rows = list(_rows(loaded, document.prefix, seen, placed))
        total = sum(len(_methods(operations)) for operations in loaded["paths"].values())
        head = ["| operation | answers driven | query parameters taken | not looked at |", "|---|---|---|---|"]
        blocks += [f"### {document.title}: {len(rows)} of {total} operations", "", *head, *rows, ""]
    outside = [route for route in (*JIRA.table, *CONFLUENCE.table) if route not in placed]
    blocks += [f"### In no document: {len(outside)}", ""]
    blocks += [f"- `{route.method} {_readable(route.template)}`" for route in sorted(outside, key=_order)]
    return "\n".join([*blocks, "", END])


def _rows(loaded: Any, prefix: str, seen: dict[tuple[str, str], Seen], placed: set[Route]) -> Iterator[str]:
    """The operations of one document that the site has, in the order of their paths."""
    templates = sorted(loaded["paths"], key=lambda path: path.count("{"))
    for route in sorted((*JIRA.table, *CONFLUENCE.table), key=_order):
        path = re.sub(r"<[^>]*>", "1", route.template)
        for template in templates:
            operation = loaded["paths"][template].get(route.method.lower())
            if operation and re.fullmatch(re.sub(r"\{[^}]*\}", "[^/]+", prefix + template), path):
                placed.add(route)
                yield _row(route, prefix + template, operation, seen[route.method, route.template])
                break


def _row(route: Route, path: str, operation: Any, seen: Seen) -> str:
    asked = [one["name"] for one in operation.get("parameters", ()) if one.get("in") == "query"]
    taken = ", ".join(name for name in asked if name in seen.names)
    ignored = ", ".join(name for name in asked if name not in seen.names)
    statuses = ", ".join(map(str, sorted(seen.statuses)))
    return f"| `{route.method} {path}` | {statuses} | {taken} | {ignored} |"


def _methods(operations: Any) -> list[str]:
    return [name for name in operations if name in ("get", "put", "post", "delete", "patch")]


def _order(route: Route) -> tuple[str, str]:
    return route.template, route.method


def _readable(template: str) -> str:
    return re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", template)


def main() -> None:
    """Write the made part of the page anew."""
    text = PAGE.read_text(encoding="utf-8")
    before, after = text.split(BEGIN)[0], text.split(END)[1]
    PAGE.write_text(before + made() + after, encoding="utf-8")


if __name__ == "__main__":
    main()
