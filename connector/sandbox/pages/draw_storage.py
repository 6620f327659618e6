"""Confluence storage format drawn as HTML. No tag or attribute of the source goes out: each is made anew or dropped."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date

from markupsafe import Markup

from connector.sandbox.accounts import Account
from connector.sandbox.confluence.state import Page
from connector.sandbox.pages.addresses import safe_href
from connector.sandbox.pages.draw_links import draw_image, draw_link
from connector.sandbox.pages.draw_macros import draw_macro
from connector.sandbox.pages.drawing import Children, Drawing
from connector.sandbox.pages.markup import element, joined, text
from connector.sandbox.pages.showing import day, snippet
from connector.sandbox.pages.storage_tree import EDIT, Node, tree
from connector.sandbox.site import Site

DEPTH_MAX = 100
SPAN_MAX = 50
SAME = {
    **{name: name for name in ("p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "blockquote", "pre")},
    **{name: name for name in ("thead", "tbody", "tfoot", "strong", "em", "u", "s", "sub", "sup", "code", "small")},
    "b": "strong",
    "i": "em",
    "del": "s",
    "strike": "s",
    "ins": "u",
    "div": "div",
}
HIDDEN = frozenset({"colgroup", "ac:parameter", "ac:task-id", "ac:task-uuid", "ac:task-status", "ac:adf-attribute"})
DUE = "due"


def draw_storage(site: Site, person: Account, page: Page, body: str, today: date, *, is_live: bool) -> Markup:
    """A body of (or a comment on) a page as HTML for a person."""
    return draw_tree(site, person, page, tree(body), today, is_live=is_live)


def draw_tree(site: Site, person: Account, page: Page, root: Node, today: date, *, is_live: bool = False) -> Markup:
    """The same from a tree, which may hold fields of the editor."""
    return Drawing(site, person, page, today, is_live, _draw).draw(root.children)


def _draw(drawing: Drawing, children: Children) -> Markup:
    if drawing.depth > DEPTH_MAX:
        return Markup()
    below = replace(drawing, depth=drawing.depth + 1)
    return joined([text(child) if isinstance(child, str) else _node(below, child) for child in children])


def _node(drawing: Drawing, node: Node) -> Markup:
    if node.name in HIDDEN:
        return Markup()
    if node.name in SAME:
        return element(SAME[node.name], drawing.draw(node.children))
    special = DRAWN.get(node.name)
    return special(drawing, node) if special else drawing.draw(node.children)


def _row(drawing: Drawing, node: Node) -> Markup:
    """A table's row; the Due row of page properties gets a date field beside its date."""
    head, cell = node.child("th"), node.child("td")
    is_due = drawing.in_properties and head is not None and head.text.strip().casefold() == DUE
    if not (drawing.is_live and is_due and cell is not None):
        return element("tr", drawing.draw(node.children))
    written = next((time.get("datetime") for time in cell.all("time")), "")
    form = snippet("due_form.html", page=drawing.page, due_on=written)
    drawn = [
        element("td", drawing.draw(one.children) + form) if one is cell else _node(drawing, one) for one in node.nodes
    ]
    return element("tr", joined(drawn))


def _cell(drawing: Drawing, node: Node) -> Markup:
    spans = Markup()
    for name in ("colspan", "rowspan"):
        value = node.get(name)
        if value.isascii() and value.isdigit() and 1 < int(value) <= SPAN_MAX:
            spans += Markup(' {}="{}"').format(name, value)
    opening = Markup("<th{}>") if node.name == "th" else Markup("<td{}>")
    closing = Markup("</th>") if node.name == "th" else Markup("</td>")
    return opening.format(spans) + drawing.draw(node.children) + closing


def _anchor(drawing: Drawing, node: Node) -> Markup:
    href = safe_href(drawing.site, node.get("href"))
    inner = drawing.draw(node.children)
    return Markup('<a href="{}">{}</a>').format(href, inner) if href else inner


def _time(_drawing: Drawing, node: Node) -> Markup:
    written = node.get("datetime")
    return Markup('<time class="date" datetime="{}">{}</time>').format(written, day(written)) if written else Markup()


def _task(drawing: Drawing, node: Node) -> Markup:
    """A check box: a button where it can be ticked, a mark where not."""
    local_id, status, body = node.child("ac:task-id"), node.child("ac:task-status"), node.child("ac:task-body")
    held = drawing.site.confluence.tasks.on(drawing.page.content_id) if drawing.is_live and local_id else []
    wanted = local_id.text.strip() if local_id else ""
    return snippet(
        "task.html",
        task=next((task for task in held if task.local_id == wanted), None),
        is_complete=status is not None and status.text.strip() == "complete",
        words=body.text if body else "",
        body=drawing.draw(body.children) if body else "",
    )


def _marker(drawing: Drawing, node: Node) -> Markup:
    """Words with an inline comment that is still open."""
    inner, ref = drawing.draw(node.children), node.get("ac:ref")
    for comment in drawing.site.confluence.comments.on(drawing.page.content_id):
        if comment.marker_ref == ref and comment.resolution in ("open", "reopened"):
            return Markup('<a class="marked" href="#comment-{}">{}</a>').format(comment.content_id, inner)
    return inner


def _fallback(drawing: Drawing, node: Node) -> Markup:
    """Of what only the newest editor knows, the part that older ones show."""
    found = next(node.all("ac:adf-fallback"), None)
    return drawing.draw(found.children) if found else Markup()


def _wrapped(tag: str, css: str) -> Callable[[Drawing, Node], Markup]:
    return lambda drawing, node: element(tag, drawing.draw(node.children), css)


def _field(_drawing: Drawing, node: Node) -> Markup:
    return snippet("edit_field.html", **node.attributes)


DRAWN: dict[str, Callable[[Drawing, Node], Markup]] = {
    EDIT: _field,
    "a": _anchor,
    "table": lambda drawing, node: element("div", element("table", drawing.draw(node.children)), "table-wrap"),
    "tr": _row,
    "th": _cell,
    "td": _cell,
    "time": _time,
    "br": lambda _drawing, _node: Markup("<br>"),
    "hr": lambda _drawing, _node: Markup("<hr>"),
    "ac:structured-macro": draw_macro,
    "ac:macro": draw_macro,
    "ac:link": draw_link,
    "ac:image": draw_image,
    "ac:task-list": _wrapped("ul", "tasks"),
    "ac:task": _task,
    "ac:inline-comment-marker": _marker,
    "ac:layout-section": _wrapped("div", "layout"),
    "ac:layout-cell": _wrapped("div", "layout-cell"),
    "ac:placeholder": _wrapped("span", "quiet"),
    "ac:emoticon": lambda _drawing, node: text(node.get("ac:emoji-fallback") or f":{node.get('ac:name')}:"),
    "ac:adf-extension": _fallback,
}
