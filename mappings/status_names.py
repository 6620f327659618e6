"""What Jira statuses are usually called and what they then mean: the defaults of `mappings.status_map`, as data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from .records import Kind, RequestStatus, TaskStatus

NEW: Final = "new"
GOING_ON: Final = "indeterminate"
DONE: Final = "done"
"""Jira's three categories of status, by key."""

_R = RequestStatus
_T = TaskStatus

# A board hides the column Backlog where the project has a backlog view, so it comes after what a board shows.
TO_DO: Final = ("To Do", "Todo", "Open", "Selected for Development", "Selected", "Ready", "New", "Backlog", "Reopened")
WORKING: Final = ("In Progress", "Doing", "Work in Progress", "Working", "Active", "Started", "In Development")
WAITING: Final = ("Blocked", "Waiting", "On Hold", "Needs Clarification", "Waiting for Auditor", "Pending", "Impeded")
REVIEW: Final = (
    "In Review",
    "Review",
    "Internal Review",
    "Peer Review",
    "Ready for Review",
    "Under Review",
    "Code Review",
)
WITH_AUDITOR: Final = ("With Auditor", "With the Auditor", "With Auditors", "Submitted", "Delivered")
APPROVED: Final = ("Approved",)
FINISHED: Final = ("Done", "Closed", "Resolved", "Complete", "Completed", "Finished", "Accepted")
DROPPED: Final = (
    "Won't Do",
    "Won’t Do",
    "Wont Do",
    "Cancelled",
    "Canceled",
    "Withdrawn",
    "Not Applicable",
    "Declined",
    "Rejected",
)


@dataclass(frozen=True, slots=True)
class Shown:
    """How a state looks for its status: by names, then as another state does, or else by Jira's category."""

    names: tuple[str, ...]
    category: str
    like: str | None = None


SHOWN: Final[Mapping[Kind, Mapping[str, Shown]]] = {
    Kind.REQUEST: {
        _R.OPEN: Shown(TO_DO, NEW),
        _R.DRAFT: Shown((), NEW, like=_R.OPEN),
        _R.RETURNED: Shown((), NEW, like=_R.OPEN),
        _R.IN_PROGRESS: Shown(WORKING, GOING_ON),
        _R.NEEDS_CLARIFICATION: Shown(WAITING, GOING_ON, like=_R.IN_PROGRESS),
        _R.INTERNAL_REVIEW: Shown(REVIEW, GOING_ON, like=_R.IN_PROGRESS),
        _R.SUBMITTED: Shown(WITH_AUDITOR, GOING_ON, like=_R.INTERNAL_REVIEW),
        _R.ACCEPTED: Shown(FINISHED, DONE),
        _R.NOT_APPLICABLE: Shown(DROPPED, DONE, like=_R.ACCEPTED),
        _R.WITHDRAWN: Shown(DROPPED, DONE, like=_R.ACCEPTED),
    },
    Kind.TASK: {
        _T.TODO: Shown(TO_DO, NEW),
        _T.CHANGES_REQUESTED: Shown((), NEW, like=_T.TODO),
        _T.IN_PROGRESS: Shown(WORKING, GOING_ON),
        _T.BLOCKED: Shown(WAITING, GOING_ON, like=_T.IN_PROGRESS),
        _T.READY_FOR_REVIEW: Shown(REVIEW, GOING_ON, like=_T.IN_PROGRESS),
        _T.APPROVED: Shown(WITH_AUDITOR + APPROVED, GOING_ON, like=_T.READY_FOR_REVIEW),
        _T.DELIVERED: Shown(WITH_AUDITOR, GOING_ON, like=_T.APPROVED),
        _T.DONE: Shown(FINISHED, DONE),
        _T.CANCELLED: Shown(DROPPED, DONE, like=_T.DONE),
    },
}
"""A state stands after the one it looks like; of several that share a status, the first is what the status means."""

READS: Final[Mapping[Kind, Mapping[str, tuple[str, ...]]]] = {
    Kind.REQUEST: {
        _R.OPEN: (_R.OPEN,),
        _R.RETURNED: (),
        _R.IN_PROGRESS: (_R.IN_PROGRESS,),
        _R.NEEDS_CLARIFICATION: (_R.NEEDS_CLARIFICATION,),
        _R.INTERNAL_REVIEW: (_R.INTERNAL_REVIEW,),
        _R.SUBMITTED: (_R.SUBMITTED,),
    },
    Kind.TASK: {
        _T.TODO: (_T.TODO, _T.CHANGES_REQUESTED),
        _T.CHANGES_REQUESTED: (_T.CHANGES_REQUESTED,),
        _T.IN_PROGRESS: (_T.IN_PROGRESS, _T.CHANGES_REQUESTED),
        _T.BLOCKED: (_T.BLOCKED,),
        _T.READY_FOR_REVIEW: (_T.READY_FOR_REVIEW,),
        _T.APPROVED: (_T.APPROVED, _T.READY_FOR_REVIEW),
        _T.DELIVERED: (_T.APPROVED, _T.READY_FOR_REVIEW),
    },
}
"""What a move into the status of a state may mean, most natural first. Done statuses are read in `status_map`."""

UNREADABLE: Final[Mapping[Kind, frozenset[str]]] = {
    Kind.REQUEST: frozenset({_R.DRAFT, _R.RETURNED, _R.ACCEPTED, _R.NOT_APPLICABLE, _R.WITHDRAWN}),
    Kind.TASK: frozenset({_T.DELIVERED, _T.DONE}),
}
"""What no move of a card may yield, whatever the mapping file says: an auditor's decisions, and what follows them."""

MEANINGS: Final[Mapping[str, tuple[str, str]]] = {
    **dict.fromkeys((name.casefold() for name in TO_DO), (_R.OPEN, _T.TODO)),
    **dict.fromkeys((name.casefold() for name in WORKING), (_R.IN_PROGRESS, _T.IN_PROGRESS)),
    **dict.fromkeys((name.casefold() for name in WAITING), (_R.NEEDS_CLARIFICATION, _T.BLOCKED)),
    **dict.fromkeys((name.casefold() for name in REVIEW), (_R.INTERNAL_REVIEW, _T.READY_FOR_REVIEW)),
    **dict.fromkeys((name.casefold() for name in WITH_AUDITOR + APPROVED), (_R.SUBMITTED, _T.APPROVED)),
}
"""What a status that is not done means by its name, to a request and to a task; names in lower case."""
