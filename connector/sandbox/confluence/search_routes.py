"""v1 search by CQL over the lagging index.

Paged by cursor only (`start` is ignored, as on the real site); `_links.next` is relative to /wiki.
"""

from __future__ import annotations

import base64
from typing import Any
from urllib.parse import urlencode

from connector.sandbox.accounts import Account
from connector.sandbox.answers import Answer
from connector.sandbox.confluence import access, cql, index, shapes, storage, wire_v1
from connector.sandbox.confluence.errors import InvalidError
from connector.sandbox.confluence.state import IndexEntry
from connector.sandbox.confluence.wire_v1 import V1, v1
from connector.sandbox.site import Site
from connector.sandbox.wire import Call, Routes

ROUTES = Routes("confluence")
EXCERPT_LENGTH = 200


@ROUTES.get(f"{V1}/search")
@v1
def search(site: Site, by: Account, call: Call) -> Answer:
    found = _found(site, by, call)
    shown, start, limit, links = _page_of(site, call, found, "/rest/api/search")
    body = {
        "results": [_result(site, entry) for entry in shown],
        "start": start,
        "limit": limit,
        "size": len(shown),
        "totalSize": len(found),
        "cqlQuery": call.query["cql"],
        "searchDuration": 1,
        "archivedResultCount": 0,
        "_links": links,
    }
    return Answer(200, body)


@ROUTES.get(f"{V1}/content/search")
@v1
def search_content(site: Site, by: Account, call: Call) -> Answer:
    found = _found(site, by, call)
    shown, start, limit, links = _page_of(site, call, found, "/rest/api/content/search")
    expand = call.query_list("expand")
    contents = [_content(site, by, entry, expand) for entry in shown]
    return Answer(200, {"results": contents, "start": start, "limit": limit, "size": len(shown), "_links": links})


def _found(site: Site, by: Account, call: Call) -> list[IndexEntry]:
    text = call.query.get("cql", "")
    query = cql.parse(text, cql.Caller(by.account_id, by.time_zone, site.now()))
    entries = [entry for entry in index.entries(site) if query.matches(entry)]
    pages = site.confluence.pages
    return query.sort([entry for entry in entries if access.may_view(site, by, pages[entry.page_id])])


def _page_of(
    site: Site, call: Call, found: list[IndexEntry], path: str
) -> tuple[list[IndexEntry], int, int, dict[str, str]]:
    start = _offset(call.query.get("cursor"))
    limit = max(1, call.query_int("limit", 25, 250))
    links = {"base": shapes.wiki(site), "context": "/wiki", "self": f"{shapes.wiki(site)}{path}"}
    if len(found) > start + limit:
        cursor = base64.urlsafe_b64encode(f"_f_{start + limit}".encode()).decode()
        query = {"next": "true", "cursor": cursor, "limit": limit, "cql": call.query["cql"]}
        links["next"] = f"{path}?{urlencode(query)}"
    return found[start : start + limit], start, limit, links


def _offset(cursor: str | None) -> int:
    if not cursor:
        return 0
    try:
        return int(base64.urlsafe_b64decode(cursor).decode().removeprefix("_f_"))
    except ValueError as error:
        raise InvalidError("Invalid cursor") from error


def _result(site: Site, entry: IndexEntry) -> dict[str, Any]:
    space = site.confluence.space_by_key(entry.space_key)
    url = _url(entry)
    return {
        "content": {
            "id": entry.content_id,
            "type": entry.content_type,
            "status": "current",
            "title": entry.title,
            "_expandable": {"space": f"/rest/api/space/{entry.space_key}", "version": ""},
            "_links": {"webui": url, "self": f"{shapes.wiki(site)}/rest/api/content/{entry.content_id}"},
        },
        "title": entry.title,
        "excerpt": _excerpt(entry),
        "url": url,
        "resultGlobalContainer": {"title": space.name, "displayUrl": f"/spaces/{space.key}"},
        "breadcrumbs": [],
        "entityType": "content",
        "iconCssClass": "aui-icon content-type-page",
        "lastModified": shapes.instant(entry.modified_at),
        "friendlyLastModified": entry.modified_at.strftime("%b %d, %Y"),
        "score": 0.0,
    }


def _content(site: Site, by: Account, entry: IndexEntry, expand: list[str]) -> dict[str, Any]:
    content: dict[str, Any] = _result(site, entry)["content"]
    page = site.confluence.pages.get(entry.content_id)
    if "version" in expand and page is not None:
        content["version"] = {
            "by": wire_v1.user(site, site.accounts[page.version.author_id], by),
            "when": shapes.instant(page.version.created_at),
            "number": page.version.number,
            "message": page.version.message,
            "minorEdit": page.version.minor_edit,
        }
    return content


def _excerpt(entry: IndexEntry) -> str:
    return storage.plain_text(entry.body)[:EXCERPT_LENGTH]


def _url(entry: IndexEntry) -> str:
    path = f"/spaces/{entry.space_key}/pages/{entry.page_id}"
    return path if entry.content_id == entry.page_id else f"{path}?focusedCommentId={entry.content_id}"
