"""Brakes: sides on which nothing is written and nothing taken for gone, until they show their objects again or a person
has said that it is meant."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from mappings.brakes import Sign
from mappings.records import LinkRole
from sync.tables import brake
from sync.upsert import Upsert

from .rows import row_of


@dataclass(frozen=True, slots=True)
class Brake:
    """A brake that was pulled at least once. It holds until it is released."""

    name: str
    role: LinkRole
    """Which counterparts it holds; one side has one role of them."""
    sign: Sign
    seen: tuple[str, ...]
    """The remote ids that were gone, or said nothing, when it was pulled."""
    text: str
    """What was seen and what to do, for people."""
    pulled_at: datetime
    released_at: datetime | None = None
    released_by: str = ""
    spared: tuple[str, ...] = ()
    """Remote ids of which a person said that they are meant to be as they are. They count no more."""

    @property
    def is_pulled(self) -> bool:
        return self.released_at is None


_ALL = select(brake).order_by(brake.c.name)
_HELD = select(brake.c.role).where(brake.c.released_at.is_(None))
_PUT = Upsert(brake, ("name",), [column.name for column in brake.c if column.name != "name"])


class BrakeList:
    def __init__(self, conn: Connection) -> None:
        self._conn = conn

    def all(self) -> dict[str, Brake]:
        """Every brake that was ever pulled, by name."""
        return {row["name"]: Brake(**row) for row in self._conn.execute(_ALL).mappings()}

    def held(self) -> frozenset[LinkRole]:
        """The roles of counterparts to which nothing is written now."""
        return frozenset(self._conn.execute(_HELD).scalars())

    def put(self, changed: Brake) -> None:
        """Add it, or write over the one of this name."""
        _PUT.run(self._conn, [row_of(changed)])
