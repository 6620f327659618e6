"""Audits of the register that the mapping file does not have: nothing of them is brought in step, and that is told."""

from __future__ import annotations

from collections.abc import Collection

from .database import Database
from .facets import ALL
from .keys import record_key
from .store import Store
from .work import SWEEP, mark

UNLISTED = "audit:"


def tell_unlisted(db: Database, listed: Collection[str]) -> None:
    """An alert for each audit that the mapping file, which has those `listed`, does not have. Of one that is there
    again everything is looked at."""
    with db.read() as conn:
        store = Store(conn)
        names = [alert.name for alert in store.alerts.current() if alert.name.startswith(UNLISTED)]
        told = {name.removeprefix(UNLISTED) for name in names}
        unlisted = store.records.audits() - set(listed)
    if unlisted == told:
        return
    with db.write() as conn:
        store, now = Store(conn), db.now(conn)
        for audit in sorted(unlisted - told):
            store.alerts.raise_once(f"{UNLISTED}{audit}", _text(audit), now)
        store.alerts.clear_all(f"{UNLISTED}{audit}" for audit in told - unlisted)
        back = [uid for audit in told - unlisted for uid in store.records.uids(audit)]
        mark(conn, [record_key(uid) for uid in back], lane=SWEEP, facets=ALL)


def _text(audit: str) -> str:
    return (
        f"The mapping file has no audit {audit}, and the register has: what it holds of it is kept, and nothing of it "
        "is read or written any more. Put the audit back; one that is over stays there, with is_closed = true."
    )
