"""The Cloud clients keep the contract of the ports, on the site's own address and behind the gateway."""

from collections.abc import Callable

import pytest
import requests

from connector.confluence_cloud import CloudConfluence
from connector.connect import connect_confluence, connect_jira
from connector.jira_cloud import CloudJira
from connector.sandbox.seed import BOT_TOKEN, token_of
from connector.sandbox.site import Site
from connector.sandbox.visitor import Visitor
from mappings.rules import Connection
from sync.ports import Confluence, Jira

from .confluence_contract import ConfluenceContract
from .conftest import Watched
from .jira_contract import JiraContract

GATEWAY = "https://gateway.example"


@pytest.fixture
def visit(site: Site, session: requests.Session) -> Callable[[str], Visitor]:
    """Come to the site as a person, by e-mail."""
    return lambda email: Visitor(site.base_url, email, token_of(email), _same_transport(session))


@pytest.fixture
def dana(visit: Callable[[str], Visitor]) -> Visitor:
    return visit("dana.kim@acme.example")


def _same_transport(session: requests.Session) -> requests.Session:
    """A session of one's own on the same sandbox: `auth` must not be shared."""
    own = requests.Session()
    own.trust_env = False
    for base, adapter in session.adapters.items():
        own.mount(base, adapter)
    return own


class TestJiraCloud(JiraContract):
    pass


class TestConfluenceCloud(ConfluenceContract):
    pass


class TestJiraBehindTheGateway(JiraContract):
    @pytest.fixture
    def jira(self, scoped: Connection, session: requests.Session, watched: Watched) -> Jira:
        return connect_jira(scoped, f"{BOT_TOKEN}-scoped", session=session, gateway=GATEWAY, habits=watched.habits)


class TestConfluenceBehindTheGateway(ConfluenceContract):
    @pytest.fixture
    def confluence(self, scoped: Connection, session: requests.Session, watched: Watched) -> Confluence:
        return connect_confluence(
            scoped, f"{BOT_TOKEN}-scoped", session=session, gateway=GATEWAY, habits=watched.habits
        )


def test_the_clients_fit_the_ports(jira: CloudJira, confluence: CloudConfluence) -> None:
    owners_side: Jira = jira
    auditors_side: Confluence = confluence
    assert (owners_side.site, auditors_side.site) == (
        "https://acme.atlassian.net",
        "https://acme.atlassian.net/wiki",
    )
