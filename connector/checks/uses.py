"""What the audits put where: which project and issue type take which records, with which constants."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from mappings.records import Kind
from mappings.rules import AuditRule, Rules


@dataclass(frozen=True, slots=True)
class Use:
    """A project and issue type that an audit puts records into."""

    project: str
    issue_type: str
    kind: Kind | None
    """None for escalation issues, whose status is nobody's."""
    type_key: str
    """The key of the mapping file that names the type."""
    constants_at: str
    """Where in the mapping file constants for its fields stand, in words."""
    constants: Mapping[str, object] = field(default_factory=dict, hash=False)
    parent: str | None = None
    """Key of the issue under which new ones are made."""
    home: str = ""
    """The audit's project, in which alone a task can be a sub-task."""


def uses_of(rules: Rules) -> list[Use]:
    """Of all open audits, each once, in the order of projects."""
    uses: dict[tuple[str, str, str], Use] = {}
    for key, audit in rules.audit.items():
        for use in _uses(key, audit) if not audit.is_closed else ():
            uses.setdefault((use.project, use.issue_type, use.constants_at), use)
    return sorted(uses.values(), key=lambda use: (use.project, use.issue_type, use.kind or ""))


def _uses(key: str, audit: AuditRule) -> Iterator[Use]:
    table = f"`[audit.{key}.request_fields]`"
    yield Use(audit.project, audit.issue_type, Kind.REQUEST, "issue_type", table, audit.request_fields, audit.parent)
    nowhere = f"another `escalation_issue_type` of audit {key} (escalation issues take no constants)"
    yield Use(audit.project, audit.escalation_issue_type, None, "escalation_issue_type", nowhere)
    if audit.tasks == "none":
        return
    project = audit.default_task_project or audit.project
    routed = f"`fields` of a route of audit {key} (what no route takes has no constants)"
    yield Use(project, audit.default_task_issue_type, Kind.TASK, "default_task_issue_type", routed, home=audit.project)
    for place, route in enumerate(audit.routes, start=1):
        at = f"`fields` of route {place} of audit {key}"
        key_of_type = f"issue_type of route {place}"
        yield Use(
            route.project, route.issue_type, Kind.TASK, key_of_type, at, route.fields, route.parent, audit.project
        )
