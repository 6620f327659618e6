"""The brake: when far more counterparts are gone at once than people put away, it is the site that shows too little.

A project whose permissions were changed, a site that was restored from an old backup: nothing is taken for gone then.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from mappings.errors import TryLater
from mappings.records import Link, LinkRole, LinkState

from .database import Database
from .scene import FarSides
from .store import Store

MOST = 10
"""This many may go within `RECENTLY` on a side of any size; of a large one, a tenth of its counterparts."""
RECENTLY = timedelta(hours=1)
HOLDS = timedelta(days=1)
"""What has been gone for so long is gone: each is detached, visibly."""
TRY_AGAIN_S = 300


def stop_if_emptied(db: Database, links: Mapping[tuple[str, LinkRole], Link], far: FarSides) -> None:
    """Raises TryLater, with an alert that a person must see, when most of a side seems to be gone."""
    for role in (LinkRole.ISSUE, LinkRole.PAGE):
        gone = [link for link in links.values() if _is_gone(link, role, far)]
        with db.read() as conn:
            alerts = {alert.name: alert.raised_at for alert in Store(conn).alerts.current()}
            now, there = db.now(conn), Store(conn).links.counts() if gone else {}
        name = f"brake:{role}"
        if len(gone) + _lately(alerts, role, now) > max(MOST, there.get((role, LinkState.LIVE), 0) // 10):
            since = alerts.get(name, now)
            if now - since < HOLDS:
                _pull(db, name, role, gone)
        elif name in alerts and not gone and (far.issues if role is LinkRole.ISSUE else far.pages):
            with db.write() as conn:
                Store(conn).alerts.clear(name)


def _is_gone(link: Link, role: LinkRole, far: FarSides) -> bool:
    return link.role is role and link.state is LinkState.LIVE and (role, link.remote_id) in far.missing


def _lately(alerts: Mapping[str, datetime], role: LinkRole, now: datetime) -> int:
    """How many were detached not long ago and are so still."""
    return sum(
        name.startswith("detached:") and name.endswith(f":{role}") and now - raised_at < RECENTLY
        for name, raised_at in alerts.items()
    )


def _pull(db: Database, name: str, role: LinkRole, gone: Collection[Link]) -> None:
    some = ", ".join(sorted(link.key or str(link.remote_id) for link in gone)[:5])
    text = (
        f"{len(gone)} {role}s at once cannot be seen ({some} …), so they are not taken for gone and wait. Look whether "
        f"Tieout's account lost a permission. After {HOLDS.days} day they are detached."
    )
    with db.write() as conn:
        Store(conn).alerts.raise_once(name, text, db.now(conn))
    raise TryLater(text, after_s=TRY_AGAIN_S)
