"""Acme with a Tieout that may set things up there."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import requests
from click.testing import CliRunner, Result

from connector.sandbox.adapter import SandboxAdapter
from connector.sandbox.app import create_app
from connector.sandbox.clock import ManualClock
from connector.sandbox.jira.records import Dashboard, Filter, Gadget
from connector.sandbox.seed import BOT_TOKEN, seed_acme, token_of
from connector.sandbox.site import Site
from connector.sandbox.visitor import Visitor
from sync.database import open_database
from sync.migrations import upgrade
from sync.store import Store
from tests.connector.sandbox.conftest import START
from webhooks.cli import tieout
from webhooks.wiring import Wiring

from .installation import RULES

LIST = """\
ID,Title,Owner,Due,Criteria
1,Access list,Priya <priya.nair@acme.example>,2026-10-01,CC6.1
2,Policies,,2099-12-15,CC6.1 and CC5.3
"""
PROVISION = """
[audit.soc2.provision]
group = "coordinators"
"""
GADGETS = {
    "Overdue",
    "Due this week",
    "Open by owner",
    "Requests by criterion",
    "Returned",
    "Escalated",
    "Created against resolved",
}


class Company:
    """Acme with its site, and a Tieout that is connected to it; one clock for both. Where it has a list, that is taken
    in and mirrored."""

    def __init__(self, root: Path, *, has_list: bool = True) -> None:
        root.mkdir(exist_ok=True)
        self.clock = ManualClock(START)
        self.site = Site(self.clock)
        seed_acme(self.site)
        self.dana.groups.add("coordinators")
        self.rules = root / "tieout.toml"
        self.rules.write_text(RULES + PROVISION)
        (root / "list.csv").write_text(LIST)
        self.environ = {
            "TIEOUT_CONFIG": str(self.rules),
            "TIEOUT_DATABASE_URL": f"sqlite:///{root}/tieout.db",
            "TIEOUT_EVIDENCE_DIR": str(root / "evidence"),
            "TIEOUT_JIRA_TOKEN": BOT_TOKEN,
            "TIEOUT_JIRA_WEBHOOK_SECRETS": "a-secret-of-some-length",
            "TIEOUT_PUBLIC_URL": "https://tieout.acme.example",
        }
        self.database = open_database(self.environ["TIEOUT_DATABASE_URL"], clock=self.clock.now, is_durable=False)
        upgrade(self.database)
        self.mounted = {self.site.base_url: SandboxAdapter(create_app(self.site))}
        if has_list:
            self.take_in_the_list()

    def take_in_the_list(self) -> None:
        assert self.run("import", str(self.rules.parent / "list.csv"), "--audit", "soc2").exit_code == 0
        assert self.run("sync", "--yes").exit_code == 0

    @property
    def dana(self) -> Any:
        return self.site.account_by_email("dana.kim@acme.example")

    def wiring(self) -> Wiring:
        wiring = Wiring(self.environ, io.StringIO(), new_session=self.session)
        wiring.__dict__["database"] = self.database
        return wiring

    def session(self) -> requests.Session:
        session = requests.Session()
        for address, adapter in self.mounted.items():
            session.mount(address, adapter)
        return session

    def run(self, *words: str, answer: str = "") -> Result:
        return CliRunner().invoke(tieout, words, obj=self.wiring(), input=answer, catch_exceptions=False)

    def provision(self, *words: str, answer: str = "") -> Result:
        return self.run("provision", *words, answer=answer)

    def person(self, email: str = "dana.kim@acme.example") -> Visitor:
        return Visitor(self.site.base_url, email, token_of(email), self.session())

    def writes(self) -> int:
        return len(self.site.calls.writes())

    def made(self) -> set[str]:
        with self.database.read() as conn:
            return set(Store(conn).provisioned.all())

    def set_up(self) -> dict[str, Any]:
        """What an administrator sees of the site, without any ids that are given out anew."""
        jira, pages = self.site.jira, self.site.confluence.pages.values()
        return {
            "filters": sorted(one.name for one in jira.filters.values()),
            "dashboards": sorted(one.name for one in jira.dashboards.values()),
            "boards": sorted(one.name for one in jira.boards.values()),
            "fields": sorted(one.name for one in jira.fields.values()),
            "screens": {p.key: (sorted(p.fields), dict(p.create_screen)) for p in jira.projects.values()},
            "hooks": sorted(hook.name for hook in self.site.outbox.hooks.values()),
            "pages": sorted((p.title, p.body) for p in pages if p.status == "current"),
        }

    def page(self, title: str) -> Any:
        return next(one for one in self.site.confluence.pages.values() if one.title == title)

    def edit(self, title: str, words: str) -> Any:
        """Dana writes below Tieout's parts of a page."""
        page = self.page(title)
        body = {"representation": "storage", "value": page.body.replace("<p></p>", words)}
        wanted = {"id": page.content_id, "status": "current", "title": title, "body": body}
        wanted["version"] = {"number": page.version.number + 1}
        self.person().call("PUT", f"/wiki/api/v2/pages/{page.content_id}", json=wanted)
        return page

    def filter(self, what: str) -> Filter:
        return next(one for one in self.site.jira.filters.values() if f": {what} (" in one.name)

    def dashboard(self) -> Dashboard:
        (found,) = self.site.jira.dashboards.values()
        return found

    def gadget(self, title: str) -> Gadget:
        return next(one for one in self.dashboard().gadgets if one.title == title)
