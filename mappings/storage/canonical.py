"""One spelling for each storage-format text, so that two can be compared whatever an editor did to them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

from .parsing import Chars, Element, Node, parse
from .writing import escape

_SPACE = re.compile("[ \t\r\n\xa0]+")
_BLANK = " \t\r\n\xa0"

_INLINE = frozenset(
    {"a", "strong", "em", "u", "del", "ins", "sub", "sup", "code", "small", "big", "q", "cite"}
    | {"abbr", "kbd", "samp", "var", "time", "img", "b", "i", "s", "strike"}
    | {"ac:link", "ac:emoticon", "ac:image", "ac:placeholder"}
)
_UNWRAPPED = frozenset({"ac:inline-comment-marker", "span", "tbody", "thead", "tfoot"})
_DROPPED = frozenset({"colgroup", "col", "ac:task-id", "ac:task-uuid", "ac:task-list-id"})
_VERBATIM = frozenset({"pre", "ac:plain-text-body", "ac:plain-text-link-body"})
_ONE_PARAGRAPH = frozenset({"td", "th", "li", "ac:task-body"})
_SAME = {"b": "strong", "i": "em", "s": "del", "strike": "del"}
_NOISE = frozenset(
    {"class", "style", "width", "height", "rel", "target", "ac:macro-id", "ac:schema-version"}
    | {"ac:align", "ac:layout", "ri:version-at-save"}
)
_DEFAULTS = {("colspan", "1"), ("rowspan", "1")}
# Which Jira the macro asks is written by the editor, not by us; a grey lozenge is the same as one without a colour.
_PARAMETER_NOISE = {"jira": frozenset({"server", "serverId", "columnIds"})}
_PARAMETER_DEFAULTS = {("status", "colour", "Grey")}


@dataclass(frozen=True, slots=True)
class _Part:
    name: str
    attributes: tuple[tuple[str, str], ...]
    items: tuple[_Item, ...]


_Item: TypeAlias = str | _Part


def normalise(xml: str) -> str:
    """The canonical form of `xml`, itself storage format; equal for texts that say the same.

    What it ignores: ids and versions the editor adds, white space between blocks, order of attributes and of macro
    parameters, spelling of entities, inline comment markers, column widths, styles, empty paragraphs, the paragraph
    an editor puts into a cell. Raises NotStorage.
    """
    return canonical_of(parse(xml))


def canonical_of(piece: Element) -> str:
    """The same for what is parsed already: a whole text, or one element of it."""
    whole = Element("", {}, (piece,), 0, 0, 0, 0) if piece.name else piece
    return "".join(_written(item) for item in _items(whole))


def _items(element: Element, *, is_verbatim: bool = False) -> tuple[_Item, ...]:
    """What is inside an element, in canonical form."""
    joined = list(_joined(_flat(element.children, is_verbatim)))
    if is_verbatim:
        return tuple(joined)
    stripped = [_stripped(joined, at) if isinstance(item, str) else item for at, item in enumerate(joined)]
    if element.name in _INLINE:  # its ends touch the text around it
        stripped = [_SPACE.sub(" ", item) if isinstance(item, str) else item for item in joined]
    items = tuple(item for item in stripped if item)
    if element.name in _ONE_PARAGRAPH:
        while len(items) == 1 and isinstance(items[0], _Part) and items[0].name == "p":
            items = items[0].items
    return _with_sorted_parameters(element, items)


def _flat(children: Iterable[Node], is_verbatim: bool) -> Iterator[_Item]:
    for child in children:
        if isinstance(child, Chars):
            yield child.text
        elif child.name in _UNWRAPPED:
            yield from _flat(child.children, is_verbatim)
        elif child.name not in _DROPPED:
            yield from _part(child, is_verbatim)


def _part(element: Element, is_verbatim: bool) -> Iterator[_Item]:
    items = _items(element, is_verbatim=is_verbatim or element.name in _VERBATIM)
    if element.name == "p" and not items:
        yield " "
    else:
        yield _Part(_SAME.get(element.name, element.name), _attributes(element), items)


def _attributes(element: Element) -> tuple[tuple[str, str], ...]:
    kept = ((name, " ".join(value.split())) for name, value in element.attributes.items())
    return tuple(sorted(pair for pair in kept if not _is_noise(*pair)))


def _is_noise(name: str, value: str) -> bool:
    if name in _NOISE or (name, value) in _DEFAULTS:
        return True
    return name.startswith("data-") or name.endswith("local-id")


def _joined(items: Iterable[_Item]) -> Iterator[_Item]:
    """Runs of text as one."""
    text = ""
    for item in items:
        if isinstance(item, str):
            text += item
            continue
        if text:
            yield text
        text = ""
        yield item
    if text:
        yield text


def _stripped(items: list[_Item], at: int) -> str:
    """The text at `at`, white space collapsed, and dropped where it touches a block or the parent's ends."""
    text = _SPACE.sub(" ", str(items[at]))
    if at == 0 or not _is_inline(items[at - 1]):
        text = text.lstrip(_BLANK)
    if at == len(items) - 1 or not _is_inline(items[at + 1]):
        text = text.rstrip(_BLANK)
    return text


def _is_inline(item: _Item) -> bool:
    return isinstance(item, _Part) and item.name in _INLINE


def _with_sorted_parameters(element: Element, items: tuple[_Item, ...]) -> tuple[_Item, ...]:
    if element.name != "ac:structured-macro":
        return items
    name = element.attributes.get("ac:name", "")
    parameters = [item for item in items if _is_parameter(item) and not _is_default(name, item)]
    others = [item for item in items if not _is_parameter(item)]
    return (*sorted(parameters, key=_written), *others)


def _is_parameter(item: _Item) -> bool:
    return isinstance(item, _Part) and item.name == "ac:parameter"


def _is_default(macro: str, item: _Item) -> bool:
    if not isinstance(item, _Part):
        return False
    name = dict(item.attributes).get("ac:name", "")
    value = "".join(part for part in item.items if isinstance(part, str))
    return name in _PARAMETER_NOISE.get(macro, frozenset()) or (macro, name, value) in _PARAMETER_DEFAULTS


def _written(item: _Item) -> str:
    if isinstance(item, str):
        return escape(item)
    attributes = "".join(f' {name}="{escape(value)}"' for name, value in item.attributes)
    return f"<{item.name}{attributes}>{''.join(_written(inner) for inner in item.items)}</{item.name}>"
