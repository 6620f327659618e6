"""Atlassian's own description of Jira, held against what the sandbox answers."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import requests
from jsonschema import Draft7Validator

FILES = ("jira-cloud-platform-v3.json", "jira-software-cloud.json")
# Where the document is wrong about what the service sends, by the last name on the way to the value.
NULL_ALL_THE_SAME = {"from", "to", "fromString", "toString", "value"}
# Answers the service gives that the document does not list for the operation; 429 and 5xx it lists for none.
STATUS_ALL_THE_SAME = {400, 401, 403, 404, 405, 410, 413, 415, 429, 500, 502, 503, 504}
# Answers that the document describes as something else than the service sends.
DEFECTS = {
    ("GET", "/rest/api/3/issue/{issueIdOrKey}/remotelink", 200),  # with globalId it is one object, not a list
    ("POST", "/rest/api/3/issue/bulk", 400),  # a request refused as a whole has Jira's usual shape
}
# Schemas that cannot be meant: the names of the properties are their descriptions.
WRONG_SCHEMAS = ("DashboardGadgetPosition",)


class JiraDocuments:
    """Jira's own document and Jira Software's, as one."""

    def __init__(self, folder: Path) -> None:
        self._parts = [JiraDocument(folder / name) for name in FILES]

    def template(self, method: str, path: str) -> str | None:
        return next(filter(None, (part.template(method, path) for part in self._parts)), None)

    def problems(self, answer: requests.Response) -> Iterator[str]:
        for part in self._parts:
            yield from part.problems(answer)


class JiraDocument:
    """The OpenAPI document as an oracle for answers."""

    def __init__(self, path: Path) -> None:
        loaded = json.loads(path.read_text(encoding="utf-8"))
        self._components = _as_json_schema(loaded["components"])
        for name in WRONG_SCHEMAS:
            self._components["schemas"][name] = {}
        self._operations: dict[str, dict[str, Any]] = {}
        self._validators: dict[str, Draft7Validator] = {}
        self._templates: list[tuple[re.Pattern[str], str]] = []
        for template, operations in loaded["paths"].items():
            self._operations[template] = operations
            self._templates.append((re.compile(re.sub(r"\{[^}]*\}", "[^/]+", template)), template))
        self._templates.sort(key=lambda entry: entry[1].count("{"))

    def template(self, method: str, path: str) -> str | None:
        """The template of a path for which the document has this method; None when it has none."""
        for pattern, template in self._templates:
            if pattern.fullmatch(path) and method.lower() in self._operations[template]:
                return template
        return None

    def problems(self, answer: requests.Response) -> Iterator[str]:
        """What an answer says that the document does not allow."""
        method, path = str(answer.request.method), urlsplit(str(answer.request.url)).path
        template = self.template(method, path)
        if template is None or path.startswith("/rest/api/2/"):
            return
        where = f"{method} {path} {answer.status_code}"
        described = self._operations[template][method.lower()]["responses"].get(str(answer.status_code))
        if described is None:
            if answer.status_code not in STATUS_ALL_THE_SAME:
                yield f"{where}: the status is not in the document"
            return
        schema = described.get("content", {}).get("application/json", {}).get("schema")
        if not schema or (method, template, answer.status_code) in DEFECTS:
            return
        for error in self._validator(schema).iter_errors(answer.json()):
            last = error.absolute_path[-1] if error.absolute_path else ""
            if error.instance is not None or last not in NULL_ALL_THE_SAME:
                yield f"{where}: {'/'.join(map(str, error.absolute_path))}: {error.message[:200]}"

    def _validator(self, schema: Any) -> Draft7Validator:
        key = json.dumps(schema, sort_keys=True)
        if key not in self._validators:
            whole = {"allOf": [_as_json_schema(schema)], "components": self._components}
            self._validators[key] = Draft7Validator(whole)
        return self._validators[key]


def _as_json_schema(node: Any) -> Any:
    """OpenAPI 3.0 says `nullable: true` where JSON Schema says null is a type too."""
    if isinstance(node, list):
        return [_as_json_schema(item) for item in node]
    if not isinstance(node, dict):
        return node
    made = {name: _as_json_schema(value) for name, value in node.items()}
    if made.get("nullable") is True:
        del made["nullable"]
        return {"anyOf": [made, {"type": "null"}]}
    return made
