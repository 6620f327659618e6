"""Confluence's JSON read into values. Pure: in comes what v2 answers (uploads: v1), out goes `mappings.far`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, TypeAlias

from mappings.far import Account, PageView, RemoteComment, RemoteFile
from mappings.storage import plain_text

Bean: TypeAlias = Mapping[str, Any]
"""An object as Confluence sends it."""

OCTETS = "application/octet-stream"
TITLE_IN_ADDRESS = re.compile(r"(?<=/pages/)([0-9]+)/.*")


def account(bean: Bean) -> Account:
    """The account of v1's `user/current`."""
    name = bean.get("displayName") or bean.get("publicName") or ""
    return Account(bean["accountId"], name, bean.get("email") or None)


def page_view(bean: Bean, wiki_url: str) -> PageView:
    version = bean["version"]
    links = bean.get("_links") or {}
    base = links.get("base") or wiki_url
    return PageView(
        id=str(bean["id"]),
        space_id=str(bean["spaceId"]),
        title=bean["title"],
        body=storage(bean),
        version=int(version["number"]),
        status=bean["status"],
        author=version.get("authorId") or "",
        written_at=moment(version["createdAt"]),
        url=base + _without_title(links["webui"]) if links.get("webui") else "",
        parent_id=str(bean["parentId"]) if bean.get("parentId") else None,
    )


def _without_title(address: str) -> str:
    """A page's address leads there without its title, too; with it, renaming would change every issue that has it."""
    return TITLE_IN_ADDRESS.sub(r"\1", address)


def comment(bean: Bean, first: Bean, name: str, *, root: str | None, is_inline: bool) -> RemoteComment:
    """A comment in the words of `bean` (it, or the last version its author wrote), begun with version `first`."""
    return RemoteComment(
        id=str(bean["id"]),
        author=first.get("authorId") or "",
        author_name=name,
        text=plain_text(storage(bean)),
        created_at=moment(first["createdAt"]),
        updated_at=moment(bean["version"]["createdAt"]),
        reply_to=root,
        is_inline=is_inline,
    )


def file(bean: Bean, page_id: str, author_name: str) -> RemoteFile:
    """An attachment as v2 lists it, in its current version."""
    version = bean["version"]
    number = int(version["number"])
    return RemoteFile(
        id=str(bean["id"]),
        name=bean["title"],
        size=int(bean["fileSize"]),
        media_type=bean.get("mediaType") or OCTETS,
        author=version.get("authorId") or "",
        author_name=author_name,
        created_at=moment(version["createdAt"]),
        version=number,
        note=bean.get("comment") or version.get("message") or "",
        download_path=download_path(page_id, str(bean["id"]), number),
    )


def file_version(bean: Bean, of: RemoteFile) -> RemoteFile:
    """One version of an attachment, in a list of its versions."""
    return replace(
        of,
        version=int(bean["number"]),
        created_at=moment(bean["createdAt"]),
        note=bean.get("message") or "",
        author=bean.get("authorId") or "",
        author_name="",
    )


def uploaded(bean: Bean, page_id: str) -> RemoteFile:
    """An attachment as v1 answers an upload."""
    version, more = bean["version"], bean.get("extensions") or {}
    author = version.get("by") or {}
    return RemoteFile(
        id=str(bean["id"]),
        name=bean["title"],
        size=int(more["fileSize"]),
        media_type=more.get("mediaType") or OCTETS,
        author=author.get("accountId") or "",
        author_name=author.get("displayName") or author.get("publicName") or "",
        created_at=moment(version["when"]),
        version=int(version["number"]),
        note=more.get("comment") or version.get("message") or "",
        download_path=download_path(page_id, str(bean["id"]), int(version["number"])),
    )


def download_path(page_id: str, file_id: str, version: int) -> str:
    """The documented way to exactly one version; the link that lists carry is for browsers."""
    return f"/wiki/rest/api/content/{page_id}/child/attachment/{file_id}/download?version={version}"


def storage(bean: Bean) -> str:
    """The storage format of a body, empty where none came."""
    body = (bean.get("body") or {}).get("storage") or {}
    return body.get("value") or ""


def moment(text: str) -> datetime:
    """Confluence's times (`2026-11-23T17:15:00.000Z`) as aware datetimes."""
    return datetime.fromisoformat(text)
