"""v2 comments: footer and inline, site-wide and by page, replies, versions."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from connector.sandbox.accounts import Account
from connector.sandbox.answers import Answer
from connector.sandbox.confluence import access, comments, shapes
from connector.sandbox.confluence.comments import Kind
from connector.sandbox.confluence.errors import InvalidError, NotFoundError
from connector.sandbox.confluence.state import Comment, Version
from connector.sandbox.confluence.wire_v2 import (
    V2,
    SortKey,
    choice,
    choices,
    json_object,
    number_param,
    results,
    single,
    time_key,
    v2,
    version_number,
    wants_body,
    written_body,
)
from connector.sandbox.site import Site
from connector.sandbox.wire import Call, Handler, Routes

ROUTES = Routes("confluence")

_KEYS: dict[str, Callable[[Comment], SortKey]] = {
    "created-date": lambda comment: time_key(comment.created_at, comment.content_id),
    "modified-date": lambda comment: time_key(comment.version.created_at, comment.content_id),
}
SORTS = tuple(sign + name for name in _KEYS for sign in ("", "-"))
RESOLUTIONS = ("resolved", "open", "dangling", "reopened")
STATUSES = ("current", "archived", "trashed", "deleted", "historical", "draft")


def _list_all(kind: Kind) -> Handler:
    @v2
    def handler(site: Site, by: Account, call: Call) -> Answer:
        every = (comment for comment in site.confluence.comments.values() if comment.kind == kind)
        pages = site.confluence.pages
        shown = [
            comment
            for comment in every
            if pages[comment.page_id].status == "current" and access.may_view(site, by, pages[comment.page_id])
        ]
        return _comment_list(site, call, shown)

    return handler


def _list_of_page(kind: Kind) -> Handler:
    @v2
    def handler(site: Site, by: Account, call: Call) -> Answer:
        page = access.page(site, by, number_param(call, "page_id"))
        statuses = choices(call, "status", STATUSES, STATUSES)
        resolutions = choices(call, "resolution-status", RESOLUTIONS, RESOLUTIONS)
        roots = [
            comment
            for comment in site.confluence.comments.on(page.content_id)
            if comment.kind == kind and comment.parent_id is None
        ]
        shown = [root for root in roots if page.status in statuses and root.resolution in resolutions]
        return _comment_list(site, call, shown)

    return handler


def _list_children(kind: Kind) -> Handler:
    @v2
    def handler(site: Site, by: Account, call: Call) -> Answer:
        parent = access.comment(site, by, number_param(call, "comment_id"), kind)
        return _comment_list(site, call, comments.replies(site, parent.content_id))

    return handler


def _comment_list(site: Site, call: Call, found: Iterable[Comment]) -> Answer:
    sort = choice(call, "sort", SORTS) or "created-date"
    with_body = wants_body(call)
    return results(
        site,
        call,
        found,
        key=_KEYS[sort.lstrip("-")],
        shape=lambda comment: shapes.comment(site, comment, with_body=with_body),
        reverse=sort.startswith("-"),
    )


def _get(kind: Kind) -> Handler:
    @v2
    def handler(site: Site, by: Account, call: Call) -> Answer:
        comment = access.comment(site, by, number_param(call, "comment_id"), kind)
        number = call.query_int("version", 0)
        if number > len(comment.versions):
            raise NotFoundError
        shown = comment.versions[number - 1] if number else comment.version
        return single(site, shapes.comment(site, comment, shown, with_body=wants_body(call)))

    return handler


def _list_versions(kind: Kind) -> Handler:
    @v2
    def handler(site: Site, by: Account, call: Call) -> Answer:
        comment = access.comment(site, by, number_param(call, "comment_id"), kind)
        sort = choice(call, "sort", ("modified-date", "-modified-date")) or "-modified-date"
        title = f"Re: {site.confluence.pages[comment.page_id].title}"
        with_body = wants_body(call)

        def shape(version: Version) -> shapes.Json:
            body = shapes.storage_body(version.body) if with_body else {}
            return {
                **shapes.version(version),
                "comment": {"id": comment.content_id, "title": title, "body": body},
            }

        reverse = sort.startswith("-")
        return results(site, call, comment.versions, key=lambda v: (v.number,), shape=shape, reverse=reverse)

    return handler


def _update(kind: Kind) -> Handler:
    @v2
    def handler(site: Site, by: Account, call: Call) -> Answer:
        body = json_object(call)
        number, message = version_number(body)
        resolved = body.get("resolved") if kind == "inline" else None
        if not isinstance(resolved, bool | None):
            raise InvalidError("resolved must be true or false")
        comment = comments.update_comment(
            site,
            by,
            number_param(call, "comment_id"),
            kind,
            number=number,
            body=written_body(body, required=False),
            message=message,
            resolved=resolved,
        )
        return single(site, shapes.comment(site, comment, with_body=True))

    return handler


def _delete(kind: Kind) -> Handler:
    @v2
    def handler(site: Site, by: Account, call: Call) -> Answer:
        comments.delete_comment(site, by, number_param(call, "comment_id"), kind)
        return Answer(204)

    return handler


@ROUTES.post(f"{V2}/footer-comments")
@v2
def create_footer_comment(site: Site, by: Account, call: Call) -> Answer:
    body = json_object(call)
    comment = comments.add_footer_comment(
        site, by, body=written_body(body) or "", page_id=_id(body, "pageId"), parent_id=_id(body, "parentCommentId")
    )
    return _created(site, comment, f"{V2}/footer-comments/{comment.content_id}")


@ROUTES.post(f"{V2}/inline-comments")
@v2
def create_inline_comment(site: Site, by: Account, call: Call) -> Answer:
    body = json_object(call)
    words, parent_id = written_body(body) or "", _id(body, "parentCommentId")
    if parent_id:
        comment = comments.reply_to_inline_comment(site, by, body=words, parent_id=parent_id)
    else:
        selection, count, index = _selection(body)
        comment = comments.add_inline_comment(
            site,
            by,
            body=words,
            page_id=_id(body, "pageId") or "",
            selection=selection,
            match_count=count,
            match_index=index,
        )
    return _created(site, comment, f"{V2}/inline-comments/{comment.content_id}")


def _selection(body: shapes.Json) -> tuple[str, int, int]:
    given = body.get("inlineCommentProperties")
    if not isinstance(given, dict) or not given.get("textSelection"):
        raise InvalidError("inlineCommentProperties.textSelection must be provided")
    count, index = given.get("textSelectionMatchCount"), given.get("textSelectionMatchIndex")
    if not isinstance(count, int) or not isinstance(index, int):
        raise InvalidError("textSelectionMatchCount and textSelectionMatchIndex must be provided")
    return str(given["textSelection"]), count, index


def _id(body: shapes.Json, name: str) -> str | None:
    return str(body[name]) if body.get(name) else None


def _created(site: Site, comment: Comment, path: str) -> Answer:
    answer = single(site, shapes.comment(site, comment, with_body=True), 201)
    return Answer(201, answer.body, {"Location": f"{site.base_url}{path}"})


_KINDS: tuple[tuple[Kind, str], ...] = (("footer", "footer-comments"), ("inline", "inline-comments"))
for _kind, _name in _KINDS:
    ROUTES.get(f"{V2}/{_name}")(_list_all(_kind))
    ROUTES.get(f"{V2}/pages/<page_id>/{_name}")(_list_of_page(_kind))
    ROUTES.get(f"{V2}/{_name}/<comment_id>")(_get(_kind))
    ROUTES.put(f"{V2}/{_name}/<comment_id>")(_update(_kind))
    ROUTES.delete(f"{V2}/{_name}/<comment_id>")(_delete(_kind))
    ROUTES.get(f"{V2}/{_name}/<comment_id>/children")(_list_children(_kind))
    ROUTES.get(f"{V2}/{_name}/<comment_id>/versions")(_list_versions(_kind))
