"""Tieout as it is installed at Acme: a mapping file, a register, and the sandbox for a site."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

import requests
from click.testing import CliRunner, Result

from connector.sandbox.adapter import SandboxAdapter
from connector.sandbox.app import create_app
from connector.sandbox.clock import WallClock
from connector.sandbox.seed import BOT_EMAIL, BOT_TOKEN, seed_acme
from connector.sandbox.site import Site
from webhooks.cli import tieout
from webhooks.wiring import Wiring

RULES = f"""\
[jira]
url = "https://acme.atlassian.net"
user = "{BOT_EMAIL}"

[confluence]
url = "https://acme.atlassian.net"
user = "{BOT_EMAIL}"

[audit.soc2]
name = "SOC 2"
period_start = 2026-01-01
period_end = 2026-12-31
project = "AUD"
issue_type = "Audit Request"
escalation_issue_type = "Escalation"
default_task_project = "SEC"
space = "SOC2"
coordinator = "dana.kim@acme.example"
auditors = ["clara.weiss@northgate.example"]
"""
LIST = "ID,Title,Owner,Due\n1,Access list,Priya <priya.nair@acme.example>,2099-11-30\n2,Policies,,2099-12-15\n"


def acme() -> Site:
    site = Site(WallClock())
    seed_acme(site)
    return site


class Installation:
    """One in a folder. `addresses` are those at which the site answers; what `environ` names comes before the rest."""

    def __init__(
        self, folder: Path, site: Site, rules: str = RULES, *, addresses: Sequence[str] = (), **environ: str
    ) -> None:
        self.rules, self._list = folder / "tieout.toml", folder / "list.csv"
        self.rules.write_text(rules)
        self._adapter = SandboxAdapter(create_app(site))
        self._addresses = (site.base_url, *addresses)
        self._environ = {
            "TIEOUT_CONFIG": str(self.rules),
            "TIEOUT_DATABASE_URL": f"sqlite:///{folder}/tieout.db",
            "TIEOUT_EVIDENCE_DIR": str(folder / "evidence"),
            **(environ or {"TIEOUT_JIRA_TOKEN": BOT_TOKEN}),
        }

    def wiring(self) -> Wiring:
        return Wiring(self._environ, io.StringIO(), new_session=self._new_session)

    def run(self, *words: str, answer: str | None = None) -> Result:
        """Run a command as somebody at a terminal would."""
        return CliRunner().invoke(tieout, words, obj=self.wiring(), input=answer, catch_exceptions=False)

    def take_in_the_list(self) -> None:
        """A list of two. The tables are there already."""
        self._list.write_text(LIST)
        assert self.run("import", str(self._list), "--audit", "soc2").exit_code == 0

    def _new_session(self) -> requests.Session:
        session = requests.Session()
        for address in self._addresses:
            session.mount(address, self._adapter)
        return session
