"""What the checks need to know that neither site can tell: our clock, our address, and whom the register names."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from mappings.records import Kind, Person

COORDINATOR, AUDITOR, SPONSOR = "coordinator", "auditor", "sponsor"
OWNER, REVIEWER = "owner", "reviewer"


@dataclass(frozen=True, slots=True)
class Part:
    """Somebody in a part of an audit. `project` is set where issues of it may be assigned to them."""

    person: Person
    part: str
    audit: str
    project: str | None = None


@dataclass(frozen=True, slots=True)
class Circumstances:
    clock: Callable[[], datetime]
    owners: tuple[Part, ...] = ()
    """Owners and reviewers of what is open, by the register."""
    public_url: str | None = None
    has_jira_secret: bool = False
    delivered_at: datetime | None = None
    """When a webhook of Jira's last came in."""
    stood: Mapping[tuple[str, Kind, str], frozenset[str]] = field(default_factory=dict)
    """The ids of the statuses in which cards stood when both sides last agreed: see `lost_statuses`."""
    changed_at: datetime | None = None
    """When an issue last changed in Jira, as far as the polls know."""
