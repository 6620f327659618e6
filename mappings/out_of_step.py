"""What an evidence page says when its records cannot be brought in step: in words for whoever reads it, auditors too.

What exactly a site answered stays inside: it may name people, projects and fields. `tieout request show` has it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from .records import Kind

LONG = timedelta(days=1)
"""For how long a record must fail before its page says so. A site that is down for an afternoon has one alert, and is
no reason to write to every page twice."""

_SINCE = " (since "
_WHY = {
    "Refused": "the site refuses what is to be written",
    "Forbidden": "Tieout’s account is not allowed to do it there",
    "Gone": "what is to be written to is not there, or not visible to Tieout’s account",
    "given up after": "it was tried for a long time and given up",
}
"""By how the error that ended it begins."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """A record that is not in step: nobody tries it any more, or it has been failing for long."""

    number: str
    kind: Kind
    error: str
    since: datetime
    is_dead: bool


def sentence(troubles: Iterable[Trouble], said: str = "") -> str:
    """What is out of step, why and since when; empty when nothing is.

    `said` is what the page says now: for the same reason its words stay, so that a try that fails again is no news."""
    found = sorted(troubles, key=lambda trouble: trouble.number)
    if not found:
        return ""
    first, more = found[0], len(found) - 1
    others = f"; nor can {more} more of its records" if more else ""
    what = (
        f"{first.kind} {first.number} cannot be brought in step{others}: {_why(first)}. The coordinator has been told"
    )
    if said.partition(_SINCE)[0] == what:
        return said
    since = min(trouble.since for trouble in found)
    return f"{what}{_SINCE}{since.astimezone(UTC):%Y-%m-%d %H:%M} UTC)."


def _why(trouble: Trouble) -> str:
    if not trouble.is_dead:
        return "a site does not take it, and it is tried again"
    return next((words for begins, words in _WHY.items() if trouble.error.startswith(begins)), "it ends in an error")
