"""Alerts on how the sites are set up: one for each thing that is wrong, kept true by every round of checks.

Only what a whole round saw counts; one that a site did not answer changes nothing. What waits dead may have failed for
what is mended now, so it is tried again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from . import work
from .database import Database
from .store import Store

PREFIX = "check:"
CHECKED = "checked"
"""The cursor that says when the last whole round was."""


@dataclass(frozen=True, slots=True)
class Told:
    """Names of alerts, without the prefix."""

    new: frozenset[str]
    over: frozenset[str]
    tried_again: int
    """Dead letters that were made due again."""


def keep_setup_alerts(db: Database, wanted: Mapping[str, str]) -> Told:
    """Raise, reword and clear, so that exactly `wanted` is in force: text by name."""
    with db.write() as conn:
        store, now = Store(conn), db.now(conn)
        there = {alert.name: alert.text for alert in store.alerts.current() if alert.name.startswith(PREFIX)}
        named = {f"{PREFIX}{name}": text for name, text in wanted.items()}
        for name, text in sorted(named.items()):
            if there.get(name) != text:
                store.alerts.keep(name, text, now)
        over = store.alerts.clear_all(there.keys() - named.keys())
        store.cursors.set(CHECKED, now)
        tried_again = work.replay(conn) if over else 0
    return Told(_bare(named.keys() - there.keys()), _bare(over), tried_again)


def _bare(names: set[str]) -> frozenset[str]:
    return frozenset(name.removeprefix(PREFIX) for name in names)
