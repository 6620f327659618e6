"""Inline comments survive a rewrite: their markers are found in the old text and set around the same words in the new.

A comment whose marker is gone from the body is lost to its readers, so a marker is never dropped. In order: the same
words in the same cell or paragraph; else all of the nearest text that did not change (the heading of the row, say);
else the first word there is.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from .parsing import Chars, Element, parse
from .writing import escape

MARKER = "ac:inline-comment-marker"
_BLOCKS = frozenset(
    {"p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "table", "tr", "td", "th", "div"}
    | {"blockquote", "hr", "ac:rich-text-body", "ac:task-list", "ac:task", "ac:task-body", "ac:layout"}
    | {"ac:layout-section", "ac:layout-cell"}
)
_UNMARKABLE = frozenset(
    {"ac:parameter", "ac:plain-text-body", "ac:plain-text-link-body", "ac:task-id", "ac:task-uuid"} | {"ac:task-status"}
)


@dataclass(frozen=True, slots=True)
class _Letter:
    """One visible character and the source it is written in (an entity is wider than one)."""

    character: str
    begin: int
    end: int


@dataclass(slots=True)
class _Block:
    """A stretch of text between two borders."""

    at: int
    """Its number in the region."""
    trail: tuple[int, ...]
    """The elements it stands in, outermost first."""
    place: tuple[str, int] | None
    """In a table: the words of the row's first cell, and the column."""
    letters: list[_Letter] = field(default_factory=list)
    marked: dict[str, list[int]] = field(default_factory=dict)
    """By marker id, the letters it is around; none for a marker around a mention or a lozenge."""

    @property
    def text(self) -> str:
        return "".join(" " if letter.character.isspace() else letter.character for letter in self.letters)

    @property
    def words(self) -> str:
        return " ".join(self.text.split())


@dataclass(frozen=True, slots=True)
class _Spot:
    """Letters `begin`..`end` of a block of the new text."""

    block: _Block
    begin: int
    end: int


def keep_markers(old: str, new: str) -> str:
    """`new` (without markers) with every inline comment marker of `old` set again. Raises NotStorage."""
    if MARKER not in old:
        return new
    before = _blocks(old)
    after = _blocks(new)
    spots: dict[tuple[int, int], list[str]] = {}
    homeless: list[str] = []
    for block in before:
        for ref, letters in block.marked.items():
            spot = _spot(block, letters, before, after)
            if spot is None:
                homeless.append(ref)
            else:
                _note(spots, spot, ref)
    return _marked(new, after, spots) + "".join(f"<p>{_tag(ref)}</{MARKER}></p>" for ref in homeless)


def _note(spots: dict[tuple[int, int], list[str]], spot: _Spot, ref: str) -> None:
    for at in range(spot.begin, spot.end):
        refs = spots.setdefault((spot.block.at, at), [])
        if ref not in refs:
            refs.append(ref)


def _spot(block: _Block, letters: list[int], before: list[_Block], after: list[_Block]) -> _Spot | None:
    return _same_words(block, letters, after) or _unchanged_nearby(block, before, after) or _first_word(after)


def _same_words(block: _Block, letters: list[int], after: list[_Block]) -> _Spot | None:
    """The marked words, where the same cell or a paragraph still has them."""
    marked = block.text[letters[0] : letters[-1] + 1] if letters else ""
    wanted = marked.strip()
    homes = [other for other in after if wanted and wanted in other.text and _may_be_same(block, other)]
    if not homes:
        return None
    home = min(homes, key=lambda other: (other.place != block.place, other.words != block.words, _apart(block, other)))
    begin = _nearest(home.text, wanted, letters[0] + len(marked) - len(marked.lstrip()))
    return _Spot(home, begin, begin + len(wanted))


def _may_be_same(block: _Block, other: _Block) -> bool:
    """Whether `other` may be what `block` became: a cell of the same row and column, or a paragraph for a paragraph."""
    return block.place == other.place or block.words == other.words


def _unchanged_nearby(block: _Block, before: list[_Block], after: list[_Block]) -> _Spot | None:
    kept = {other.words for other in after} - {""}
    unchanged = [other for other in before if other.words in kept]
    if not unchanged:
        return None
    nearest = min(unchanged, key=lambda other: (-_shared(block.trail, other.trail), _apart(block, other)))
    same = [other for other in after if other.words == nearest.words]
    return _whole(min(same, key=lambda other: (other.place != nearest.place, _apart(nearest, other))))


def _first_word(after: list[_Block]) -> _Spot | None:
    for block in after:
        if block.words:
            begin = len(block.text) - len(block.text.lstrip())
            return _Spot(block, begin, begin + len(block.words.split(" ", maxsplit=1)[0]))
    return None


def _whole(block: _Block) -> _Spot:
    text = block.text
    return _Spot(block, len(text) - len(text.lstrip()), len(text.rstrip()))


def _nearest(text: str, wanted: str, at: int) -> int:
    """Where `wanted` stands in `text`, nearest to `at`."""
    found = [begin for begin in range(len(text)) if text.startswith(wanted, begin)]
    return min(found, key=lambda begin: abs(begin - at))


def _apart(one: _Block, other: _Block) -> int:
    return abs(one.at - other.at)


def _shared(one: tuple[int, ...], other: tuple[int, ...]) -> int:
    count = 0
    for left, right in zip(one, other, strict=False):
        if left != right:
            break
        count += 1
    return count


def _marked(new: str, after: list[_Block], spots: dict[tuple[int, int], list[str]]) -> str:
    """`new` with tags around each stretch of letters that carries the same markers and no other tag between."""
    pieces: list[str] = []
    at = 0
    for begin, end, refs in _stretches(after, spots):
        pieces += [new[at:begin], *map(_tag, refs), new[begin:end], f"</{MARKER}>" * len(refs)]
        at = end
    return "".join([*pieces, new[at:]])


def _stretches(after: list[_Block], spots: dict[tuple[int, int], list[str]]) -> list[tuple[int, int, list[str]]]:
    stretches: list[tuple[int, int, list[str]]] = []
    for block in after:
        for at, letter in enumerate(block.letters):
            refs = spots.get((block.at, at), [])
            if refs and stretches and stretches[-1][1] == letter.begin and stretches[-1][2] == refs:
                stretches[-1] = (stretches[-1][0], letter.end, refs)
            elif refs:
                stretches.append((letter.begin, letter.end, refs))
    return sorted(stretches, key=lambda stretch: stretch[0])


def _tag(ref: str) -> str:
    return f'<{MARKER} ac:ref="{escape(ref)}">'


def _blocks(xml: str) -> list[_Block]:
    walk = _Walk()
    walk.element(parse(xml), (), None, ())
    return walk.blocks


class _Walk:
    def __init__(self) -> None:
        self.blocks = [_Block(0, (), None)]

    def element(
        self, element: Element, trail: tuple[int, ...], place: tuple[str, int] | None, refs: tuple[str, ...]
    ) -> None:
        if element.name in _UNMARKABLE:
            return
        if element.name == MARKER:
            refs = (*refs, element.attributes.get("ac:ref", ""))
            self.blocks[-1].marked.setdefault(refs[-1], [])
        is_block = element.name in _BLOCKS
        inner = (*trail, element.begin) if is_block else trail
        if is_block:
            self._border(inner, place)
        for child, its_place in _placed(element, place):
            if isinstance(child, Chars):
                self._text(child, refs)
            else:
                self.element(child, inner, its_place, refs)
        if is_block:
            self._border(trail, place)

    def _border(self, trail: tuple[int, ...], place: tuple[str, int] | None) -> None:
        self.blocks.append(_Block(len(self.blocks), trail, place))

    def _text(self, chars: Chars, refs: tuple[str, ...]) -> None:
        if chars.is_cdata:
            return
        block = self.blocks[-1]
        for letter in _letters(chars):
            for ref in refs:
                block.marked.setdefault(ref, []).append(len(block.letters))
            block.letters.append(letter)


def _letters(chars: Chars) -> Iterable[_Letter]:
    if len(chars.text) != chars.end - chars.begin:
        return [_Letter(character, chars.begin, chars.end) for character in chars.text]
    return [_Letter(character, chars.begin + at, chars.begin + at + 1) for at, character in enumerate(chars.text)]


def _placed(
    element: Element, place: tuple[str, int] | None
) -> Iterable[tuple[Chars | Element, tuple[str, int] | None]]:
    """The children of an element, those of a row each with its place in the table."""
    if element.name != "tr":
        return [(child, place) for child in element.children]
    cells = list(element.elements())
    label = _visible(cells[0]) if cells else ""
    return [(cell, (label, column)) for column, cell in enumerate(cells)]


def _visible(element: Element) -> str:
    parts: list[str] = []
    for child in element.children:
        if isinstance(child, Chars):
            parts.append(child.text)
        elif child.name not in _UNMARKABLE:
            parts.append(_visible(child))
    return " ".join("".join(parts).split())
