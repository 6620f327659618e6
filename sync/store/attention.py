"""What a person should know of now: alerts in force, sites that wait for a new token."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, select, update

from sync.tables import alert, pause
from sync.upsert import InsertNew

from .rows import WANTED, row_of


@dataclass(frozen=True, slots=True)
class Alert:
    name: str
    text: str
    raised_at: datetime


@dataclass(frozen=True, slots=True)
class Paused:
    """A site to which nothing is sent until it is resumed."""

    site: str
    reason: str
    paused_at: datetime


_RAISE = InsertNew(alert)
_REWORD = update(alert).where(alert.c.name == bindparam("named"))
_CLEAR = delete(alert).where(alert.c.name == bindparam("named"))
_CLEAR_ALL = delete(alert).where(alert.c.name.in_(WANTED)).returning(alert.c.name)
_CURRENT = select(alert).order_by(alert.c.raised_at, alert.c.name)
_PAUSE = InsertNew(pause)
_RESUME = delete(pause).where(pause.c.site == bindparam("of_site"))
_PAUSED = select(pause).order_by(pause.c.site)


class Alerts:
    def __init__(self, conn: Connection) -> None:
        self._conn = conn

    def raise_once(self, name: str, text: str, at: datetime) -> bool:
        """True the first time, until it is cleared: then somebody must be told."""
        return _RAISE.run(self._conn, row_of(Alert(name, text, at)))

    def keep(self, name: str, text: str, at: datetime) -> bool:
        """As `raise_once`, and an alert that is in force from then on says `text`."""
        is_new = self.raise_once(name, text, at)
        if not is_new:
            self._conn.execute(_REWORD, {"named": name, "text": text})
        return is_new

    def clear(self, name: str) -> bool:
        """True when the alert was in force."""
        return self._conn.execute(_CLEAR, {"named": name}).rowcount == 1

    def clear_all(self, names: Iterable[str]) -> set[str]:
        """Those of them that are in force, which are returned."""
        return set(self._conn.execute(_CLEAR_ALL, {"wanted": sorted(names)}).scalars())

    def current(self) -> tuple[Alert, ...]:
        """Oldest first."""
        return tuple(Alert(**row) for row in self._conn.execute(_CURRENT).mappings())


class Pauses:
    def __init__(self, conn: Connection) -> None:
        self._conn = conn

    def pause(self, site: str, reason: str, at: datetime) -> bool:
        """True when it was not paused before; the first reason stays."""
        return _PAUSE.run(self._conn, row_of(Paused(site, reason, at)))

    def resume(self, site: str) -> bool:
        """True when it was paused."""
        return self._conn.execute(_RESUME, {"of_site": site}).rowcount == 1

    def paused(self) -> dict[str, Paused]:
        """Paused sites, by site."""
        return {row["site"]: Paused(**row) for row in self._conn.execute(_PAUSED).mappings()}
