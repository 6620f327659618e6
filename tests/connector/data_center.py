"""A Data Center site of both products, at an address each, and a session to it."""

import pytest
import requests

from connector.sandbox.adapter import SandboxAdapter
from connector.sandbox.datacenter.confluence import confluence_data_center
from connector.sandbox.datacenter.jira import jira_data_center
from connector.sandbox.seed import token_of
from connector.sandbox.site import Site
from connector.sandbox.visitor import Visitor

JIRA, WIKI = "https://jira.acme.example", "https://wiki.acme.example"


@pytest.fixture
def dana(site: Site, session: requests.Session) -> Visitor:
    own = requests.Session()
    own.trust_env = False
    for base, adapter in session.adapters.items():
        own.mount(base, adapter)
    return Visitor(site.base_url, "dana.kim@acme.example", token_of("dana.kim@acme.example"), own)


@pytest.fixture
def dc_session(site: Site) -> requests.Session:
    session = requests.Session()
    session.trust_env = False
    session.mount(JIRA, SandboxAdapter(jira_data_center(site)))
    session.mount(WIKI, SandboxAdapter(confluence_data_center(site)))
    return session
