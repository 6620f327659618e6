"""Confluence Data Center's REST: content by offset, user names and keys, spaces by key, comments in one list."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any

from werkzeug.wrappers import Response

from connector.sandbox.accounts import Account
from connector.sandbox.confluence import access, attachments, comments, cql, index, pages, shapes
from connector.sandbox.confluence.attachments import Upload
from connector.sandbox.confluence.errors import InvalidError, NotFoundError, RefusalError
from connector.sandbox.confluence.state import EDIT, VIEW, Attachment, AttachmentVersion, Comment, Page, Space, Version
from connector.sandbox.datacenter import people
from connector.sandbox.datacenter.app import DataCenterApp, RefusedError, Table, Visit, route
from connector.sandbox.site import Site

API = "/rest/api"
Json = dict[str, Any]
Act = Callable[[Visit, Account], Any]
MOST_SHOWN = 100


def confluence_data_center(site: Site) -> DataCenterApp:
    """A site's Confluence as Data Center."""
    return DataCenterApp(site, _TABLE)


def _signed_in(act: Act) -> Callable[[Visit], Any]:
    """Run for who is signed in, under the site's lock; refusals in the shape of Data Center."""

    def handle(visit: Visit) -> Any:
        if visit.account is None or not visit.account.has_confluence:
            raise _refused(401 if visit.account is None else 403, "Current user not permitted to use Confluence")
        with visit.site.lock:
            try:
                return act(visit, visit.account)
            except RefusalError as refusal:
                raise _refused(refusal.status, refusal.title) from refusal

    return handle


def _refused(status: int, message: str) -> RefusedError:
    data = {"authorized": status not in (401, 403), "valid": True, "errors": [], "successful": False}
    return RefusedError(status, {"statusCode": status, "data": data, "message": message})


def _current_user(visit: Visit) -> Any:
    return _user(visit.account) if visit.account else {"type": "anonymous", "displayName": "Anonymous"}


def _find_user(visit: Visit, _by: Account) -> Any:
    key, name = visit.query.get("key"), visit.query.get("username")
    account = people.by_key(visit.site, key) if key else people.by_name(visit.site, name)
    if account is None:
        raise NotFoundError(f"No user found with key : {key or name}")
    return _user(account)


def _space(visit: Visit, by: Account) -> Any:
    found = visit.site.confluence.space_by_key(visit.values["space"])
    return _shown_space(access.space(visit.site, by, found.space_id))


def _spaces(visit: Visit, by: Account) -> Any:
    """Those that the caller sees, of one status."""
    status = visit.query.get("status", "current")
    every = [one for one in visit.site.confluence.spaces.values() if one.status == status]
    return _listed(visit, [_shown_space(one) for one in every if access.may(by, one, VIEW)])


def _shown_space(space: Space) -> dict[str, Any]:
    return {
        "id": int(space.space_id),
        "key": space.key,
        "name": space.name,
        "type": "global",
        "status": space.status.upper(),
        "homepage": {"id": space.homepage_id, "type": "page"} if space.homepage_id else None,
    }


def _find_content(visit: Visit, by: Account) -> Any:
    """By space and title: a current page."""
    space = visit.site.confluence.space_by_key(visit.query.get("spaceKey", ""))
    page = visit.site.confluence.page_titled(space.space_id, visit.query.get("title", ""))
    is_shown = page is not None and page.status == "current" and access.may_view(visit.site, by, page)
    return _listed(visit, [_page(visit.site, page)] if page is not None and is_shown else [])


def _one(visit: Visit, by: Account) -> Any:
    """A page, comment or file, now or in one of its versions; a trashed page only where `status` lets it."""
    site, content_id = visit.site, visit.values["content"]
    number = int(visit.query.get("version", 0))
    if content_id.startswith("att"):
        item = access.attachment(site, by, content_id)
        return _file(site, item, attachments.version_of(item, number or None))
    if content_id in site.confluence.comments:
        comment = access.comment(site, by, content_id)
        return _comment(site, comment, comment.versions[number - 1] if number else comment.version)
    page = access.page(site, by, content_id)
    if page.status != "current" and visit.query.get("status") != "any":
        raise NotFoundError(f"No content found with id: ContentId{{id={content_id}}}")
    shown = _page(site, page)
    if "operations" in visit.query.get("expand", "").split(","):
        held = sorted(site.confluence.spaces[page.space_id].permissions.get(by.account_id, ()))
        edits = [("update", "page")] if EDIT in held else []
        shown["operations"] = [{"operation": act, "targetType": on} for act, on in (*held, *edits) if on != "space"]
    return shown


def _create(visit: Visit, by: Account) -> Any:
    site, given = visit.site, visit.json()
    body = _inward(site, given["body"]["storage"]["value"])
    above = [str(part["id"]) for part in given.get("ancestors", ())]
    if given["type"] == "comment":
        on = None if above else str(given["container"]["id"])
        if above and site.confluence.comments[above[0]].kind == "inline":
            return _comment(site, comments.reply_to_inline_comment(site, by, body=body, parent_id=above[0]))
        said = comments.add_footer_comment(site, by, body=body, page_id=on, parent_id=above[0] if above else None)
        return _comment(site, said)
    space = site.confluence.space_by_key(given["space"]["key"])
    parent = above[-1] if above else None
    made = pages.create_page(site, by, space_id=space.space_id, title=given["title"], body=body, parent_id=parent)
    return _page(site, made)


def _update(visit: Visit, by: Account) -> Any:
    site, given = visit.site, visit.json()
    page = pages.update_page(
        site,
        by,
        visit.values["content"],
        title=given["title"],
        body=_inward(site, given["body"]["storage"]["value"]),
        number=given["version"]["number"],
        message=given["version"].get("message", ""),
    )
    return _page(site, page)


def _delete_comment(visit: Visit, by: Account) -> None:
    """Of content only comments: nobody who is served here deletes anything else."""
    comment = access.comment(visit.site, by, visit.values["content"])
    comments.delete_comment(visit.site, by, comment.content_id, comment.kind)


def _search(visit: Visit, by: Account) -> Any:
    site = visit.site
    query = cql.parse(visit.query.get("cql", ""), cql.Caller(by.account_id, by.time_zone, site.now()))
    found = query.sort([entry for entry in index.entries(site) if query.matches(entry)])
    shown = [entry for entry in found if access.may_view(site, by, site.confluence.pages[entry.page_id])]
    return _listed(visit, [_by_id(site, entry.content_id) for entry in shown])


def _comments(visit: Visit, by: Account) -> Any:
    page = access.page(visit.site, by, visit.values["content"])
    places = visit.request.args.getlist("location")
    found = [_comment(visit.site, one) for one in visit.site.confluence.comments.on(page.content_id)]
    if visit.query.get("depth") != "all":
        found = [one for one in found if not one["ancestors"]]
    return _listed(visit, [one for one in found if not places or one["extensions"]["location"] in places])


def _files(visit: Visit, by: Account) -> Any:
    page = access.page(visit.site, by, visit.values["content"])
    items = [item for item in visit.site.confluence.attachments.on(page.content_id) if item.status == "current"]
    name = visit.query.get("filename")
    return _listed(visit, [_file(visit.site, item) for item in items if name in (None, item.file_name)])


def _add_file(visit: Visit, by: Account) -> Any:
    added = attachments.add_attachment(visit.site, by, visit.values["content"], _upload(visit))
    return _listed(visit, [_file(visit.site, added)])


def _add_version(visit: Visit, by: Account) -> Any:
    page_id, file_id = visit.values["content"], visit.values["file"]
    return _file(visit.site, attachments.update_data(visit.site, by, page_id, file_id, _upload(visit)))


def _bytes(visit: Visit, by: Account) -> Response:
    page = access.page(visit.site, by, visit.values["content"])
    item = attachments.named(visit.site, page.content_id, visit.values["name"])
    if item is None:
        raise NotFoundError
    version = attachments.version_of(item, int(visit.query.get("version", 0)) or None)
    return Response(attachments.chunks(visit.site, version), content_type=version.media_type)


def _upload(visit: Visit) -> Upload:
    if visit.request.headers.get("X-Atlassian-Token", "").lower() not in ("nocheck", "no-check"):
        raise _refused(403, "XSRF check failed")
    sent = visit.request.files.get("file")
    if sent is None:
        raise InvalidError("At least one attachment file must be present")
    comment = visit.request.form.get("comment", "")
    return Upload(sent.filename or "file", sent.stream, sent.mimetype, comment, minor_edit=True)


def _listed(visit: Visit, found: list[Json]) -> Json:
    """A list by offset, with a link to the next part where there is one."""
    start, limit = int(visit.query.get("start", 0)), min(int(visit.query.get("limit", 25)), MOST_SHOWN)
    links = {"next": f"{visit.request.path}?start={start + limit}"} if len(found) > start + limit else {}
    shown = found[start : start + limit]
    return {"results": shown, "start": start, "limit": limit, "size": len(shown), "_links": links}


def _by_id(site: Site, content_id: str) -> Json:
    state = site.confluence
    if content_id in state.attachments:
        return _file(site, state.attachments[content_id])
    if content_id in state.comments:
        return _comment(site, state.comments[content_id])
    return _page(site, state.pages[content_id])


def _page(site: Site, page: Page) -> Json:
    space = site.confluence.spaces[page.space_id]
    return {
        "id": page.content_id,
        "type": "page",
        "status": page.status,
        "title": page.title,
        "space": {"id": int(space.space_id), "key": space.key, "name": space.name},
        "version": _version(site, page.version),
        "body": _body(site, page.body),
        "_links": {"webui": f"/display/{space.key}/{page.content_id}"},
    }


def _comment(site: Site, comment: Comment, version: Version | None = None) -> Json:
    shown = version or comment.version
    above = list(_above(site, comment))
    root = above[0] if above else comment
    location = "footer" if comment.kind == "footer" else "resolved" if root.resolution == "resolved" else "inline"
    return {
        "id": comment.content_id,
        "type": "comment",
        "status": "current",
        "container": {"id": comment.page_id, "type": "page"},
        "ancestors": [{"id": one.content_id, "type": "comment"} for one in above],
        "history": {
            "createdBy": _user(site.accounts[comment.author_id]),
            "createdDate": shapes.instant(comment.created_at),
        },
        "version": _version(site, shown),
        "body": _body(site, shown.body),
        "extensions": {"location": location},
    }


def _above(site: Site, comment: Comment) -> Iterable[Comment]:
    """The comments that a reply hangs under, the root first."""
    parent = site.confluence.comments.get(comment.parent_id or "")
    return [*_above(site, parent), parent] if parent else []


def _file(site: Site, item: Attachment, version: AttachmentVersion | None = None) -> Json:
    shown = version or item.version
    told = {"mediaType": shown.media_type, "comment": shown.comment}
    return {
        "id": item.content_id,
        "type": "attachment",
        "status": item.status,
        "title": item.file_name,
        "container": {"id": item.page_id, "type": "page"},
        "metadata": told,
        "extensions": {**told, "fileSize": shown.size},
        "version": {
            "by": _user(site.accounts[shown.author_id]),
            "when": shapes.instant(shown.created_at),
            "number": shown.number,
            "message": shown.comment,
        },
    }


def _version(site: Site, version: Version) -> Json:
    by = _user(site.accounts[version.author_id])
    when = shapes.instant(version.created_at)
    return {"by": by, "when": when, "number": version.number, "message": version.message}


def _user(account: Account) -> Json:
    return {
        "type": "known",
        "username": people.name_of(account),
        "userKey": people.key_of(account),
        "displayName": account.display_name,
    }


def _body(site: Site, body: str) -> Json:
    """Storage format with people by key, as Data Center keeps them."""
    return {"storage": {"value": re.sub(r'ri:account-id="([^"]*)"', _keyed(site), body), "representation": "storage"}}


def _keyed(site: Site) -> Callable[[re.Match[str]], str]:
    def key(found: re.Match[str]) -> str:
        account = site.accounts.get(found[1])
        return f'ri:userkey="{people.key_of(account)}"' if account else found[0]

    return key


def _inward(site: Site, body: str) -> str:
    """Storage format with people by account id, as the site behind keeps them. Account ids from outside are none."""
    if "ri:account-id" in body:
        raise InvalidError("Error parsing xhtml: Data Center knows no ri:account-id")

    def named(found: re.Match[str]) -> str:
        account = people.by_key(site, found[1])
        return f'ri:account-id="{account.account_id}"' if account else found[0]

    return re.sub(r'ri:userkey="([^"]*)"', named, body)


_TABLE: Table = [
    route("GET", f"{API}/user/current", _current_user),
    *(
        route(method, API + path, _signed_in(act))
        for method, path, act in (
            ("GET", "/user", _find_user),
            ("GET", "/space", _spaces),
            ("GET", "/space/<space>", _space),
            ("GET", "/content", _find_content),
            ("POST", "/content", _create),
            ("GET", "/content/search", _search),
            ("GET", "/content/<content>", _one),
            ("PUT", "/content/<content>", _update),
            ("DELETE", "/content/<content>", _delete_comment),
            ("GET", "/content/<content>/child/comment", _comments),
            ("GET", "/content/<content>/child/attachment", _files),
            ("POST", "/content/<content>/child/attachment", _add_file),
            ("POST", "/content/<content>/child/attachment/<file>/data", _add_version),
        )
    ),
    route("GET", "/download/attachments/<content>/<name>", _signed_in(_bytes)),
]
