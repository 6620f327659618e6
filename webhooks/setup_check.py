"""The checks with what the register knows: as `tieout check` makes them, and as the service does at start and hourly.

An alert's name goes out through `/readyz`, so it has the finding's name and a hash, and no project, address or person.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime

from connector.checks import Circumstances, Finding, Part, Severity, look
from connector.checks.circumstances import OWNER, REVIEWER
from connector.connect import ConfluenceClient, JiraClient
from mappings.context import AuditContext
from mappings.issue_plan import route_for
from mappings.known_people import known_people
from mappings.lifecycle import is_settled
from mappings.records import Person, Record, Side
from mappings.rules import Rules
from mappings.working_days import WorkCalendar
from sync.database import Database
from sync.setup_alerts import PREFIX, keep_setup_alerts
from sync.store import Store
from webhooks.drift import ALERTS, Drift
from webhooks.settings import Settings

log = logging.getLogger(__name__)

CHECK_S = 3600
JIRA = "jira"
"""The sender whose deliveries are Jira's."""


def circumstances(
    settings: Settings, rules: Rules, clock: Callable[[], datetime], database: Database | None
) -> Circumstances:
    """What the checks need beyond the sites; without a register what they can do without."""
    has_secret = bool(settings.jira_webhook_secrets)
    if database is None:
        return Circumstances(clock, public_url=settings.public_url, has_jira_secret=has_secret)
    with database.read() as conn:
        store = Store(conn)
        return Circumstances(
            clock,
            owners=tuple(dict.fromkeys(_parts(store, rules, clock()))),
            public_url=settings.public_url,
            has_jira_secret=has_secret,
            delivered_at=store.deliveries.last(JIRA),
            changed_at=store.seen.newest(Side.JIRA),
            stood=store.links.stood() if rules.status else {},
        )


class SetupCheck:
    """One round: ask both sites, and keep the alerts as they should be. Raises what a site answers instead."""

    def __init__(
        self,
        database: Database,
        jira: JiraClient,
        confluence: ConfluenceClient,
        rules: Rules,
        around: Callable[[], Circumstances],
        drift: Callable[[], Drift] = lambda: Drift(()),
    ) -> None:
        self._database, self._rules, self._around, self._drift = database, rules, around, drift
        self._jira, self._confluence = jira, confluence

    def __call__(self) -> int:
        """How many errors and warnings there are."""
        findings = look(self._jira, self._confluence, self._rules, self._around())
        drift = self._drift()
        findings += drift.findings
        pressing = {alert_name(each): each for each in findings if each.severity is not Severity.NOTE}
        wanted = {name: text_of(each) for name, each in pressing.items()}
        told = keep_setup_alerts(self._database, wanted, () if drift.is_whole else ALERTS)
        for name in sorted(told.new):
            log.warning("set-up found wanting", extra={"finding": pressing[name].name, "where": pressing[name].where})
        if told.over:
            log.info("set-up mended", extra={"findings": sorted(told.over), "tried_again": told.tried_again})
        return len(pressing)


def alert_name(finding: Finding) -> str:
    """The same for the same thing, whatever is said of it."""
    told = hashlib.sha256(f"{finding.where}\x1f{finding.what}".encode()).hexdigest()
    return f"{finding.severity}:{finding.name}:{told[:8]}"


def text_of(finding: Finding) -> str:
    what = finding.what[:1].upper() + finding.what[1:]
    return f"{what}, {finding.where}: {finding.why}. To mend it: {finding.how_to_mend}."


def named_in(alerts: Iterable[str], severity: Severity) -> list[str]:
    """The findings of a severity that names of alerts tell of."""
    begins = f"{PREFIX}{severity}:"
    return sorted({alert.removeprefix(begins).partition(":")[0] for alert in alerts if alert.startswith(begins)})


def _parts(store: Store, rules: Rules, now: datetime) -> Iterator[Part]:
    people = known_people(rules, store.people.all())
    for key, rule in rules.audit.items():
        if rule.is_closed:
            continue
        ctx = AuditContext(key, rule, people, WorkCalendar.of(rule), now, frozenset())
        requests = store.records.requests(key)
        tasks = store.records.tasks_of([request.uid for request in requests])
        for record in (*requests, *(task for found in tasks.values() for task in found)):
            yield from _parts_of(record, ctx, people) if not is_settled(record.kind, record.status) else ()


def _parts_of(record: Record, ctx: AuditContext, people: dict[str, Person]) -> Iterator[Part]:
    owner, reviewer = people.get(record.owner or ""), people.get(record.reviewer or "")
    if owner is not None:
        yield Part(owner, OWNER, ctx.key, route_for(record, ctx).project)
    if reviewer is not None:
        yield Part(reviewer, REVIEWER, ctx.key)
