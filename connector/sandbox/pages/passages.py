"""A body's words as a person edits them: passages of text, dates and lozenges, and the body with some of them changed.

Only the source of what changed is written anew. Links, mentions, comment markers and formatting inside a passage stay
where they stand, as in Confluence's own editor.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from html import escape
from itertools import accumulate

from connector.sandbox.confluence import storage
from connector.sandbox.confluence.storage import BLOCKS, Token

KINDS = {
    **dict.fromkeys(("h1", "h2", "h3", "h4", "h5", "h6"), "Heading"),
    "p": "Paragraph",
    "li": "List item",
    "td": "Cell",
    "th": "Heading of a cell",
    "blockquote": "Quotation",
    "ac:task-body": "Task",
}
"""What a passage is called, by its element."""
_HIDDEN_PARTS = "parameter plain-text-body plain-text-link-body task-id task-uuid task-status"
_HIDDEN = frozenset(f"ac:{name}" for name in _HIDDEN_PARTS.split())
_HTML_FORMAT = "strong b em i u s del ins sub sup small code span a br"
_FORMAT = frozenset({*_HTML_FORMAT.split(), "ac:link", "ac:link-body", "ac:inline-comment-marker"})
_PARTED = {"p": "</p><p>", "li": "</li><li>"}
_GOES = frozenset({"p", "li", "h1", "h2", "h3", "h4", "h5", "h6"})
_STAYS_IN = frozenset({"td", "th", "li", "ac:task-body"})
_WORD = re.compile(r"\w+|\s|[^\w\s]")
_EMPTIED = re.compile(r"<(strong|em|u|s|code|span|a|ac:inline-comment-marker)(?: [^>]*[^/>])?></\1>")
Change = tuple[int, int, str]


@dataclass(frozen=True)
class Run:
    """A stretch of the source that shows as `text`, inside `depth` elements of formatting."""

    begin: int
    end: int
    text: str
    depth: int
    is_break: bool = False


@dataclass
class Passage:
    """Text between two borders of blocks. `name` is the same for the same body; `begin` to `end` is its element."""

    name: str
    element: str
    parent: str
    opening: Token | None
    begin: int
    end: int = 0
    runs: list[Run] = field(default_factory=list)
    is_alone: bool = True
    """Whether nothing else stands in its element: no mention, date, picture or block."""

    @property
    def text(self) -> str:
        return "".join(run.text for run in self.runs)


@dataclass
class _Block:
    token: Token | None
    name: str
    blocks: int = 0
    passages: list[Passage] = field(default_factory=list)


def passages(body: str) -> dict[str, Passage]:
    """What of a body can be typed into, by name: texts, and blocks that are empty."""
    found: dict[str, Passage] = {}
    open_blocks = [_Block(None, "")]
    hidden = depth = 0
    for token in storage.tokens(body):
        if token.name in _HIDDEN:
            hidden += {"start": 1, "end": -1}.get(token.kind, 0)
        elif hidden:
            continue
        elif token.name in BLOCKS and token.kind == "start":
            open_blocks.append(_Block(token, token.name))
        elif token.name in BLOCKS:
            closed = open_blocks.pop()
            found |= {one.name: one for one in _closed(closed, open_blocks[-1], token)}
            open_blocks[-1].blocks += 1
        else:
            depth += {"start": 1, "end": -1}.get(token.kind, 0)
            _put(open_blocks, token, depth)
    return found


def _put(open_blocks: list[_Block], token: Token, depth: int) -> None:
    """A token inside a block goes into the passage that is open there."""
    if token.kind == "end":
        return
    passage = _current(open_blocks[-1], open_blocks[-2].name if len(open_blocks) > 1 else "")
    if token.kind == "text":
        passage.runs.append(Run(token.begin, token.end, token.text, depth))
    elif token.name == "br":
        passage.runs.append(Run(token.begin, token.end, "\n", depth - 1, is_break=True))
    elif token.name not in _FORMAT:
        passage.is_alone = False


def _current(block: _Block, parent: str) -> Passage:
    begin = block.token.begin if block.token else -1
    name = f"{begin}.{block.blocks}"
    if not block.passages or block.passages[-1].name != name:
        block.passages.append(Passage(name, block.name, parent, block.token, begin))
    return block.passages[-1]


def _closed(block: _Block, outer: _Block, closing: Token) -> Iterator[Passage]:
    """The passages of a block that ends here; where it holds nothing at all, the place for one."""
    if block.blocks == 0 and block.name in KINDS:
        _current(block, outer.name)
    for passage in block.passages:
        passage.end, passage.is_alone = closing.end, passage.is_alone and block.blocks == 0
        if block.name in KINDS and (passage.text.strip() or passage.is_alone):
            yield passage


def edited(
    body: str, texts: Mapping[str, str], dates: Mapping[int, str], lozenges: Mapping[int, str], end: str = ""
) -> str:
    """The body with other texts in some passages, and other dates (ISO) and words in the date elements and lozenges
    that begin at these offsets; with `end` below it. A block that is emptied goes, unless it holds its cell open."""
    held = passages(body)
    changes = [change for name, text in texts.items() for change in _changes(body, held[name], text)]
    changes += [*_dates(body, dates), *_lozenges(body, lozenges)]
    lines = [line.strip() for line in end.replace("\r\n", "\n").split("\n")]
    below = "".join(f"<p>{escape(line, quote=False)}</p>" for line in lines if line)
    return (_EMPTIED.sub("", storage.splice(body, changes)) if changes else body) + below


def same_text(one: str, other: str) -> bool:
    """Whether a field that comes back with `other` was left as it was: browsers write line breaks their own way."""
    return one.rstrip("\n") == other.replace("\r\n", "\n").rstrip("\n")


def _changes(body: str, passage: Passage, text: str) -> list[Change]:
    old, new = passage.text, text.replace("\r\n", "\n").rstrip("\n")
    if same_text(old, new):
        return []
    if not new.strip() and passage.is_alone and passage.element in _GOES and passage.parent not in _STAYS_IN:
        return [(passage.begin, passage.end, "")]
    if not passage.runs and passage.opening is not None:
        return [_opened(body, passage.opening, _typed(new, passage.element, 0))]
    return list(_respelled(passage, old, new))


def _opened(body: str, opening: Token, written: str) -> Change:
    """Words behind an opening tag; a tag that closed itself is opened for them."""
    tag = body.encode()[opening.begin : opening.end].decode()
    if not tag.endswith("/>"):
        return opening.end, opening.end, written
    return opening.begin, opening.end, f"{tag[:-2].rstrip()}>{written}</{opening.name}>"


def _respelled(passage: Passage, old: str, new: str) -> Iterator[Change]:
    """Each run as it is now: words that are the same stay where they stand, others go where the old ones stood."""
    edits, at = _edits(old, new), 0
    for run in passage.runs:
        begin, end = at, at + len(run.text)
        at, cursor, written = end, begin, ""
        for start, stop, typed in edits:
            takes = begin <= start < end if start < stop else begin < start <= end or start == begin == 0
            if takes or (start < end and stop > begin):
                written += _kept(run, run.text[cursor - begin : max(start, begin) - begin])
                written += _typed(typed, passage.element, run.depth) if takes else ""
                cursor = max(cursor, min(stop, end))
        written += _kept(run, run.text[cursor - begin :])
        if written != _kept(run, run.text):
            yield run.begin, run.end, written


def _edits(old: str, new: str) -> list[Change]:
    """What changed from one text to the other, word by word: (from, to, instead), in places of the old one."""
    before, after = (_WORD.findall(text) for text in (old, new))
    places = list(accumulate(map(len, before), initial=0))
    found = SequenceMatcher(None, before, after, autojunk=False).get_opcodes()
    return [(places[a], places[b], "".join(after[c:d])) for kind, a, b, c, d in found if kind != "equal"]


def _kept(run: Run, text: str) -> str:
    return "<br />" if run.is_break and text else escape(text, quote=False)


def _typed(text: str, element: str, depth: int) -> str:
    """What was typed: a new line is a new block where one can begin, else a line break."""
    between = _PARTED.get(element, "<br />") if depth == 0 else "<br />"
    return between.join(escape(line, quote=False) for line in text.split("\n"))


def _dates(body: str, dates: Mapping[int, str]) -> Iterator[Change]:
    for token in storage.tokens(body):
        if token.kind == "start" and token.name == "time" and token.begin in dates:
            yield token.begin, token.end, dated(body, token, dates[token.begin])


def dated(body: str, time: Token, on: str) -> str:
    """A date element's tag with another date."""
    tag = body.encode()[time.begin : time.end].decode()
    return re.sub(r"""datetime\s*=\s*("[^"]*"|'[^']*')""", f'datetime="{on}"', tag)


def _lozenges(body: str, words: Mapping[int, str]) -> Iterator[Change]:
    for macro in storage.elements(body, "ac:structured-macro"):
        if macro.start.begin in words:
            titles = (one for one in storage.elements(body, "ac:parameter") if one.start in macro.inner)
            title = next((one for one in titles if one.start.attribute("ac:name") == "title"), None)
            if title is not None:
                yield title.inner_begin, title.inner_end, escape(words[macro.start.begin], quote=False)


def found_again(texts: Mapping[str, str], before: str, now: str) -> dict[str, str] | None:
    """The same texts for the passages of a newer body that still read as they did; None when one of them does not."""
    held, there = passages(before), passages(now)
    moved = {}
    for name, text in texts.items():
        was = held[name]
        same = [one.name for one in there.values() if (one.element, one.text) == (was.element, was.text)]
        if len(same) != 1:
            return None
        moved[same[0]] = text
    return moved
