"""Atlassian Document Format as far as a server looks at it: is it a document, and what does it say in plain text."""

from typing import Any

from connector.sandbox.jira.adf_attributes import mark_may_say, node_may_say
from connector.sandbox.jira.adf_model import Shape, shapes

LINES = frozenset({"paragraph", "heading", "codeBlock", "rule", "taskItem", "decisionItem", "caption", "mediaSingle"})


def is_document(value: Any) -> bool:
    """Whether a value is a document: version 1, every node where it may stand, with what it must say of itself."""
    return isinstance(value, dict) and value.get("version") == 1 and _fits(value, shapes()["doc"])


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


def _fits(node: Any, shape: Shape) -> bool:
    """Whether a node has a shape, with all that is in it."""
    if not isinstance(node, dict) or node.get("type") != shape.kind:
        return False
    if not shape.needed <= node.keys() <= shape.parts:
        return False
    if shape.kind == "text" and not (isinstance(node["text"], str) and node["text"]):
        return False
    attrs, marks = node.get("attrs", {}), node.get("marks", [])
    if not isinstance(attrs, dict) or not node_may_say(shape.kind, attrs):
        return False
    if not isinstance(marks, list) or not all(_is_mark(mark, shape.marks) for mark in marks):
        return False
    return _holds(node.get("content", []), shape) if "content" in node else True


def _holds(content: Any, shape: Shape) -> bool:
    if not isinstance(content, list) or not shape.least <= len(content) <= (shape.most or len(content)):
        return False
    known, last = shapes(), len(shape.slots) - 1
    return all(
        any(_fits(child, known[name]) for name in shape.slots[min(position, last)])
        for position, child in enumerate(content)
    )


def _is_mark(mark: Any, allowed: frozenset[str] | None) -> bool:
    kind = mark.get("type") if isinstance(mark, dict) else None
    if not isinstance(kind, str) or (allowed is not None and kind not in allowed):
        return False
    attrs = mark.get("attrs", {})
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
