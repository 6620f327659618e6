"""The machine-owned parts of a page: found wherever they stand, and rewritten so that all else keeps its bytes.

A region is a page-properties macro whose id begins with `tieout-`. Everything outside regions belongs to people. Three
things can have happened to a region, and each has one answer:

- A person deleted it: it is put back after the region before it in our order, else at the top of the page.
- A person copied it: the first one stays ours. A copy may hold words of its author, so it is neither removed nor
  rewritten; its id is renamed to `copy-of-tieout-…`, after which it is that person's text like any other.
- A person moved it into another region: that region's rewrite takes it away, and it is put back like a deleted one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from .canonical import normalise
from .markers import keep_markers
from .parsing import Chars, Element, parse

PREFIX = "tieout-"
COPY_PREFIX = "copy-of-"


@dataclass(frozen=True, slots=True)
class Region:
    """A machine-owned part. `begin` and `end` are character offsets of the whole macro in the page's body."""

    id: str
    begin: int
    end: int
    source: str
    copies: tuple[int, ...] = ()
    """Offsets at which the ids of later copies begin."""


def read_regions(body: str) -> dict[str, Region]:
    """Our regions by id, in the order they stand on the page. Raises NotStorage."""
    found: dict[str, Region] = {}
    for macro, region_id, id_begins in _ours(parse(body)):
        first = found.get(region_id)
        if first is None:
            found[region_id] = Region(region_id, macro.begin, macro.end, body[macro.begin : macro.end])
        else:
            found[region_id] = Region(region_id, first.begin, first.end, first.source, (*first.copies, id_begins))
    return found


def regions_in(page: Element) -> dict[str, Element]:
    """The same for a page that is parsed already: their macros."""
    found: dict[str, Element] = {}
    for macro, region_id, _ in _ours(page):
        found.setdefault(region_id, macro)
    return found


def outside_regions(body: str) -> str:
    """What people wrote: the body without our regions, byte for byte. Raises NotStorage."""
    return _spliced(body, [(region.begin, region.end, "") for region in read_regions(body).values()])


def without_region(body: str, region_id: str) -> str:
    """`body` without one of our regions; all else keeps its bytes. Raises NotStorage."""
    region = read_regions(body).get(region_id)
    return body if region is None else _spliced(body, [(region.begin, region.end, "")])


def replace_regions(body: str, regions: Mapping[str, str]) -> str:
    """`body` with the macros of `regions` (id to macro, in our order) in their places; nothing else changes.

    A region that already says the same keeps its bytes. Inline comment markers inside a region survive its rewrite.
    Raises NotStorage.
    """
    present = read_regions(body)
    changes = [_rewritten(present[key], xml) for key, xml in regions.items() if key in present]
    changes += [(at, at, COPY_PREFIX) for region in present.values() for at in region.copies]
    changes += _put_back(body, present, regions)
    return _spliced(body, changes)


def _ours(element: Element) -> Iterator[tuple[Element, str, int]]:
    """Each region's macro, id, and where the id is written; a region inside a region is not looked at."""
    for child in element.elements():
        region_id, begins = _region_id(child)
        if region_id.startswith(PREFIX):
            yield child, region_id, begins
        else:
            yield from _ours(child)


def _region_id(macro: Element) -> tuple[str, int]:
    if macro.name == "ac:structured-macro" and macro.attributes.get("ac:name") == "details":
        for parameter in macro.elements():
            if parameter.name == "ac:parameter" and parameter.attributes.get("ac:name") == "id":
                return _words(parameter)
    return "", 0


def _words(parameter: Element) -> tuple[str, int]:
    """The text of a parameter and where its first visible character stands."""
    text = [part for part in parameter.children if isinstance(part, Chars)]
    value = "".join(part.text for part in text).strip()
    starts = (part.begin + len(part.text) - len(part.text.lstrip()) for part in text if part.text.strip())
    return value, next(starts, parameter.inner_begin)


def _rewritten(region: Region, xml: str) -> tuple[int, int, str]:
    if normalise(region.source) == normalise(xml):
        return region.begin, region.end, region.source
    return region.begin, region.end, keep_markers(region.source, xml)


def _put_back(body: str, present: Mapping[str, Region], regions: Mapping[str, str]) -> list[tuple[int, int, str]]:
    """Insertions for the missing: those that belong to one place come as one piece, in our order."""
    at = _top(body)
    missing: dict[int, str] = {}
    for key, xml in regions.items():
        if key in present:
            at = present[key].end
        else:
            missing[at] = missing.get(at, "") + xml
    return [(place, place, xml) for place, xml in missing.items()]


def _top(body: str) -> int:
    """The first place where a macro may stand: on a page with a layout, inside its first cell."""
    first = next(parse(body).elements(), None)
    if first is not None and first.name == "ac:layout":
        for element in first.descendants():
            if element.name == "ac:layout-cell" and element.inner_begin < element.end:
                return element.inner_begin
    return 0


def _spliced(body: str, changes: list[tuple[int, int, str]]) -> str:
    pieces: list[str] = []
    at = 0
    for begin, end, text in sorted(changes, key=lambda change: change[:2]):
        pieces += [body[at:begin], text]
        at = end
    return "".join([*pieces, body[at:]])
