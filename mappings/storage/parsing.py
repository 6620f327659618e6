"""Confluence's storage format as a tree in which every node knows where in the source it stands.

Storage format is XHTML with unbound `ac:` and `ri:` prefixes and HTML's named entities. The entities are declared,
one character each, in a prolog before the body; a body stands inside an element already open, where XML allows no
declarations, so it can neither expand nor fetch anything.
"""

from __future__ import annotations

import html.entities
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import NamedTuple, NoReturn, TypeAlias
from xml.parsers import expat

MAX_DEPTH = 100
"""Nesting beyond this is refused: no editor makes it, and a tree is walked by recursion."""

_KEPT_CHARACTERS = 20_000
"""Trees of texts up to here are kept for a while: a page is asked many things between two of its versions."""

_ENTITIES = "".join(
    f'<!ENTITY {name} "&#{code};">'
    for name, code in html.entities.name2codepoint.items()
    if name not in {"lt", "gt", "amp", "quot"}
)
_WRAPPER = "tieout-storage"
_HEAD = f"<!DOCTYPE {_WRAPPER} [{_ENTITIES}]><{_WRAPPER}>\n".encode()
_TAIL = f"</{_WRAPPER}>".encode()
_PREFIXES = frozenset({"ac", "ri", "at", "xml", "xmlns", "xlink"})


class NotStorage(ValueError):
    """The text is not well-formed storage format; the message says where and shows the spot."""


@dataclass(frozen=True, slots=True)
class Chars:
    """A run of text. `begin` and `end` are offsets in the source; an entity is one character, several wide."""

    text: str
    begin: int
    end: int
    is_cdata: bool = False


@dataclass(frozen=True, slots=True)
class Element:
    """An element. Its start tag is `begin`..`inner_begin`, its end tag `inner_end`..`end`."""

    name: str
    attributes: Mapping[str, str]
    children: tuple[Node, ...]
    begin: int
    inner_begin: int
    inner_end: int
    end: int

    def elements(self) -> Iterator[Element]:
        """The elements right under this one."""
        return (child for child in self.children if isinstance(child, Element))

    def descendants(self) -> Iterator[Element]:
        """Every element below this one, in source order."""
        for child in self.elements():
            yield child
            yield from child.descendants()


Node: TypeAlias = Chars | Element


def pruned(
    element: Element, *, dropped: Collection[int] = frozenset(), emptied: Collection[int] = frozenset()
) -> Element:
    """The same tree without the elements that begin at `dropped`, and with nothing in those that begin at `emptied`."""
    children: list[Node] = []
    for child in element.children:
        if isinstance(child, Chars):
            children.append(child)
        elif child.begin in emptied:
            children.append(replace(child, children=()))
        elif child.begin not in dropped:
            children.append(pruned(child, dropped=dropped, emptied=emptied))
    return replace(element, children=tuple(children))


@dataclass(slots=True)
class _Open:
    """An element whose end has not come yet."""

    name: str
    attributes: Mapping[str, str]
    begin: int
    inner_begin: int
    children: list[Node] = field(default_factory=list)

    def closed(self, inner_end: int, end: int) -> Element:
        return Element(self.name, self.attributes, tuple(self.children), self.begin, self.inner_begin, inner_end, end)


class _Event(NamedTuple):
    kind: str
    begin: int
    text: str
    attributes: Mapping[str, str]
    is_cdata: bool


class _Reader:
    """Collects what expat sees, with offsets in characters; an event ends where the next one begins."""

    def __init__(self, source: bytes) -> None:
        self.events: list[_Event] = []
        self._source = source
        self._is_ascii = source.isascii()
        self._seen = (0, 0)
        self._depth = 0
        self._is_cdata = False
        self.parser = expat.ParserCreate("UTF-8")
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = lambda text: self._add("text", text)
        self.parser.StartCdataSectionHandler = lambda: self._cdata(is_open=True)
        self.parser.EndCdataSectionHandler = lambda: self._cdata(is_open=False)
        self.parser.CommentHandler = lambda _text: self._add("other")
        self.parser.ProcessingInstructionHandler = lambda _target, _data: self._add("other")

    def _add(self, kind: str, text: str = "", attributes: Mapping[str, str] | None = None) -> None:
        at = self.parser.CurrentByteIndex - len(_HEAD)
        if at >= 0:
            self.events.append(_Event(kind, self._characters(at), text, attributes or {}, self._is_cdata))

    def _characters(self, at: int) -> int:
        """The byte offset `at` in characters; expat only ever goes forward."""
        if self._is_ascii:
            return at
        before, count = self._seen
        self._seen = (at, count + len(self._source[before:at].decode()))
        return self._seen[1]

    def _cdata(self, *, is_open: bool) -> None:
        self._is_cdata = is_open
        self._add("other")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise NotStorage(f"expected elements nested at most {MAX_DEPTH} deep, found more at <{name}>")
        self._add("start", name, attributes)

    def _end(self, name: str) -> None:
        self._depth -= 1
        if self._depth:
            self._add("end", name)


def parse(body: str) -> Element:
    """`body` as one nameless element. Raises NotStorage with line, column and excerpt."""
    return _kept(body) if len(body) <= _KEPT_CHARACTERS else _parsed(body)


@lru_cache(maxsize=32)
def _kept(body: str) -> Element:
    return _parsed(body)


def _parsed(body: str) -> Element:
    source = _encoded(body)
    reader = _Reader(source)
    try:
        reader.parser.Parse(_HEAD + source + _TAIL, True)
    except expat.ExpatError as error:
        _refuse(body, expat.ErrorString(error.code), error.lineno - 1, error.offset, error)
    return _tree(reader.events, len(body))


def check_well_formed(body: str) -> None:
    """Raise NotStorage, with line, column and excerpt, unless Confluence would read `body` as storage format."""
    for element in parse(body).descendants():
        for name in (element.name, *element.attributes):
            prefix, colon, _ = name.partition(":")
            if colon and prefix not in _PREFIXES:
                before = body[: element.begin]
                column = len(before) - (before.rfind("\n") + 1)
                _refuse(body, f"unknown prefix {prefix!r}", before.count("\n") + 1, column)


def _encoded(body: str) -> bytes:
    try:
        return body.encode()
    except UnicodeEncodeError as error:
        before = body[: error.start]
        column = len(before) - (before.rfind("\n") + 1)
        _refuse(body, "half of a surrogate pair", before.count("\n") + 1, column, error)


def _refuse(body: str, what: str, line: int, column: int, cause: Exception | None = None) -> NoReturn:
    lines = body.split("\n")
    spot = lines[line - 1] if 0 < line <= len(lines) else ""
    excerpt = spot[max(column - 30, 0) : column + 30]
    raise NotStorage(
        f"expected well-formed storage format, found {what} at line {line}, column {column + 1}: {excerpt!r}"
    ) from cause


def _tree(events: list[_Event], length: int) -> Element:
    stack = [_Open("", {}, 0, 0)]
    ends = [*(event.begin for event in events[1:]), length]
    for event, end in zip(events, ends, strict=False):
        if event.kind == "start":
            stack.append(_Open(event.text, event.attributes, event.begin, end))
        elif event.kind == "end":
            ended = stack.pop().closed(event.begin, end)
            stack[-1].children.append(ended)
        elif event.kind == "text":
            stack[-1].children.append(Chars(event.text, event.begin, end, event.is_cdata))
    return stack[0].closed(length, length)
