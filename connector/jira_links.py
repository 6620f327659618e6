"""The link from a task's issue to its request's: in the create where the screen takes it, else by a call of its own.

Links of their own are tried once: an issue without one is in step all the same, and the next person can draw it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Any

from mappings.errors import FarSideError
from mappings.far import Created, IssueDraft

FIELD = "issuelinks"
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


def draw(post: Callable[[dict[str, Any]], object], link_type: str, draft: IssueDraft, issue: Created) -> None:
    """Link an issue that exists, read from the issue to what it belongs to, as `given` does."""
    ends = {"inwardIssue": {"key": issue.key}, "outwardIssue": {"key": draft.link_to}}
    try:
        post({"type": {"name": link_type}, **ends})
    except FarSideError as error:
        log.warning(
            "issue stays without its link", extra={"issue": issue.key, "link_to": draft.link_to, "why": str(error)}
        )
