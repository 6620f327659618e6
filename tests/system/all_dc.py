"""The company with Jira and Confluence on servers of its own. Its people visit the same site by its Cloud face."""

from __future__ import annotations

import requests

from connector.connect import connect_confluence, connect_jira
from connector.sandbox.adapter import SandboxAdapter
from connector.sandbox.datacenter.confluence import confluence_data_center
from connector.sandbox.datacenter.jira import jira_data_center
from connector.sandbox.seed import BOT_TOKEN
from connector.session import Habits
from mappings.rules import Auth, Connection, Flavour, Rules
from sync.sites import Sites
from tests.system.world import World

JIRA, WIKI = "https://jira.acme.example", "https://wiki.acme.example"


def data_center(rules: Rules) -> Rules:
    """The mapping file of the same company, where everybody is known by user name."""

    def connection(url: str) -> Connection:
        return Connection(url=url, flavour=Flavour.DC, auth=Auth.PAT)

    people = [person.model_copy(update={"account_id": person.email.partition("@")[0]}) for person in rules.people]
    return rules.model_copy(update={"jira": connection(JIRA), "confluence": connection(WIKI), "people": tuple(people)})


class DataCenterWorld(World):
    """A world in which Tieout speaks to Data Center alone."""

    def new_sites(self) -> Sites:
        if self.rules.jira.flavour is not Flavour.DC:
            self.rules = data_center(self.rules)
        habits = Habits(sleep=lambda _: None, jitter=lambda: 0.5)
        lines = [requests.Session() for _ in range(2)]
        lines[0].mount(JIRA, SandboxAdapter(jira_data_center(self.site)))
        lines[1].mount(WIKI, SandboxAdapter(confluence_data_center(self.site)))
        jira = connect_jira(self.rules.jira, BOT_TOKEN, session=lines[0], habits=habits)
        confluence = connect_confluence(self.rules.confluence, BOT_TOKEN, session=lines[1], habits=habits)
        return Sites(jira, confluence, self.rules)

    def known_as(self, email: str) -> str:
        return email.partition("@")[0]
