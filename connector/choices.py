"""What a site offers to choose from when a mapping file is written: its projects, types, spaces and people."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from connector import confluence_dc_read
from connector.bounds import pages
from connector.checks import jira_dc_reading
from connector.checks.jira_reading import IssueType, accounts_showing, issue_types
from connector.confluence_cloud import CloudConfluence
from connector.confluence_dc import DcConfluence
from connector.confluence_lists import every
from connector.connect import ConfluenceClient, JiraClient
from connector.jira_cloud import CloudJira
from connector.jira_dc import DcJira
from connector.understood import understood
from mappings.far import Account

PAGE_SIZE = 100


class Choices(Protocol):
    """Asks as it is asked; raises what the sites answer."""

    def account(self) -> Account:
        """Whose token it is."""

    def projects(self) -> dict[str, str]:
        """Names by key."""

    def issue_types(self, project: str) -> dict[str, IssueType]: ...

    def spaces(self) -> dict[str, str]:
        """Names by key, of those in use; people's own are left out."""

    def accounts(self, email: str) -> tuple[Account, ...]:
        """Those that show this address."""


def choices_of(jira: JiraClient, confluence: ConfluenceClient) -> Choices | None:
    """None for two sites of different flavours."""
    if isinstance(jira, CloudJira) and isinstance(confluence, CloudConfluence):
        return CloudChoices(jira, confluence)
    if isinstance(jira, DcJira) and isinstance(confluence, DcConfluence):
        return DcChoices(jira, confluence)
    return None


@dataclass(frozen=True, slots=True)
class CloudChoices:
    jira: CloudJira
    confluence: CloudConfluence

    def account(self) -> Account:
        return self.jira.whoami()

    @understood("read")
    def projects(self) -> dict[str, str]:
        found: dict[str, str] = {}
        number = pages("the list of projects")
        while True:
            next(number)
            params = {"startAt": len(found), "maxResults": PAGE_SIZE, "orderBy": "key"}
            page = self.jira.wire.get("/rest/api/3/project/search", params=params)
            found |= {bean["key"]: bean["name"] for bean in page["values"]}
            if page.get("isLast", True) or not page["values"]:
                return found

    def issue_types(self, project: str) -> dict[str, IssueType]:
        return issue_types(self.jira.wire, project)

    @understood("read")
    def spaces(self) -> dict[str, str]:
        params = {"status": "current", "type": "global", "limit": PAGE_SIZE}
        return {bean["key"]: bean["name"] for bean in every(self.confluence.wire, "/wiki/api/v2/spaces", params=params)}

    def accounts(self, email: str) -> tuple[Account, ...]:
        return accounts_showing(self.jira.wire, email)


@dataclass(frozen=True, slots=True)
class DcChoices:
    jira: DcJira
    confluence: DcConfluence

    def account(self) -> Account:
        return self.jira.whoami()

    @understood("read")
    def projects(self) -> dict[str, str]:
        return {bean["key"]: bean["name"] for bean in self.jira.wire.get("/rest/api/2/project")}

    def issue_types(self, project: str) -> dict[str, IssueType]:
        return jira_dc_reading.issue_types(self.jira.wire, project)

    @understood("read")
    def spaces(self) -> dict[str, str]:
        wanted = {"status": "current", "type": "global"}
        found = confluence_dc_read.every(self.confluence.wire, "/rest/api/space", params=wanted)
        return {bean["key"]: bean["name"] for bean in found}

    def accounts(self, email: str) -> tuple[Account, ...]:
        return jira_dc_reading.accounts_showing(self.jira.wire, email)
