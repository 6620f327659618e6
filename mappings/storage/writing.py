"""Storage format as Tieout writes it: text, documents, and the few macros it uses. All text from outside is escaped.

The shapes are those that Confluence's own editor writes (paragraphs in cells and list items), so that a page which a
person opened and saved still compares equal.
"""

from __future__ import annotations

import html
from collections.abc import Iterable, Mapping
from datetime import date

from mappings.characters import is_web_address, legal
from mappings.text import Block, Bullets, Document, Heading, Mention, Paragraph, Run, Text


def escape(text: str) -> str:
    """`text` for use between tags or in an attribute, without the characters that XML forbids."""
    return html.escape(legal(text), quote=True).replace("&#x27;", "&#39;")


def to_storage(document: Document) -> str:
    """`document` as storage format: line breaks as `<br/>`, mentions as user links, which notify."""
    return "".join(_block(block) for block in document)


def runs(content: Iterable[Run]) -> str:
    """Inline content without a paragraph around it."""
    return "".join(_run(run) for run in content)


def mention(account_id: str) -> str:
    return f'<ac:link><ri:user ri:account-id="{escape(account_id)}"/></ac:link>'


def link(text: str, address: str) -> str:
    """A link to the web or to a mail box; any other address stays text."""
    return f'<a href="{escape(address)}">{escape(text)}</a>' if is_web_address(address) else escape(text)


def page_link(title: str, text: str) -> str:
    """A link to the page of that title in the same space."""
    inner = f"<ac:link-body>{escape(text)}</ac:link-body>"
    return f'<ac:link><ri:page ri:content-title="{escape(title)}"/>{inner}</ac:link>'


def day(on: date) -> str:
    """A date that the editor shows in the reader's own way and lets people change in a calendar."""
    return f'<time datetime="{on.isoformat()}"/>'


def code(text: str) -> str:
    return f"<code>{escape(text)}</code>"


def strong(text: str) -> str:
    return f"<strong>{escape(text)}</strong>"


def paragraph(xml: str) -> str:
    return f"<p>{xml}</p>"


def heading(text: str, level: int = 2) -> str:
    return f"<h{level}>{escape(text)}</h{level}>"


def bullets(items: Iterable[str]) -> str:
    """A list of inline content; nothing at all for no items."""
    inner = "".join(f"<li>{paragraph(item)}</li>" for item in items)
    return f"<ul>{inner}</ul>" if inner else ""


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A table with a row of headings (text) above rows of inline content."""
    cells = "".join(f"<th>{paragraph(escape(name))}</th>" for name in head)
    body = "".join(f"<tr>{''.join(f'<td>{paragraph(cell)}</td>' for cell in row)}</tr>" for row in rows)
    return f"<table><tbody><tr>{cells}</tr>{body}</tbody></table>"


def properties(rows: Iterable[tuple[str, str]]) -> str:
    """A table of names (text) and values (inline content), as the page-properties report reads it."""
    body = "".join(f"<tr><th>{paragraph(escape(name))}</th><td>{paragraph(value)}</td></tr>" for name, value in rows)
    return f"<table><tbody>{body}</tbody></table>"


def macro(name: str, parameters: Mapping[str, str], body: str | None = None) -> str:
    """A macro with text parameters and, where given, a rich text body."""
    written = "".join(
        f'<ac:parameter ac:name="{escape(key)}">{escape(value)}</ac:parameter>' for key, value in parameters.items()
    )
    inner = "" if body is None else f"<ac:rich-text-body>{body}</ac:rich-text-body>"
    return f'<ac:structured-macro ac:name="{escape(name)}">{written}{inner}</ac:structured-macro>'


def status(title: str, colour: str) -> str:
    """A lozenge. `colour` is one of Grey, Red, Yellow, Green, Blue, Purple."""
    return macro("status", {"colour": colour, "title": title})


def region(region_id: str, body: str) -> str:
    """A machine-owned part of a page: a page-properties macro with an id that begins with `tieout-`."""
    return macro("details", {"id": region_id}, body)


def _block(block: Block) -> str:
    match block:
        case Paragraph(content):
            return paragraph(runs(content))
        case Heading(level, text):
            return heading(text, min(max(level, 1), 6))
        case Bullets(items):
            return bullets(runs(item) for item in items)


def _run(run: Run) -> str:
    if isinstance(run, Mention):
        return mention(run.account_id)
    return _text(run)


def _text(run: Text) -> str:
    inner = escape(run.text).replace("\n", "<br/>")
    if run.strong and inner:
        inner = f"<strong>{inner}</strong>"
    if run.href and is_web_address(run.href):
        inner = f'<a href="{escape(run.href)}">{inner}</a>'
    return inner
