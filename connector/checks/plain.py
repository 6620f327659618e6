"""Checks by what every client can be asked, for Data Center: without screens, workflows, webhooks and auditors' rights.

Data Center tells a space's permissions to its administrators only.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from connector.checks.catalogue import found
from connector.checks.circumstances import Part
from connector.checks.findings import Finding
from connector.checks.people import NOT_FOUND
from connector.checks.projects import NEEDED
from connector.checks.uses import Use, uses_of
from connector.confluence_dc import DcConfluence
from connector.jira_dc import DcJira
from mappings.errors import Forbidden, Gone
from mappings.far import Catalog
from mappings.rules import Rules
from mappings.status_map import StatusMapProblem, build_status_map


def check_plain_projects(jira: DcJira, rules: Rules) -> Iterator[Finding]:
    uses = uses_of(rules)
    has_flag = True
    for key in sorted({use.project for use in uses}):
        where = f"project {key} on {jira.site}"
        try:
            catalog = jira.catalog([key])
        except (Gone, Forbidden) as error:
            yield found("project-not-visible", where, said=error)
            continue
        has_flag = has_flag and catalog.flag_field is not None
        for permission in jira.missing_permissions(key, NEEDED):
            yield found("project-permission-missing", where, permission=NEEDED[permission])
        for use in uses:
            if use.project == key:
                yield from _check_use(use, catalog, rules, where)
    if not has_flag:
        yield found("flag-field-missing", jira.site)


def check_plain_people(jira: DcJira, parts: Iterable[Part]) -> Iterator[Finding]:
    """By e-mail, where no account id is given."""
    wanted = [part for part in parts if part.person.email and not part.person.account_id]
    accounts = jira.find_accounts({_email(part) for part in wanted}) if wanted else {}
    for part in wanted:
        account = accounts.get(_email(part))
        words = {"email": _email(part), "part": part.part, "audit": part.audit}
        if account is None:
            yield found(NOT_FOUND.get(part.part, "person-not-found"), jira.site, **words)
        elif not account.active:
            yield found("person-inactive", jira.site, **words)


def check_plain_spaces(confluence: DcConfluence, rules: Rules) -> Iterator[Finding]:
    for key in sorted({audit.space for audit in rules.audit.values() if not audit.is_closed}):
        where = f"space {key} on {confluence.site}"
        try:
            home = confluence.home_page(key)
        except (Gone, Forbidden) as error:
            yield found("space-not-visible", where, said=error)
            continue
        if home is None:
            yield found("space-without-home-page", where)


def _email(part: Part) -> str:
    return (part.person.email or "").lower()


def _check_use(use: Use, catalog: Catalog, rules: Rules, where: str) -> Iterable[Finding]:
    types = catalog.statuses[use.project]
    if use.issue_type not in types:
        there = ", ".join(sorted(types))
        yield found("issue-type-missing", where, issue_type=use.issue_type, there=there, place=use.type_key)
        return
    if use.kind is None:
        return
    try:
        build_status_map(use.kind, rules.status.get(use.project), types[use.issue_type])
    except StatusMapProblem as problem:
        for said in problem.messages:
            yield found("status-map-broken", where, kind=use.kind, said=said, project=use.project)
