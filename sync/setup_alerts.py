"""Alerts on how the sites are set up: one for each thing that is wrong, kept true by every round of checks.

Only what a whole round saw counts; one that a site did not answer changes nothing. While something is known to be
wrong, a record that a site refuses waits instead of lying dead, for that may be the reason; all others go on. After a
round what waits is tried again, and once something is mended what lies dead, too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from mappings.errors import Forbidden, Gone, Refused

from . import work
from .database import Database, now
from .keys import RECORD, SWEEP_CHECK, record_key, uid_of
from .retry import Dead, Later, Next
from .store import Store
from .stuck import failing, standings

PREFIX = "check:"
ERROR = f"{PREFIX}error:"
"""How the names of those begin that keep something from working at all."""
CHECKED = "checked"
"""The cursor that says when the last whole round was."""
WAITS_S = 30.0
"""How long at the most a refused record waits for a round that may show why."""
LONGEST = timedelta(minutes=15)
"""After which it lies dead even if no round came to its end."""
HELD_S = 3600.0
"""How long it waits while something is known to be wrong; it is tried at once when that is mended."""


@dataclass(frozen=True, slots=True)
class Told:
    """Names of alerts, without the prefix."""

    new: frozenset[str]
    over: frozenset[str]
    tried_again: int
    """Records that waited or lay dead and were made due again."""


def keep_setup_alerts(db: Database, wanted: Mapping[str, str], unseen: tuple[str, ...] = ()) -> Told:
    """Raise, reword and clear, so that exactly `wanted` is in force: text by name. Those whose names begin with one of
    `unseen` stay as they are: what they are about could not be looked at."""
    with db.write() as conn:
        store, moment = Store(conn), db.now(conn)
        kept = tuple(f"{PREFIX}{each}" for each in unseen)
        there = {
            alert.name: alert.text
            for alert in store.alerts.current()
            if alert.name.startswith(PREFIX) and not alert.name.startswith(kept)
        }
        named = {f"{PREFIX}{name}": text for name, text in wanted.items()}
        for name, text in sorted(named.items()):
            if there.get(name) != text:
                store.alerts.keep(name, text, moment)
        over = store.alerts.clear_all(there.keys() - named.keys())
        store.cursors.set(CHECKED, moment)
        again = [record_key(uid) for uid, how in failing(conn).items() if over or not how.is_dead]
        work.mark(conn, again, lane=work.LIVE)
    return Told(_bare(named.keys() - there.keys()), _bare(over), len(again))


def spared(db: Database, claim: work.Claim, error: Exception, following: Next) -> Next:
    """What follows, but that a record which a site refused waits for the set-up to be looked at, or mended.

    The look is asked for where none came since the record's runs began to fail."""
    is_refused = isinstance(following, Dead) and isinstance(error, Refused | Gone | Forbidden)
    if not is_refused or not claim.key.startswith(RECORD):
        return following
    with db.write() as conn:
        standing = standings(conn, [uid_of(claim.key)]).get(uid_of(claim.key))
        waits_s = _waits_s(conn, standing.failing_since if standing else None)
    return following if waits_s is None else Later(waits_s, spends_attempt=False)


def _waits_s(conn: Connection, failing_since: datetime | None) -> float | None:
    store = Store(conn)
    if any(alert.name.startswith(ERROR) for alert in store.alerts.current()):
        return HELD_S
    checked_at = store.cursors.get(CHECKED)
    if failing_since is not None:
        is_looked_at = checked_at is not None and checked_at >= failing_since
        if is_looked_at or now(conn) - failing_since >= LONGEST:
            return None
    work.mark(conn, [SWEEP_CHECK], lane=work.SWEEP)
    return WAITS_S


def _bare(names: set[str]) -> frozenset[str]:
    return frozenset(name.removeprefix(PREFIX) for name in names)
