"""A company, its site and its Tieout, with one clock for all, driven step by step."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import requests

from connector.connect import connect_confluence, connect_jira
from connector.sandbox.adapter import SandboxAdapter
from connector.sandbox.app import create_app
from connector.sandbox.clock import ManualClock
from connector.sandbox.seed import BOT_EMAIL, BOT_TOKEN, seed_acme, token_of
from connector.sandbox.site import Site
from connector.sandbox.visitor import Visitor
from connector.session import Habits
from mappings.records import Kind, Link, LinkRole, Record, marker
from mappings.rules import AuditRule, Connection, PersonRule, Route, Rules
from sync.database import Database
from sync.keys import record_key
from sync.polls import Polls
from sync.retry import Retry
from sync.sites import Sites
from sync.store import Store
from sync.sweep import Sweeps
from sync.vault import Vault
from sync.work import LIVE, mark
from sync.worker import Worker

START = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
AUDIT = "SOC2-2026"
SITE = "https://acme.atlassian.net"
DANA, PRIYA, TOMAS, MARCO, INES, RAVI = (
    f"{name}@acme.example"
    for name in ("dana.kim", "priya.nair", "tomas.berg", "marco.rossi", "ines.duarte", "ravi.patel")
)
GHOST = "ghost@contractor.example"
"""Has an account on the site, and nobody at the company's audit knows them. Not there unless a test lets them in."""
CLARA = "clara.weiss@northgate.example"


def rules(site: Site, **changes: Any) -> Rules:
    """The mapping file of the company; accounts whose e-mail is hidden are named by id."""
    names = {a.email: a.display_name for a in site.accounts.values() if a.email != BOT_EMAIL}
    people = tuple(
        PersonRule(
            name=name,
            email=email,
            account_id=site.account_by_email(email).account_id,  # type: ignore[union-attr]  # it is one of them
            manager=INES if email.endswith("acme.example") and email != INES else None,
        )
        for email, name in names.items()
    )
    audit = AuditRule(
        name="SOC 2 Type II 2026",
        period_start=date(2026, 1, 1),
        period_end=date(2026, 12, 31),
        project="AUD",
        issue_type="Audit Request",
        escalation_issue_type="Escalation",
        space="SOC2",
        routes=tuple(
            Route(team=team, project=key)
            for team, key in (
                ("Security", "SEC"), ("Platform", "PLAT"), ("People", "PEOPLE"), ("IT", "IT"), ("Legal", "LEGAL"),
            )
        ),
        coordinator=DANA,
        sponsor=RAVI,
        auditors=(CLARA, "ben.adeyemi@northgate.example"),
    ).model_copy(update=changes)  # fmt: skip
    connection = Connection(url=SITE, user=BOT_EMAIL)
    return Rules(jira=connection, confluence=connection, audit={AUDIT: audit}, people=people)


class World:
    """Everything there is. `settle` lets Tieout do all that is due; people act through `person`."""

    def __init__(self, db: Database, clock: ManualClock, root: Path, **audit_changes: Any) -> None:
        self.clock, self.db = clock, db
        self.site = Site(clock, base_url=SITE)
        seed_acme(self.site)
        self.session = requests.Session()
        self.session.trust_env = False  # no proxy stands before a site in the same process
        self.session.mount(SITE, SandboxAdapter(create_app(self.site)))
        self.rules = rules(self.site, **audit_changes)
        with db.write() as conn:
            Store(conn).first_plans.show(AUDIT, DANA, "in a test", START)
        self.sites = self.new_sites()
        self.vault = Vault(root / "evidence")
        self.worker = self.new_worker("first")
        self.polls = Polls(db, self.sites)
        self.sweeps = Sweeps(db, self.sites)

    def new_sites(self) -> Sites:
        habits = Habits(sleep=lambda _: None, jitter=lambda: 0.5)
        jira = connect_jira(self.rules.jira, BOT_TOKEN, session=self.session, habits=habits)
        confluence = connect_confluence(self.rules.confluence, BOT_TOKEN, session=self.session, habits=habits)
        return Sites(jira, confluence, self.rules)

    def new_worker(self, name: str) -> Worker:
        return Worker(self.db, self.new_sites(), self.vault, name=name, retry=Retry(), chance=lambda: 0.5)

    def person(self, email: str) -> Visitor:
        return Visitor(SITE, email, token_of(email), self.session)

    def account(self, email: str) -> str:
        account = self.site.account_by_email(email)
        assert account is not None
        return account.account_id

    def known_as(self, email: str) -> str:
        """What Tieout knows a person by on the sites."""
        return self.account(email)

    # The register.

    def add_request(
        self, number: str = "R-001", *, owner: str | None = PRIYA, team: str = "Security", **more: Any
    ) -> Record:
        """A request with one task for its owner, as an import makes them, due to be mirrored."""
        uid = f"{abs(hash((number, 'request'))):032x}"[-32:]
        request = Record(
            uid=uid,
            kind=Kind.REQUEST,
            audit=AUDIT,
            number=number,
            title="Access review report",
            status="open",
            description="The quarterly review, with sign-off.",
            criteria=("CC6.2", "CC6.3"),
            team=team,
            owner=owner,
            reviewer=MARCO,
            due_on=date(2026, 12, 14),
            auditor_due_on=date(2026, 12, 14),
        )
        request = replace(request, **more)
        task = replace(
            request, uid=f"{int(uid, 16) ^ 1:032x}", kind=Kind.TASK, number=f"{number}/1", status="todo", parent=uid
        )
        with self.db.write() as conn:
            store = Store(conn)
            store.records.add(request)
            if owner:
                store.records.add(task)
            mark(conn, [record_key(uid)], lane=LIVE)
        return request

    def request(self, number: str = "R-001") -> Record:
        with self.db.read() as conn:
            return Store(conn).records.by_number(AUDIT, [number])[number]

    def task(self, number: str = "R-001", index: int = 0) -> Record:
        with self.db.read() as conn:
            return Store(conn).records.tasks_of([self.request(number).uid])[self.request(number).uid][index]

    def link(self, record: Record, role: LinkRole = LinkRole.ISSUE) -> Link:
        with self.db.read() as conn:
            return Store(conn).links.of([record.uid])[record.uid, role]

    def key(self, record: Record) -> str:
        return self.link(record).key

    def page(self, number: str = "R-001") -> dict[str, Any]:
        page_id = self.link(self.request(number), LinkRole.PAGE).remote_id
        return self.person(DANA).page(str(page_id))

    # Time and work.

    def settle(self) -> None:
        """Polls see what changed, and everything due is done. A minute passes, as between two polls."""
        self.clock.advance(60)
        self.polls.jira()
        self.polls.confluence()
        self.worker.run_until_quiet()

    def writes(self) -> list[str]:
        """The calls that wrote to the site since the log was last cleared, as text."""
        return [f"{call.method} {call.path}" for call in self.site.calls.writes()]

    def issues_marked(self, record: Record) -> list[dict[str, Any]]:
        """Every issue of the site with this record's mark."""
        return self.person(DANA).find_issues(f"labels = {marker(record.uid)}")
