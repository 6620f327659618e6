"""Twins: two issues with one mark. The linked one is kept in step, and a conflict asks which of the two stays."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from mappings.far import IssueView
from mappings.hearing import uid_for
from mappings.records import Comment, Link, LinkRole, LinkState, Side, Value, Visibility
from mappings.text import plain
from mappings.twins import FIELD, Fate, farewell, fate_of, is_under_way, twin_of

from . import journal
from .scene import FarSides
from .store import Conflict, Store

TIEOUT = "tieout"


def report(conn: Connection, kept: Link, others: Sequence[IssueView], now: datetime) -> None:
    """Open a conflict for the first of `others`; one at a time, the next when that is over."""
    there = _twin(conn, kept.record)
    names = [f"{other.id} {other.key}" for other in others if there is None or other.id != there.remote_id]
    if there is not None and is_under_way(there):
        waiting = _waiting(there)
        more = (*waiting, *(name for name in names if name not in waiting))
        Store(conn).links.put(_with(there, more=more))
    elif names:
        _open(conn, kept, names, now)


def _open(conn: Connection, kept: Link, names: Sequence[str], now: datetime) -> None:
    id_, _, key = names[0].partition(" ")
    base: dict[str, Value] = {"state": Fate.FOUND.value, "of": kept.role.value, "more": tuple(names[1:])}
    store = Store(conn)
    store.links.put(Link(kept.record, LinkRole.TWIN, LinkState.LIVE, id_, key, base_ours=base))
    uid = uid_for("conflict", kept.record, FIELD, id_, now.isoformat())
    store.conflicts.add(Conflict(uid, kept.record, kept.role, FIELD, kept.key, key, now))
    text = (
        f"{key} is a twin of {kept.key}: both were made for one record, when the answer to a create was lost. "
        f"{kept.key} is kept in step. `tieout conflicts` shows how to say which of the two stays."
    )
    store.alerts.raise_once(_alert(kept.record), text, now)
    _journal(
        conn, kept.record, TIEOUT, "twin found", kept.key, key, "a create of unclear outcome took effect twice", now
    )


def choose(conn: Connection, conflict: Conflict, *, is_ours: bool, now: datetime) -> None:
    """Let the one of the two go that is not chosen; the link moves to the other one where that is chosen.

    Nothing is written to the site here: that is the engine's. What people did on the other one is taken in as if they
    had done it on a counterpart, and what nobody touched there is written anew. Raises Taken."""
    store = Store(conn)
    links = store.links.of([conflict.record])
    kept, twin = links[conflict.record, conflict.role], links[conflict.record, LinkRole.TWIN]
    if not is_ours:
        base = {field: value for field, value in kept.base_ours.items() if field != "watchers"}
        url = kept.url.removesuffix(kept.key) + twin.key if kept.url else ""
        other = replace(kept, state=LinkState.LIVE, remote_id=twin.remote_id, key=twin.key, url=url, detached_reason="")
        store.links.put(replace(other, base_ours=base, base_theirs={}, overtaken=None, seen_change=None))
        store.alerts.clear(f"detached:{conflict.record}:{conflict.role}")
        twin = replace(twin, remote_id=kept.remote_id, key=kept.key)
    store.links.put(_with(twin, state=Fate.LOSING.value))
    store.alerts.clear(_alert(conflict.record))
    goodbye = _goodbye(twin, str(conflict.ours if is_ours else conflict.theirs), now)
    store.comments.add(goodbye)
    store.comments.want_copy(goodbye.uid, conflict.record, LinkRole.TWIN)


def look_after(
    conn: Connection,
    links: Mapping[tuple[str, LinkRole], Link],
    far: FarSides,
    asked: Collection[str],
    now: datetime,
) -> None:
    """Close what has settled itself: the twin was deleted, or somebody made it the counterpart. Open it again when a
    deleted one is back."""
    for uid in sorted(asked):
        twin = links.get((uid, LinkRole.TWIN))
        kept = links.get((uid, twin_of(twin))) if twin else None
        if twin is None or kept is None:
            continue
        is_linked = kept.remote_id == twin.remote_id
        if is_under_way(twin) and is_linked:
            _close(conn, twin, "theirs", f"{twin.key} is the linked one now", now)
        elif is_under_way(twin) and (LinkRole.ISSUE, twin.remote_id or "") in far.missing:
            if LinkRole.ISSUE not in Store(conn).brakes.held():
                _close(conn, twin, "ours", f"{twin.key} is not there any more", now)
        elif fate_of(twin) is Fate.GONE and not is_linked:
            back = far.issues.get(twin.remote_id or "")
            if back is not None and back.made_for:
                _open(conn, kept, [f"{back.id} {back.key}", *_waiting(twin)], now)


def _close(conn: Connection, twin: Link, kept: str, why: str, now: datetime) -> None:
    store = Store(conn)
    for conflict in store.conflicts.open([twin.record]):
        if conflict.field == FIELD:
            store.conflicts.settle(conflict.uid, by=TIEOUT, kept=kept, at=now)
            before = {"ours": conflict.ours, "theirs": conflict.theirs}
            _journal(conn, twin.record, TIEOUT, "conflict settled", before, conflict.ours, why, now)
    store.alerts.clear(_alert(twin.record))
    end(conn, twin, Fate.GONE, now)


def end(conn: Connection, twin: Link, fate: Fate, now: datetime) -> None:
    """Nothing more is to be done with it; the next one of three takes its turn."""
    store = Store(conn)
    store.links.put(_with(twin, state=fate.value))
    kept = store.links.of([twin.record]).get((twin.record, twin_of(twin)))
    if kept is not None and _waiting(twin):
        _open(conn, kept, _waiting(twin), now)


def _twin(conn: Connection, record: str) -> Link | None:
    return Store(conn).links.of([record]).get((record, LinkRole.TWIN))


def _waiting(twin: Link) -> tuple[str, ...]:
    more = twin.base_ours.get("more", ())
    return more if isinstance(more, tuple) else ()


def _with(twin: Link, **base: Value) -> Link:
    return replace(twin, base_ours={**twin.base_ours, **base})


def _alert(record: str) -> str:
    return f"twin:{record}"


def _goodbye(twin: Link, kept: str, now: datetime) -> Comment:
    return Comment(
        uid=uid_for("say", twin.record, FIELD, twin.remote_id or ""),
        record=twin.record,
        side=Side.REGISTER,
        origin_id=None,
        author=TIEOUT,
        author_name="Tieout",
        visibility=Visibility.INTERNAL,
        text=plain(farewell(kept)),
        said_at=now,
    )


def _journal(
    conn: Connection, record: str, who: str, what: str, before: object, after: object, why: str, at: datetime
) -> None:
    journal.append(conn, who=who, what=what, record=record, before=before, after=after, why=why, at=at)
