"""Atlassian Document Format drawn as HTML. Only markup made here goes out; all that came from outside is escaped."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from markupsafe import Markup, escape

from connector.sandbox.pages.addresses import safe_href
from connector.sandbox.pages.markup import element, text
from connector.sandbox.pages.showing import day
from connector.sandbox.site import Site

DEPTH_MAX = 60
LOZENGES = {"neutral": "grey", "blue": "blue", "green": "green", "yellow": "yellow", "red": "red", "purple": "purple"}
PANELS = {"info": "info", "note": "note", "success": "tip", "tip": "tip", "warning": "note", "error": "warning"}
MARKS = {"strong": "strong", "em": "em", "code": "code", "strike": "s", "underline": "u"}
PLAIN = {
    "paragraph": "p",
    "bulletList": "ul",
    "orderedList": "ol",
    "listItem": "li",
    "blockquote": "blockquote",
    "tableRow": "tr",
    "tableHeader": "th",
    "tableCell": "td",
    "taskList": "ul",
    "decisionList": "ul",
    "decisionItem": "li",
    "nestedExpand": "section",
    "caption": "p",
}
Wire = dict[str, Any]


def draw_adf(site: Site, document: Any) -> Markup:
    """A document as HTML; of what is not known, what stands in it."""
    return _node(site, document, 0)


def _node(site: Site, node: Any, depth: int) -> Markup:
    if not isinstance(node, dict) or depth > DEPTH_MAX:
        return Markup()
    kind = str(node.get("type"))
    inner = Markup().join(_node(site, child, depth + 1) for child in _content(node))
    if kind in PLAIN:
        return element(PLAIN[kind], inner)
    draw = DRAWN.get(kind)
    return draw(site, node, inner) if draw else inner


def _content(node: Wire) -> list[Any]:
    content = node.get("content")
    return content if isinstance(content, list) else []


def _attr(node: Wire, name: str) -> Any:
    attrs = node.get("attrs")
    return attrs.get(name) if isinstance(attrs, dict) else None


def _text(site: Site, node: Wire, _inner: Markup) -> Markup:
    drawn = text(node.get("text"))
    for mark in _marks(node):
        kind = str(mark.get("type"))
        if kind in MARKS:
            drawn = element(MARKS[kind], drawn)
        elif kind == "link":
            drawn = _link(site, _attr(mark, "href"), drawn)
    return drawn


def _marks(node: Wire) -> list[Wire]:
    marks = node.get("marks")
    return [mark for mark in marks if isinstance(mark, dict)] if isinstance(marks, list) else []


def _link(site: Site, address: Any, inner: Markup) -> Markup:
    href = safe_href(site, address)
    return Markup('<a href="{}">{}</a>').format(href, inner) if href else inner


def _heading(_site: Site, node: Wire, inner: Markup) -> Markup:
    level = _attr(node, "level")
    return element(f"h{level}" if level in range(1, 7) else "h6", inner)


def _panel(_site: Site, node: Wire, inner: Markup) -> Markup:
    return element("div", inner, f"panel panel-{PANELS.get(str(_attr(node, 'panelType')), 'info')}")


def _status(_site: Site, node: Wire, _inner: Markup) -> Markup:
    color = LOZENGES.get(str(_attr(node, "color")), "grey")
    return element("span", text(_attr(node, "text")), f"lozenge {color}")


def _date(_site: Site, node: Wire, _inner: Markup) -> Markup:
    try:
        on = datetime.fromtimestamp(int(_attr(node, "timestamp")) / 1000, UTC).date()
    except (TypeError, ValueError, OverflowError, OSError):
        return text(_attr(node, "timestamp"))
    return Markup('<time datetime="{}">{}</time>').format(on.isoformat(), day(on))


def _task(_site: Site, node: Wire, inner: Markup) -> Markup:
    done = _attr(node, "state") == "DONE"
    return Markup('<li class="task"><span class="box" role="img" aria-label="{}">{}</span> {}</li>').format(
        "done" if done else "not done", "✓" if done else "", inner
    )


def _card(site: Site, node: Wire, _inner: Markup) -> Markup:
    url = str(_attr(node, "url") or "")
    return _link(site, url, escape(url.rpartition("/browse/")[2] or url))


def _expand(_site: Site, node: Wire, inner: Markup) -> Markup:
    return Markup("<details><summary>{}</summary>{}</details>").format(_attr(node, "title") or "More", inner)


DRAWN: dict[str, Callable[[Site, Wire, Markup], Markup]] = {
    "text": _text,
    "heading": _heading,
    "panel": _panel,
    "status": _status,
    "date": _date,
    "taskItem": _task,
    "inlineCard": _card,
    "blockCard": _card,
    "embedCard": _card,
    "expand": _expand,
    "table": lambda _s, _n, inner: element("div", element("table", inner), "table-wrap"),
    "codeBlock": lambda _s, _n, inner: element("pre", element("code", inner)),
    "rule": lambda _s, _n, _i: Markup("<hr>"),
    "hardBreak": lambda _s, _n, _i: Markup("<br>"),
    "mention": lambda _s, node, _i: Markup('<span class="mention">{}</span>').format(
        _attr(node, "text") or "@somebody"
    ),
    "emoji": lambda _s, node, _i: escape(str(_attr(node, "text") or _attr(node, "shortName") or "")),
    "media": lambda _s, node, _i: Markup('<span class="media">{}</span>').format(_attr(node, "alt") or "attached file"),
}
