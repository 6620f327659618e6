"""Every answer is held against Atlassian's own API documents, and every route of ours has to be in them."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from jsonschema import Draft7Validator, FormatChecker

from connector.sandbox.app import SandboxApp
from connector.sandbox.confluence.routes import ROUTES
from connector.sandbox.confluence.state import Space
from tests.connector.sandbox.confluence.conftest import V1, V2, Visitor, storage

# In no document: undocumented registration, and the addresses a browser downloads from.
OUTSIDE_THE_DOCUMENTS = {
    "/wiki/rest/webhooks/1.0/webhook",
    "/wiki/rest/webhooks/1.0/webhook/<hook_id>",
    "/media/file/<file_id>/binary",
    "/wiki/download/attachments/<content_id>/<path:file_name>",
}
# The service sends null where the document forgets to allow it; the descriptions of most say "or null".
NULL_ALL_THE_SAME = {"parentId", "parentType", "resolutionLastModifierId", "resolutionLastModifiedAt"}
# Answers the service gives (recorded) or this sandbox gives on purpose, and the documents do not list.
STATUS_ALL_THE_SAME = {403, 409, 501}


class Document:
    """One OpenAPI 3.0 document as an oracle for answers."""

    def __init__(self, path: Path, prefix: str) -> None:
        loaded = json.loads(path.read_text(encoding="utf-8"))
        self._components = _as_json_schema(loaded["components"])
        self._operations: dict[tuple[str, str], Any] = {}
        self._patterns: list[tuple[re.Pattern[str], str]] = []
        for template, operations in loaded["paths"].items():
            full = prefix + template
            self._patterns.append((re.compile(re.sub(r"\{[^}]*\}", "[^/]+", full)), full))
            for method, operation in operations.items():
                self._operations[method.upper(), full] = operation
        self._patterns.sort(key=lambda entry: entry[1].count("{"))

    def operation(self, method: str, path: str) -> Any:
        """The operation a request is for; None when the document has none."""
        templates = [template for pattern, template in self._patterns if pattern.fullmatch(path)]
        return next((self._operations[method, t] for t in templates if (method, t) in self._operations), None)

    def problems(self, operation: Any, answer: requests.Response) -> Iterator[str]:
        """What an answer says that the document does not allow."""
        described = operation["responses"].get(str(answer.status_code))
        if described is None:
            if answer.status_code not in STATUS_ALL_THE_SAME:
                yield f"status {answer.status_code} is not in the document"
            return
        schema = described.get("content", {}).get("application/json", {}).get("schema")
        if schema is None:
            return
        whole = {"allOf": [_as_json_schema(schema)], "components": self._components}
        for error in Draft7Validator(whole, format_checker=FormatChecker()).iter_errors(answer.json()):
            last = error.absolute_path[-1] if error.absolute_path else ""
            if error.instance is not None or last not in NULL_ALL_THE_SAME:
                yield f"{'/'.join(map(str, error.absolute_path))}: {error.message[:200]}"


def _as_json_schema(node: Any) -> Any:
    """OpenAPI 3.0 says `nullable: true` where JSON Schema says null is a type too."""
    if isinstance(node, list):
        return [_as_json_schema(item) for item in node]
    if not isinstance(node, dict):
        return node
    made = {name: _as_json_schema(value) for name, value in node.items()}
    if made.pop("nullable", None) is True:
        if isinstance(made.get("enum"), list):
            made["enum"] = [*made["enum"], None]
        return {"anyOf": [made, {"type": "null"}]}
    return made


@pytest.fixture(scope="module")
def documents() -> list[Document]:
    folder = Path(__file__).parents[4] / ".." / "shared" / "openapi"
    if not folder.is_dir():
        pytest.skip("../shared is not here: no API documents to hold answers against")
    return [
        Document(folder / "confluence-cloud-v2.json", V2),
        Document(folder / "confluence-cloud-v1.json", ""),
    ]


def test_every_route_of_ours_is_in_a_document(documents: list[Document]) -> None:
    for route in ROUTES.table:
        if route.template not in OUTSIDE_THE_DOCUMENTS:
            path = re.sub(r"<[^>]*>", "1", route.template)
            assert any(d.operation(route.method, path) for d in documents), f"{route.method} {route.template}"


def test_every_answer_conforms_and_every_route_is_driven(
    documents: list[Document], app: SandboxApp, dana: Visitor, ana: Visitor, space: Space
) -> None:
    problems: list[str] = []

    def check(answer: requests.Response, **_options: Any) -> None:
        path = urlsplit(str(answer.request.url)).path
        for document in documents:
            operation = document.operation(answer.request.method or "", path)
            if operation is not None:
                found = document.problems(operation, answer)
                problems.extend(f"{answer.request.method} {path} {answer.status_code}: {p}" for p in found)

    for visitor in (dana, ana):
        visitor.session.hooks["response"] = [check]
    for drive in (_drive_pages, _drive_comments, _drive_files, _drive_pinned, _drive_people, _drive_hooks):
        drive(dana, ana, space)
    assert problems == []
    good = {(r.method, r.template) for r in app.site.calls if 200 <= r.status < 400}
    assert {(route.method, route.template) for route in ROUTES.table} - good == set()


def _drive_pages(dana: Visitor, ana: Visitor, space: Space) -> None:
    dana.get(f"{V2}/spaces?keys=SOC2&sort=-name")
    dana.post(f"{V2}/spaces", json={"key": "NEW", "name": "New"})
    for part in ("", "/permissions", "/operations", "/pages?limit=1"):
        dana.get(f"{V2}/spaces/{space.space_id}{part}")
    parent = dana.create(space, "Parent", "<p>the due date</p>")
    page = dana.create(space, "Child", parentId=parent["id"])
    dana.post(f"{V2}/pages", json={"spaceId": space.space_id, "title": "Child"})
    dana.write(page, "<p>2</p>", 2)
    dana.write(page, "<p>stale</p>", 2)
    dana.write(page, "<p>broken", 3)
    dana.put(f"{V2}/pages/{page['id']}/title", json={"status": "current", "title": "Renamed"})
    dana.get(f"{V2}/pages?body-format=storage&sort=-modified-date&limit=1")
    dana.get(f"{V2}/pages/{space.homepage_id}")
    dana.get(f"{V2}/pages/{page['id']}?body-format=storage&include-labels=true&include-properties=true&version=1")
    for part in ("versions?body-format=storage", "versions/1", "ancestors", "labels", "operations"):
        dana.get(f"{V2}/pages/{page['id']}/{part}")
    for part in ("children", "direct-children", "descendants"):
        dana.get(f"{V2}/pages/{parent['id']}/{part}")
    dana.get(f"{V2}/pages/999999")
    dana.put(f"{V1}/content/{page['id']}/move/append/{space.homepage_id}")
    dana.delete(f"{V2}/pages/{page['id']}")
    dana.get(f"{V2}/pages?status=trashed")
    archived = dana.create(space, "Archived")
    dana.post(f"{V1}/content/archive", json={"pages": [{"id": int(archived["id"])}]})
    dana.get(f"{V2}/pages/{archived['id']}")


def _drive_comments(dana: Visitor, ana: Visitor, space: Space) -> None:
    page = dana.create(space, "Commented", "<p>the due date</p>")
    footer = ana.footer(page["id"])
    inline = ana.inline(page["id"], "due").json()
    for kind, root in (("footer-comments", footer), ("inline-comments", inline)):
        dana.post(f"{V2}/{kind}", json={"parentCommentId": root["id"], "body": storage("<p>reply</p>")})
        ana.put(
            f"{V2}/{kind}/{root['id']}",
            json={"version": {"number": 2}, "body": storage("<p>edited</p>"), "resolved": True},
        )
        for path in (kind, f"pages/{page['id']}/{kind}", f"{kind}/{root['id']}", f"{kind}/{root['id']}/children"):
            dana.get(f"{V2}/{path}?body-format=storage")
        dana.get(f"{V2}/{kind}/{root['id']}/versions?body-format=storage")
        _drive_properties(dana, f"{V2}/comments/{root['id']}/properties")
        ana.delete(f"{V2}/{kind}/{root['id']}")


def _drive_files(dana: Visitor, ana: Visitor, space: Space) -> None:
    page = dana.create(space, "Files")
    attachment_id = dana.upload(page["id"], "a.txt", b"1", comment="c").json()["results"][0]["id"]
    dana.upload(page["id"], "a.txt", b"1")
    dana.upload(page["id"], "a.txt", b"2", method="PUT")
    dana.post(
        f"{V1}/content/{page['id']}/child/attachment/{attachment_id}/data",
        files={"file": ("a.txt", b"3")},
        headers={"X-Atlassian-Token": "nocheck"},
    )
    described = {"id": attachment_id, "type": "attachment", "version": {"number": 3}, "title": "a.txt"}
    dana.put(f"{V1}/content/{page['id']}/child/attachment/{attachment_id}", json=described)
    dana.put(
        f"{V1}/content/{page['id']}/child/attachment/{attachment_id}", json={**described, "version": {"number": 1}}
    )
    for path in ("attachments", f"pages/{page['id']}/attachments", f"attachments/{attachment_id}"):
        dana.get(f"{V2}/{path}")
    dana.get(f"{V2}/attachments/{attachment_id}/versions")
    dana.get(f"{V1}/content/{page['id']}/child/attachment/{attachment_id}/download")
    dana.get(f"/wiki/download/attachments/{page['id']}/a.txt")
    _drive_properties(dana, f"{V2}/attachments/{attachment_id}/properties")
    dana.delete(f"{V2}/attachments/{attachment_id}")


def _drive_properties(dana: Visitor, path: str) -> None:
    made = dana.post(path, json={"key": "k", "value": {"a": 1}}).json()
    dana.post(path, json={"key": "k", "value": 2})
    dana.get(f"{path}?key=k")
    dana.get(f"{path}/{made['id']}")
    dana.put(f"{path}/{made['id']}", json={"key": "k", "value": "text", "version": {"number": 2}})
    dana.delete(f"{path}/{made['id']}")


def _drive_pinned(dana: Visitor, ana: Visitor, space: Space) -> None:
    task = (
        "<ac:task-list><ac:task><ac:task-id>1</ac:task-id><ac:task-status>incomplete</ac:task-status>"
        '<ac:task-body><time datetime="2026-12-01"/></ac:task-body></ac:task></ac:task-list>'
    )
    page = dana.create(space, "Pinned", task)
    (made,) = dana.get(f"{V2}/tasks?body-format=storage").json()["results"]
    ana.put(f"{V2}/tasks/{made['id']}", json={"status": "complete"})
    dana.get(f"{V2}/tasks/{made['id']}?body-format=storage")
    _drive_properties(dana, f"{V2}/pages/{page['id']}/properties")
    content = f"{V1}/content/{page['id']}"
    dana.post(f"{content}/label", json=[{"prefix": "global", "name": "a"}, {"prefix": "global", "name": "b"}])
    dana.get(f"{V2}/pages/{page['id']}/labels")
    dana.get(f"{V1}/search", params={"cql": "type in (page, comment)", "limit": 2})
    dana.get(f"{V1}/search", params={"cql": "nonsense = 1"})
    dana.get(f"{V1}/content/search", params={"cql": "label = a", "expand": "version"})
    dana.delete(f"{content}/label?name=a")
    dana.delete(f"{content}/label/b")
    dana.post(f"{V2}/users-bulk", json={"accountIds": [ana.me, "nobody"]})
    dana.post(f"{V2}/users-bulk", json={"accountIds": []})
    subject = {"type": "user", "identifier": ana.me}
    dana.post(f"{content}/permission/check", json={"subject": subject, "operation": "read"})
    users = [{"type": "known", "accountId": dana.me}]
    dana.put(f"{content}/restriction", json=[{"operation": "read", "restrictions": {"user": users}}])
    dana.post(f"{content}/restriction", json={"results": [{"operation": "update", "restrictions": {"user": users}}]})
    for part in ("restriction", "restriction/byOperation", "restriction/byOperation/read"):
        dana.get(f"{content}/{part}")
    for part in (f"user?accountId={ana.me}", "byGroupId/confluence-guests"):
        for ask in (dana.put, dana.get, dana.delete):
            assert ask(f"{content}/restriction/byOperation/read/{part}").status_code == 200
    dana.delete(f"{content}/restriction")


def _drive_people(dana: Visitor, ana: Visitor, space: Space) -> None:
    dana.get(f"{V1}/user/current")
    dana.get(f"{V1}/user?accountId={ana.me}")


def _drive_hooks(dana: Visitor, ana: Visitor, space: Space) -> None:
    path = "/wiki/rest/webhooks/1.0/webhook"
    made = dana.post(path, json={"name": "n", "url": "https://x.example", "events": ["page_created"]}).json()
    own = path + "/" + made["self"].rpartition("/")[2]
    dana.get(path)
    dana.get(own)
    dana.delete(own)


def test_the_oracle_sees_a_wrong_answer(documents: list[Document], dana: Visitor, space: Space) -> None:
    page = dana.create(space, "P")
    answer = dana.get(f"{V2}/pages/{page['id']}")
    operation = documents[0].operation("GET", f"{V2}/pages/{page['id']}")
    assert list(documents[0].problems(operation, answer)) == []
    answer._content = json.dumps({**page, "id": 5, "status": "fresh", "createdAt": None}).encode()
    assert len(list(documents[0].problems(operation, answer))) == 3
