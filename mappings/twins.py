"""An issue too many: a create whose answer was lost took effect twice. A person chooses which of the two stays.

The record's link to it (role `twin`) remembers how far that is, under `state` in its base.
"""

from __future__ import annotations

from enum import StrEnum

from .actions import LetGo
from .far import IssueView
from .records import Link, LinkRole
from .text import Document, paragraphs

FIELD = "twin"
"""The conflict's field: ours is the key of the issue that is linked, theirs that of the other one."""
_OURS = "tieout"


class Fate(StrEnum):
    FOUND = "found"
    """It waits for a person's choice."""
    LOSING = "losing"
    """It was not chosen: it is to be told, and our marks are to be taken off it."""
    LET_GO = "let go"
    GONE = "gone"
    """Somebody deleted it, or linked it themselves: nothing is to be done with it."""


def fate_of(twin: Link) -> Fate:
    return Fate(str(twin.base_ours["state"]))


def is_under_way(twin: Link | None) -> bool:
    """Whether the choice, or what follows from it, is still to come."""
    return twin is not None and fate_of(twin) in (Fate.FOUND, Fate.LOSING)


def twin_of(twin: Link) -> LinkRole:
    """As which counterpart it was made."""
    return LinkRole(str(twin.base_ours["of"]))


def let_go(twin: Link, issue: IssueView, kept: str) -> LetGo | None:
    """Take every mark of ours off the one that was not chosen, once; people's labels and the audit's stay."""
    if fate_of(twin) is not Fate.LOSING:
        return None
    labels = frozenset(label for label in issue.labels if label == _OURS or label.startswith(f"{_OURS}-"))
    return LetGo(twin.record, issue.id, labels, f"{twin.key} was made twice, and the work goes on in {kept}")


def farewell(kept: str) -> Document:
    """What is said on the one that was not chosen."""
    return paragraphs(
        f"Tieout made this issue twice by mistake. The work goes on in {kept}: please look there. Tieout does not look "
        "at this one any more, and nobody needs it."
    )
