"""v2 attachments: lists, read, versions, delete. Uploading and the bytes are v1's."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from connector.sandbox.accounts import Account
from connector.sandbox.answers import Answer
from connector.sandbox.confluence import access, attachments, shapes
from connector.sandbox.confluence.state import Attachment, AttachmentVersion
from connector.sandbox.confluence.wire_v2 import (
    V2,
    SortKey,
    choice,
    choices,
    number_param,
    results,
    single,
    time_key,
    v2,
)
from connector.sandbox.site import Site
from connector.sandbox.wire import Call, Routes

ROUTES = Routes("confluence")

_KEYS: dict[str, Callable[[Attachment], SortKey]] = {
    "created-date": lambda item: time_key(item.created_at, item.content_id),
    "modified-date": lambda item: time_key(item.version.created_at, item.content_id),
}
SORTS = tuple(sign + name for name in _KEYS for sign in ("", "-"))
STATUSES = ("current", "archived", "trashed")


@ROUTES.get(f"{V2}/attachments")
@v2
def list_attachments(site: Site, by: Account, call: Call) -> Answer:
    pages = site.confluence.pages
    every = site.confluence.attachments.values()
    shown = [item for item in every if access.may_view(site, by, pages[item.page_id])]
    return _attachment_list(site, call, [item for item in shown if pages[item.page_id].status == "current"])


@ROUTES.get(f"{V2}/pages/<page_id>/attachments")
@v2
def list_attachments_of_page(site: Site, by: Account, call: Call) -> Answer:
    page = access.page(site, by, number_param(call, "page_id"))
    return _attachment_list(site, call, site.confluence.attachments.on(page.content_id))


def _attachment_list(site: Site, call: Call, found: Iterable[Attachment]) -> Answer:
    statuses = choices(call, "status", STATUSES, ("current", "archived"))
    file_name, media_type = call.query.get("filename"), call.query.get("mediaType")
    sort = choice(call, "sort", SORTS) or "created-date"
    shown = [
        item
        for item in found
        if item.status in statuses
        and file_name in (None, item.file_name)
        and media_type in (None, item.version.media_type)
    ]
    return results(
        site,
        call,
        shown,
        key=_KEYS[sort.lstrip("-")],
        shape=shapes.attachment,
        reverse=sort.startswith("-"),
        default_limit=50,
    )


@ROUTES.get(f"{V2}/attachments/<attachment_id>")
@v2
def get_attachment(site: Site, by: Account, call: Call) -> Answer:
    item = access.attachment(site, by, call.params["attachment_id"])
    shown = attachments.version_of(item, call.query_int("version", 0) or None)
    return single(site, shapes.attachment(item, shown))


@ROUTES.get(f"{V2}/attachments/<attachment_id>/versions")
@v2
def list_versions(site: Site, by: Account, call: Call) -> Answer:
    item = access.attachment(site, by, call.params["attachment_id"])
    sort = choice(call, "sort", ("modified-date", "-modified-date")) or "-modified-date"

    def shape(version: AttachmentVersion) -> shapes.Json:
        about = {"id": item.content_id, "title": item.file_name}
        return {**shapes.attachment_version(version), "attachment": about}

    reverse = sort.startswith("-")
    return results(site, call, item.versions, key=lambda v: (v.number,), shape=shape, reverse=reverse)


@ROUTES.delete(f"{V2}/attachments/<attachment_id>")
@v2
def delete_attachment(site: Site, by: Account, call: Call) -> Answer:
    attachments.delete_attachment(site, by, call.params["attachment_id"], purge=call.query_flag("purge"))
    return Answer(204)
