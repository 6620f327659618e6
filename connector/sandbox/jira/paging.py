"""Jira's two ways of giving a list in pieces: startAt/maxResults with a total, and opaque tokens."""

import base64
import binascii
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from connector.sandbox.answers import Answer, jira_error
from connector.sandbox.wire import Call

Item = TypeVar("Item")

DEFAULT = 50


def page(
    call: Call, items: Sequence[Item], bean: Callable[[Item], Any], *, most: int = 1000, default: int = DEFAULT
) -> Answer:
    """A PageBean of a list, from `startAt` and `maxResults` of the call."""
    start, size = call.query_int("startAt", 0), call.query_int("maxResults", default, most)
    shown = items[start : start + size]
    here = f"{call.site.base_url}{call.path}"
    answer: dict[str, Any] = {
        "self": f"{here}?startAt={start}&maxResults={size}",
        "maxResults": size,
        "startAt": start,
        "total": len(items),
        "isLast": start + len(shown) >= len(items),
        "values": [bean(item) for item in shown],
    }
    if not answer["isLast"]:
        answer["nextPage"] = f"{here}?startAt={start + size}&maxResults={size}"
    return Answer(200, answer)


def write_token(offset: int) -> str:
    return base64.urlsafe_b64encode(str(offset).encode()).decode()


def read_token(token: Any) -> int:
    """The offset in a token, 0 for none; 400 for one this site never gave."""
    if not token:
        return 0
    try:
        return int(base64.urlsafe_b64decode(str(token)))
    except (ValueError, binascii.Error):
        raise jira_error(400, "The nextPageToken is not valid.") from None
