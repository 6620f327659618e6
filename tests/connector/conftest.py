"""The real clients on a sandbox site in-process: no socket, no wall clock, no chance."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest
import requests

from connector.confluence_cloud import CloudConfluence
from connector.connect import connect_confluence, connect_jira
from connector.jira_cloud import CloudJira
from connector.sandbox.adapter import SandboxAdapter
from connector.sandbox.app import create_app
from connector.sandbox.clock import ManualClock
from connector.sandbox.seed import BOT_EMAIL, BOT_TOKEN, seed_acme
from connector.sandbox.site import Site
from connector.session import Habits
from mappings.rules import Auth, Connection

START = datetime(2026, 10, 5, 9, 0, tzinfo=UTC)


@dataclass
class Watched:
    """What a client did while it was watched: calls as (method, template, status), and how long it slept."""

    calls: list[tuple[str, str, int]] = field(default_factory=list)
    slept_s: list[float] = field(default_factory=list)

    @property
    def habits(self) -> Habits:
        return Habits(
            sleep=self.slept_s.append,
            jitter=lambda: 0.5,
            clock=lambda: 0.0,
            observer=lambda method, template, status, _: self.calls.append((method, template, status)),
        )


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(START)


@pytest.fixture
def site(clock: ManualClock) -> Site:
    """Acme, without the limit on writes to one issue, which has tests of its own."""
    site = Site(clock)
    seed_acme(site)
    site.faults.limits.per_issue = False
    return site


@pytest.fixture
def session(site: Site) -> requests.Session:
    session = requests.Session()
    session.trust_env = False
    adapter = SandboxAdapter(create_app(site))
    for base in (site.base_url, "https://gateway.example"):
        session.mount(base, adapter)
    return session


@pytest.fixture
def watched() -> Watched:
    return Watched()


@pytest.fixture
def connection(site: Site) -> Connection:
    return Connection(url=site.base_url, user=BOT_EMAIL)


@pytest.fixture
def scoped(site: Site) -> Connection:
    return Connection(url=site.base_url, user=BOT_EMAIL, auth=Auth.SCOPED, cloud_id=site.cloud_id)


@pytest.fixture
def jira(connection: Connection, session: requests.Session, watched: Watched) -> CloudJira:
    client = connect_jira(connection, BOT_TOKEN, session=session, habits=watched.habits)
    assert isinstance(client, CloudJira)
    return client


@pytest.fixture
def confluence(connection: Connection, session: requests.Session, watched: Watched) -> CloudConfluence:
    client = connect_confluence(connection, BOT_TOKEN, session=session, habits=watched.habits)
    assert isinstance(client, CloudConfluence)
    return client


@pytest.fixture
def space_id(confluence: CloudConfluence) -> str:
    return confluence.space_id("SOC2")


@pytest.fixture
def account_id(site: Site) -> Callable[[str], str]:
    """The account id of a seeded person, by the address before the at sign."""

    def find(name: str) -> str:
        return next(a.account_id for a in site.accounts.values() if a.email.partition("@")[0] == name)

    return find
