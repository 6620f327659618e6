"""The counterparts of records on the far sides."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import Connection, bindparam, func, select
from sqlalchemy.exc import IntegrityError

from mappings.records import Kind, Link, LinkRole, LinkState
from sync.tables import link, record
from sync.upsert import Upsert

from .rows import WANTED, Taken, read, row_of

_NO_LIMIT = 2**31 - 1
_KEYS = ("record", "role")
_OF = select(link).where(link.c.record.in_(WANTED))
_BY_REMOTE = (
    select(link.c.remote_id, link.c.record, link.c.role)
    .where(link.c.remote_id.in_(WANTED), link.c.role.in_(bindparam("roles", expanding=True)))
    .order_by(link.c.record, link.c.role)
)
_COUNTS = select(link.c.role, link.c.state, func.count().label("number")).group_by(link.c.role, link.c.state)
_DETACHED = select(link).where(link.c.state == LinkState.DETACHED).order_by(link.c.record, link.c.role)
_STOOD = (
    select(link.c.key, record.c.kind, link.c.base_ours, link.c.base_theirs)
    .join(record, record.c.uid == link.c.record)
    .where(link.c.state == LinkState.LIVE, link.c.role == LinkRole.ISSUE)
)
_PLACES = (
    select(func.rtrim(link.c.key, "0123456789").label("place"))
    .where(link.c.state == LinkState.LIVE, link.c.role != LinkRole.PAGE)
    .distinct()
)
_LIVE = (
    select(link)
    .where(link.c.state == LinkState.LIVE, link.c.role == bindparam("of_role"))
    .order_by(link.c.record)
    .limit(bindparam("most"))
)
_PUT = Upsert(link, _KEYS, [column.name for column in link.c if column.name not in _KEYS])


class Links:
    def __init__(self, conn: Connection) -> None:
        self._conn = conn

    def of(self, uids: Iterable[str]) -> dict[tuple[str, LinkRole], Link]:
        """All links of these records, by record and role."""
        return {(row["record"], row["role"]): Link(**row) for row in read(self._conn, _OF, uids)}

    def put(self, changed: Link) -> None:
        """Add, or write over the link of this record and role.

        Raises Taken when it is live and its remote object is the live counterpart of another record.
        """
        self.put_all([changed])

    def put_all(self, changed: Sequence[Link]) -> None:
        """The same for many at once; Taken tells of no one in particular."""
        try:
            _PUT.run(self._conn, [row_of(link) for link in changed])
        except IntegrityError as error:
            named = ", ".join(f"{link.record} to {link.role} {link.remote_id}" for link in changed[:3])
            raise Taken(f"link of {named} refused: {error.orig}") from error

    def by_remote(
        self, role: LinkRole | tuple[LinkRole, ...], remote_ids: Iterable[str]
    ) -> dict[str, list[tuple[str, LinkRole]]]:
        """Which records these remote ids belong to, as (uid, role), in whatever state; unknown ids are left out."""
        roles = [role] if isinstance(role, LinkRole) else list(role)
        found: dict[str, list[tuple[str, LinkRole]]] = {}
        for row in read(self._conn, _BY_REMOTE, remote_ids, roles=roles):
            found.setdefault(row["remote_id"], []).append((row["record"], row["role"]))
        return found

    def counts(self) -> dict[tuple[LinkRole, LinkState], int]:
        """How many counterparts of each role there are in each state."""
        return {(row.role, row.state): row.number for row in self._conn.execute(_COUNTS)}

    def live(self, role: LinkRole, most: int | None = None) -> tuple[Link, ...]:
        """Links that can be reached, or so many of them: uids are chance, so they are of any project."""
        values = {"of_role": role, "most": _NO_LIMIT if most is None else most}
        return tuple(Link(**row) for row in self._conn.execute(_LIVE, values).mappings())

    def projects(self) -> set[str]:
        """The keys of the projects in which issues stand that can be reached."""
        return {place.removesuffix("-") for place in self._conn.scalars(_PLACES)}

    def stood(self) -> dict[tuple[str, Kind, str], frozenset[str]]:
        """The ids of the statuses in which issues stood when both sides last agreed, by project, kind of record and
        state."""
        found: dict[tuple[str, Kind, str], set[str]] = {}
        for row in self._conn.execute(_STOOD):
            state, status_id = row.base_ours.get("status"), row.base_theirs.get("status")
            if state and status_id:
                project = row.key.rpartition("-")[0]
                found.setdefault((project, row.kind, str(state)), set()).add(str(status_id))
        return {place: frozenset(ids) for place, ids in found.items()}

    def detached(self) -> tuple[Link, ...]:
        """Links whose counterpart was there and cannot be reached now."""
        return tuple(Link(**row) for row in self._conn.execute(_DETACHED).mappings())
