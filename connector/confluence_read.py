"""Pages, spaces and files read from Confluence Cloud, over v2; v1 says who we are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from connector import confluence_shapes as shapes
from connector.confluence_lists import Names, every
from connector.confluence_shapes import Bean
from connector.session import Wire
from mappings.errors import Gone, SignInFailed
from mappings.far import Account, Fetched, PageView, RemoteFile

FETCH_SIZE = 250
LIST_SIZE = 100
READABLE = "current"
SHOWN = "current,archived,trashed"


def whoami(wire: Wire) -> Account:
    """The account the token belongs to. Confluence answers 200 to nobody too: that is SignInFailed."""
    bean = wire.get("/wiki/rest/api/user/current")
    if not isinstance(bean, dict) or not bean.get("accountId") or bean.get("type") == "anonymous":
        raise SignInFailed(f"{wire.base_url} took the call as anonymous: check user, token and its expiry")
    return shapes.account(bean)


def space(wire: Wire, key: str) -> Bean:
    """A space by key; Gone when there is none that the account sees."""
    found: list[Bean] = wire.get("/wiki/api/v2/spaces", params={"keys": key})["results"]
    exact = [bean for bean in found if bean["key"].lower() == key.lower()]
    if not exact:
        whoami(wire)
        raise Gone(f"there is no space {key} on {wire.base_url}, or Tieout's account does not see it")
    return exact[0]


def missing_operations(wire: Wire, space_id: str, wanted: Sequence[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """Those (operation, target) pairs that the account may not do in a space."""
    held = wire.get("/wiki/api/v2/spaces/{space}/operations", path={"space": space_id})["operations"]
    may = {(part["operation"], part["targetType"]) for part in held}
    return tuple(pair for pair in wanted if pair not in may)


def fetch(wire: Wire, wiki_url: str, ids: Sequence[str]) -> Fetched[PageView]:
    """Pages with bodies, 250 a call. What is not a current page is missing, with its status as the reason."""
    wanted = list(dict.fromkeys(ids))
    seen: dict[str, PageView] = {}
    for start in range(0, len(wanted), FETCH_SIZE):
        block = ",".join(wanted[start : start + FETCH_SIZE])
        params = {"id": block, "status": SHOWN, "body-format": "storage", "limit": FETCH_SIZE}
        for bean in every(wire, "/wiki/api/v2/pages", params=params):
            seen[str(bean["id"])] = shapes.page_view(bean, wiki_url)
    if wanted and not seen:
        whoami(wire)  # a list shown to nobody in particular is empty, and no error
    missing = {name: "not there, or not visible to Tieout's account" for name in wanted if name not in seen}
    away = {name: f"the page is {page.status}" for name, page in seen.items() if page.status != READABLE}
    return Fetched({name: page for name, page in seen.items() if name not in away}, missing | away)


def find(wire: Wire, wiki_url: str, space_id: str, title: str) -> PageView | None:
    """The page of that title, in whatever case, from the store and not the index; an archived one if no other."""
    params = {"title": title, "body-format": "storage"}
    beans = every(wire, "/wiki/api/v2/spaces/{space}/pages", path={"space": space_id}, params=params)
    pages = [shapes.page_view(bean, wiki_url) for bean in beans]
    named = [page for page in pages if page.title.lower() == title.lower()]
    return min(named, key=lambda page: page.status != READABLE, default=None)


def made_since(wire: Wire, wiki_url: str, since: datetime, space_id: str) -> Iterator[PageView]:
    """Pages made at or after `since`, newest first, from the store and not the index."""
    params = {"sort": "-created-date", "body-format": "storage", "limit": FETCH_SIZE}
    for bean in every(wire, "/wiki/api/v2/spaces/{space}/pages", path={"space": space_id}, params=params):
        if shapes.moment(bean["createdAt"]) < since:
            return
        yield shapes.page_view(bean, wiki_url)


def files(wire: Wire, names: Names, page_id: str) -> tuple[RemoteFile, ...]:
    """The files of a page, each in its current version."""
    params = {"status": READABLE, "limit": LIST_SIZE}
    beans = list(every(wire, "/wiki/api/v2/pages/{page}/attachments", path={"page": page_id}, params=params))
    known = names.look_up(wire, [bean["version"].get("authorId") or "" for bean in beans])
    return tuple(shapes.file(bean, page_id, known[bean["version"].get("authorId") or ""]) for bean in beans)


def file_versions(wire: Wire, file: RemoteFile) -> tuple[RemoteFile, ...]:
    """Every version of an attachment, newest first; who made each is not asked."""
    params = {"sort": "-modified-date", "limit": LIST_SIZE}
    beans = every(wire, "/wiki/api/v2/attachments/{file}/versions", path={"file": file.id}, params=params)
    return tuple(shapes.file_version(bean, file) for bean in beans)
