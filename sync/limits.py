"""How fast the whole fleet may call a site: a row for each limit, shared by every worker of every replica.

A site's `Retry-After` holds everybody (`push_back`); a pace spreads calls before the site has to say so. The pace is
the generic cell rate algorithm: one time, `full_at`, says when all that was taken so far is paid for.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, bindparam, case, select, update

from .database import Database, now
from .tables import rate_limit
from .upsert import InsertNew, Upsert


@dataclass(frozen=True, slots=True)
class Pace:
    per_s: float
    """Calls a second in the long run."""
    burst: int
    """Calls that may go at once after a rest."""


_c = rate_limit.c
_ADD = InsertNew(rate_limit)
_READ = select(_c.full_at, _c.held_until).where(_c.name == bindparam("named"))
_LOCK = _READ.with_for_update()
_TAKE = update(rate_limit).where(_c.name == bindparam("named"))
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
            return _later(row.held_until if row else None, now(conn))
    with db.write() as conn:
        return _take(conn, name, cost, pace)


def push_back(conn: Connection, name: str, until: datetime) -> None:
    """Nobody calls before `until`; never shortens a longer hold."""
    _HOLD.run(conn, [{"name": name, "held_until": until}])


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
