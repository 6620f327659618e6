"""What Tieout sets up on a site beside the records: fields, filters, dashboard, board, webhook, pages.

`wanted` says what there should be, `decide` what is to be done about each thing, `removal` what to take away again,
`errands` what only a person can do. All of it is pure; nothing here is ever about a record.
"""

from .decide import decide
from .errands import Errand, by_hand, errands_for
from .removal import removal
from .steps import Plan, Step, Verb
from .things import Ground, Made, Seen, Site, Thing, ThingKind, resolved
from .wanted import things_of_audit, things_of_site

__all__ = [
    "Errand",
    "Ground",
    "Made",
    "Plan",
    "Seen",
    "Site",
    "Step",
    "Thing",
    "ThingKind",
    "Verb",
    "by_hand",
    "decide",
    "errands_for",
    "removal",
    "resolved",
    "things_of_audit",
    "things_of_site",
]
