"""What all v2 routes share: login, refusals, query checks, bodies, and pages of results with a cursor."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any, TypeVar
from urllib.parse import urlencode

from connector.sandbox.accounts import Account
from connector.sandbox.answers import Answer, RefusedError
from connector.sandbox.confluence import access
from connector.sandbox.confluence.errors import (
    ForbiddenError,
    InvalidError,
    NotFoundError,
    RefusalError,
    TooLargeError,
)
from connector.sandbox.confluence.shapes import Json, wiki
from connector.sandbox.confluence.webhooks import millis
from connector.sandbox.site import Site
from connector.sandbox.wire import Call, Handler

Item = TypeVar("Item")
SortKey = tuple[int | str, ...]
MAX_REQUEST_BYTES = 5 * 1024 * 1024
V2 = "/wiki/api/v2"


class NotBuiltError(RefusalError):
    """Something the real site does and this one does not: a deviation that shows itself."""

    status = 501
    code = "NOT_IMPLEMENTED"


def v2(handler: Callable[[Site, Account, Call], Answer]) -> Handler:
    """Run a handler for who is logged in, and write refusals in v2's shape."""

    def answer(site: Site, call: Call) -> Answer:
        try:
            return handler(site, access.caller(site, call.actor), call)
        except RefusalError as refused:
            raise RefusedError(_refusal(refused)) from refused

    return answer


def _refusal(refused: RefusalError) -> Answer:
    if isinstance(refused, ForbiddenError) and not refused.is_told:
        refused = NotFoundError()
    # Recorded bodies have the status as text in a 409 and as a number in a 400.
    status = str(refused.status) if refused.status == 409 else refused.status
    error = {"status": status, "code": refused.code, "title": refused.title, "detail": None}
    return Answer(refused.status, {"errors": [error]})


def number_param(call: Call, name: str) -> str:
    """An id from the path: digits, or 400."""
    value = call.params[name]
    if not value.isdigit():
        raise InvalidError(f"Provided value {{{value}}} for '{name}' is not the correct type. Expected type is long")
    return value


def ids(call: Call, name: str, most: int = 250) -> list[str]:
    """Ids from the query, repeated or with commas; digits, at most `most`."""
    values = call.query_list(name)
    if len(values) > most:
        raise InvalidError(f"The number of values for '{name}' must be at most {most}")
    if not all(value.isdigit() for value in values):
        raise InvalidError(f"Provided value for '{name}' is not the correct type. Expected type is long")
    return values


def choice(call: Call, name: str, allowed: Iterable[str]) -> str | None:
    """One word out of a list, None when not given, 400 for another."""
    value = call.query.get(name)
    if value is not None and value not in allowed:
        raise InvalidError(f"Provided value {{{value}}} for '{name}' is not one of: {', '.join(allowed)}")
    return value


def choices(call: Call, name: str, allowed: tuple[str, ...], default: tuple[str, ...]) -> tuple[str, ...]:
    """Several words out of a list."""
    values = call.query_list(name)
    for value in values:
        if value not in allowed:
            raise InvalidError(f"Provided value {{{value}}} for '{name}' is not one of: {', '.join(allowed)}")
    return tuple(values) or default


def wants_body(call: Call) -> bool:
    """Whether storage bodies are asked for; other formats are not rendered here."""
    value = call.query.get("body-format")
    if value in (None, "storage"):
        return value is not None
    if value in ("atlas_doc_format", "view", "export_view", "anonymous_export_view", "styled_view", "editor"):
        raise NotBuiltError(f"The sandbox answers body-format=storage only, not {value}")
    raise InvalidError(f"Provided value {{{value}}} for 'body-format' is not a representation")


def json_object(call: Call) -> Json:
    """The body as a JSON object, at most 5 MB."""
    if (call.request.content_length or 0) > MAX_REQUEST_BYTES:
        raise TooLargeError("The request is too large in size (over 5 MB)")
    return call.json_object()


def written_body(body: Json, *, required: bool = True) -> str | None:
    """The storage body of a request, flat {representation, value} or nested {storage: {value, representation}}."""
    given = body.get("body")
    if given is None and not required:
        return None
    if not isinstance(given, dict):
        raise InvalidError("body is required")
    inner = given if "representation" in given else next((v for v in given.values() if isinstance(v, dict)), given)
    representation = inner.get("representation")
    if representation in ("atlas_doc_format", "wiki"):
        raise NotBuiltError(f"The sandbox takes the storage representation only, not {representation}")
    if representation != "storage":
        raise InvalidError(f"Invalid body representation: {representation}")
    return str(inner.get("value", ""))


def version_number(body: Json) -> tuple[int, str]:
    """The number and message of a request's version; 400 without a number."""
    version = body.get("version")
    number = version.get("number") if isinstance(version, dict) else None
    if not isinstance(number, int) or isinstance(number, bool) or not isinstance(version, dict):
        raise InvalidError("version.number must be provided")
    return number, str(version.get("message") or "")


def time_key(at: datetime, content_id: str) -> SortKey:
    """Sort by time, then by id: two changes in one millisecond keep an order."""
    return millis(at), int(content_id.removeprefix("att"))


def results(
    site: Site,
    call: Call,
    items: Iterable[Item],
    *,
    key: Callable[[Item], SortKey],
    shape: Callable[[Item], Json],
    reverse: bool = False,
    default_limit: int = 25,
) -> Answer:
    """One page of results, with the next one's address in `_links.next` and the Link header.

    The cursor holds the sort key of the last result, so that what is added or removed meanwhile neither
    repeats nor hides anything else.
    """
    limit = limit_of(call, default_limit)
    ordered = sorted(items, key=key, reverse=reverse)
    last = _last_key(call)
    if last is not None:
        ordered = [item for item in ordered if (key(item) < last if reverse else key(item) > last)]
    shown, more = ordered[:limit], len(ordered) > limit
    links = {"base": wiki(site)}
    headers = {"Link": f'<{wiki(site)}>; rel="base"'}
    if more:
        links["next"] = _next_link(call, limit, key(shown[-1]))
        headers["Link"] = f'<{links["next"]}>; rel="next", {headers["Link"]}'
    return Answer(200, {"results": [shape(item) for item in shown], "_links": links}, headers)


def single(site: Site, body: Json, status: int = 200) -> Answer:
    """One thing, with the site's address among its links as the document says."""
    links = {**body.get("_links", {}), "base": wiki(site)}
    return Answer(status, {**body, "_links": links})


def limit_of(call: Call, default: int = 25) -> int:
    """How many results a page may have: 1 to 250."""
    text = call.query.get("limit")
    if text is None:
        return default
    if not text.isdigit() or not 1 <= int(text) <= 250:
        raise InvalidError(f"Provided value {{{text}}} for 'limit' must be between 1 and 250")
    return int(text)


def _last_key(call: Call) -> SortKey | None:
    cursor = call.query.get("cursor")
    if not cursor:
        return None
    try:
        last: Any = json.loads(base64.urlsafe_b64decode(cursor))["last"]
        return tuple(last)
    except (ValueError, KeyError, TypeError) as error:
        raise InvalidError("Invalid cursor") from error


def _next_link(call: Call, limit: int, last: SortKey) -> str:
    cursor = base64.urlsafe_b64encode(json.dumps({"last": last}).encode()).decode()
    kept = [(name, value) for name, value in call.request.args.items(multi=True) if name not in ("cursor", "limit")]
    return f"{call.path}?{urlencode([*kept, ('limit', limit), ('cursor', cursor)])}"
