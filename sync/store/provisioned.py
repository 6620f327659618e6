"""What Tieout set up on the sites beside the records, by the name that Tieout has for each thing."""

from __future__ import annotations

from sqlalchemy import Connection, delete, select

from mappings.provision import Made
from sync.tables import provisioned
from sync.upsert import Upsert

from .rows import row_of

_ALL = select(provisioned).order_by(provisioned.c.name)
_PUT = Upsert(provisioned, ("name",), [column.name for column in provisioned.c if column.name != "name"])


class Provisioned:
    def __init__(self, conn: Connection) -> None:
        self._conn = conn

    def all(self) -> dict[str, Made]:
        """Everything that was made, or begun, and not taken away again, by name."""
        return {row["name"]: Made(**row) for row in self._conn.execute(_ALL).mappings()}

    def put(self, made: Made) -> None:
        """Add it, or write over the one of this name."""
        _PUT.run(self._conn, [row_of(made)])

    def forget(self, name: str) -> None:
        self._conn.execute(delete(provisioned).where(provisioned.c.name == name))
