"""What Tieout set up on the sites beside the records, by the name that Tieout has for each thing."""

from __future__ import annotations

from sqlalchemy import Connection, delete, select

from mappings.provision import Made, ThingKind
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

    def fields(self) -> dict[str, str]:
        """Ids of Tieout's own custom fields by their names."""
        fields = (each for each in self.all().values() if each.kind is ThingKind.FIELD and each.remote_id is not None)
        return {each.name.rpartition("/")[2]: str(each.remote_id) for each in fields}

    def put(self, made: Made) -> None:
        """Add it, or write over the one of this name."""
        _PUT.run(self._conn, [row_of(made)])

    def forget(self, name: str) -> None:
        self._conn.execute(delete(provisioned).where(provisioned.c.name == name))
