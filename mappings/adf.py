"""Jira Cloud's document format (ADF): written from our documents, read as plain text whatever it holds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, TypeAlias

from .characters import is_web_address, legal
from .text import Block, Bullets, Document, Heading, Mention, Paragraph, Run, Text
from .wiki import wiki_to_text

Wire: TypeAlias = dict[str, Any]

MAX_DEPTH = 100
"""Below this nothing is read: no editor nests so deep, and reading is by recursion."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_CELLS = ("tableCell", "tableHeader")
_INLINE_TEXT = ("status", "placeholder", "inlineExtension", "extension")


def to_adf(document: Document) -> Wire:
    """`document` as an ADF document, version 1: line breaks as hardBreak, no empty text."""
    content = [node for block in document for node in _block(block)]
    return {"version": 1, "type": "doc", "content": content}


def comment_text(body: Mapping[str, Any] | str | None) -> str:
    """A comment or description as plain text: ADF from v3, wiki markup or plain text from v2."""
    if body is None:
        return ""
    if isinstance(body, str):
        return wiki_to_text(body)
    return adf_to_text(body)


def adf_to_text(node: object) -> str:
    """What a person reads in an ADF node: blocks a blank line apart, list items with a dash, cells with a bar.

    Never raises: of a node that is not known its text is given, of anything else nothing.
    """
    return "\n\n".join(_blocks(node, 0)) if isinstance(node, Mapping) else ""


def _block(block: Block) -> list[Wire]:
    match block:
        case Paragraph(runs):
            return [{"type": "paragraph", "content": _inline(runs)}]
        case Heading(level, text):
            attrs = {"level": min(max(level, 1), 6)}
            return [{"type": "heading", "attrs": attrs, "content": _inline((Text(text),))}]
        case Bullets(items):
            content = [
                {"type": "listItem", "content": [{"type": "paragraph", "content": _inline(item)}]} for item in items
            ]
            return [{"type": "bulletList", "content": content}] if content else []


def _inline(runs: Iterable[Run]) -> list[Wire]:
    return [node for run in runs for node in (_mention(run) if isinstance(run, Mention) else _text(run))]


def _mention(run: Mention) -> list[Wire]:
    return [{"type": "mention", "attrs": {"id": legal(run.account_id), "text": f"@{legal(run.name)}"}}]


def _text(run: Text) -> list[Wire]:
    marks: list[Wire] = [{"type": "strong"}] if run.strong else []
    if run.href and is_web_address(run.href):
        marks.append({"type": "link", "attrs": {"href": legal(run.href)}})
    nodes: list[Wire] = []
    for at, line in enumerate(legal(run.text).split("\n")):
        if at:
            nodes.append({"type": "hardBreak"})
        if line:
            nodes.append({"type": "text", "text": line, **({"marks": marks} if marks else {})})
    return nodes


def _attrs(node: Mapping[str, Any]) -> Mapping[str, Any]:
    attrs = node.get("attrs")
    return attrs if isinstance(attrs, Mapping) else {}


def _children(node: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    content = node.get("content")
    return [child for child in content if isinstance(child, Mapping)] if isinstance(content, list) else []


def _first(attrs: Mapping[str, Any], *names: str) -> str:
    """The first of the attributes that is there, as text."""
    values = (attrs.get(name) for name in names)
    return next((str(value) for value in values if value not in (None, "")), "")


def _blocks(node: Mapping[str, Any], depth: int) -> list[str]:
    """The blocks of text that a node comes to; runs of inline nodes make one block."""
    if depth > MAX_DEPTH:
        return []
    own = _own_block(node, depth)
    if own is not None:
        return [own] if own.strip() else []
    blocks = [_title(node)] if _title(node) else []
    line = ""
    for child in _children(node):
        words = _words(child)
        if words is None:
            blocks += [*([line.strip()] if line.strip() else []), *_blocks(child, depth + 1)]
            line = ""
        else:
            line += words
    return [*blocks, line.strip()] if line.strip() else blocks


def _own_block(node: Mapping[str, Any], depth: int) -> str | None:
    """The text of a block that is laid out as a whole; None for one that is the sum of its children."""
    match node.get("type"):
        case "bulletList" | "orderedList" | "taskList" | "decisionList":
            return "\n".join(_items(node, depth))
        case "table":
            rows = [row for row in _children(node) if row.get("type") == "tableRow"]
            return "\n".join(" | ".join(_cell(cell, depth) for cell in _children(row)) for row in rows)
        case "rule":
            return "---"
        case "applicationCard":
            return _card(_attrs(node))
        case _:
            return _words(node)


def _items(node: Mapping[str, Any], depth: int) -> list[str]:
    lines: list[str] = []
    start = _attrs(node).get("order", 1)
    number = start if isinstance(start, int) else 1
    for item in _children(node):
        if item.get("type") in ("taskList", "bulletList", "orderedList"):
            lines += [f"  {line}" for line in _items(item, depth + 1)] if depth < MAX_DEPTH else []
            continue
        mark = f"{number}. " if node.get("type") == "orderedList" else _mark(item)
        first, *rest = "\n".join(_blocks(item, depth + 1)).split("\n")
        lines += [mark + first, *(f"  {line}" for line in rest)]
        number += 1
    return lines


def _mark(item: Mapping[str, Any]) -> str:
    if item.get("type") in ("taskItem", "blockTaskItem"):
        return "[x] " if _attrs(item).get("state") == "DONE" else "[ ] "
    return "- "


def _cell(cell: Mapping[str, Any], depth: int) -> str:
    return " ".join(" ".join(_blocks(cell, depth + 1)).split())


def _title(node: Mapping[str, Any]) -> str:
    return _first(_attrs(node), "title") if node.get("type") in ("expand", "nestedExpand") else ""


def _card(attrs: Mapping[str, Any]) -> str:
    """An old card: its title, its text, what it says below."""
    parts = [attrs.get("title"), attrs.get("description"), attrs.get("context")]
    texts = [_first(part, "text") for part in parts if isinstance(part, Mapping)]
    return "\n".join(text for text in texts if text) or _first(attrs, "text", "textUrl")


def _words(node: Mapping[str, Any]) -> str | None:
    """The text of an inline node (or of a block that is only a file or a link); None for any other."""
    attrs = _attrs(node)
    match node.get("type"):
        case "text":
            return _first(node, "text")
        case "hardBreak":
            return "\n"
        case "mention":
            return "@" + (_first(attrs, "text", "id").removeprefix("@"))
        case "emoji":
            return _first(attrs, "text", "shortName")
        case "date":
            return _day(attrs.get("timestamp"))
        case "inlineCard" | "blockCard" | "embedCard":
            data = attrs.get("data")
            return _first(attrs, "url") or (_first(data, "url", "name") if isinstance(data, Mapping) else "")
        case "media" | "mediaInline":
            return f"[{_first(attrs, 'alt', '__fileName', 'url') or 'file'}]"
        case kind if kind in _INLINE_TEXT and not _children(node):
            return _first(attrs, "text")
        case _:
            return None if _children(node) else _unknown(node)


def _unknown(node: Mapping[str, Any]) -> str | None:
    """A node that is not known and holds no others: whatever text it carries."""
    return _first(node, "text") or _first(_attrs(node), "text") or None


def _day(timestamp: object) -> str:
    """An ADF date: milliseconds since 1970, as text."""
    try:
        return (_EPOCH + timedelta(milliseconds=int(str(timestamp)))).date().isoformat()
    except (ValueError, OverflowError):
        return "" if timestamp is None else str(timestamp)
