"""Confluence storage format read as a stream of tokens: is it well formed, what does it hold, where to write.

Storage format is XHTML with unbound `ac:` and `ri:` prefixes and HTML's named entities. Every edit here is
made by source position, so that what is not touched keeps its bytes, as on the real site.
"""

from __future__ import annotations

import html.entities
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple
from xml.parsers import expat

_PREDEFINED = {"lt", "gt", "amp", "quot"}
# Declared up front so that expat resolves them at their source position; a body cannot declare its own,
# because it starts after the document's prolog, so there is nothing to expand without end.
_PROLOG = (
    "<!DOCTYPE storage ["
    + "".join(
        f'<!ENTITY {name} "&#{code};">'
        for name, code in html.entities.name2codepoint.items()
        if name not in _PREDEFINED
    )
    + "]>"
)
_HEAD = (_PROLOG + "<storage>").encode()
_TAIL = b"</storage>"
_PREFIXES = {"ac", "ri", "at", "xml", "xmlns", "xlink"}

_HTML_BLOCKS = "p h1 h2 h3 h4 h5 h6 ul ol li table thead tbody tfoot tr th td div blockquote pre hr colgroup col"
_OWN_BLOCKS = "structured-macro rich-text-body layout layout-section layout-cell task-list task task-body"
BLOCKS = frozenset(_HTML_BLOCKS.split()) | {f"ac:{name}" for name in _OWN_BLOCKS.split()}
_HIDDEN = frozenset({"ac:parameter", "ac:plain-text-body", "ac:task-id", "ac:task-uuid", "ac:task-status"})


class StorageInvalidError(Exception):
    """The body is not well-formed storage format; the message reads like Confluence's own parser."""


class Token(NamedTuple):
    """One event of the source: `kind` is start, end, text or other; `begin` and `end` are byte offsets."""

    kind: str
    name: str
    begin: int
    end: int
    text: str = ""
    attributes: tuple[tuple[str, str], ...] = ()

    def attribute(self, name: str) -> str | None:
        return dict(self.attributes).get(name)


@dataclass(frozen=True)
class Element:
    """One element by position: its start tag, what is inside (bytes `inner_begin`..`inner_end`), its tokens."""

    start: Token
    inner_begin: int
    inner_end: int
    inner: tuple[Token, ...]

    @property
    def text(self) -> str:
        return "".join(token.text for token in self.inner if token.kind == "text")


class _Reader:
    """Collects expat's events; a token ends where the next one begins."""

    def __init__(self) -> None:
        self.events: list[tuple[str, str, int, str, tuple[tuple[str, str], ...]]] = []
        self.open: list[str] = []
        self.parser = expat.ParserCreate("UTF-8")
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text
        self.parser.CommentHandler = lambda _text: self._add("other", "")
        self.parser.ProcessingInstructionHandler = lambda _target, _data: self._add("other", "")
        self.parser.StartCdataSectionHandler = lambda: self._add("other", "")
        self.parser.EndCdataSectionHandler = lambda: self._add("other", "")

    def _add(self, kind: str, name: str, text: str = "", attributes: dict[str, str] | None = None) -> None:
        position = self.parser.CurrentByteIndex - len(_HEAD)
        self.events.append((kind, name, position, text, tuple((attributes or {}).items())))

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        for spelled in (name, *attributes):
            prefix, colon, _ = spelled.partition(":")
            if colon and prefix not in _PREFIXES and f"xmlns:{prefix}" not in attributes:
                raise StorageInvalidError(f'Undeclared namespace prefix "{prefix}"' + _place(self.parser))
        self._add("start", name, attributes=attributes)
        self.open.append(name)

    def _end(self, name: str) -> None:
        self.open.pop()
        self._add("end", name)

    def _text(self, text: str) -> None:
        self._add("text", "", text)


def _place(parser: expat.XMLParserType) -> str:
    row = parser.CurrentLineNumber
    column = parser.CurrentColumnNumber + 1 - (len(_HEAD) if row == 1 else 0)
    return f"\n at [row,col {{unknown-source}}]: [{row},{max(column, 1)}]"


def _complaint(reader: _Reader, error: expat.ExpatError, source: bytes) -> str:
    inside = reader.open[-1] if reader.open else "storage"
    at = reader.parser.CurrentByteIndex - len(_HEAD)
    if error.code == 7:  # XML_ERROR_TAG_MISMATCH
        closing = re.match(rb"</([^\s>]*)", source[max(at - 2, 0) :])  # expat points behind the "</"
        if closing is None:
            return f"Unexpected EOF; was expecting a close tag for element <{inside}>"
        if inside == "storage":
            return f"Unexpected close tag </{closing[1].decode()}>; no element is open."
        return f"Unexpected close tag </{closing[1].decode()}>; expected </{inside}>."
    if error.code == 11:  # XML_ERROR_UNDEFINED_ENTITY
        entity = re.search(rb"&([^;\s]*);?", source[max(at, 0) :])
        return f'Undeclared general entity "{entity[1].decode() if entity else ""}"'
    if error.code == 9:  # XML_ERROR_JUNK_AFTER_DOC_ELEMENT: the body closed the element that wraps it
        return "Unexpected close tag; no element is open"
    return expat.ErrorString(error.code).capitalize()


@lru_cache(maxsize=256)
def tokens(body: str) -> tuple[Token, ...]:
    """The tokens of `body`, in source order; raises StorageInvalidError with row and column."""
    source = body.encode()
    reader = _Reader()
    try:
        reader.parser.Parse(_HEAD + source + _TAIL, True)
    except expat.ExpatError as error:
        message = _complaint(reader, error, source)
        raise StorageInvalidError(message + _place(reader.parser)) from error
    events = [event for event in reader.events if event[1] != "storage"]
    ends = [*(event[2] for event in events), len(source)][1:]
    return tuple(
        Token(kind, name, begin, end, text, attributes)
        for (kind, name, begin, text, attributes), end in zip(events, ends, strict=True)
    )


def validate(body: str) -> None:
    """Raise StorageInvalidError unless `body` is well-formed storage format."""
    tokens(body)


def elements(body: str, name: str) -> Iterator[Element]:
    """Every element called `name` (prefix and all), outermost first, nested ones too."""
    stream = tokens(body)
    for index, token in enumerate(stream):
        if token.kind == "start" and token.name == name:
            yield _element(stream, index)


def _element(stream: tuple[Token, ...], index: int) -> Element:
    depth = 0
    for position in range(index, len(stream)):
        token = stream[position]
        depth += {"start": 1, "end": -1}.get(token.kind, 0)
        if depth == 0:
            inner = stream[index + 1 : position]
            return Element(stream[index], stream[index].end, token.begin, inner)
    raise AssertionError("a well-formed stream closes every element")


def source_of(body: str, element: Element) -> str:
    """The bytes between an element's tags, as written."""
    return body.encode()[element.inner_begin : element.inner_end].decode()


def splice(body: str, changes: list[tuple[int, int, str]]) -> str:
    """`body` with byte ranges (begin, end, new text) replaced; the ranges must not overlap."""
    source = body.encode()
    pieces: list[bytes] = []
    at = 0
    for begin, end, text in sorted(changes, key=lambda change: (change[0], change[1])):
        pieces += [source[at:begin], text.encode()]
        at = end
    return b"".join([*pieces, source[at:]]).decode()


def visible_text(body: str) -> Iterator[Token]:
    """The text tokens a reader sees; a text of one NUL stands for the border between two blocks."""
    hidden = 0
    for token in tokens(body):
        if token.name in _HIDDEN:
            hidden += 1 if token.kind == "start" else -1
        elif token.name in BLOCKS:
            yield Token("text", "", token.begin, token.begin, "\0")
        elif token.kind == "text" and not hidden:
            yield token


def plain_text(body: str) -> str:
    """What a reader sees, blocks parted by line breaks: the words a search index holds."""
    text = "".join(token.text for token in visible_text(body)).replace("\0", "\n")
    return re.sub(r"\s*\n\s*", "\n", text).strip()
