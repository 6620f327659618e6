"""What a site offers to choose from when a mapping file is written: its projects, types, spaces and people."""

from __future__ import annotations

from dataclasses import dataclass

from connector.bounds import pages
from connector.checks.jira_reading import IssueType, accounts_showing, issue_types
from connector.confluence_cloud import CloudConfluence
from connector.confluence_lists import every
from connector.jira_cloud import CloudJira
from connector.understood import understood
from mappings.far import Account

PAGE_SIZE = 100


@dataclass(frozen=True, slots=True)
class Choices:
    """Asks as it is asked; raises what the sites answer."""

    jira: CloudJira
    confluence: CloudConfluence

    def account(self) -> Account:
        """Whose token it is."""
        return self.jira.whoami()

    @understood("read")
    def projects(self) -> dict[str, str]:
        """Names by key."""
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
        """Names by key, of those in use; people's own are left out."""
        params = {"status": "current", "type": "global", "limit": PAGE_SIZE}
        return {bean["key"]: bean["name"] for bean in every(self.confluence.wire, "/wiki/api/v2/spaces", params=params)}

    def accounts(self, email: str) -> tuple[Account, ...]:
        """Those that show this address."""
        return accounts_showing(self.jira.wire, email)
