"""Checks: does each site know us, show us what the mapping file names, and let us do what we will do.

Here is all that can be found without writing, each finding with what, where, why and what mends it; its kinds stand in
`catalogue`. What becomes of findings (alerts, exit status) is decided elsewhere, and nothing here ever writes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from connector.checks import confluence_reading, jira_dc_reading, jira_reading
from connector.checks.asking import Asking
from connector.checks.catalogue import KINDS, SUBJECTS, found
from connector.checks.circumstances import Circumstances, Part
from connector.checks.findings import Finding, Severity
from connector.checks.jira_reading import SignedIn
from connector.checks.people import check_assignable, known_parts, parts_of
from connector.checks.plain import check_plain_spaces
from connector.checks.projects import check_projects
from connector.checks.reading import JiraReading
from connector.checks.signing_in import (
    check_account,
    check_address,
    check_clock,
    check_connection,
    check_headroom,
)
from connector.checks.spaces import check_spaces
from connector.checks.webhooks import check_webhooks
from connector.confluence_dc import DcConfluence
from connector.connect import ConfluenceClient, JiraClient
from connector.jira_dc import DcJira
from connector.session import Wire
from mappings.errors import FarSideError, Forbidden, SignInFailed, Throttled, TryLater
from mappings.rules import Rules

__all__ = ["KINDS", "SUBJECTS", "Circumstances", "Finding", "Part", "Severity", "check_sites", "look"]


def check_sites(jira: JiraClient, confluence: ConfluenceClient, rules: Rules, around: Circumstances) -> list[Finding]:
    """All findings. A site that cannot be reached or does not know us is one finding, the other is checked still."""
    checks = Checks(jira, confluence, rules, around)
    return _once(
        [
            *checks.of_the_file(),
            *_reached(jira.site, checks.of_jira),
            *_reached(confluence.site, checks.of_confluence),
            *checks.notes(),
        ]
    )


def look(jira: JiraClient, confluence: ConfluenceClient, rules: Rules, around: Circumstances) -> list[Finding]:
    """The same, all of it or the error of the site that did not answer: what was not seen must not pass for mended."""
    checks = Checks(jira, confluence, rules, around)
    findings = [*checks.of_the_file(), *checks.of_jira(), *checks.of_confluence(), *checks.notes()]
    if checks.cut_short():
        raise TryLater(f"not all of the set-up could be looked at: {'; '.join(checks.cut_short())}")
    return _once(findings)


class Checks:
    """One round over both sites. Jira goes first: it knows who the auditors are."""

    def __init__(self, jira: JiraClient, confluence: ConfluenceClient, rules: Rules, around: Circumstances) -> None:
        self._jira, self._confluence = jira, confluence
        self._rules, self._around = rules, around
        self._known: list[Part] = [part for part in parts_of(rules) if part.person.account_id]
        self._asking = (Asking(jira.site), Asking(confluence.site))

    def of_the_file(self) -> Iterator[Finding]:
        today = self._around.clock().date()
        yield from check_connection(self._rules.jira, today)
        yield from check_connection(self._rules.confluence, today)

    def of_jira(self) -> Iterator[Finding]:
        wire, site = self._jira.wire, self._jira.site
        reading: JiraReading = jira_dc_reading if isinstance(self._jira, DcJira) else jira_reading
        yield from self._sign_in(wire, site, reading.signed_in)
        asking = self._asking[0]
        yield from check_address(self._rules.jira, reading.base_url(wire))
        projects = check_projects(wire, reading, site, self._rules, asking, self._around.stood)
        yield from asking.to_the_end("projects", projects)
        yield from asking.to_the_end("people", self._of_people(wire, reading, site))
        yield from asking.to_the_end("webhooks", check_webhooks(wire, reading, site, self._around, asking))

    def _of_people(self, wire: Wire, reading: JiraReading, site: str) -> Iterator[Finding]:
        parts = [*parts_of(self._rules), *self._around.owners]
        self._known, problems = known_parts(wire, reading, parts)
        yield from problems
        yield from check_assignable(wire, reading, self._known, site)

    def of_confluence(self) -> Iterator[Finding]:
        wire, site = self._confluence.wire, self._confluence.site
        if isinstance(self._confluence, DcConfluence):
            self._confluence.whoami()
            yield from check_plain_spaces(self._confluence, self._rules)
            return
        yield from self._sign_in(wire, site, confluence_reading.signed_in)
        yield from check_spaces(wire, site, self._rules, self._known, self._asking[1])

    def notes(self) -> list[Finding]:
        """What could not be asked."""
        return [note for asking in self._asking for note in asking.notes()]

    def cut_short(self) -> list[str]:
        return [said for asking in self._asking for said in asking.cut_short]

    def _sign_in(self, wire: Wire, site: str, ask: Callable[[Wire], SignedIn]) -> Iterator[Finding]:
        before = self._around.clock()
        signed_in = ask(wire)
        yield from check_clock(signed_in.answered_at, before, self._around.clock(), site)
        yield from check_headroom(signed_in.headroom, site)
        yield from check_account(signed_in, site, self._rules)


def _reached(site: str, check: Callable[[], Iterator[Finding]]) -> Iterator[Finding]:
    """What a check finds until the site gives up, and that it did."""
    try:
        yield from check()
    except FarSideError as error:
        yield _trouble(site, error)


def _trouble(site: str, error: FarSideError) -> Finding:
    match error:
        case SignInFailed():
            return found("sign-in-failed", site, said=error)
        case Forbidden():
            return found("product-closed", site, said=error)
        case Throttled():
            return found("rate-limit-reached", site, said=error)
        case _:
            return found("site-unreachable", site, said=error)


def _once(findings: Iterable[Finding]) -> list[Finding]:
    """Each finding once: two audits may share a project. Errors first, in the order found."""
    order = list(Severity)
    return sorted(dict.fromkeys(findings), key=lambda finding: order.index(finding.severity))
