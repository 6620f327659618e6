"""Requests as the API documents forbid them: each driven one is first sent wrong in every way its schema knows.

A mutant differs from the good request in one thing: a required property left out, a value of another type or not in
its list, one item too many, or a property the schema has no name for where it allows no others.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import requests

from connector.sandbox.adapter import SandboxAdapter, WsgiApp

OTHER_TYPE: dict[str, Any] = {
    "string": {"wrong": 1},
    "integer": "wrong",
    "number": "wrong",
    "boolean": {"wrong": 1},
    "array": {"wrong": 1},
    "object": 7,
}
Body = Any
DOCUMENTS = (
    ("jira-cloud-platform-v3.json", ""),
    ("jira-software-cloud.json", ""),
    ("confluence-cloud-v2.json", "/wiki/api/v2"),
    ("confluence-cloud-v1.json", ""),
)


class Schemas:
    """The schemas of JSON bodies in Atlassian's documents."""

    def __init__(self, folder: Path) -> None:
        self._known: list[tuple[str, re.Pattern[str], Any, Any]] = []
        for name, prefix in DOCUMENTS:
            loaded = json.loads((folder / name).read_text(encoding="utf-8"))
            for template, operations in loaded["paths"].items():
                pattern = re.compile(re.sub(r"\{[^}]*\}", "[^/]+", prefix + template))
                self._known.append((template, pattern, operations, loaded["components"]))
        self._known.sort(key=lambda known: known[0].count("{"))

    def find(self, method: str, path: str) -> tuple[Any, Any] | None:
        """The schema of the body of a request and the components it refers to; None where there is none."""
        for _, pattern, operations, components in self._known:
            if pattern.fullmatch(path) and method.lower() in operations:
                body = operations[method.lower()].get("requestBody", {})
                if "$ref" in body:
                    body = components["requestBodies"][body["$ref"].rpartition("/")[2]]
                content = body.get("content", {})
                schema = content.get("application/json", {}).get("schema")
                return (schema, components) if schema else None
        return None


class WrongFirst(SandboxAdapter):
    """Sends every mutant of a JSON request before the request itself, and keeps what was answered."""

    def __init__(self, app: WsgiApp, schemas: Schemas) -> None:
        super().__init__(app)
        self._schemas = schemas
        self.answers: list[tuple[str, requests.Response]] = []

    def send(self, request: requests.PreparedRequest, *args: Any, **network: Any) -> requests.Response:
        path = urlsplit(str(request.url)).path
        found = self._schemas.find(str(request.method), path) if request.body else None
        if found is not None and "json" in request.headers.get("Content-Type", ""):
            schema, components = found
            for what, mutant in mutants(schema, json.loads(request.body or b"null"), components):
                wrong = request.copy()
                wrong.prepare_body(None, None, json=mutant)
                answer = super().send(wrong, *args, **network)
                self.answers.append((f"{request.method} {path}: {what}", answer))
        return super().send(request, *args, **network)


def mutants(schema: Any, body: Body, components: Any, where: str = "") -> Iterator[tuple[str, Body]]:
    """What is wrong, and the body with it."""
    schema = resolved(schema, components)
    kind = schema.get("type")
    if "enum" in schema and isinstance(body, str):
        yield f"{where or 'body'} is none of its values", "wrong"
    if kind in OTHER_TYPE:
        yield f"{where or 'body'} is no {kind}", OTHER_TYPE[kind]
    if isinstance(body, dict) and isinstance(schema.get("properties"), dict):
        yield from _of_object(schema, body, components, where)
    if isinstance(body, list) and body:
        if "maxItems" in schema:
            yield f"{where or 'body'} has too many", (body * (schema["maxItems"] + 1))[: schema["maxItems"] + 1]
        for what, item in mutants(schema.get("items", {}), body[0], components, f"{where}[0]"):
            yield what, [item, *body[1:]]


def _of_object(schema: Any, body: Body, components: Any, where: str) -> Iterator[tuple[str, Body]]:
    for name in schema.get("required", ()):
        if name in body:
            yield f"{where}.{name} is left out", {key: value for key, value in body.items() if key != name}
    if schema.get("additionalProperties") is False:
        yield f"{where or 'body'} has a name that is none", {**body, "nonsense": 1}
    for name, value in body.items():
        part = schema["properties"].get(name)
        if part is not None:
            for what, wrong in mutants(part, value, components, f"{where}.{name}"):
                yield what, {**body, name: wrong}


def resolved(schema: Any, components: Any) -> dict[str, Any]:
    """A schema with its references followed, and those of an `allOf` of one."""
    while isinstance(schema, dict):
        if "$ref" in schema:
            schema = components["schemas"][schema["$ref"].rpartition("/")[2]]
        elif len(schema.get("allOf", ())) == 1:
            schema = schema["allOf"][0]
        else:
            return schema
    return {}
