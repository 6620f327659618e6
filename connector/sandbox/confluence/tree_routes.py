"""v2: what is under a page and above it."""

from __future__ import annotations

from collections.abc import Callable

from connector.sandbox.accounts import Account
from connector.sandbox.answers import Answer
from connector.sandbox.confluence import access, lifecycle, shapes
from connector.sandbox.confluence.errors import InvalidError
from connector.sandbox.confluence.state import Page
from connector.sandbox.confluence.wire_v2 import V2, limit_of, number_param, results, v2
from connector.sandbox.site import Site
from connector.sandbox.wire import Call, Routes

ROUTES = Routes("confluence")
DEPTH_MAX = 10


@ROUTES.get(f"{V2}/pages/<page_id>/children")
@v2
def list_children(site: Site, by: Account, call: Call) -> Answer:
    return _children(site, by, call, shapes.child)


@ROUTES.get(f"{V2}/pages/<page_id>/direct-children")
@v2
def list_direct_children(site: Site, by: Account, call: Call) -> Answer:
    return _children(site, by, call, lambda page: {**shapes.child(page), "type": "page"})


def _children(site: Site, by: Account, call: Call, shape: Callable[[Page], shapes.Json]) -> Answer:
    page = access.page(site, by, number_param(call, "page_id"))
    found = [child for child in site.confluence.children(page.content_id) if access.may_view(site, by, child)]
    return results(site, call, found, key=lambda child: (child.position,), shape=shape)


@ROUTES.get(f"{V2}/pages/<page_id>/descendants")
@v2
def list_descendants(site: Site, by: Account, call: Call) -> Answer:
    page = access.page(site, by, number_param(call, "page_id"))
    most = call.query_int("depth", 2)
    if not 1 <= most <= DEPTH_MAX:
        raise InvalidError(f"Provided value {{{most}}} for 'depth' must be between 1 and {DEPTH_MAX}")
    above = len(site.confluence.ancestors(page))
    depths = {
        found.content_id: len(site.confluence.ancestors(found)) - above
        for found in lifecycle.descendants(site, page)
        if access.may_view(site, by, found)
    }
    shown = [site.confluence.pages[i] for i, depth in depths.items() if depth <= most]
    return results(
        site,
        call,
        shown,
        key=lambda found: (depths[found.content_id], found.position),
        shape=lambda found: shapes.descendant(found, depths[found.content_id]),
    )


@ROUTES.get(f"{V2}/pages/<page_id>/ancestors")
@v2
def list_ancestors(site: Site, by: Account, call: Call) -> Answer:
    page = access.page(site, by, number_param(call, "page_id"))
    above = site.confluence.ancestors(page)[-limit_of(call) :]
    found = [{"id": ancestor.content_id, "type": "page"} for ancestor in above]
    return Answer(200, {"results": found, "_links": {"base": shapes.wiki(site)}})
