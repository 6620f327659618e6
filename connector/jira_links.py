"""The link from a task's issue to its request's: in the create where the screen takes it, else by a call of its own.

Jira takes a link that is there already for one that was made, so that drawing it again does no harm.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Any

from mappings.errors import FarSideError, Forbidden, Refused, SignInFailed
from mappings.far import Created, IssueDraft

FIELD = "issuelinks"
Post = Callable[[dict[str, Any]], object]
log = logging.getLogger(__name__)


def is_all_that_was_refused(error: Mapping[str, Any]) -> bool:
    """Whether a failed element of a bulk create would have been created without its link."""
    said = error.get("elementErrors")
    if not isinstance(said, dict) or said.get("errorMessages"):
        return False
    return set(said.get("errors") or ()) == {FIELD}


def given(link_type: str, key: str) -> dict[str, Any]:
    """The link as an element's `update` has it."""
    return {FIELD: [{"add": {"type": {"name": link_type}, "outwardIssue": {"key": key}}}]}


def was_drawn(post: Post, link_type: str, draft: IssueDraft, issue: Created) -> bool:
    """Link an issue that was just made. What it was made for is done: a link that fails is for another run to draw."""
    try:
        post(_body(link_type, issue.key, str(draft.link_to)))
    except FarSideError as error:
        log.warning("issue has no link yet", extra={"issue": issue.key, "link_to": draft.link_to, "why": str(error)})
        return False
    return True


def draw(post: Post, whoami: Callable[[], object], link_type: str | None, key: str, to: str) -> None:
    """Link an issue that exists, read from the issue to what it belongs to, as `given` does."""
    if link_type is None:
        raise Refused(f"{key} cannot be linked to {to}: the site has no link type for it")
    try:
        post(_body(link_type, key, to))
    except SignInFailed as error:
        # Jira says 401 where the permission Link issues is missing (documented): only a read tells it from a token
        # that ended, for which everything would stop.
        whoami()
        raise Forbidden(f"{key} was not linked to {to} (the permission Link issues is needed): {error}") from error


def _body(link_type: str, key: str, to: str) -> dict[str, Any]:
    return {"type": {"name": link_type}, "inwardIssue": {"key": key}, "outwardIssue": {"key": to}}
