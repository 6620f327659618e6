"""Jira Data Center's wiki markup: written from our documents, read as plain text whatever it holds.

The law: nothing that came from outside is markup. Every character that the renderer could take for some is escaped,
by a backslash where that is its rule and as a character reference where it has none.
Source: https://jira.atlassian.com/secure/WikiRendererHelpAction.jspa?section=all
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator

from .characters import is_web_address, legal
from .text import Block, Bullets, Document, Heading, Mention, Paragraph, Run, Text, plain

STRONG = "{*}"
"""Marks strong text wherever it stands; a bare asterisk does so only beside a space."""

_ADDRESS = re.compile(r"(?:https?://|mailto:)[^\s\[\]{}|\\!*]+")
_SPECIAL = re.compile(
    r"&(?=#?\w+;)|\\|[:;](?=[()PD])"  # a character reference, an escape, a face
    r"|\((?=(?:[xyni/!+?*-]|on|off|flag|flagoff|\*[rgby])\))"  # a picture
    r"|(?<![^\W_])[-+]|[-+](?![^\W_])|\?(?=\?)|(?<=\?)\?"  # what is markup only beside a space or twice
    r"|[\[\]{}|!*_^~]"
)
_BY_NUMBER = {"\\": "&#92;", ":": "&#58;", ";": "&#59;", "&": "&amp;"}
_LINE_START = re.compile(r"^(\s*)(#|(?:h[1-6]|bq)(?=\.))", re.MULTILINE)
_NO_NAME = re.compile(r"[\[\]{}|\\\s]")

_HEADING = re.compile(r"h([1-6])\.\s+(.*)", re.DOTALL)
_ITEM = re.compile(r"\s*([*#-]+)\s+(.*)")
_ROW = re.compile(r"\s*\|\|?.*\|\|?\s*")
_TOKEN = re.compile(
    r"(?P<address>(?:https?://|mailto:)[^\s\[\]{}|\\!*]+)|\\\\|\\(?P<literal>[^\w\s]|_)|(?P<strong>\{\*\})|\[~(?:accountid:)?(?P<person>[^\]\n]{1,255})\]"
    r"|\[(?:(?P<label>(?:\\.|[^\[\]|\\\n]){1,1000})\|)?(?P<href>(?:https?|mailto|ftp|file):[^\[\]|\s]{1,2000})(?:\|[^\]\n]{0,255})?\]"
    r"|\{(?:quote|noformat|panel|code|color)(?::[^}\n]{0,255})?\}"
    r"|!(?P<image>[^\s!|][^!|\n]{0,255}\.\w{1,9})(?:\|[^!\n]{0,255})?!"
    r"|(?<![\w\\])(?P<mark>[*_+-]|\?\?)(?=\S)(?P<marked>(?:\\.|[^\n\\]){1,500}?)(?<=\S)(?P=mark)(?!\w)"
)
"""What is markup inside a line. Every length is bounded, so that no text takes longer than its length allows."""


def to_wiki(document: Document) -> str:
    """`document` in wiki markup, blocks a blank line apart; line breaks stay line breaks."""
    return "\n\n".join(written for block in document if (written := _block(block)))


def from_wiki(text: str) -> Document:
    """What `to_wiki` wrote, as it was; of anything else the paragraphs, headings and lists that a person reads."""
    blocks: list[Block] = []
    for part in re.split(r"\n[^\S\n]*\n", text.replace("\r\n", "\n").replace("\r", "\n")):
        blocks += _read_block(part.strip("\n"))
    return tuple(blocks)


def wiki_to_text(text: str) -> str:
    """What a person reads in wiki markup, laid out as `plain` lays out documents. Never raises."""
    return plain(from_wiki(text)).strip()


def _block(block: Block) -> str:
    match block:
        case Paragraph(runs):
            return _runs(runs).strip("\n")
        case Heading(level, text):
            return f"h{min(max(level, 1), 6)}. {_inline(' '.join(legal(text).split()))}"
        case Bullets(items):
            return "\n".join("* " + re.sub(r"\n\s*\n", "\n", _runs(item)) for item in items)


def _runs(runs: Iterable[Run]) -> str:
    return "".join(_mention(run) if isinstance(run, Mention) else _text(run) for run in runs)


def _mention(run: Mention) -> str:
    if _NO_NAME.search(run.account_id) or not run.account_id:
        return _inline(f"@{run.name}")
    return f"[~{legal(run.account_id)}]"


def _text(run: Text) -> str:
    href = run.href.strip() if run.href and is_web_address(run.href) else ""
    return "\n".join(_line(line, run, _address(href)) for line in legal(run.text).split("\n"))


def _line(line: str, run: Text, href: str) -> str:
    """One line of a run. Marks stand at its words: neither a link nor strong text may begin or end with a space."""
    words = line.strip()
    if not words or not (href or run.strong):
        return _inline(line)
    before, after = line[: line.index(words[0])], line[len(line.rstrip()) :]
    marked = _inline(words)
    if href:
        marked = f"[{marked}|{href}]"
    return before + (f"{STRONG}{marked}{STRONG}" if run.strong else marked) + after


def _address(href: str) -> str:
    """An address without what would end the link."""
    return re.sub(r"[\s\[\]{}|\\^]", lambda found: "".join(f"%{byte:02X}" for byte in found[0].encode()), legal(href))


def _inline(text: str) -> str:
    """Plain text that no renderer takes for markup; addresses stay what they are, so that they can be clicked."""
    parts: list[str] = []
    at = 0
    for found in _ADDRESS.finditer(text):
        parts += [_escaped(text[at : found.start()]), re.sub(r"&(?=#?\w+;)", "&amp;", found[0])]
        at = found.end()
    written = "".join([*parts, _escaped(text[at:])])
    return _LINE_START.sub(lambda found: found[1] + _named(found[2]), written)


def _named(mark: str) -> str:
    """The mark that begins a heading, a quote or a numbered line, as plain characters."""
    return f"&#{ord(mark[0])};{mark[1:]}"


def _escaped(text: str) -> str:
    return _SPECIAL.sub(lambda found: _BY_NUMBER.get(found[0], "\\" + found[0]), text)


def _read_block(part: str) -> Iterator[Block]:
    """The blocks of lines without a blank one between them."""
    lines: list[str] = []
    items: list[str] = []
    for line in part.split("\n"):
        heading, item = _HEADING.fullmatch(line), _ITEM.match(line)
        if heading or (item and not items):
            yield from _closed(lines, items)
            lines, items = [], []
        if heading:
            yield Heading(int(heading[1]), plain((Paragraph(_read_runs(heading[2])),)))
        elif item:
            items.append(item[2])
        elif items:
            items[-1] += "\n" + line
        else:
            lines.append(_cells(line))
    yield from _closed(lines, items)


def _closed(lines: list[str], items: list[str]) -> Iterator[Block]:
    if items:
        yield Bullets(tuple(_read_runs(item) for item in items))
    elif any(line.strip() for line in lines):
        yield Paragraph(_read_runs("\n".join(lines)))


def _cells(line: str) -> str:
    """A row of a table with a bar between its cells; any other line as it is."""
    if not _ROW.fullmatch(line):
        return line
    return re.sub(r"\s*(?<!\\)\|\|?\s*", r" \\| ", line.strip().strip("|").strip())


def _read_runs(text: str) -> tuple[Run, ...]:
    """The runs of a block; neighbours of one kind are one run."""
    runs: list[Run] = []
    for run in _read_tokens(text, is_strong=False):
        last = runs[-1] if runs else None
        if isinstance(run, Text) and isinstance(last, Text) and (run.strong, run.href) == (last.strong, last.href):
            runs[-1] = Text(last.text + run.text, run.strong, run.href)
        else:
            runs.append(run)
    return tuple(runs)


def _read_tokens(text: str, *, is_strong: bool) -> Iterator[Run]:
    at = 0
    for found in _TOKEN.finditer(text):
        if found.start() > at:
            yield Text(html.unescape(text[at : found.start()]), is_strong)
        at = found.end()
        if found["strong"]:
            is_strong = not is_strong
        else:
            yield from _read_token(found, is_strong)
    if at < len(text):
        yield Text(html.unescape(text[at:]), is_strong)


def _read_token(found: re.Match[str], is_strong: bool) -> Iterator[Run]:
    """What one mark stands for; nothing for the borders of a quote or panel."""
    if found["person"]:
        yield Mention(found["person"], found["person"])
    elif found["href"]:
        label = found["label"] or found["href"]
        words = plain((Paragraph(tuple(_read_tokens(label, is_strong=False))),))
        yield Text(words, is_strong, html.unescape(found["href"]))
    elif found["literal"] or found["image"]:
        yield Text(found["literal"] or f"[{found['image']}]", is_strong)
    elif found["address"]:
        yield Text(html.unescape(found["address"]), is_strong)
    elif found["marked"]:
        yield from _read_tokens(found["marked"], is_strong=is_strong or found["mark"] == "*")
    elif found[0] == "\\\\":
        yield Text("\n", is_strong)
