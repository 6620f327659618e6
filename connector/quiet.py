"""Up to when a poll has seen everything, also while nothing changes."""

from __future__ import annotations

from datetime import datetime, timedelta

QUIET = timedelta(hours=1)
"""More than any search index was ever seen to lag."""


def seen_until(newest: datetime | None, answered_at: datetime | None) -> datetime | None:
    """The newest change seen, or, where that is long ago, QUIET before the site's clock when the poll began.

    Without the second, each poll of a quiet site would read the same last changes again: after a first mirror, all
    of it."""
    quiet_until = answered_at - QUIET if answered_at else None
    return max((moment for moment in (newest, quiet_until) if moment), default=None)
