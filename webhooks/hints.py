"""What a webhook's body points at: ids of issues and pages, and nothing that is believed beyond that.

Bodies come from anywhere and in any shape. Reading one never raises; what is not understood is not a hint.
"""

import json
import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sync.facets import ALL, PAGE_COMMENTS, PAGE_FILES

OUR_LABEL = "tieout"
REMOTE_ID = re.compile(r"[0-9]{1,20}", re.ASCII)
ISSUE_IN_ADDRESS = re.compile(r"/rest/api/(?:[0-9]|latest)/issue/([0-9]{1,20})(?:/|$)", re.ASCII)
ABOUT_ISSUES = re.compile(r"issue|comment|attachment|worklog|^$")
ABOUT_PAGES = re.compile(r"page|comment|attachment|content|^$")
LONGEST_EVENT = 60


@dataclass(frozen=True, slots=True)
class Hint:
    """What to look at. `sent_at_ms` is the sender's time stamp, in milliseconds since 1970."""

    ids: tuple[str, ...] = ()
    """Issue ids from Jira, page ids from Confluence."""
    facets: int = 0
    """Parts of a page that changed beside its body (`sync.facets`)."""
    is_vague: bool = False
    """Something changed of which the body does not say where it stands, so that only a poll can find it."""
    has_our_label: bool | None = None
    """Whether the issue carried Tieout's label then; None when the body does not say."""
    space: str | None = None
    """Key of the page's space; None when the body does not say."""
    event: str = ""
    """The event's own name, cut short; for the log."""
    sent_at_ms: int | None = None
    is_readable: bool = True


UNREADABLE = Hint(facets=ALL, is_vague=True, is_readable=False)
"""Signed, so something did change; the body (empty when the hook leaves it out) does not say what."""


def jira_hint(body: bytes) -> Hint:
    """The issues that a body from Jira is about, Cloud or Data Center.

    Data Center's `comment_created` has no issue: its id stands in the comment's address (`…/issue/10013/comment/7`).
    """
    payload = _parsed(body)
    if payload is None:
        return UNREADABLE
    event = _text(payload.get("webhookEvent"))
    issue, link = _object(payload.get("issue")), _object(payload.get("issueLink"))
    ids = _ids([issue.get("id"), link.get("sourceIssueId"), link.get("destinationIssueId")])
    for subject in (_object(payload.get(name)) for name in ("comment", "attachment", "worklog")):
        match = ISSUE_IN_ADDRESS.search(_text(subject.get("self")))
        ids += _ids([subject.get("issueId"), match and match.group(1)])
    labels = _object(issue.get("fields")).get("labels")
    return Hint(
        ids=tuple(dict.fromkeys(ids)),
        is_vague=not ids and bool(ABOUT_ISSUES.search(event)),
        has_our_label=OUR_LABEL in labels if isinstance(labels, list) else None,
        event=event[:LONGEST_EVENT],
        sent_at_ms=_milliseconds(payload.get("timestamp")),
    )


def confluence_hint(body: bytes) -> Hint:
    """The pages that a body is about: from Data Center, from the Cloud's webhooks, or from an automation rule.

    A rule sends `{"pageId": "123"}`, and may name what changed: `{"pageId": "123", "event": "comment_created"}`.
    Data Center from 9 on sends only the id of a comment, and not its page's.
    """
    payload = _parsed(body)
    if payload is None:
        return UNREADABLE
    event = _text(payload.get("event"))
    comment = _object(payload.get("comment"))
    files = [_object(payload.get("attachment")), *map(_object, _list(payload.get("attachments")))]
    holders = (payload, comment, *files)
    pages = [_object(holder.get(name)) for holder in holders for name in ("page", "content", "parent", "container")]
    ids = _ids([payload.get("pageId"), *(page.get("id") for page in pages)])
    spaces = [space for page in pages if (space := _text(page.get("spaceKey")))]
    return Hint(
        ids=tuple(dict.fromkeys(ids)),
        facets=_facets(event, has_comment=bool(comment), has_files=any(files)),
        is_vague=not ids and bool(ABOUT_PAGES.search(event)),
        space=spaces[0] if spaces else None,
        event=event[:LONGEST_EVENT],
        sent_at_ms=_milliseconds(payload.get("timestamp")),
    )


def _facets(event: str, *, has_comment: bool, has_files: bool) -> int:
    """The parts to read again. The body of a page is always read; a body that names no event may mean any part."""
    if not event and not has_comment and not has_files:
        return ALL
    comments = PAGE_COMMENTS if has_comment or "comment" in event else 0
    files = PAGE_FILES if has_files or "attachment" in event else 0
    return comments | files


def _parsed(body: bytes) -> dict[str, Any] | None:
    """The body as an object; None for anything else, a structure too deep or a number too long to read included."""
    try:
        payload = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return payload if isinstance(payload, dict) else None


def _ids(values: Iterable[object]) -> list[str]:
    """Those values that are ids: digits, as text or as a whole number. Nothing else ever reaches the register."""
    texts = [str(value) if type(value) is int else value for value in values]
    return [text for text in texts if isinstance(text, str) and REMOTE_ID.fullmatch(text)]


def _milliseconds(value: object) -> int | None:
    if type(value) is int:
        return value
    if isinstance(value, float) and math.isfinite(value):
        return int(value)
    return int(value) if isinstance(value, str) and REMOTE_ID.fullmatch(value) else None


def _object(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
