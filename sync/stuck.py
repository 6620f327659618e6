"""Keys that do not get done: what stands in their way, and giving up on them or trying again, on a person's word."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, null, or_, select, true, update

from mappings.records import Record

from . import journal, work
from .database import Database
from .keys import RECORD, record_key, tell_key, uid_of
from .scene import request_uid
from .store import Alert, Store
from .tables import work as table

_c = table.c
_STANDING = select(
    _c.key,
    _c.attempts,
    _c.is_dead,
    _c.last_error,
    _c.run_at,
    _c.failing_since,
    (_c.wanted > _c.done).label("is_wanted"),
).where(_c.key.in_(bindparam("wanted_keys", expanding=True)))
_FAILING = (
    select(_c.key)
    .where(_c.key.startswith(RECORD), _c.failing_since.is_not(None), _c.wanted > _c.done)
    .order_by(_c.failing_since, _c.key)
)
_CHUNK = 500
_NAMED = 3
"""Of many dead letters of one cause those that are named."""
_TROUBLED = select(_c.key).where(
    _c.key.startswith(RECORD), or_(_c.is_dead == true(), _c.failing_since <= bindparam("before"))
)
_DROP = (
    update(table)
    .where(_c.key == bindparam("its_key"), _c.is_dead == true())
    .values(
        is_dead=False,
        claimed=_c.wanted,
        done=_c.wanted,
        facets=0,
        claimed_facets=0,
        attempts=0,
        crashes=0,
        due_at=null(),
        last_error=null(),
        failed_at=null(),
        failing_since=null(),
    )
)
"""Everything that was asked of the key counts as settled; the next event for its record asks anew."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How it stands with a record's work."""

    is_wanted: bool
    """Something is still to be done for it."""
    is_dead: bool
    attempts: int
    error: str
    """What went wrong last, if anything did since it last went well."""
    run_at: datetime
    """When it is tried next, or was last due."""
    failing_since: datetime | None = None
    """Since when every run has failed; None when the last one went well."""


@dataclass(frozen=True, slots=True)
class Letter:
    """A dead letter and the record it is about; None for a key that is no record's, or of one that is no more."""

    dead: work.DeadLetter
    record: Record | None

    @property
    def name(self) -> str:
        """What people call it: the record's number, else the key."""
        return self.record.number if self.record else self.dead.key

    @property
    def tries(self) -> str:
        return "1 attempt" if self.dead.attempts == 1 else f"{self.dead.attempts} attempts"

    def __str__(self) -> str:
        audit = f" ({self.record.audit})" if self.record else ""
        again = f"Mend the cause, then `tieout dead-letters replay {self.name}`."
        return f"{self.name}{audit} is not tried any more: {self.dead.error.removesuffix('.')}. {again}"


def dead_alert(key: str) -> str:
    """The name of the alert that tells that this key lies dead."""
    return f"dead:{key}"


def standings(conn: Connection, uids: Collection[str]) -> dict[str, Standing]:
    """How it stands with the work on these records, by uid; one that never had any is left out."""
    rows = conn.execute(_STANDING, {"wanted_keys": [record_key(uid) for uid in uids]}).mappings()
    return {
        uid_of(row["key"]): Standing(
            row["is_wanted"],
            row["is_dead"],
            row["attempts"],
            row["last_error"] or "",
            row["run_at"],
            row["failing_since"],
        )
        for row in rows
    }


def failing(conn: Connection) -> dict[str, Standing]:
    """How it stands with every record whose last run failed, dead ones among them, by uid."""
    keys = conn.execute(_FAILING).scalars().all()
    found: dict[str, Standing] = {}
    for start in range(0, len(keys), _CHUNK):
        found |= standings(conn, [uid_of(key) for key in keys[start : start + _CHUNK]])
    return found


def want_told(conn: Connection, uids: Iterable[str]) -> None:
    """Have it looked at what the pages of these records' requests say about being in step."""
    records = Store(conn).records.get(uids).values()
    work.mark(conn, {tell_key(request_uid(record)) for record in records}, lane=work.SWEEP)


def troubled(conn: Connection, before: datetime) -> list[str]:
    """Records that nobody tries any more, or whose every run has failed since `before`."""
    return [uid_of(key) for key in conn.execute(_TROUBLED, {"before": before}).scalars()]


def letters(conn: Connection, audit: str | None = None) -> list[Letter]:
    """All dead letters, or those about records of one audit; by key."""
    found = _letters(conn, work.dead(conn))
    return [each for each in found if audit is None or (each.record is not None and each.record.audit == audit)]


def untold(conn: Connection) -> list[Letter]:
    """Dead letters of which no alert tells: their workers died with them, or somebody put the alert away."""
    told = {alert.name for alert in Store(conn).alerts.current()}
    return _letters(conn, [each for each in work.dead(conn) if dead_alert(each.key) not in told])


def alerts_by_cause(conn: Connection) -> tuple[Alert, ...]:
    """The alerts in force, oldest first; those on keys that died of one and the same cause are told as one."""
    dead = {dead_alert(letter.dead.key): letter for letter in letters(conn)}
    alike: dict[tuple[bool, str], list[Alert]] = {}
    for alert in Store(conn).alerts.current():
        letter = dead.get(alert.name)
        alike.setdefault((letter is not None, letter.dead.error if letter else alert.name), []).append(alert)
    each_once = (its[0] if len(its) == 1 else _of_all(its, [dead[each.name] for each in its]) for its in alike.values())
    return tuple(each_once)


def _of_all(alerts: Sequence[Alert], its: Sequence[Letter]) -> Alert:
    """What is to be mended is the one cause."""
    first = ", ".join(letter.name for letter in its[:_NAMED])
    rest = f" and {len(its) - _NAMED} others" if len(its) > _NAMED else ""
    why = its[0].dead.error.removesuffix(".")
    again = "Mend the cause, then `tieout dead-letters replay --all`; `tieout dead-letters` lists them."
    text = f"{first}{rest} are not tried any more, for one cause: {why}. {again}"
    return Alert(f"{dead_alert('')}{len(its)} records", text, alerts[0].raised_at)


def tell_dead(conn: Connection, keys: Collection[str], now: datetime) -> None:
    """Say that these keys lie dead: by an alert for each, and on the pages of their requests."""
    found = _letters(conn, [each for each in work.dead(conn) if each.key in keys])
    for letter in found:
        Store(conn).alerts.keep(dead_alert(letter.dead.key), str(letter), now)
    want_told(conn, [letter.record.uid for letter in found if letter.record])


def _letters(conn: Connection, dead: Sequence[work.DeadLetter]) -> list[Letter]:
    uids = {letter.key: uid_of(letter.key) for letter in dead if letter.key.startswith(RECORD)}
    records = Store(conn).records.get(uids.values())
    return [Letter(letter, records.get(uids.get(letter.key, ""))) for letter in dead]


def replay(db: Database, chosen: Iterable[Letter], *, by: str) -> int:
    """Make dead keys due again at once, journaled; returns how many were still dead."""
    with db.write() as conn:
        again = [letter for letter in chosen if work.replay(conn, [letter.dead.key])]
        for letter in again:
            _journal(db, conn, letter, "dead letter replayed", by, "to be tried again")
    return len(again)


def drop(db: Database, chosen: Iterable[Letter], *, by: str, reason: str) -> int:
    """Give up on dead keys: nobody tries them until something new happens to the record. Returns how many were dead."""
    with db.write() as conn:
        gone = [letter for letter in chosen if conn.execute(_DROP, {"its_key": letter.dead.key}).rowcount]
        for letter in gone:
            Store(conn).alerts.clear(dead_alert(letter.dead.key))
            want_told(conn, [letter.record.uid] if letter.record else [])
            _journal(db, conn, letter, "dead letter dropped", by, reason)
    return len(gone)


def _journal(db: Database, conn: Connection, letter: Letter, what: str, by: str, why: str) -> None:
    uid = letter.record.uid if letter.record else None
    before = {"key": letter.dead.key, "attempts": letter.dead.attempts, "error": letter.dead.error}
    journal.append(conn, who=by, what=what, record=uid, before=before, after=None, why=why, at=db.now(conn))
