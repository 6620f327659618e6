"""What Tieout's own custom fields hold on an issue, where `tieout provision` has put them on its screen.

They are sent along with a create and with every edit, and by an edit of their own only where an issue was last told
something else, or nothing, as one was that is older than the fields. Labels and texts say the same, so nothing is ever
read out of them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from .records import Record, Value

OURS = ("audit", "number", "criteria", "level", "auditor_due")
"""By these names `mappings.provision` makes them."""


def custom_fields(ids: Mapping[str, str], record: Record, request: Record, audit_key: str) -> dict[str, object]:
    """Jira's values by field id, for those of our fields that `ids` has. A task says what its request says."""
    due = request.auditor_due_on
    values: dict[str, object] = {
        "audit": audit_key,
        "number": request.number,
        "criteria": list(record.criteria or request.criteria),
        "level": record.escalation_level or None,
        "auditor_due": due.isoformat() if due else None,
    }
    return {ids[name]: values[name] for name in OURS if name in ids}


def as_told(values: Mapping[str, object]) -> dict[str, Value]:
    """What a link remembers of the values that an issue was given; nothing where there are no such fields."""
    return {"own fields": json.dumps(values, sort_keys=True)} if values else {}
