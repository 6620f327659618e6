"""Acme's site with its pages for people, people at browsers, and the same people over REST to see what became of it."""

from collections.abc import Callable

import pytest
import requests

from connector.sandbox.adapter import SandboxAdapter
from connector.sandbox.app import SandboxApp, create_app
from connector.sandbox.pages import PAGES
from connector.sandbox.seed import BOT_EMAIL, token_of
from connector.sandbox.site import Site
from connector.sandbox.visitor import Visitor
from tests.connector.sandbox.pages.surfer import Surfer

Surf = Callable[[str], Surfer]
Rest = Callable[[str], Visitor]


@pytest.fixture
def app(site: Site) -> SandboxApp:
    """Acme, without the limit on writes to one issue, which has tests of its own."""
    site.faults.limits.per_issue = False
    return create_app(site, [PAGES])


@pytest.fixture
def account_id(site: Site) -> Callable[[str], str]:
    """Somebody's account id, by first name."""

    def find(name: str) -> str:
        return next(a.account_id for a in site.accounts.values() if a.email.startswith(name))

    return find


@pytest.fixture
def surf(app: SandboxApp, account_id: Callable[[str], str]) -> Surf:
    """Somebody signed in at a browser, by first name."""

    def sit_down(name: str) -> Surfer:
        surfer = Surfer(app)
        return surfer.post("/people/sign-in", account=account_id(name), next="/")

    return sit_down


@pytest.fixture
def rest(app: SandboxApp, site: Site) -> Rest:
    """Somebody's REST client, by first name; "tieout" is the service account."""
    session = requests.Session()
    session.trust_env = False
    session.mount(site.base_url, SandboxAdapter(app))

    def connect(name: str) -> Visitor:
        email = next(a.email for a in site.accounts.values() if a.email.startswith(name))
        return Visitor(site.base_url, email, token_of(email), session)

    return connect


@pytest.fixture
def bot(rest: Rest) -> Visitor:
    return rest(BOT_EMAIL)


@pytest.fixture
def issue(bot: Visitor, account_id: Callable[[str], str]) -> str:
    """The key of Priya's issue in the audit's project."""
    return bot.create_issue(
        project={"key": "AUD"},
        issuetype={"name": "Task"},
        summary="Access review",
        assignee={"accountId": account_id("priya")},
        duedate="2026-10-20",
        labels=["tieout", "CC6.1"],
    )


@pytest.fixture
def publish(bot: Visitor) -> Callable[[str, str], str]:
    """Puts a page into the audit's space: title and storage body in, its id out."""

    def create(title: str, value: str) -> str:
        space = bot.call("GET", "/wiki/api/v2/spaces?keys=SOC2")["results"][0]
        body = {"representation": "storage", "value": value}
        return str(
            bot.call("POST", "/wiki/api/v2/pages", json={"spaceId": space["id"], "title": title, "body": body})["id"]
        )

    return create
