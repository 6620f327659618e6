"""What is due: one row a key, dirty while `wanted` is above `done`, held by at most one worker at a time.

Marking a key during its run leads to another run after it. A claim is a lease with a fencing number: whoever lost the
lease can no longer finish, so its whole transaction is undone. Marks and finishes are written when their transaction
ends, in the order of their keys, so that two transactions that touch the same keys do not lock each other out.

A run that comes early takes the place of one asked for later: a run that still wants to come again must say so again.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import Any

from sqlalchemy import Connection

from . import work_statements as sql
from .database import Database, announce, at_end, now
from .work_statements import BACKFILL, LIVE, SWEEP

__all__ = ["BACKFILL", "LIVE", "SWEEP", "Claim", "DeadLetter", "Fenced", "WorkCounts"]

MOST_CRASHES = 8
AFTER_A_CRASH = 20
"""A set whose worker died is claimed again in sets so many times smaller: of 200 keys, by tens, then one by one."""
MOST_KIN = 300
Kin = Callable[[Connection, Collection[str]], set[str]]
"""Which keys should be in one hand with these, as far as they are due."""
_RANK = 1
_ERROR_LENGTH = 2_000


class Fenced(Exception):
    """Somebody else holds a key by now: what was done in this transaction must not count."""


@dataclass(frozen=True, slots=True)
class Claim:
    key: str
    fence: int
    facets: int
    """Everything that was marked since the last run began, or-ed."""
    attempts: int
    """Runs since the last one that finished, this one included."""
    claimed: int
    """How many marks this run settles."""
    ends_at: datetime
    """When the lease runs out, unless it is extended."""
    faults: int = 1
    """Runs in a row that ended by a fault of ours, this one included if it does."""
    failing_s: float = 0.0
    """For how long runs had been failing when this one began; 0 when the last went well."""


@dataclass(frozen=True, slots=True)
class WorkCounts:
    due: int
    """May be claimed now; those whose worker died are among them."""
    waiting: int
    """Wanted, but not yet."""
    leased: int
    dead: int
    oldest_due_s: float
    """How long the longest due key has been due; 0 when none is."""
    failing: int = 0
    """Not dead, but their last run failed."""


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A key nobody tries any more, until it is replayed or marked live."""

    key: str
    attempts: int
    error: str
    failed_at: datetime


@dataclass(frozen=True, slots=True)
class _Mark:
    key: str
    lane: int
    facets: int
    run_at: datetime | None


@dataclass(frozen=True, slots=True)
class _Finish:
    key: str
    claim: Claim
    every_s: int | None


def mark(
    conn: Connection, keys: Iterable[str], *, lane: int = LIVE, facets: int = 0, run_at: datetime | None = None
) -> None:
    """Make keys due, now or at `run_at`; it counts when the transaction commits.

    A live mark revives a dead key and ends its backing off; a mark in another lane leaves both as they are.
    """
    for key in set(keys):
        at_end(conn, _RANK, _settle, _Mark(key, lane, facets, run_at))
        announce(conn)


def claim(
    db: Database,
    *,
    worker: str,
    limit: int,
    lease_s: float,
    prefix: str | None = None,
    last_lane: int = BACKFILL,
    kin: Kin | None = None,
    last_kin_lane: int = BACKFILL,
) -> list[Claim]:
    """Lease up to `limit` due keys in lanes up to `last_lane`: live ones first, the longest due first. With a `prefix`,
    keys that begin with it, and of one lane only; and what is due of their `kin` in lanes up to `last_kin_lane`.

    A key whose worker died is due when its lease ends, and comes before all others but in a smaller set than before,
    without kin; after MOST_CRASHES in a row of workers that had it alone it is dead instead.
    """
    with db.write() as conn:
        moment = now(conn)
        looked_for = {"moment": moment, "last_lane": last_lane}
        if prefix is not None:
            looked_for |= {"prefix": prefix, "length": len(prefix)}
        values = looked_for | {"most": limit, "worker": worker, "lease_end": moment + timedelta(seconds=lease_s)}
        statement = sql.CLAIM[prefix is not None]
        were = conn.scalar(sql.ORPHANED_WITH[prefix is not None], looked_for)
        if were is not None:
            values |= {"were": were, "most": min(limit, max(1, were // AFTER_A_CRASH))}
            statement = sql.CLAIM_ORPHANS[prefix is not None]
        found = [dict(row) for row in conn.execute(statement, values).mappings()]
        if kin is not None and found and were is None:
            found += _claim_kin(conn, found, kin, values | {"last_lane": last_kin_lane})
        rows = sorted(found, key=lambda row: (row["lane"], row["run_at"], row["key"]))
        for row in rows:
            if row["crashes"] > MOST_CRASHES:
                _bury(conn, row, moment)
    return [_claim(row, moment) for row in rows if row["crashes"] <= MOST_CRASHES]


def first_lane(conn: Connection) -> int | None:
    """The lane of what is to be done now; None when nothing is due. Takes no lock, as a claim does."""
    lane: int | None = conn.scalar(sql.FIRST_LANE, {"moment": now(conn)})
    return lane


def claim_these(db: Database, keys: Collection[str], *, worker: str, lease_s: float) -> list[Claim]:
    """Lease those of `keys` that are due and in nobody's hand, by key."""
    with db.write() as conn:
        moment = now(conn)
        lease_end = moment + timedelta(seconds=lease_s)
        values = {"moment": moment, "last_lane": BACKFILL, "most": len(keys), "worker": worker, "lease_end": lease_end}
        found = conn.execute(sql.CLAIM_KIN, {**values, "keys": sorted(keys), "beside": 0}).mappings()
        rows = [dict(row) for row in found]
        return [_claim(row, moment) for row in sorted(rows, key=lambda row: str(row["key"]))]


def _claim_kin(
    conn: Connection, found: list[dict[str, Any]], kin: Kin, values: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """Claim what is due of the kin of what was found; whoever was alone till then is so no more."""
    keys = [row["key"] for row in found]
    wanted = {"keys": sorted(kin(conn, keys) - set(keys)), "most": MOST_KIN, "beside": len(found)}
    more = [dict(row) for row in conn.execute(sql.CLAIM_KIN, {**values, **wanted}).mappings()]
    if more:
        unjust = 1 if len(found) == 1 else 0
        together = len(found) + len(more)
        conn.execute(sql.JOINED, {"keys": keys, "together": together, "unjust": unjust})
        for row in found:
            row |= {"claimed_with": together, "crashes": row["crashes"] - unjust}
    return more


def finish(conn: Connection, *claims: Claim) -> None:
    """Settle what the claims were for, in the transaction that keeps what came of them.

    Raises Fenced when a key is not the claimer's any more: here, or at the end of the transaction at the latest.
    """
    held = {row.key: row for row in conn.execute(sql.HELD_OF, {"keys": sorted(claim.key for claim in claims)})}
    for claim in claims:
        row = held.get(claim.key)
        if row is None or row.fence != claim.fence:
            raise _fenced(claim)
        at_end(conn, _RANK, _settle, _Finish(claim.key, claim, row.every_s))


def fail(
    db: Database,
    claim: Claim,
    *,
    error: str,
    after_s: float,
    spends_attempt: bool,
    is_permanent: bool,
    is_fault: bool = False,
) -> bool:
    """Give the key back to be tried again after `after_s`, or, when `is_permanent`, to lie dead with its error.
    `is_fault` when the error is a mistake of ours.

    A key that was marked again during the run, and a periodic one, never die of it. False when it was not ours.
    """
    faults = claim.faults if is_fault else 0
    with db.write() as conn:
        dies = _give_back(conn, claim, now(conn), error, after_s, spends_attempt, is_permanent, faults)
        return dies is not None


def bury(conn: Connection, claim: Claim, error: str) -> bool:
    """Give the key up for good. False when it lives on: marked again during the run, periodic, or not ours any more."""
    dies = _give_back(conn, claim, now(conn), error, 0, spends_attempt=True, is_permanent=True, faults=0)
    return dies is True


def release(db: Database, claim: Claim) -> bool:
    """Give the key back untried, due at once. False when it was not ours any more."""
    with db.write() as conn:
        return conn.execute(sql.RELEASE, _of(claim) | {"moment": now(conn)}).rowcount == 1


def extend(db: Database, claims: Collection[Claim], lease_s: float) -> list[Claim]:
    """Hold the claims for `lease_s` from now; returns those that are still ours. Drop the others at once."""
    with db.write() as conn:
        return extend_in(conn, claims, now(conn) + timedelta(seconds=lease_s))


def extend_in(conn: Connection, claims: Collection[Claim], ends_at: datetime) -> list[Claim]:
    """As `extend`, up to a moment, in a transaction that also keeps what the claims are held for."""
    ordered = sorted(claims, key=lambda each: each.key)
    values = [_of(each) | {"lease_end": ends_at} for each in ordered]
    if values and conn.execute(sql.EXTEND, values).rowcount == len(values):
        return ordered
    return [each for each, row in zip(ordered, values, strict=True) if conn.execute(sql.EXTEND, row).rowcount]


def every(conn: Connection, key: str, interval_s: int, *, lane: int = LIVE) -> None:
    """Make the key due now if it is new, and then at each multiple of `interval_s` of the clock, once for all replicas.

    Saying it again, from however many replicas, changes nothing; another interval counts from the next run on.
    """
    moment = now(conn)
    row = _new_row(key, lane, 0, _next_slot(moment, interval_s)) | {"due_at": moment, "every_s": interval_s}
    sql.EVERY.run(conn, [row])


def counts(conn: Connection) -> WorkCounts:
    moment = now(conn)
    due, waiting, leased, dead_keys, oldest, failing = conn.execute(sql.COUNTS, {"moment": moment}).one()
    oldest_s = (moment - oldest).total_seconds() if oldest else 0.0
    return WorkCounts(due or 0, waiting or 0, leased or 0, dead_keys or 0, oldest_s, failing or 0)


def dead(conn: Connection) -> list[DeadLetter]:
    """By key."""
    return [DeadLetter(*row) for row in conn.execute(sql.DEAD)]


def replay(conn: Connection, keys: Iterable[str] | None = None) -> int:
    """Make dead keys due again, these or all of them; returns how many."""
    moment = now(conn)
    chosen = sorted(set(keys)) if keys is not None else [letter.key for letter in dead(conn)]
    return sum(conn.execute(sql.REPLAY, {"its_key": key, "moment": moment}).rowcount for key in chosen)


def _settle(conn: Connection, steps: list[_Mark | _Finish]) -> None:
    """All of a transaction's marks and finishes, by key; a key's own finish before the marks it set on itself."""
    moment = now(conn)
    finishes = {step.key: step for step in steps if isinstance(step, _Finish)}
    marks = _merged((step for step in steps if isinstance(step, _Mark)), moment)
    settled: list[_Finish] = []
    rows: list[dict[str, Any]] = []
    for key in sorted(finishes.keys() | marks.keys()):
        if key in finishes:
            sql.MARK.run(conn, rows)
            rows = []
            settled.append(finishes[key])
        if key in marks:
            _finish(conn, settled, moment)
            settled = []
            rows.append(marks[key])
    _finish(conn, settled, moment)
    sql.MARK.run(conn, rows)


def _merged(marks: Iterable[_Mark], moment: datetime) -> dict[str, dict[str, Any]]:
    """One row for each key, however often it was marked."""
    rows: dict[str, dict[str, Any]] = {}
    for each in marks:
        run_at = each.run_at or moment
        row = rows.setdefault(each.key, _new_row(each.key, each.lane, each.facets, run_at))
        row["lane"] = min(row["lane"], each.lane)
        row["facets"] |= each.facets
        row["run_at"] = row["due_at"] = min(row["run_at"], run_at)
    return rows


def _finish(conn: Connection, steps: Sequence[_Finish], moment: datetime) -> None:
    """In the given order, many in one go."""
    for is_periodic, several in groupby(steps, key=lambda step: step.every_s is not None):
        some = list(several)
        statement = sql.FINISH_PERIODIC if is_periodic else sql.FINISH
        values = [_of(step.claim) | _slot_of(step, moment) for step in some]
        if conn.execute(statement, values).rowcount != len(some):
            raise _fenced(some[0].claim)


def _slot_of(step: _Finish, moment: datetime) -> dict[str, datetime]:
    return {} if step.every_s is None else {"slot": _next_slot(moment, step.every_s)}


def _give_back(
    conn: Connection,
    claim: Claim,
    moment: datetime,
    error: str,
    after_s: float,
    spends_attempt: bool,
    is_permanent: bool,
    faults: int,
) -> bool | None:
    """Whether the key lies dead by this; None when it was not the claimer's any more."""
    held = conn.execute(sql.HELD, _of(claim)).first()
    if held is None:
        return None
    if is_permanent and held.every_s is not None:
        run_at = _next_slot(moment, held.every_s)
    else:
        run_at = moment + timedelta(seconds=after_s)
    dies = is_permanent and held.every_s is None and held.wanted == claim.claimed
    values = {
        "moment": moment,
        "next_run_at": run_at,
        "next_due_at": None if dies else run_at,
        "dies": dies,
        "unspent": 0 if spends_attempt else 1,
        "error": error[:_ERROR_LENGTH],
        "faults": faults,
    }
    return dies if conn.execute(sql.GIVE_BACK, _of(claim) | values).rowcount == 1 else None


def _bury(conn: Connection, row: Mapping[str, Any], moment: datetime) -> None:
    error = f"{MOST_CRASHES} workers in a row died, or lost their lease, while they were at it and at nothing else"
    _give_back(conn, _claim(row, moment), moment, error, 0, spends_attempt=False, is_permanent=True, faults=0)


def _claim(row: Mapping[str, Any], moment: datetime) -> Claim:
    faults = row["crashes"] if row["claimed_with"] == 1 else row["crashes"] + 1
    since = row["failing_since"]
    failing_s = (moment - since).total_seconds() if since else 0.0
    counted = (row["key"], row["fence"], row["claimed_facets"], row["attempts"], row["claimed"], row["due_at"])
    return Claim(*counted, faults, max(0.0, failing_s))


def _of(claim: Claim) -> dict[str, Any]:
    return {"its_key": claim.key, "its_fence": claim.fence}


def _fenced(claim: Claim) -> Fenced:
    return Fenced(
        f"{claim.key}: fence {claim.fence} is not the newest any more; drop this run, another one has the key"
    )


def _new_row(key: str, lane: int, facets: int, run_at: datetime) -> dict[str, Any]:
    return {"key": key, "lane": lane, "facets": facets, "run_at": run_at, "due_at": run_at, **sql.NEW}


def _next_slot(moment: datetime, every_s: int) -> datetime:
    return datetime.fromtimestamp((int(moment.timestamp()) // every_s + 1) * every_s, UTC)
