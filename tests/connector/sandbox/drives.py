"""Every route driven once, for whoever wants to look on: over which adapter is the caller's choice."""

from collections.abc import Callable

import requests

from connector.sandbox.adapter import SandboxAdapter
from connector.sandbox.app import SandboxApp, create_app
from connector.sandbox.clock import ManualClock
from connector.sandbox.seed import BOT_EMAIL, seed_acme
from connector.sandbox.site import Site
from tests.connector.sandbox.confluence import test_documents as confluence
from tests.connector.sandbox.confluence.conftest import Visitor as Reader
from tests.connector.sandbox.conftest import START, Visitor
from tests.connector.sandbox.jira import test_document as jira

MakeAdapter = Callable[[SandboxApp], SandboxAdapter]
OF_JIRA = (
    jira._drive_issue,
    jira._drive_hanging_on,
    jira._drive_links,
    jira._drive_lists,
    jira._drive_people,
    jira._drive_shared,
    jira._drive_boards,
    jira._drive_hooks,
)
OF_CONFLUENCE = (
    confluence._drive_pages,
    confluence._drive_comments,
    confluence._drive_files,
    confluence._drive_pinned,
    confluence._drive_people,
    confluence._drive_hooks,
)


def acme() -> SandboxApp:
    """A site for driving, without the limit on writes to one issue."""
    site = Site(ManualClock(START))
    seed_acme(site)
    site.faults.limits.per_issue = False
    return create_app(site)


def drive_jira(app: SandboxApp, adapter: SandboxAdapter) -> None:
    """Through all of Jira's routes, as the bot and an owner."""
    people = [app.site.account_by_email(email) for email in (BOT_EMAIL, "priya.nair@acme.example")]
    bot, priya = (Visitor(app, account, _unchecked) for account in people)
    for visitor in (bot, priya):
        visitor.session.mount(app.site.base_url, adapter)
    for drive in OF_JIRA:
        drive(bot, priya.me)


def drive_confluence(app: SandboxApp, adapter: SandboxAdapter) -> None:
    """Through all of Confluence's routes, as the bot and an auditor."""
    people = [app.site.account_by_email(email) for email in (BOT_EMAIL, "clara.weiss@northgate.example")]
    bot, clara = (Reader(app, account) for account in people)
    for visitor in (bot, clara):
        visitor.session.mount(app.site.base_url, adapter)
    space = app.site.confluence.space_by_key("SOC2")
    for drive in OF_CONFLUENCE:
        drive(bot, clara, space)


def _unchecked(_answer: requests.Response) -> None:
    """Whether answers conform is looked at by whoever mounted the adapter."""
