"""What all v1 routes share: login, refusals, and how v1 writes users, versions and content."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from connector.sandbox.accounts import CONFLUENCE_GUESTS, Account
from connector.sandbox.answers import Answer, RefusedError, confluence_v1_error
from connector.sandbox.confluence import access, shapes
from connector.sandbox.confluence.access import NOBODY
from connector.sandbox.confluence.errors import ForbiddenError, InvalidError, NotFoundError, RefusalError
from connector.sandbox.confluence.state import Attachment, Page
from connector.sandbox.site import Site
from connector.sandbox.wire import Call, Handler

V1 = "/wiki/rest/api"
API = "com.atlassian.confluence.api.service.exceptions"
NO_CHECK = ("nocheck", "no-check")


def v1(handler: Callable[[Site, Account, Call], Answer]) -> Handler:
    """Run a handler for who is logged in and may open Confluence, and write refusals in v1's shape."""

    def answer(site: Site, call: Call) -> Answer:
        try:
            by = access.caller(site, call.actor)
            if not by.has_confluence and by is not NOBODY:
                raise ForbiddenError("Current user not permitted to use Confluence")
            return handler(site, by, call)
        except RefusalError as refused:
            raise _refusal(refused, call) from refused

    return answer


def _refusal(refused: RefusalError, call: Call) -> RefusedError:
    message = refused.title
    if isinstance(refused, NotFoundError) and message == "Not Found":
        content_id = call.params.get("content_id", "")
        message = f"{API}.NotFoundException: No content found with id: ContentId{{id={content_id}}}"
    elif isinstance(refused, ForbiddenError):
        message = f"{API}.PermissionException: {message}"
    return confluence_v1_error(refused.status, message)


def require_no_check(call: Call) -> None:
    """Refuse a multipart request that does not carry X-Atlassian-Token: nocheck."""
    if call.request.headers.get("X-Atlassian-Token", "").lower() not in NO_CHECK:
        raise ForbiddenError("XSRF check failed")


def anonymous(site: Site) -> dict[str, Any]:
    """Nobody in particular, as v1 draws who called without a login."""
    shown = user(site, NOBODY, NOBODY)
    return {"type": "anonymous", **{name: shown[name] for name in ("displayName", "profilePicture")}} | {
        "_expandable": {"operations": ""},
        "_links": {"self": f"{shapes.wiki(site)}/rest/api/user/anonymous"},
    }


def user(site: Site, account: Account, caller: Account) -> dict[str, Any]:
    """A person; the address only if it is visible or one's own."""
    shows_email = account is caller or (account.email_visible and caller is not NOBODY)
    is_guest = CONFLUENCE_GUESTS in account.groups
    return {
        "type": "known",
        "accountId": account.account_id,
        "accountType": account.account_type if account.account_type in ("atlassian", "app") else "",
        "email": account.email if shows_email else "",
        "publicName": account.display_name,
        "displayName": account.display_name,
        "timeZone": account.time_zone if account is caller else None,
        "profilePicture": {
            "path": "/wiki/aa-avatar/default",
            "width": 48,
            "height": 48,
            "isDefault": True,
        },
        "externalCollaborator": is_guest,
        "isExternalCollaborator": is_guest,
        "isGuest": is_guest,
        "_expandable": {"operations": "", "personalSpace": ""},
        "_links": {"self": f"{shapes.wiki(site)}/rest/api/user?accountId={account.account_id}"},
    }


def account_with_id(site: Site, account_id: str) -> Account:
    found = site.accounts.get(account_id)
    if found is None:
        raise NotFoundError(f"{API}.NotFoundException: No user found with accountId: {account_id}")
    return found


def attachment(site: Site, item: Attachment, caller: Account) -> dict[str, Any]:
    """A file as v1's content: size and type are under `extensions`."""
    written = shapes.attachment(item)
    version = item.version
    extensions = {
        "mediaType": version.media_type,
        "fileSize": version.size,
        "comment": version.comment,
        "mediaTypeDescription": written["mediaTypeDescription"],
        "fileId": version.file_id,
        "collectionName": f"contentId-{item.page_id}",
    }
    return {
        "id": item.content_id,
        "type": "attachment",
        "status": item.status,
        "title": item.file_name,
        "version": {
            "by": user(site, site.accounts[version.author_id], caller),
            "when": shapes.instant(version.created_at),
            "number": version.number,
            "message": version.comment,
            "minorEdit": version.minor_edit,
        },
        "container": {"id": item.page_id, "type": "page"},
        "metadata": {"mediaType": version.media_type, "comment": version.comment},
        "extensions": extensions,
        "_expandable": {"space": "", "history": "", "ancestors": ""},
        "_links": written["_links"],
    }


def labels(site: Site, page: Page) -> dict[str, Any]:
    found = [
        {"prefix": label.prefix, "name": label.name, "id": label.label_id, "label": label.name}
        for label in page.labels.values()
    ]
    return {**collection(site, found, 200), "results": found}


def collection(site: Site, found: list[dict[str, Any]], limit: int) -> dict[str, Any]:
    """v1's list: start, limit and size beside the results."""
    base = shapes.wiki(site)
    return {
        "results": found,
        "start": 0,
        "limit": limit,
        "size": len(found),
        "_links": {"base": base, "context": "/wiki"},
    }


def json_list(call: Call) -> list[dict[str, Any]]:
    """A body that is one object, a list of them, or {"results": [...]}."""
    body = call.json()
    if isinstance(body, dict) and isinstance(body.get("results"), list):
        body = body["results"]
    items = body if isinstance(body, list) else [body]
    if not all(isinstance(item, dict) for item in items):
        raise InvalidError("Could not parse the request body: a list of objects was expected")
    return items
