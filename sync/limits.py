"""How fast the whole fleet may call a site: a row for each limit, shared by every worker of every replica.

A site's `Retry-After` holds everybody (`push_back`); a pace spreads calls before the site has to say so. The pace is
the generic cell rate algorithm: one time, `full_at`, says when all that was taken so far is paid for.

Each call asks, which costs one read by key: a worker in the middle of a long run stops when any other was told to.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, bindparam, case, delete, or_, select, update

from mappings.errors import Throttled
from mappings.limits import PER_ISSUE

from .database import Database, now
from .tables import rate_limit
from .upsert import InsertNew, Upsert


@dataclass(frozen=True, slots=True)
class Pace:
    per_s: float
    """Calls a second in the long run."""
    burst: int
    """Calls that may go at once after a rest."""


SITES = "atlassian"
"""What every call to either site waits for."""
NEAR = "atlassian:near"
"""As long as it holds, what nobody waits for is left for later, so that little is enough for what somebody does."""

ISSUE_PACE = Pace(per_s=3, burst=10)
"""Writes to one issue. Jira takes 20 in 2 s and 100 in 30 s
(https://developer.atlassian.com/cloud/jira/platform/rate-limiting/): a burst and 3 a second are 16 and 100."""
KEPT = timedelta(days=1)

_c = rate_limit.c
_ADD = InsertNew(rate_limit)
_READ = select(_c.full_at, _c.held_until).where(_c.name == bindparam("named"))
_LOCK = _READ.with_for_update()
_TAKE = update(rate_limit).where(_c.name == bindparam("named"))
_FORGET = delete(rate_limit).where(
    or_(_c.full_at.is_(None), _c.full_at < bindparam("before")),
    or_(_c.held_until.is_(None), _c.held_until < bindparam("before")),
)
_HOLDS = select(_c.name, _c.held_until).where(_c.name.in_((SITES, NEAR)), _c.held_until > bindparam("moment"))
_HOLD = Upsert(
    rate_limit,
    ("name",),
    lambda old, new: {"held_until": case((old.c.held_until > new.held_until, old.c.held_until), else_=new.held_until)},
)


def allowed_at(db: Database, name: str, *, cost: int = 1, pace: Pace | None = None) -> datetime | None:
    """None when the call may go now, and then `cost` is taken of the pace; else when to ask again, and nothing is."""
    if pace is None:
        with db.read() as conn:
            row = conn.execute(_READ, {"named": name}).first()
            return _later(row.held_until, now(conn)) if row and row.held_until else None
    with db.write() as conn:
        return _take(conn, name, cost, pace)


def push_back(conn: Connection, name: str, until: datetime) -> None:
    """Nobody calls before `until`; never shortens a longer hold."""
    _HOLD.run(conn, [{"name": name, "held_until": until}])


def holds(conn: Connection, moment: datetime) -> dict[str, datetime]:
    """Of SITES and NEAR, those in force, until when."""
    return {row.name: row.held_until for row in conn.execute(_HOLDS, {"moment": moment})}


def prune(conn: Connection) -> int:
    """Forget limits that have not mattered for long; returns how many."""
    return conn.execute(_FORGET, {"before": now(conn) - KEPT}).rowcount


class FleetLimits:
    """`mappings.limits.Limits` for the clients of one worker, shared with all others through the database.

    What an answer says is kept by `keep`, and not when it is heard: there the thread may be in a transaction.
    `is_ours` is called once a write to an issue may go, as asking may have taken long, and raises when it must not."""

    def __init__(self, db: Database, is_ours: Callable[[], None] = lambda: None) -> None:
        self._db = db
        self._is_ours = is_ours
        self._near_for_s = 0.0
        self._down_until: datetime | None = None
        self._is_long = False

    @contextmanager
    def long_look(self) -> Iterator[None]:
        """Within the block, in which nothing is asked inside a transaction, each call keeps what is held our own."""
        self._is_long = True
        try:
            yield
        finally:
            self._is_long = False

    def ask(self, issue: str | None) -> None:
        """One read, and before it a write where the call writes to an issue: never in a transaction then."""
        if issue is not None:
            at = allowed_at(self._db, _of_issue(issue), pace=ISSUE_PACE)
            # Who must wait waits for a whole burst: coming back for each single write would read the record each time.
            self._stop(at, f"{PER_ISSUE} limit of issue {issue}", more_s=ISSUE_PACE.burst / ISSUE_PACE.per_s)
        self._stop(allowed_at(self._db, SITES) or self._still_down(), "a site asked for time")
        if issue is not None or self._is_long:
            self._is_ours()

    def is_near(self, reset_in_s: float) -> None:
        self._near_for_s = max(self._near_for_s, reset_in_s)

    def is_down(self, for_s: float) -> None:
        with self._db.read() as conn:
            until = now(conn) + timedelta(seconds=for_s)
        self._down_until = max(until, self._down_until or until)

    def refused(self, issue: str, after_s: float) -> None:
        self._push(_of_issue(issue), after_s)

    def hold(self, after_s: float) -> None:
        """Nobody calls either site for so long."""
        self._push(SITES, after_s)

    def keep(self) -> None:
        """Remember for everybody what this worker's answers said."""
        if self._near_for_s > 0:
            self._push(NEAR, self._near_for_s)
            self._near_for_s = 0.0
        if self._down_until is not None:
            with self._db.write() as conn:
                push_back(conn, SITES, self._down_until)
            self._down_until = None

    def _still_down(self) -> datetime | None:
        """Until when a site is not there, where this worker alone has heard that so far."""
        if self._down_until is None:
            return None
        with self._db.read() as conn:
            return _later(self._down_until, now(conn))

    def _stop(self, until: datetime | None, why: str, *, more_s: float = 0) -> None:
        if until is None:
            return
        with self._db.read() as conn:
            after_s = max(0.0, (until - now(conn)).total_seconds()) + more_s
        raise Throttled(f"not sent, as it must wait {after_s:.1f} s: {why}", after_s=after_s, reason=why)

    def _push(self, name: str, after_s: float) -> None:
        with self._db.write() as conn:
            push_back(conn, name, now(conn) + timedelta(seconds=after_s))


def _of_issue(issue: str) -> str:
    return f"issue:{issue}"


def _take(conn: Connection, name: str, cost: int, pace: Pace) -> datetime | None:
    if not 0 < cost <= pace.burst:
        raise ValueError(f"{name}: a call may cost 1 to {pace.burst}, the burst, and not {cost}")
    _ADD.run(conn, {"name": name})
    row = conn.execute(_LOCK, {"named": name}).one()
    moment = now(conn)
    held = _later(row.held_until, moment)
    if held is not None:
        return held
    full_at = max(row.full_at or moment, moment) + timedelta(seconds=cost / pace.per_s)
    may_go_at = full_at - timedelta(seconds=pace.burst / pace.per_s)
    if may_go_at > moment:
        return may_go_at
    conn.execute(_TAKE, {"named": name, "full_at": full_at})
    return None


def _later(until: datetime | None, moment: datetime) -> datetime | None:
    return until if until is not None and until > moment else None
