"""Keeping small what would only ever grow: old webhooks, limits long past, what killed processes left half written."""

from __future__ import annotations

from datetime import timedelta

from . import limits
from .database import Database
from .store import Store
from .vault import Vault

DELIVERIES_KEPT = timedelta(days=30)
"""How long a webhook is kept: far longer than a replay of it would be taken."""

MOST_BYTES = 256 * 1024 * 1024
"""Of webhooks' bodies, about 20,000 of a busy issue's. A body says nothing that the site would not say again."""

ARRIVES_WITHIN = timedelta(days=1)
"""A file that began to arrive before is no longer arriving."""


def tidy(db: Database, vault: Vault, *, most_bytes: int = MOST_BYTES) -> int:
    """Forget old webhooks, empty the oldest of too many, drop half files; returns how many things are gone."""
    with db.write() as conn:
        now, deliveries = db.now(conn), Store(conn).deliveries
        gone = deliveries.prune(now - DELIVERIES_KEPT) + deliveries.empty(most_bytes) + limits.prune(conn)
    return gone + vault.tidy(now - ARRIVES_WITHIN)
