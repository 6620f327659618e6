"""The Data Center clients keep the contract of the ports on the sandbox's Data Center face.

Whoever visits meanwhile does so on the Cloud face of the same site: what they do is the same to either.
"""

from collections.abc import Callable

import pytest
import requests

from connector.confluence_dc import DcConfluence
from connector.connect import connect_confluence, connect_jira
from connector.jira_dc import DcJira
from connector.sandbox.seed import BOT_TOKEN
from mappings.rules import Auth, Connection, Flavour

from .confluence_contract import ConfluenceContract
from .conftest import Watched
from .data_center import JIRA, WIKI, dana, dc_session
from .jira_contract import JiraContract

__all__ = ["dana", "dc_session"]


@pytest.fixture
def account_id() -> Callable[[str], str]:
    """On Data Center the user name stands for a person."""
    return str


class TestJiraDataCenter(JiraContract):
    @pytest.fixture
    def jira(self, dc_session: requests.Session, watched: Watched) -> DcJira:
        connection = Connection(url=JIRA, flavour=Flavour.DC, auth=Auth.PAT)
        jira = connect_jira(connection, BOT_TOKEN, session=dc_session, habits=watched.habits)
        assert isinstance(jira, DcJira)
        return jira


class TestConfluenceDataCenter(ConfluenceContract):
    ADDRESS = "/pages/viewpage.action?pageId={}"

    @pytest.fixture
    def confluence(self, dc_session: requests.Session, watched: Watched) -> DcConfluence:
        connection = Connection(url=WIKI, flavour=Flavour.DC, auth=Auth.PAT)
        confluence = connect_confluence(connection, BOT_TOKEN, session=dc_session, habits=watched.habits)
        assert isinstance(confluence, DcConfluence)
        return confluence
