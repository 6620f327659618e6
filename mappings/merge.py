"""The law of sync: what moved on each side since the last agreement, and whose word counts.

A link remembers what the register said and what the far side said, each in its own words. Change is read by comparing
a side with its own base, never through a map, because maps are many-to-one. See `docs/law-of-sync.md`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum

from .records import LinkRole, Value

NOT_AGREED = "not agreed yet"
"""A base where nothing was agreed, or no longer is: unlike any value, so that the side counts as moved."""


class Moved(StrEnum):
    """The five rows of the law."""

    NOTHING = "nothing"
    REGISTER = "register"
    FAR = "far"
    AGREED = "agreed"
    """Somebody moved, and both say the same now: only the base moves."""
    BOTH = "both"


class Authority(StrEnum):
    """Whose word counts for a field. A setting may tighten this, never loosen it."""

    REGISTER = "register"
    """Text the auditor wrote, and what Tieout derives: a far edit is put back and explained."""
    FAR = "far"
    """The far side's word is taken, also when both moved."""
    LIFECYCLE = "lifecycle"
    """Legal and authorised moves are taken, others are put back and explained."""
    NOBODY = "nobody"
    """When both moved, a person decides; both values are kept and nothing is written."""


@dataclass(frozen=True, slots=True)
class Reading:
    """One field of one link, as both sides say it now and said it at the last agreement."""

    ours: Value
    ours_base: Value
    theirs: Value
    theirs_base: Value
    agrees: bool
    """Whether `ours` and `theirs` mean the same, read through the map."""


def what_moved(reading: Reading) -> Moved:
    """The row of the law that a reading falls into."""
    ours_moved = reading.ours != reading.ours_base
    theirs_moved = reading.theirs != reading.theirs_base
    if not ours_moved and not theirs_moved:
        return Moved.NOTHING
    if reading.agrees:
        return Moved.AGREED
    if ours_moved and theirs_moved:
        return Moved.BOTH
    return Moved.REGISTER if ours_moved else Moved.FAR


AUTHORITY: Mapping[tuple[LinkRole, str], Authority] = {
    (LinkRole.ISSUE, "summary"): Authority.REGISTER,
    (LinkRole.ISSUE, "description"): Authority.REGISTER,
    (LinkRole.ISSUE, "labels"): Authority.REGISTER,
    (LinkRole.ISSUE, "status"): Authority.LIFECYCLE,
    (LinkRole.ISSUE, "due"): Authority.LIFECYCLE,
    (LinkRole.ISSUE, "owner"): Authority.FAR,
    (LinkRole.ISSUE, "priority"): Authority.FAR,
    (LinkRole.ISSUE, "flag"): Authority.LIFECYCLE,
    (LinkRole.PAGE, "title"): Authority.REGISTER,
    (LinkRole.PAGE, "content"): Authority.REGISTER,
    (LinkRole.PAGE, "due"): Authority.LIFECYCLE,
    (LinkRole.PAGE, "accept"): Authority.LIFECYCLE,
}


def authority_of(role: LinkRole, field: str, ask: Collection[str] = ()) -> Authority:
    """Whose word counts for a field; `ask` names those of an issue on which a person is to decide when both moved."""
    return Authority.NOBODY if role is LinkRole.ISSUE and field in ask else AUTHORITY[role, field]


def takes_far(authority: Authority, moved: Moved) -> bool:
    """Whether a far value is to be judged and, if it may, taken into the register."""
    if moved is Moved.FAR:
        return authority is not Authority.REGISTER
    return moved is Moved.BOTH and authority in (Authority.FAR, Authority.LIFECYCLE)


def is_conflict(authority: Authority, moved: Moved) -> bool:
    """Whether a person must choose, if the far value may stand at all."""
    return moved is Moved.BOTH and authority is Authority.NOBODY
