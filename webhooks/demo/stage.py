"""The stage of the demo: the sandbox on a loopback port, a mapping file for it, and Tieout running against both."""

from __future__ import annotations

import os
import shutil
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import requests

from connector.sandbox.clock import WallClock
from connector.sandbox.pages import PAGES
from connector.sandbox.seed import BOT_EMAIL, BOT_TOKEN, seed_acme, token_of
from connector.sandbox.serve import running as sandbox_running
from connector.sandbox.site import Site
from connector.sandbox.visitor import Visitor
from sync.first_plan import show
from sync.migrations import upgrade
from webhooks.demo.panel import panel_of
from webhooks.service import Service, running
from webhooks.wiring import Wiring

AUDIT = "SOC2-2026"
SPACE = "SOC2"
SECRET = "demo-webhook-secret"  # noqa: S105  opens nothing but the demo's own door
SANDBOX_PORT, TIEOUT_PORT = 8100, 8101

EVENTS = (
    "jira:issue_created",
    "jira:issue_updated",
    "jira:issue_deleted",
    "comment_created",
    "comment_updated",
    "attachment_created",
)
PAGE_EVENTS = ("page_updated", "comment_created", "attachment_created", "attachment_updated")

_RULES = """\
# The mapping file of the demo. A real one looks just like it, with your own names.
[jira]
url = "{url}"
user = "{bot}"

[confluence]
url = "{url}"
user = "{bot}"

[audit.{audit}]
name = "SOC 2 Type II 2026"
type = "II"
period_start = 2026-01-01
period_end = 2026-12-31
time_zone = "Europe/Berlin"
holidays = "DE"
project = "AUD"
issue_type = "Audit Request"
escalation_issue_type = "Escalation"
space = "{space}"
coordinator = "dana.kim@acme.example"
sponsor = "ravi.patel@acme.example"
auditors = ["clara.weiss@northgate.example", "ben.adeyemi@northgate.example"]
routes = [
  {{ team = "Security", project = "SEC" }},
  {{ team = "Platform", project = "PLAT" }},
  {{ team = "People", project = "PEOPLE" }},
  {{ team = "IT", project = "IT" }},
  {{ team = "Legal", project = "LEGAL" }},
]

[status.PLAT.transition_fields.Closed]
resolution = {{ name = "Done" }}
"""

_PERSON = """
[[people]]
name = "{name}"
email = "{email}"
account_id = "{account_id}"
"""


@dataclass(frozen=True, slots=True)
class Stage:
    """Everything the story needs: the site, its people, and Tieout's parts to look at."""

    site: Site
    url: str
    """The sandbox's address."""
    tieout_url: str
    wiring: Wiring
    service: Service

    def person(self, email: str) -> Visitor:
        return Visitor(self.url, email, token_of(email))

    def writes(self) -> int:
        """Calls that wrote to the site, by Tieout alone."""
        bot = self.site.account_by_email(BOT_EMAIL)
        return sum(call.account_id == bot.account_id for call in self.site.calls.writes()) if bot else 0


@contextmanager
def set_up(home: Path, *, poll_s: int = 15) -> Iterator[Stage]:
    """Raise the stage in the folder `home`, which is emptied first; everything on it ends with the block."""
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir(parents=True)
    site = Site(WallClock())
    seed_acme(site)
    with sandbox_running(site, port=_free(SANDBOX_PORT), extra=[PAGES]) as url:
        rules = home / "tieout.toml"
        rules.write_text(mapping_file(site, url), encoding="utf-8")
        listen = f"127.0.0.1:{_free(TIEOUT_PORT)}"
        wiring = Wiring(_environment(home, rules, listen), sys.stderr)
        upgrade(wiring.unchecked_database)
        with wiring.database.write() as conn:
            show(conn, [AUDIT], by="demo", how="it is a site in a box")
        tieout_url = f"http://{listen}"
        _register_webhooks(Visitor(url, BOT_EMAIL, BOT_TOKEN), tieout_url)
        site.companion = panel_of(wiring.unchecked_database, site)
        with running(wiring, poll_s=poll_s, workers=1) as service:
            yield Stage(site, url, tieout_url, wiring, service)


def provision(stage: Stage) -> None:
    """The coordinator's dashboard and what belongs to it, as `tieout provision` sets them up."""
    run = stage.wiring.provisioning("demo")
    plan = run.survey([AUDIT]).plan()
    if not run.apply(plan, lambda _step, _said: None):
        raise RuntimeError("the sandbox did not let everything be provisioned: run `tieout provision` to see what")


def mapping_file(site: Site, url: str) -> str:
    """The text of the demo's `tieout.toml`. People are named by account id, since some hide their e-mail."""
    text = _RULES.format(url=url, bot=BOT_EMAIL, audit=AUDIT, space=SPACE)
    for account in site.accounts.values():
        if account.email == BOT_EMAIL:
            continue
        text += _PERSON.format(name=account.display_name, email=account.email, account_id=account.account_id)
        if account.email.endswith("@acme.example") and account.email != "ines.duarte@acme.example":
            text += 'manager = "ines.duarte@acme.example"\n'
    return text


def _environment(home: Path, rules: Path, listen: str) -> dict[str, str]:
    return {
        **{name: value for name, value in os.environ.items() if not name.startswith("TIEOUT_")},
        "TIEOUT_CONFIG": str(rules),
        "TIEOUT_DATABASE_URL": f"sqlite:///{home.resolve() / 'tieout.db'}",
        "TIEOUT_EVIDENCE_DIR": str(home / "evidence"),
        "TIEOUT_JIRA_TOKEN": BOT_TOKEN,
        "TIEOUT_JIRA_WEBHOOK_SECRETS": SECRET,
        "TIEOUT_CONFLUENCE_SHARED_SECRETS": SECRET,
        "TIEOUT_LISTEN": listen,
        "TIEOUT_LOG_LEVEL": "ERROR",
    }


def _register_webhooks(bot: Visitor, tieout_url: str) -> None:
    """What an administrator does by hand on a real site. Confluence Cloud signs nothing, so its hook is polled for."""
    hook = {"name": "Tieout", "url": f"{tieout_url}/webhooks/jira", "events": list(EVENTS), "secret": SECRET}
    bot.call("POST", "/rest/webhooks/1.0/webhook", json=hook)


def _free(wanted: int) -> int:
    """`wanted` if nobody listens there, else any free port."""
    for port in (wanted, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise OSError("no free port on 127.0.0.1")


def hint_page(stage: Stage, page_id: str) -> None:
    """What a Confluence automation rule sends when a page is commented on."""
    body = {"pageId": page_id}
    headers = {"X-Tieout-Secret": SECRET}
    answer = requests.post(f"{stage.tieout_url}/webhooks/confluence", json=body, headers=headers, timeout=10)
    answer.raise_for_status()


def pause(seconds: float) -> None:
    """Wait on the wall's clock: the demo is watched by people."""
    time.sleep(seconds)
