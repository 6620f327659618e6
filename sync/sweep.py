"""What the clock brings: records whose next step of the ladder is due, and the nightly look at everything."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta

from mappings.context import AuditContext
from mappings.errors import Gone
from mappings.ladder import climbs_by_itself, due_step
from mappings.out_of_step import LONG
from mappings.records import LinkRole, Record

from . import keys
from .database import Database
from .facets import ALL
from .keys import record_key
from .overview import Overviews
from .planner import held_roles
from .sites import Sites
from .spaces import tell_unseen
from .store import Store
from .stuck import troubled, want_told
from .work import LIVE, SWEEP, dead, mark


class Sweeps:
    """The sweeps mark keys; what is to be done about a record is decided when its turn comes."""

    def __init__(self, db: Database, sites: Sites) -> None:
        self._db = db
        self._sites = sites

    def chores(self) -> Mapping[str, Callable[[], int]]:
        """What is to be done for each of the keys that sweeps have."""
        return {
            keys.SWEEP_LADDER: self.ladder,
            keys.SWEEP_ALL: self.everything,
            keys.SWEEP_OVERVIEW: Overviews(self._db, self._sites).refresh,
        }

    def ladder(self) -> int:
        """Mark the records for which a step of the ladder is due now; returns how many. What lies dead since another
        day is tried again: being late is news of it."""
        self._sites.own_accounts()  # asked before the register is locked
        with self._db.write() as conn:
            store = Store(conn)
            now, people = self._db.now(conn), self._sites.people(store.people.all())
            contexts = {audit: self._sites.context(audit, people, now) for audit in self._sites.rules.audit}
            died_at = {letter.key: letter.failed_at for letter in dead(conn)}
            count = 0
            for audit, ctx in contexts.items():
                due = {record_key(uid) for uid in _due(store, audit, ctx)}
                again = {key for key in due & died_at.keys() if ctx.calendar.local_date(died_at[key]) < ctx.today}
                mark(conn, again, lane=LIVE)
                mark(conn, due - again, lane=SWEEP)
                count += len(due)
            return count

    def everything(self) -> int:
        """Bring the audits' home pages up to date and mark every record with its whole page; returns how many."""
        with self._db.read() as conn:
            store = Store(conn)
            people, held = self._sites.people(store.people.all()), held_roles(store, self._sites.rules.audit)
        seen: dict[str, bool] = {}
        for audit, rule in self._sites.rules.audit.items():
            if LinkRole.PAGE in held[audit]:
                continue
            try:
                self._sites.refresh_home(audit, people)
            except Gone:
                seen[rule.space] = False  # its records are looked at all the same
            else:
                seen.setdefault(rule.space, True)
        shown = {key for key, is_shown in seen.items() if is_shown}
        tell_unseen(self._db, shown, seen.keys() - shown)
        with self._db.write() as conn:
            store = Store(conn)
            uids = store.records.uids()
            mark(conn, [record_key(uid) for uid in uids], lane=SWEEP, facets=ALL)
            want_told(conn, troubled(conn, self._db.now(conn) - LONG))
            return len(uids)


def _due(store: Store, audit: str, ctx: AuditContext) -> list[str]:
    # A year's worth of holidays fits into twice the working days and a month.
    horizon = timedelta(days=31 + 2 * -min((0, *ctx.rule.ladder.remind_on)))
    records = [item for item in store.records.overdue_candidates(ctx.today + horizon) if item.audit == audit]
    tasks = store.records.tasks_of([record.uid for record in records if record.parent is None])
    climbers = [record for record in records if climbs_by_itself(record, tasks.get(record.uid, ()))]
    fired = store.steps.fired([record.uid for record in climbers])
    return [record.uid for record in climbers if _is_due(record, ctx, fired[record.uid])]


def _is_due(record: Record, ctx: AuditContext, fired: frozenset[tuple[int, str]]) -> bool:
    return due_step(record, ctx.rule.ladder, ctx.calendar, ctx.today, fired) is not None
