"""Up to when a poll has seen everything, also while nothing changes."""

from __future__ import annotations

from datetime import datetime, timedelta

QUIET = timedelta(hours=1)
"""More than any search index was ever seen to lag."""


def seen_until(newest: datetime | None, answered_at: datetime | None) -> datetime | None:
    """The newest change seen, or, where that is long ago, QUIET before the site's clock when the poll began.

    Never later than that clock: a change may come to light while the poll is read, and a clock that was an hour fast
    for a while must not blind the polls of the hour after it. Without QUIET each poll of a quiet site would read the
    same last changes again: after a first mirror, all of it."""
    if answered_at is None:
        return newest
    quiet_until = answered_at - QUIET
    return max(min(newest, answered_at), quiet_until) if newest else quiet_until
