"""The page-properties report: the properties of many pages as one table."""

import re
from dataclasses import replace

from markupsafe import Markup

from connector.sandbox.confluence import cql, index
from connector.sandbox.confluence.access import may_view
from connector.sandbox.confluence.errors import RefusalError
from connector.sandbox.confluence.state import Page
from connector.sandbox.pages.addresses import page_path
from connector.sandbox.pages.drawing import Drawing
from connector.sandbox.pages.showing import snippet
from connector.sandbox.pages.storage_tree import Node, page_properties

Properties = dict[str, Node]


def draw_report(drawing: Drawing, node: Node) -> Markup:
    """The pages the macro's CQL finds that have page properties of its id, one row each."""
    try:
        pages = _found(drawing, node)
    except RefusalError as refused:
        return snippet("report.html", headings=[], rows=[], first="", problem=refused.title)
    held = [(page, dict(page_properties(page.body, node.parameter("id")))) for page in pages]
    rows = sorted((pair for pair in held if pair[1]), key=lambda pair: _rank(node.parameter("sortBy"), *pair))
    if node.parameter("reverseSort") == "true":
        rows.reverse()
    headings = _headings(node, [properties for _, properties in rows])
    return snippet(
        "report.html",
        first=node.parameter("firstcolumn") or "Title",
        headings=headings,
        rows=[_row(drawing, page, properties, headings) for page, properties in rows],
        problem="",
    )


def _found(drawing: Drawing, node: Node) -> list[Page]:
    site, person = drawing.site, drawing.person
    text = node.parameter("cql") or f'label = "{node.parameter("label")}"'
    text = text.replace("currentContent()", drawing.page.content_id)
    query = cql.parse(text, cql.Caller(person.account_id, person.time_zone, site.now()))
    entries = query.sort([one for one in index.entries(site) if one.content_type == "page" and query.matches(one)])
    pages = [site.confluence.pages[one.page_id] for one in entries]
    return [page for page in pages if page.status == "current" and may_view(site, person, page)]


def _headings(node: Node, held: list[Properties]) -> list[str]:
    named = [name.strip() for name in node.parameter("headings").split(",") if name.strip()]
    return named or list(dict.fromkeys(name for properties in held for name in properties))


def _row(drawing: Drawing, page: Page, properties: Properties, headings: list[str]) -> tuple[str, str, list[Markup]]:
    """Address, title and cells of one page."""
    there = replace(drawing, page=page, is_live=False, in_properties=False)
    cells = [there.draw(properties[name].children) if name in properties else Markup() for name in headings]
    key = drawing.site.confluence.spaces[page.space_id].key
    return page_path(key, page.content_id), page.title, cells


def _rank(heading: str, page: Page, properties: Properties) -> list[tuple[bool, int, str]]:
    """Sort as people count: R-2 before R-10."""
    cell = properties.get(heading)
    words = re.split(r"(\d+)", (cell.text if cell is not None else page.title).casefold())
    return [(not word.isdigit(), int(word) if word.isdigit() else 0, word) for word in words]
