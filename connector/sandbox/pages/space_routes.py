"""Spaces, their pages, older versions and downloads: everything in Confluence that is only read."""

from urllib.parse import quote

from connector.sandbox.answers import Answer, redirect
from connector.sandbox.confluence import access
from connector.sandbox.confluence.errors import NotFoundError
from connector.sandbox.confluence.state import VIEW, Page, Space
from connector.sandbox.pages.acting import TurnedAwayError
from connector.sandbox.pages.addresses import page_path
from connector.sandbox.pages.page_view import tree_of, view_of
from connector.sandbox.pages.visits import Visit, visited
from connector.sandbox.wire import Routes

ROUTES = Routes("pages")
NO_PAGE = "There is no such page, or you may not see it."


@ROUTES.get("/wiki")
@ROUTES.get("/wiki/spaces")
@ROUTES.get("/wiki/home")
@visited
def spaces(visit: Visit) -> Answer:
    """The spaces a person sees; straight to the only one."""
    state = visit.site.confluence
    seen = [one for one in state.spaces.values() if access.may(visit.person, one, VIEW)]
    if len(seen) == 1:
        return redirect(f"/wiki/spaces/{quote(seen[0].key)}/overview")
    if not seen:
        raise TurnedAwayError(403, "You see no space of Confluence on this site.")
    return visit.show("spaces.html", seen=seen)


@ROUTES.get("/wiki/spaces/<key>")
@ROUTES.get("/wiki/spaces/<key>/overview")
@visited
def overview(visit: Visit) -> Answer:
    """The space's home page, or its list of pages when it has none."""
    space = _space(visit)
    home = visit.site.confluence.pages.get(space.homepage_id or "")
    if home is None or not access.may_view(visit.site, visit.person, home):
        return visit.show("space.html", space=space, leaves=tree_of(visit, space))
    return show_page(visit, home)


@ROUTES.get("/wiki/spaces/<key>/pages")
@visited
def page_list(visit: Visit) -> Answer:
    space = _space(visit)
    return visit.show("space.html", space=space, leaves=tree_of(visit, space))


@ROUTES.get("/wiki/spaces/<key>/pages/<page_id>")
@ROUTES.get("/wiki/spaces/<key>/pages/<page_id>/<path:title>")
@visited
def page(visit: Visit) -> Answer:
    """A page by id; space and title in the address are for people, and may be old."""
    return show_page(visit, page_of(visit, visit.param("page_id")))


@ROUTES.get("/wiki/pages/viewpage.action")
@visited
def page_by_query(visit: Visit) -> Answer:
    """The address older links have: `pageId`, and `pageVersion` for one version."""
    found = page_of(visit, visit.call.query.get("pageId", ""))
    number = visit.call.query_int("pageVersion", 0)
    if number > len(found.versions):
        raise TurnedAwayError(404, f"This page has no version {number}.")
    if number == 0:
        return redirect(path_of(visit, found))
    view = view_of(visit, found, found.versions[number - 1])
    return visit.show("version.html", view=view, space=view.space, leaves=tree_of(visit, view.space, found))


@ROUTES.get("/wiki/pages/viewpageattachments.action")
@visited
def page_files(visit: Visit) -> Answer:
    return redirect(path_of(visit, page_of(visit, visit.call.query.get("pageId", ""))) + "#attachments")


@ROUTES.get("/wiki/pages/viewpreviousversions.action")
@visited
def history(visit: Visit) -> Answer:
    """All versions of a page, newest first."""
    found = page_of(visit, visit.call.query.get("pageId", ""))
    space = visit.site.confluence.spaces[found.space_id]
    authors = visit.site.accounts
    rows = [(version, authors.get(version.author_id)) for version in reversed(found.versions)]
    return visit.show("history.html", page=found, space=space, rows=rows, leaves=tree_of(visit, space, found))


@ROUTES.get("/wiki/pages/<page_id>/files/<path:name>")
@visited
def download(visit: Visit) -> Answer:
    """A file's bytes, of `version` or the newest."""
    number = visit.call.query_int("version", 0)
    path = f"/wiki/download/attachments/{visit.param('page_id')}/{quote(visit.param('name'))}"
    return visit.fetch(f"{path}?version={number}" if number else path)


def show_page(visit: Visit, found: Page, *, problem: TurnedAwayError | None = None, draft: str = "") -> Answer:
    """The page with everything on it; after a refusal with what was wrong and what was written."""
    view = view_of(visit, found)
    return visit.show(
        "page.html",
        status=problem.status if problem else 200,
        problem=problem.message if problem else "",
        view=view,
        space=view.space,
        leaves=tree_of(visit, view.space, found),
        report=visit.report("page", found.content_id),
        focused=visit.call.query.get("focusedCommentId", ""),
        draft=draft,
    )


def page_of(visit: Visit, page_id: str) -> Page:
    """A page the person sees, not in the trash; TurnedAwayError otherwise."""
    try:
        found = access.page(visit.site, visit.person, page_id)
    except NotFoundError:
        raise TurnedAwayError(404, NO_PAGE) from None
    if found.status == "trashed":
        raise TurnedAwayError(404, "This page is in the trash.")
    return found


def path_of(visit: Visit, found: Page) -> str:
    return page_path(visit.site.confluence.spaces[found.space_id].key, found.content_id)


def _space(visit: Visit) -> Space:
    state = visit.site.confluence
    found = next((one for one in state.spaces.values() if one.key.casefold() == visit.param("key").casefold()), None)
    if found is None or not access.may(visit.person, found, VIEW):
        raise TurnedAwayError(404, f"There is no space {visit.param('key')}, or you may not see it.")
    return found
