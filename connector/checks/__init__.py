"""Startup checks: does each site know us, show us what the mapping file names, and let us do what we will do.

Every finding says what was looked for, where, why it is a problem, and what mends it. Nothing here writes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from connector.confluence_cloud import CloudConfluence
from connector.connect import JiraClient
from mappings.errors import FarSideError, Forbidden, Gone
from mappings.far import Catalog
from mappings.records import Kind
from mappings.rules import AuditRule, Connection, Rules
from mappings.status_map import StatusMapProblem, build_status_map

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
NEEDED_IN_SPACE = (("create", "page"), ("create", "comment"), ("create", "attachment"))


@dataclass(frozen=True, slots=True)
class Finding:
    """Something a person should know before anything is synced. `is_error`: nothing can work until it is mended."""

    what: str
    where: str
    why: str
    how_to_mend: str
    is_error: bool = True


@dataclass(frozen=True, slots=True)
class _Use:
    """A project and issue type that an audit puts records into."""

    project: str
    issue_type: str
    kind: Kind | None
    """None for escalation issues, whose status is nobody's."""


def check_sites(jira: JiraClient, confluence: CloudConfluence, rules: Rules) -> list[Finding]:
    """All that can be found without writing. A site that cannot be reached or does not know us is one finding."""
    return [
        *_insecure(rules.jira),
        *_insecure(rules.confluence),
        *_reached(jira.site, lambda: _check_jira(jira, rules)),
        *_reached(confluence.site, lambda: _check_confluence(confluence, rules)),
    ]


def _reached(site: str, check: Callable[[], list[Finding]]) -> list[Finding]:
    try:
        return check()
    except FarSideError as error:
        return [Finding("the site", site, str(error), "mend this first, then check again")]


def _check_jira(jira: JiraClient, rules: Rules) -> list[Finding]:
    jira.whoami()
    uses = {use for audit in rules.audit.values() if not audit.is_closed for use in _uses(audit)}
    findings: list[Finding] = []
    for project in sorted({use.project for use in uses}):
        findings += _check_project(jira, rules, project, [use for use in uses if use.project == project])
    return findings + list(_check_people(jira, rules))


def _check_project(jira: JiraClient, rules: Rules, project: str, uses: Iterable[_Use]) -> Iterator[Finding]:
    where = f"project {project} on {jira.site}"
    try:
        catalog = jira.catalog([project])
    except (Gone, Forbidden) as error:
        mend = f"create it, correct its key, or give Tieout's account the permission {NEEDED['BROWSE_PROJECTS']}"
        yield Finding("the project", where, f"Tieout's account does not see it: {error}", mend)
        return
    for key in jira.missing_permissions(project, NEEDED):
        why = "without it Tieout cannot keep issues in step"
        yield Finding(f"the permission {NEEDED[key]}", where, why, "grant it to Tieout's account")
    for use in sorted(uses, key=lambda use: (use.issue_type, use.kind or "")):
        yield from _check_use(catalog, rules, use, where)
    if catalog.flag_field is None:
        why = "this site has no field Flagged: escalations show as a label and a priority only"
        yield Finding(
            "the field Flagged", jira.site, why, "nothing, or install a Jira Software project", is_error=False
        )


def _check_use(catalog: Catalog, rules: Rules, use: _Use, where: str) -> Iterator[Finding]:
    kinds = catalog.statuses[use.project]
    if use.issue_type not in kinds:
        why = f"it has {', '.join(sorted(kinds))}"
        yield Finding(f"the issue type {use.issue_type}", where, why, "name one of these in the mapping file")
        return
    if use.kind is None:
        return
    try:
        build_status_map(use.kind, rules.status.get(use.project), kinds[use.issue_type])
    except StatusMapProblem as problem:
        for message in problem.messages:
            mend = f"say which status it is under `[status.{use.project}.{use.kind}]` in the mapping file"
            yield Finding(f"a status for each state of a {use.kind}", where, message, mend)


def _check_people(jira: JiraClient, rules: Rules) -> Iterator[Finding]:
    """Who must be known by account. Auditors above all: only accounts named as theirs can decide."""
    given = {person.email.lower() for person in rules.people if person.account_id}
    audits = [audit for audit in rules.audit.values() if not audit.is_closed]
    vital = {email.lower() for audit in audits for email in (audit.coordinator, *audit.auditors)} - given
    others = {audit.sponsor.lower() for audit in audits if audit.sponsor} | {p.email.lower() for p in rules.people}
    others -= given | vital
    found = jira.find_accounts(vital | others)
    for email in sorted((vital | others) - {email for email, account in found.items() if account.active}):
        why = "no active account shows this address, or more than one does; people may hide theirs"
        mend = "give the person's `account_id` under `people` in the mapping file (it ends their profile's address)"
        yield Finding(f"the account of {email}", jira.site, why, mend, is_error=email in vital)


def _check_confluence(confluence: CloudConfluence, rules: Rules) -> list[Finding]:
    confluence.whoami()
    spaces = sorted({audit.space for audit in rules.audit.values() if not audit.is_closed})
    return [finding for key in spaces for finding in _check_space(confluence, key)]


def _check_space(confluence: CloudConfluence, key: str) -> Iterator[Finding]:
    where = f"space {key} on {confluence.site}"
    try:
        space_id = confluence.space_id(key)
    except (Gone, Forbidden) as error:
        mend = "create it, correct its key, or let Tieout's account see it"
        yield Finding("the space", where, f"Tieout's account does not see it: {error}", mend)
        return
    for operation, target in confluence.missing_operations(space_id, NEEDED_IN_SPACE):
        why = "without it Tieout cannot keep pages in step"
        yield Finding(f"the permission to {operation} a {target}", where, why, "grant it to Tieout's account")
    if confluence.home_page(key) is None:
        why = "evidence pages are placed below it"
        yield Finding("the space's home page", where, why, "choose one in the space's settings", is_error=False)


def _uses(audit: AuditRule) -> Iterator[_Use]:
    yield _Use(audit.project, audit.issue_type, Kind.REQUEST)
    yield _Use(audit.project, audit.escalation_issue_type, None)
    if audit.tasks == "none":
        return
    yield _Use(audit.default_task_project or audit.project, audit.default_task_issue_type, Kind.TASK)
    for route in audit.routes:
        yield _Use(route.project, route.issue_type, Kind.TASK)


def _insecure(connection: Connection) -> Iterator[Finding]:
    host = connection.url.partition("://")[2]
    if connection.url.startswith("http://") and not host.startswith(("localhost", "127.", "[::1]")):
        why = "the token travels unencrypted"
        yield Finding("https", connection.url, why, "give the address with https", is_error=False)
