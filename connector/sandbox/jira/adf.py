"""Atlassian Document Format as far as a server looks at it: is it a document, and what does it say in plain text."""

from typing import Any

BLOCKS = frozenset(
    {
        "paragraph",
        "heading",
        "blockquote",
        "codeBlock",
        "rule",
        "panel",
        "listItem",
        "tableRow",
        "taskItem",
        "decisionItem",
        "mediaSingle",
        "mediaGroup",
        "expand",
        "nestedExpand",
    }
)
KNOWN_NODES = BLOCKS | {
    "doc",
    "text",
    "bulletList",
    "orderedList",
    "taskList",
    "decisionList",
    "table",
    "tableCell",
    "tableHeader",
    "hardBreak",
    "mention",
    "emoji",
    "date",
    "status",
    "inlineCard",
    "blockCard",
    "embedCard",
    "media",
    "mediaInline",
    "extension",
    "bodiedExtension",
    "inlineExtension",
    "placeholder",
    "layoutSection",
    "layoutColumn",
    "caption",
    "applicationCard",
    "syncBlock",
    "bodiedSyncBlock",
}


def is_document(value: Any) -> bool:
    """Whether a value is an ADF document: `{"type": "doc", "version": 1, "content": [known nodes]}`."""
    if not isinstance(value, dict) or value.get("type") != "doc" or value.get("version") != 1:
        return False
    return isinstance(value.get("content"), list) and all(_is_node(child) for child in value["content"])


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
    if not isinstance(node, dict) or node.get("type") not in KNOWN_NODES:
        return False
    if node["type"] == "text":
        return isinstance(node.get("text"), str) and node["text"] != ""
    content = node.get("content", [])
    return isinstance(content, list) and all(_is_node(child) for child in content)


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
    if kind in BLOCKS and parts and not parts[-1].endswith("\n"):
        parts.append("\n")
