"""Confluence's macros drawn: lozenge, panels, code, page properties, their report, and Jira's issues, live."""

from collections.abc import Callable
from dataclasses import replace

from markupsafe import Markup

from connector.sandbox.confluence.access import may_view
from connector.sandbox.pages import board
from connector.sandbox.pages.acting import TurnedAwayError, act
from connector.sandbox.pages.addresses import page_path
from connector.sandbox.pages.draw_links import file_path
from connector.sandbox.pages.draw_report import draw_report
from connector.sandbox.pages.drawing import Drawing
from connector.sandbox.pages.markup import element, text
from connector.sandbox.pages.showing import snippet
from connector.sandbox.pages.storage_tree import Node

PANELS = {"info": "info", "note": "note", "warning": "warning", "tip": "tip", "panel": "plain"}
COLUMNS = ("key", "summary", "assignee", "status", "due", "priority", "type", "labels")
ISSUES_MAX = 100


def draw_macro(drawing: Drawing, node: Node) -> Markup:
    """A macro by its name; one that is not known shows its name and what is in it."""
    name = node.get("ac:name")
    draw = MACROS.get(name)
    if draw is not None:
        return draw(drawing, node)
    label = element("span", name, "kicker")
    return element("div", label + _body(drawing, node), "macro")


def _body(drawing: Drawing, node: Node) -> Markup:
    rich, plain = node.child("ac:rich-text-body"), node.child("ac:plain-text-body")
    if rich is not None:
        return drawing.draw(rich.children)
    return element("pre", element("code", plain.text)) if plain is not None else Markup()


def _status(_drawing: Drawing, node: Node) -> Markup:
    colour = (node.parameter("colour") or node.parameter("color") or "grey").casefold()
    known = colour if colour in ("red", "yellow", "green", "blue", "purple") else "grey"
    return element("span", node.parameter("title"), f"lozenge {known}")


def _panel(drawing: Drawing, node: Node) -> Markup:
    title = node.parameter("title")
    head = element("p", element("strong", title)) if title else Markup()
    return element("div", head + _body(drawing, node), f"panel panel-{PANELS[node.get('ac:name')]}")


def _expand(drawing: Drawing, node: Node) -> Markup:
    title = node.parameter("title") or "More"
    return Markup("<details><summary>{}</summary>{}</details>").format(title, _body(drawing, node))


def _properties(drawing: Drawing, node: Node) -> Markup:
    if node.parameter("hidden") == "true":
        return Markup()
    return element("section", _body(replace(drawing, in_properties=True), node), "properties")


def _issues(drawing: Drawing, node: Node) -> Markup:
    """The issues of a query, or the one of a key, as the reader may see them in Jira."""
    key = node.parameter("key")
    jql = f'key = "{key}"' if key else node.parameter("jqlQuery") or node.parameter("jql")
    listed = node.parameter("maximumIssues")
    size = min(int(listed), ISSUES_MAX) if listed.isascii() and listed.isdigit() else ISSUES_MAX
    site = drawing.site
    try:
        found = act(site, drawing.person, "POST", "/rest/api/3/search/jql", {"jql": jql, "maxResults": size})
    except TurnedAwayError as away:
        return snippet("issue_table.html", cards=[], columns=[], problem=away.message)
    cards = [board.card(site, site.jira.issues[one["id"]], drawing.today) for one in found["issues"]]
    wanted = [name.strip() for name in node.parameter("columns").split(",")]
    columns = [name for name in wanted if name in COLUMNS] or list(COLUMNS[:5])
    return snippet("issue_table.html", cards=cards, columns=columns, problem="")


def _attachments(drawing: Drawing, _node: Node) -> Markup:
    held = [one for one in drawing.site.confluence.attachments.on(drawing.page.content_id) if one.status == "current"]
    links = [Markup('<a href="{}">{}</a>').format(file_path(one.page_id, one.file_name), one.file_name) for one in held]
    return _list(links)


def _children(drawing: Drawing, _node: Node) -> Markup:
    state = drawing.site.confluence
    key = state.spaces[drawing.page.space_id].key
    pages = [one for one in state.children(drawing.page.content_id) if may_view(drawing.site, drawing.person, one)]
    return _list([Markup('<a href="{}">{}</a>').format(page_path(key, one.content_id), one.title) for one in pages])


def _list(items: list[Markup]) -> Markup:
    return element("ul", Markup().join(element("li", item) for item in items)) if items else text("")


MACROS: dict[str, Callable[[Drawing, Node], Markup]] = {
    "status": _status,
    **dict.fromkeys(PANELS, _panel),
    "expand": _expand,
    "code": _body,
    "noformat": _body,
    "excerpt": _body,
    "details": _properties,
    "detailssummary": draw_report,
    "jira": _issues,
    "attachments": _attachments,
    "children": _children,
}
