"""Every path the clients call stands in Atlassian's own API documents, with that method."""

import ast
import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
OPENAPI = ROOT / ".." / "shared" / "openapi"
DOCUMENTS = (
    ("jira-cloud-platform-v3.json", ""),
    ("jira-software-cloud.json", ""),
    ("confluence-cloud-v2.json", "/wiki/api/v2"),
    ("confluence-cloud-v1.json", ""),
    ("jira-dc-10.3.json", "/rest"),
    ("confluence-dc-10.0.3.json", ""),
)
VERBS = {
    "get": "get",
    "ask": "post",
    "post": "post",
    "put": "put",
    "every": "get",
    "replies": "get",
    "newest_first": "get",
}
CHOICES: dict[str, tuple[str, ...]] = {
    "kind": ("footer-comments", "inline-comments"),
    "name": ("footer-comments", "inline-comments"),
}
CHOICES |= {"V2": ("/wiki/api/v2",)}
NAMED_ELSEWHERE = {("put", "/wiki/rest/api/content/{}/child/attachment")}
UNDOCUMENTED = {("get", "/rest/webhooks/1.0/webhook")}
"""Admin webhooks: Atlassian describes them in words alone."""
DOWNLOADS = {
    ("get", "/rest/api/3/attachment/content/{}"),
    ("get", "/wiki/rest/api/content/{}/child/attachment/{}/download"),
}


def documented() -> set[tuple[str, str]]:
    if not OPENAPI.is_dir():
        pytest.skip("../shared is not here: the API documents cannot be read")
    found = set()
    for name, prefix in DOCUMENTS:
        paths = json.loads((OPENAPI / name).read_text(encoding="utf-8"))["paths"]
        found |= {(method, prefix + bare(path)) for path, methods in paths.items() for method in methods}
    return found


def bare(path: str) -> str:
    """A path without the names of its values."""
    return re.sub(r"\{[^}]*\}", "{}", path)


def called() -> set[tuple[str, str]]:
    """Method and path of every call on a wire in the clients' sources."""
    found: set[tuple[str, str]] = set()
    folders = (ROOT / "connector", ROOT / "connector" / "provision")
    for source in sorted(file for folder in folders for file in folder.glob("*.py")):
        for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                paths = [path for part in node.args for path in spelled(part) if path.startswith(("/rest/", "/wiki/"))]
                found |= {(VERBS[name], bare(path)) for path in paths if name in VERBS}
    return found


def spelled(node: ast.expr) -> list[str]:
    """The texts a literal may have; an f-string has one for each value of `CHOICES`."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return [node.value]
    if not isinstance(node, ast.JoinedStr):
        return []
    texts = [""]
    for part in node.values:
        inner = part.value if isinstance(part, ast.FormattedValue) else part
        choices = CHOICES.get(inner.id, ()) if isinstance(inner, ast.Name) else (str(getattr(inner, "value", "")),)
        texts = [text + choice for text in texts for choice in choices]
    return texts


def test_every_call_is_documented() -> None:
    calls = called() | NAMED_ELSEWHERE | DOWNLOADS
    assert len(calls) > 30
    assert calls - documented() - UNDOCUMENTED == set()
