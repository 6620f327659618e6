"""The statements of `sync.work`, built once: building them for each call was measured to cost more than running them.

Three counters: `wanted` marks, of which `claimed` are in hand or settled, of which `done` are settled. `due_at` is when
the key may next be claimed: when it is to run, or when its lease ends, or NULL. `run_at` keeps when it is to run while
a lease stands in `due_at`. `claimed_facets` are what a run took, to be given back if it does not finish.

`crashes` counts runs in a row that ended by a fault of ours: the worker died while it had this key and no other, or met
an error of no known kind. A worker that died with many keys in hand (`claimed_with`) accuses none of them: they are
claimed again in smaller sets, and at last one by one. `failing_since` is when the first of the runs failed that did so
since one last went well.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import (
    Select,
    Table,
    Update,
    and_,
    bindparam,
    case,
    exists,
    false,
    func,
    null,
    or_,
    select,
    true,
    update,
)

from .tables import work
from .upsert import Upsert

LIVE, SWEEP, BACKFILL = 0, 1, 2
"""Lanes, first served first: what somebody waits for, what is looked after now and then, what fills in the past."""

_c = work.c

NEW: Mapping[str, Any] = {
    "wanted": 1,
    "claimed": 0,
    "done": 0,
    "attempts": 0,
    "crashes": 0,
    "fence": 0,
    "claimed_facets": 0,
    "is_dead": False,
    "every_s": None,
    "failing_since": None,
    "claimed_with": None,
}


def _marked(old: Table, new: Any) -> Mapping[str, Any]:
    """What a mark changes in a row that is there."""
    row = old.c
    is_live = new.lane == LIVE
    is_new_want = row.wanted == row.claimed
    is_between_slots = and_(row.every_s.is_not(None), row.lease_owner.is_(None))
    sooner = case((new.run_at < row.run_at, new.run_at), else_=row.run_at)
    run_at = case(
        (and_(is_new_want, ~is_between_slots), new.run_at),
        (and_(or_(row.is_dead, row.attempts > 0), ~is_live), row.run_at),
        else_=sooner,
    )
    return {
        "wanted": row.wanted + 1,
        "facets": row.facets.bitwise_or(new.facets),
        "lane": case(
            (row.every_s.is_not(None), row.lane), (or_(is_new_want, new.lane < row.lane), new.lane), else_=row.lane
        ),
        "run_at": run_at,
        "due_at": case((row.lease_owner.is_not(None), row.due_at), (and_(row.is_dead, ~is_live), null()), else_=run_at),
        "attempts": case((and_(row.is_dead, is_live), 0), else_=row.attempts),
        "crashes": case((and_(row.is_dead, is_live), 0), else_=row.crashes),
        "failing_since": case((and_(row.is_dead, is_live), null()), else_=row.failing_since),
        "is_dead": and_(row.is_dead, ~is_live),
    }


MARK = Upsert(work, ("key",), _marked)


def _periodic(old: Table, new: Any) -> Mapping[str, Any]:
    """What becomes of a row that is there when its key is said to be periodic. The new row's `run_at` is a slot."""
    row = old.c
    due_at = case(
        (row.lease_owner.is_not(None), row.due_at),
        (or_(row.due_at.is_(None), row.due_at > new.run_at), new.run_at),
        else_=row.due_at,
    )
    run_at = case((row.lease_owner.is_not(None), row.run_at), else_=due_at)
    return {"every_s": new.every_s, "lane": new.lane, "due_at": due_at, "run_at": run_at, "is_dead": false()}


EVERY = Upsert(work, ("key",), _periodic)


_is_orphan = _c.lease_owner.is_not(None)
"""Of what is due: what another worker had in hand when it died, or slept for too long."""
_were = func.coalesce(_c.claimed_with, 1)


def _due(columns: Any, *, has_prefix: bool) -> Select[Any]:
    due = select(columns).where(_c.due_at <= bindparam("moment"), _c.lane <= bindparam("last_lane"))
    if has_prefix:
        due = due.where(func.substr(_c.key, 1, bindparam("length")) == bindparam("prefix"))
    return due


def _claim_statement(due: Select[Any], beside: Any = 0) -> Update:
    """Claims what is `due`, in hand together with as many as are `beside` it."""
    due = due.order_by(_c.lane, _c.due_at, _c.key).limit(bindparam("most")).with_for_update(skip_locked=True)
    # As a plain subquery, PostgreSQL may run the list again for each row and claim the whole table.
    picked = due.cte("picked").prefix_with("MATERIALIZED")
    how_many = select(func.count() + beside).select_from(picked).scalar_subquery()
    return (
        update(work)
        .where(_c.key == picked.c.key)
        .values(
            fence=_c.fence + 1,
            attempts=_c.attempts + 1,
            crashes=_c.crashes + case((how_many == 1, 1), else_=0),
            claimed_with=how_many,
            claimed=_c.wanted,
            claimed_facets=_c.claimed_facets.bitwise_or(_c.facets),
            facets=0,
            lease_owner=bindparam("worker"),
            due_at=bindparam("lease_end"),
        )
        .returning(work)
    )


def _fresh(*, has_prefix: bool) -> Select[Any]:
    """What is due and no orphan; of one kind only from the first lane that has some: what somebody waits for does not
    share a set with what fills in the past."""
    due = _due(_c.key, has_prefix=has_prefix).where(~_is_orphan)
    first_lane = _due(func.min(_c.lane), has_prefix=has_prefix).where(~_is_orphan).scalar_subquery()
    return due.where(_c.lane == first_lane) if has_prefix else due


_orphaned = {has: _due(_c.key, has_prefix=has).where(_is_orphan, _were == bindparam("were")) for has in (False, True)}
_named = _due(_c.key, has_prefix=False).where(~_is_orphan, _c.key.in_(bindparam("keys", expanding=True)))

CLAIM = {has: _claim_statement(_fresh(has_prefix=has)) for has in (False, True)}
"""By whether the keys must have a prefix, as the next two."""
CLAIM_ORPHANS = {has: _claim_statement(due) for has, due in _orphaned.items()}
CLAIM_KIN = _claim_statement(_named, bindparam("beside"))
JOINED = (
    update(work)
    .where(_c.key.in_(bindparam("keys", expanding=True)))
    .values(claimed_with=bindparam("together"), crashes=_c.crashes - bindparam("unjust"))
)
"""Those beside whom kin were claimed: none of them is alone."""
ORPHANED_WITH = {
    has: _due(_were, has_prefix=has).where(_is_orphan).order_by(_c.lane, _c.due_at, _c.key).limit(1)
    for has in (False, True)
}
"""With how many others the first of the orphans was in hand."""

_is_held = and_(_c.key == bindparam("its_key"), _c.fence == bindparam("its_fence"), _c.lease_owner.is_not(None))
_held = update(work).where(_is_held)

HELD = select(_c.every_s, _c.wanted).where(_is_held)
HELD_OF = select(_c.key, _c.fence, _c.every_s).where(
    _c.key.in_(bindparam("keys", expanding=True)), _c.lease_owner.is_not(None)
)

_finished = _held.values(
    done=_c.claimed,
    attempts=0,
    crashes=0,
    claimed_facets=0,
    lease_owner=None,
    last_error=None,
    failed_at=None,
    failing_since=None,
)
FINISH = _finished.values(due_at=case((_c.wanted > _c.claimed, _c.run_at), else_=null()))
_slot = bindparam("slot", type_=_c.due_at.type)
_sooner = case((and_(_c.wanted > _c.claimed, _c.run_at < _slot), _c.run_at), else_=_slot)
FINISH_PERIODIC = _finished.values(due_at=_sooner, run_at=_sooner)

_returned = _held.values(
    claimed=_c.done,
    facets=_c.facets.bitwise_or(_c.claimed_facets),
    claimed_facets=0,
    lease_owner=None,
)
RELEASE = _returned.values(attempts=_c.attempts - 1, crashes=0, run_at=bindparam("moment"), due_at=bindparam("moment"))
GIVE_BACK = _returned.values(
    attempts=_c.attempts - bindparam("unspent"),
    crashes=bindparam("faults"),
    failing_since=func.coalesce(_c.failing_since, bindparam("moment")),
    run_at=bindparam("next_run_at"),
    due_at=bindparam("next_due_at"),
    is_dead=bindparam("dies"),
    last_error=bindparam("error"),
    failed_at=bindparam("moment"),
)
EXTEND = _held.values(due_at=bindparam("lease_end"))

REPLAY = (
    update(work)
    .where(_c.key == bindparam("its_key"), _c.is_dead == true())
    .values(
        is_dead=False, attempts=0, crashes=0, failing_since=None, run_at=bindparam("moment"), due_at=bindparam("moment")
    )
)
DEAD = select(_c.key, _c.attempts, _c.last_error, _c.failed_at).where(_c.is_dead == true()).order_by(_c.key)
FIRST_LANE = select(
    case(
        *(
            (exists().where(_c.due_at <= bindparam("moment"), _c.lane == lane), lane)
            for lane in (LIVE, SWEEP, BACKFILL)
        ),
        else_=null(),
    )
)
"""Each lane by name, as the index `ix_work_due` can be asked."""

_moment = bindparam("moment", type_=_c.due_at.type)
_is_due = _c.due_at <= _moment
COUNTS = select(
    func.sum(case((_is_due, 1), else_=0)),
    func.sum(case((and_(_c.due_at > _moment, _c.lease_owner.is_(None), _c.wanted > _c.done), 1), else_=0)),
    func.sum(case((and_(_c.due_at > _moment, _c.lease_owner.is_not(None)), 1), else_=0)),
    func.sum(case((_c.is_dead == true(), 1), else_=0)),
    func.min(case((_is_due, _c.due_at), else_=null())),
    func.sum(case((and_(_c.failing_since.is_not(None), _c.is_dead.is_(False)), 1), else_=0)),
)
