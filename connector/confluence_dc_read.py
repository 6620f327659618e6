"""Pages, spaces and files read from Confluence Data Center, from the store and never from the index."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from urllib.parse import quote

from connector import confluence_shapes as shapes
from connector.bounds import pages
from connector.confluence_dc_people import Keys, account, name_of
from connector.confluence_shapes import OCTETS, Bean, moment
from connector.session import Wire
from mappings.errors import Forbidden, Gone, SignInFailed, Throttled, TryLater
from mappings.far import Account, Fetched, PageView, RemoteFile

LIST_SIZE = 100
READABLE = "current"
NOT_SHOWN = "not there, or not visible to Tieout's account"
PAGE_PARTS = "body.storage,version,space"
FILE_PARTS = "version,container"


def whoami(wire: Wire) -> Account:
    """The account the token belongs to. Confluence answers 200 to nobody too: that is SignInFailed."""
    bean = wire.get("/rest/api/user/current")
    if not isinstance(bean, dict) or not bean.get("username") or bean.get("type") == "anonymous":
        raise SignInFailed(f"{wire.base_url} took the call as anonymous: check the token and its expiry")
    return account(bean)


def space(wire: Wire, key: str) -> Bean:
    """A space by key; Gone when there is none that the account sees."""
    try:
        bean: Bean = wire.get("/rest/api/space/{space}", path={"space": key}, params={"expand": "homepage"})
    except Gone:
        whoami(wire)
        raise
    return bean


def operations(wire: Wire, page_id: str) -> frozenset[tuple[str, str]]:
    """What the account may do with a page, and add to it, as (operation, target)."""
    bean = wire.get("/rest/api/content/{content}", path={"content": page_id}, params={"expand": "operations"})
    return frozenset((one["operation"], one["targetType"]) for one in bean.get("operations") or ())


def home_page(wire: Wire, key: str) -> str | None:
    page_id = (space(wire, key).get("homepage") or {}).get("id")
    return str(page_id) if page_id else None


def fetch(wire: Wire, keys: Keys, site: str, ids: Sequence[str]) -> Fetched[PageView]:
    """Pages with bodies, a call for each. What is not a current page is missing, with its status as the reason."""
    found: dict[str, PageView] = {}
    missing: dict[str, str] = {}
    unread: dict[str, str] = {}
    for page_id in dict.fromkeys(ids):
        try:
            page = _page(wire, keys, site, page_id)
        except (Gone, Forbidden):
            missing[page_id] = NOT_SHOWN
        except Throttled:
            raise
        except TryLater as error:
            unread[page_id] = str(error)
        else:
            if page.status == READABLE:
                found[page.id] = page
            else:
                missing[page_id] = f"the page is {page.status}"
    if missing and not found:
        whoami(wire)  # to nobody in particular Confluence shows nothing
    return Fetched(found, missing, unread)


def find(wire: Wire, keys: Keys, site: str, space_key: str, title: str) -> PageView | None:
    """The page of that title, in whatever case."""
    params = {"spaceKey": space_key, "title": title, "type": "page", "expand": PAGE_PARTS}
    beans = wire.get("/rest/api/content", params=params)["results"]
    found = [page_view(wire, keys, site, bean) for bean in beans]
    return next((page for page in found if page.title.lower() == title.lower()), None)


def page_view(wire: Wire, keys: Keys, site: str, bean: Bean) -> PageView:
    """A page that came with `PAGE_PARTS`."""
    version = bean["version"]
    return PageView(
        id=str(bean["id"]),
        space_id=bean["space"]["key"],
        title=bean["title"],
        body=keys.incoming(wire, shapes.storage(bean)),
        version=int(version["number"]),
        status=bean["status"],
        author=name_of(version.get("by")),
        written_at=moment(version["when"]),
        # Not by title: a page that is renamed would get another address, and every issue that has it another text.
        url=f"{site}/pages/viewpage.action?pageId={bean['id']}",
    )


def files(wire: Wire, page_id: str) -> tuple[RemoteFile, ...]:
    """The files of a page, each in its current version."""
    template = "/rest/api/content/{page}/child/attachment"
    beans = every(wire, template, path={"page": page_id}, params={"expand": FILE_PARTS})
    return tuple(file(bean, page_id) for bean in beans)


def file_versions(wire: Wire, known: RemoteFile) -> tuple[RemoteFile, ...]:
    """Every version of an attachment, newest first, a call for each: there is no list of them."""
    numbers = range(known.version, 0, -1)
    return tuple(_file_version(wire, known, number) for number in numbers)


def file(bean: Bean, page_id: str) -> RemoteFile:
    version, more = bean["version"], bean.get("extensions") or {}
    author = version.get("by") or {}
    return RemoteFile(
        id=str(bean["id"]),
        name=bean["title"],
        size=int(more["fileSize"]),
        media_type=more.get("mediaType") or OCTETS,
        author=name_of(author),
        author_name=author.get("displayName") or "",
        created_at=moment(version["when"]),
        version=int(version["number"]),
        note=more.get("comment") or version.get("message") or "",
        download_path=_bytes_of(page_id, bean["title"], int(version["number"])),
    )


def every(
    wire: Wire, template: str, *, path: Mapping[str, str] | None = None, params: Mapping[str, object]
) -> Iterator[Bean]:
    """All results of a list by offset, page after page, as far as the reader goes."""
    start = 0
    for _ in pages(f"the list {template}"):
        body = wire.get(template, path=path, params={**params, "start": start, "limit": LIST_SIZE})
        yield from body["results"]
        start += len(body["results"])
        # A page may be short because of what is hidden from us: only a missing link says that it is the last.
        if not body["results"] or not (body.get("_links") or {}).get("next"):
            return


def _page(wire: Wire, keys: Keys, site: str, page_id: str) -> PageView:
    params = {"status": "any", "expand": PAGE_PARTS}
    bean = wire.get("/rest/api/content/{content}", path={"content": page_id}, params=params)
    return page_view(wire, keys, site, bean)


def _file_version(wire: Wire, known: RemoteFile, number: int) -> RemoteFile:
    if number == known.version:
        return replace(known, author_name="")
    params = {"status": "historical", "version": number, "expand": FILE_PARTS}
    bean = wire.get("/rest/api/content/{content}", path={"content": known.id}, params=params)
    shown = file(bean, "")
    return replace(
        known, version=number, note=shown.note, created_at=shown.created_at, author=shown.author, author_name=""
    )


def _bytes_of(page_id: str, name: str, version: int) -> str:
    """Where exactly this version is."""
    return f"/download/attachments/{page_id}/{quote(name, safe='')}?version={version}"
