"""What a person reads in a page or a comment, as plain text: the words without the markup."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from mappings.records import EMPTY

from .parsing import Chars, Element, Node, parse

# Borders while the text is put together; XML forbids these characters, so no page contains them.
_PARAGRAPH, _LINE, _INDENT = "\x1e", "\x1f", "\x1d"
_SPACE = re.compile("[ \t\r\n\xa0]+")
_HIDDEN = frozenset(
    {"ac:parameter", "ac:adf-attribute", "ac:placeholder", "ac:task-id", "ac:task-uuid"}
    | {"ac:task-status", "ac:task-list-id"}
)
_BLOCKS = frozenset(
    {"p", "h1", "h2", "h3", "h4", "h5", "h6", "div", "blockquote", "pre", "hr", "dl", "dt", "dd"}
    | {"ac:structured-macro", "ac:rich-text-body", "ac:plain-text-body", "ac:layout"}
    | {"ac:layout-section", "ac:layout-cell"}
)
_VERBATIM = frozenset({"pre", "ac:plain-text-body"})
_SPOKEN_PARAMETER = {"status": "title", "jira": "key"}
_USER_IDS = ("ri:account-id", "ri:userkey", "ri:username")
_TARGETS = ("ri:content-title", "ri:filename", "ri:value", "ri:space-key")


def plain_text(storage: str, names: Mapping[str, str] = EMPTY) -> str:
    """`storage` as a person reads it: paragraphs a blank line apart, list items with a dash, cells with a bar.

    A mention is `@` and the name that `names` gives for its account id, else the id. Raises NotStorage.
    """
    return text_of(parse(storage), names)


def text_of(element: Element, names: Mapping[str, str] = EMPTY) -> str:
    """The same for a piece that is parsed already."""
    return _Words(names).of(element)


class _Words:
    def __init__(self, names: Mapping[str, str]) -> None:
        self._names = names

    def of(self, element: Element) -> str:
        paragraphs = [_lines(part) for part in self._inside(element).split(_PARAGRAPH)]
        return "\n\n".join(part for part in paragraphs if part)

    def _inside(self, element: Element) -> str:
        is_verbatim = element.name in _VERBATIM
        return "".join(self._node(child, is_verbatim) for child in _shown(element.children))

    def _node(self, node: Node, is_verbatim: bool) -> str:
        if isinstance(node, Chars):
            return node.text.replace("\n", _LINE) if is_verbatim else _SPACE.sub(" ", node.text)
        if node.name in _HIDDEN:
            return ""
        return self._element(node)

    def _element(self, element: Element) -> str:
        match element.name:
            case "br":
                return _LINE
            case "ul" | "ol":
                return _PARAGRAPH + self._list(element) + _PARAGRAPH
            case "ac:task-list":
                return _PARAGRAPH + _LINE.join(self._task(task) for task in element.elements()) + _PARAGRAPH
            case "table":
                return _PARAGRAPH + self._table(element) + _PARAGRAPH
            case "time":
                return element.attributes.get("datetime", "")
            case "ac:emoticon":
                return _emoji(element)
            case "ac:structured-macro" | "ac:macro":
                return self._macro(element)
            case "a" | "ac:link" | "ac:image":
                return self._link(element)
            case "ri:user":
                return self._mention(element)
            case name if name in _BLOCKS:
                return _PARAGRAPH + self._inside(element) + _PARAGRAPH
            case _:
                return self._inside(element)

    def _list(self, element: Element) -> str:
        items = [item for item in element.elements() if item.name == "li"]
        marks = [f"{number}. " if element.name == "ol" else "- " for number in range(1, len(items) + 1)]
        return _LINE.join(mark + self._item(item) for mark, item in zip(marks, items, strict=True))

    def _item(self, item: Element) -> str:
        lists = [self._inner_list(child) for child in item.elements() if child.name in ("ul", "ol")]
        words = "".join(
            self._node(child, is_verbatim=False)
            for child in _shown(item.children)
            if isinstance(child, Chars) or child.name not in ("ul", "ol")
        )
        return _LINE.join([_as_lines(words), *lists])

    def _inner_list(self, element: Element) -> str:
        return _LINE.join(_INDENT + line for line in self._list(element).split(_LINE))

    def _task(self, task: Element) -> str:
        parts = {part.name: part for part in task.elements()}
        is_done = "ac:task-status" in parts and self.of(parts["ac:task-status"]) == "complete"
        body = self._inside(parts["ac:task-body"]) if "ac:task-body" in parts else ""
        return f"[{'x' if is_done else ' '}] {_as_lines(body)}"

    def _table(self, table: Element) -> str:
        rows = [row for row in table.descendants() if row.name == "tr"]
        return _LINE.join(" | ".join(self._cell(cell) for cell in row.elements()) for row in rows)

    def _cell(self, cell: Element) -> str:
        return " ".join(re.split(f"[{_PARAGRAPH}{_LINE}{_INDENT} ]+", self._inside(cell))).strip()

    def _macro(self, macro: Element) -> str:
        name = macro.attributes.get("ac:name", "")
        if name in _SPOKEN_PARAMETER:
            return self._parameter(macro, _SPOKEN_PARAMETER[name])
        title = self._parameter(macro, "title")
        return _PARAGRAPH + title + _PARAGRAPH + self._inside(macro) + _PARAGRAPH

    def _parameter(self, macro: Element, name: str) -> str:
        found = (
            child
            for child in macro.elements()
            if child.name == "ac:parameter" and child.attributes.get("ac:name") == name
        )
        return next((self._inside(parameter).strip() for parameter in found), "")

    def _link(self, element: Element) -> str:
        """The words of a link; of one without words what it points at."""
        words = self._inside(element)
        if words.strip():
            return words
        targets = (part.attributes[key] for part in element.elements() for key in _TARGETS if key in part.attributes)
        return next(targets, element.attributes.get("href", ""))

    def _mention(self, user: Element) -> str:
        account = next((user.attributes[key] for key in _USER_IDS if key in user.attributes), "")
        return f"@{self._names.get(account, account)}"


def _shown(children: Iterable[Node]) -> Iterable[Node]:
    """Of a new kind of node and its fall-back, which say the same, only the fall-back."""
    has_fallback = any(isinstance(child, Element) and child.name == "ac:adf-fallback" for child in children)
    return (
        child for child in children if not (has_fallback and isinstance(child, Element) and child.name == "ac:adf-node")
    )


def _emoji(element: Element) -> str:
    for key in ("ac:emoji-fallback", "ac:emoji-shortname"):
        if element.attributes.get(key):
            return element.attributes[key]
    return f":{element.attributes.get('ac:name', '')}:"


def _as_lines(text: str) -> str:
    """`text` with borders of paragraphs as plain line breaks, none doubled."""
    return re.sub(f"[{_PARAGRAPH}{_LINE}]+", _LINE, text).strip(_LINE + " ")


def _lines(part: str) -> str:
    lines = (re.sub(" +", " ", line).strip(" ") for line in part.split(_LINE))
    return "\n".join(lines).replace(_INDENT, "  ").strip("\n")
