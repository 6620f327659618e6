"""The people and service accounts of a site."""

from dataclasses import dataclass, field
from datetime import datetime

JIRA_USERS = "jira-users"
CONFLUENCE_USERS = "confluence-users"
CONFLUENCE_GUESTS = "confluence-guests"


@dataclass(eq=False)
class Account:
    """One Atlassian account as the site knows it.

    `token` is an unscoped API token, good on the site's own address only; `scoped_token` is good behind the
    gateway (`/ex/jira/{cloudId}`) only. `scopes` limits the scoped one ("read:jira-work", "write:page:confluence",
    ...); None is every scope. `email_visible` false hides the address from everybody but the owner.
    """

    account_id: str
    display_name: str
    email: str
    email_visible: bool = True
    active: bool = True
    time_zone: str = "Etc/UTC"
    account_type: str = "atlassian"
    token: str | None = None
    scoped_token: str | None = None
    scopes: frozenset[str] | None = None
    token_expires_at: datetime | None = None
    is_admin: bool = False
    groups: set[str] = field(default_factory=set)
    job: str = ""
    """What they do, for whoever chooses whom to be; no answer of the site says it."""

    @property
    def has_jira(self) -> bool:
        """Whether the account has a seat in Jira; a Confluence guest has none."""
        return self.active and (self.is_admin or JIRA_USERS in self.groups)

    @property
    def has_confluence(self) -> bool:
        """Whether the account may open Confluence at all, as a user or a guest."""
        return self.active and (self.is_admin or bool({CONFLUENCE_USERS, CONFLUENCE_GUESTS} & self.groups))

    def token_expired(self, now: datetime) -> bool:
        return self.token_expires_at is not None and now >= self.token_expires_at
