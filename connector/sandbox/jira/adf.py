"""Atlassian Document Format as far as a server looks at it: is it a document, and what does it say in plain text."""

from typing import Any

from connector.sandbox.jira.adf_attributes import mark_may_say, node_may_say
from connector.sandbox.jira.adf_model import CHILDREN, LEAVES, MARKS, NEVER_EMPTY, PARTS, TEXT_ONLY

LINES = frozenset({"paragraph", "heading", "codeBlock", "rule", "taskItem", "decisionItem", "caption", "mediaSingle"})


def is_document(value: Any) -> bool:
    """Whether a value is a document: version 1, every node where it may stand, with what it must say of itself."""
    if not isinstance(value, dict) or value.get("type") != "doc" or value.get("version") != 1:
        return False
    return isinstance(value.get("content"), list) and _is_node(value)


def to_text(value: Any) -> str:
    """The words of a document, a line for each block; what v2 and webhooks show, without the wiki markup."""
    parts: list[str] = []
    _collect(value, parts)
    return "".join(parts).strip("\n")


def from_text(text: str) -> dict[str, Any]:
    """Plain text as a document, a paragraph for each line."""
    lines = [[{"type": "text", "text": line}] if line else [] for line in text.split("\n")]
    return {
        "type": "doc",
        "version": 1,
        "content": [{"type": "paragraph", "content": content} for content in lines],
    }


def _is_node(node: Any) -> bool:
    kind = node.get("type") if isinstance(node, dict) else None
    if not isinstance(kind, str) or (kind not in CHILDREN and kind not in LEAVES):
        return False
    if kind == "text" and not (isinstance(node.get("text"), str) and node["text"]):
        return False
    if not node.keys() <= PARTS or not all(_is_mark(mark, kind) for mark in node.get("marks") or ()):
        return False
    attrs = node.get("attrs") or {}
    if not isinstance(attrs, dict) or not node_may_say(kind, attrs):
        return False
    content = node.get("content") or []
    if not isinstance(content, list) or (not content and kind in NEVER_EMPTY):
        return False
    allowed = CHILDREN.get(kind, frozenset())
    return all(isinstance(child, dict) and child.get("type") in allowed and _is_node(child) for child in content)


def _is_mark(mark: Any, carrier: str) -> bool:
    kind = mark.get("type") if isinstance(mark, dict) else None
    if kind not in MARKS or (kind in TEXT_ONLY and carrier != "text"):
        return False
    attrs = mark.get("attrs") or {}
    return isinstance(attrs, dict) and mark_may_say(kind, attrs)


def _collect(node: Any, parts: list[str]) -> None:
    if not isinstance(node, dict):
        return
    kind, attrs = node.get("type"), node.get("attrs") or {}
    if kind == "text":
        parts.append(str(node.get("text", "")))
    elif kind == "hardBreak":
        parts.append("\n")
    elif kind in ("mention", "status", "emoji"):
        parts.append(str(attrs.get("text", "")))
    elif kind in ("inlineCard", "blockCard"):
        parts.append(str(attrs.get("url", "")))
    for child in node.get("content") or []:
        _collect(child, parts)
    if kind in LINES and parts and not parts[-1].endswith("\n"):
        parts.append("\n")
