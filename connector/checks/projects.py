"""Projects: seen, permitted, with the types, fields, statuses and ways that the mapping file counts on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress

from connector.checks.asking import Asking
from connector.checks.catalogue import found
from connector.checks.fields import check_create_screen, check_edit_screen
from connector.checks.findings import Finding
from connector.checks.jira_reading import Flow, IssueType
from connector.checks.lost_statuses import Stood, check_lost
from connector.checks.reading import JiraReading
from connector.checks.uses import Use, uses_of
from connector.checks.ways import FIRST, Ground, Talk, Way, check_names, check_ways, ways_between
from connector.jira_memory import SiteFacts
from connector.session import Wire
from mappings.errors import Forbidden, Gone
from mappings.records import Kind
from mappings.rules import Rules
from mappings.status_map import StatusMap, StatusMapProblem, build_status_map

NEEDED = {
    "BROWSE_PROJECTS": "Browse projects",
    "CREATE_ISSUES": "Create issues",
    "EDIT_ISSUES": "Edit issues",
    "ASSIGN_ISSUES": "Assign issues",
    "SCHEDULE_ISSUES": "Schedule issues",
    "TRANSITION_ISSUES": "Transition issues",
    "LINK_ISSUES": "Link issues",
    "ADD_COMMENTS": "Add comments",
    "MANAGE_WATCHERS": "Manage watcher list",
}
"""Jira's permission keys and the names an administrator sees."""
WITHOUT_WORKFLOWS = "without it workflows are known only as far as issues show them"


def check_projects(
    wire: Wire, reading: JiraReading, site: str, rules: Rules, asking: Asking, stood: Stood
) -> Iterator[Finding]:
    uses = uses_of(rules)
    facts = reading.facts(wire)
    names = reading.field_names(wire)
    for key in sorted({use.project for use in uses}):
        mine = [use for use in uses if use.project == key]
        project = _Project(wire, reading, key, f"project {key} on {site}", rules, facts, names, asking)
        yield from asking.to_the_end(f"project {key}", project.check(mine, stood))
    if facts.flag_field is None:
        yield found("flag-field-missing", site)
    if facts.link_type is None:
        yield found("link-type-missing", site)


def ways_in_projects(wire: Wire, reading: JiraReading, site: str, rules: Rules) -> list[Way]:
    """Between all statuses that records are shown as, each once. Raises Gone for a project that is not seen."""
    uses, facts, names = uses_of(rules), reading.facts(wire), reading.field_names(wire)
    found_ways: list[Way] = []
    for key in sorted({use.project for use in uses}):
        project = _Project(wire, reading, key, f"project {key} on {site}", rules, facts, names, Asking(site))
        found_ways += project.ways(use for use in uses if use.project == key)
    return list(dict.fromkeys(found_ways))


class _Project:
    """One project under check."""

    def __init__(
        self,
        wire: Wire,
        reading: JiraReading,
        key: str,
        where: str,
        rules: Rules,
        facts: SiteFacts,
        names: Mapping[str, str],
        asking: Asking,
    ) -> None:
        self._wire, self._reading, self._key, self._where = wire, reading, key, where
        self._names_of_statuses = rules.status.get(key)
        self._facts, self._names, self._asking = facts, names, asking

    def check(self, uses: Sequence[Use], stood: Stood) -> Iterator[Finding]:
        try:
            types = self._reading.issue_types(self._wire, self._key)
        except (Gone, Forbidden) as error:
            yield found("project-not-visible", self._where, said=error)
            return
        missing = self._reading.missing_permissions(self._wire, self._key, NEEDED)
        for permission in missing:
            yield found("project-permission-missing", self._where, permission=NEEDED[permission])
        used = [types[use.issue_type] for use in uses if use.kind is not None and use.issue_type in types]
        statuses = list(dict.fromkeys(status for kind in used for status in kind.statuses))
        if used:
            yield from check_lost(self._key, self._names_of_statuses, statuses, stood, self._where)
        for use in uses:
            if use.issue_type not in types:
                there = ", ".join(sorted(types))
                yield found(
                    "issue-type-missing", self._where, issue_type=use.issue_type, there=there, place=use.type_key
                )
            else:
                yield from self._check_use(use, types[use.issue_type], may_create="CREATE_ISSUES" not in missing)

    def _check_use(self, use: Use, kind: IssueType, *, may_create: bool) -> Iterator[Finding]:
        if kind.is_subtask and (use.kind is not Kind.TASK or use.project != use.home):
            yield found("sub-task-misplaced", self._where, issue_type=use.issue_type, place=use.type_key)
        if use.parent and not self._reading.is_there(self._wire, use.parent):
            yield found("parent-not-found", self._where, parent=use.parent, issue_type=use.issue_type)
        if may_create:  # else Jira shows no create screen, and the permission is told already
            screen = self._reading.create_fields(self._wire, self._key, kind.id)
            yield from check_create_screen(use, screen, self._where, is_subtask=kind.is_subtask)
        samples = self._reading.samples(self._wire, self._key, kind.name)
        for issue in list(samples.values())[:1]:
            editable = self._reading.edit_fields(self._wire, issue)
            yield from check_edit_screen(use, editable, self._facts.flag_field, issue, self._where)
        if use.kind is not None:
            yield from self._check_statuses(use, kind, samples)

    def _check_statuses(self, use: Use, kind: IssueType, samples: Mapping[str, str]) -> Iterator[Finding]:
        assert use.kind is not None  # noqa: S101 for the reader and mypy: escalation issues do not come here
        talk = Talk(self._where, self._key, use.issue_type, use.kind)
        yield from check_names(talk, self._names_of_statuses, kind.statuses)
        try:
            status_map = build_status_map(use.kind, self._names_of_statuses, kind.statuses)
        except StatusMapProblem as problem:
            for said in problem.messages:
                if said in problem.lost:
                    continue  # told once for the project, however many kinds and types it is missing for
                yield found("status-map-broken", self._where, kind=use.kind, said=said, project=self._key)
            return
        ground = self._ground(kind, status_map, samples)
        yield from check_ways(talk, ground, status_map, self._names_of_statuses, self._reading.UNSEEN_WAYS)

    def ways(self, uses: Iterable[Use]) -> Iterator[Way]:
        types = self._reading.issue_types(self._wire, self._key)
        for use in uses:
            kind = types.get(use.issue_type)
            if kind is None or use.kind is None:
                continue
            with suppress(StatusMapProblem):  # which is a finding
                status_map = build_status_map(use.kind, self._names_of_statuses, kind.statuses)
                ground = self._ground(kind, status_map, self._reading.samples(self._wire, self._key, kind.name))
                talk = Talk(self._where, self._key, use.issue_type, use.kind)
                yield from ways_between(talk, ground, status_map)

    def _ground(self, kind: IssueType, status_map: StatusMap, samples: Mapping[str, str]) -> Ground:
        looks = {status: self._reading.steps_from(self._wire, issue) for status, issue in sorted(samples.items())}
        flow = self._asking.of_administrators(lambda: self._flow(kind), "the workflows", WITHOUT_WORKFLOWS)
        return Ground.of(flow, looks, status_map.shown[FIRST[status_map.kind]])

    def _flow(self, kind: IssueType) -> Flow | None:
        return self._reading.flow(self._wire, self._reading.project_id(self._wire, self._key), kind.id, self._names)
