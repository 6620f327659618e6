"""Everything remembered, as values: the only place where rows become `mappings.records` and back.

A `Store` is bound to one connection and so to one transaction; it commits nothing. Every read takes many uids at
once. Methods that answer by uid with a tuple or a set have an entry for each uid asked, empty where there is nothing;
methods that answer with single values leave out what does not exist.
"""

from __future__ import annotations

from sqlalchemy import Connection

from mappings.records import Conflict

from .attention import Alert, Alerts, Paused, Pauses
from .brakes import Brake, BrakeList
from .comments import Comments, Copy
from .conflicts import Conflicts
from .evidence import Decisions, EvidenceList
from .first_plans import FirstPlans
from .links import Links
from .people import People, Steps
from .provisioned import Provisioned
from .received import Cursors, Deliveries, ImportFile, Imports, Seen
from .records import Records
from .rows import Stale, Taken

__all__ = ["Alert", "Brake", "Conflict", "Copy", "ImportFile", "Paused", "Stale", "Store", "Taken"]


class Store:
    """What one transaction sees and writes, by subject."""

    def __init__(self, conn: Connection) -> None:
        self.records = Records(conn)
        self.links = Links(conn)
        self.comments = Comments(conn)
        self.evidence = EvidenceList(conn)
        self.decisions = Decisions(conn)
        self.steps = Steps(conn)
        self.people = People(conn)
        self.conflicts = Conflicts(conn)
        self.cursors = Cursors(conn)
        self.seen = Seen(conn)
        self.deliveries = Deliveries(conn)
        self.imports = Imports(conn)
        self.alerts = Alerts(conn)
        self.pauses = Pauses(conn)
        self.brakes = BrakeList(conn)
        self.first_plans = FirstPlans(conn)
        self.provisioned = Provisioned(conn)
