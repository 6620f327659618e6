"""The mapping file `tieout.toml` as a model: sites, audits, people, routes, status maps, escalation, evidence.

Only shapes and what can be checked without asking a site. Secrets never stand here; `webhooks.settings` reads them
from the environment or from files.
"""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Key = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$")]
Email = Annotated[str, Field(pattern=r"^[^@\s<>]+@[^@\s<>]+$")]

Askable = Literal["owner", "priority", "due"]
"""Fields of an issue on which a person can be asked to decide: both sides have a say, and none is the auditor's."""


class Flavour(StrEnum):
    CLOUD = "cloud"
    DC = "dc"


class Auth(StrEnum):
    """How Tieout signs in. `token`: e-mail and API token; `scoped`: the same through Atlassian's gateway."""

    TOKEN = "token"  # noqa: S105 a kind, not a secret
    SCOPED = "scoped"
    OAUTH = "oauth"
    PAT = "pat"


class Rule(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


class Connection(Rule):
    """One Atlassian product. `url` is the site's address as a browser shows it (`https://acme.atlassian.net`)."""

    url: Annotated[str, Field(pattern=r"^https?://[^\s?#]+$")]
    flavour: Flavour = Flavour.CLOUD
    auth: Auth = Auth.TOKEN
    user: str | None = None
    cloud_id: str | None = None
    token_file: str | None = None
    token_expires_on: date | None = None
    connect_timeout_s: float = 5
    read_timeout_s: float = 20


class Milestone(Rule):
    name: str
    on: date


class PersonRule(Rule):
    """Somebody Tieout must know beyond what the list says: the account id where the e-mail is hidden, the manager."""

    name: str
    email: Email
    account_id: str | None = None
    manager: Email | None = None


class Route(Rule):
    """Where the tasks of a team, criterion, control or category go. The first route whose conditions all hold wins."""

    team: str | None = None
    criterion: str | None = None
    control: str | None = None
    category: str | None = None
    project: Key
    issue_type: str = "Task"
    fields: dict[str, object] = Field(default_factory=dict)
    """Constants for fields that the project requires, by Jira's field id."""


class Ladder(Rule):
    """Working days from the due date at which each step fires; negative is before it."""

    remind_on: tuple[int, ...] = (-7, -3, 0)
    manager_on: int = 1
    coordinator_on: int = 3
    sponsor_on: int = 7
    repeat_every: int = 7


class AuditRule(Rule):
    """One engagement. People are named by e-mail."""

    name: str
    type: Literal["I", "II"] = "II"
    period_start: date
    period_end: date
    time_zone: str = "UTC"
    holidays: str | None = None
    """Country, or country and region, as the `holidays` package names them: `US`, `DE-BE`."""
    extra_holidays: tuple[date, ...] = ()
    milestones: tuple[Milestone, ...] = ()
    project: Key
    issue_type: str = "Task"
    escalation_issue_type: str = "Task"
    request_fields: dict[str, object] = Field(default_factory=dict)
    space: str
    tasks: Literal["per-owner", "none"] = "per-owner"
    routes: tuple[Route, ...] = ()
    default_task_project: Key | None = None
    """Where tasks go that no route takes; the audit's own project when it is not set."""
    default_task_issue_type: str = "Task"
    internal_review: bool = True
    """Off: evidence goes to the auditor once it is attached, and the coordinator submits; journaled as skipped."""
    auditor_comment_prefix: str = "auditor:"
    """A Jira comment that begins so is for the auditor; every other one stays inside the company."""
    ask: tuple[Askable, ...] = ()
    """Fields of an issue on which the coordinator decides when the register and Jira both moved; else Jira's word, or
    for a date the lifecycle's, is taken."""
    coordinator: Email
    sponsor: Email | None = None
    auditors: tuple[Email, ...] = Field(min_length=1)
    returned_due_days: int = 2
    """Working days an owner has after a return without a date."""
    ladder: Ladder = Ladder()
    is_closed: bool = False


class StatusNames(Rule):
    """The Jira statuses of one project by name: where each state of ours goes, and how theirs are read.

    A state that is not named takes the default of `mappings.status_map`."""

    request: dict[str, str] = Field(default_factory=dict)
    """State of a request to the name of the Jira status it is shown as."""
    task: dict[str, str] = Field(default_factory=dict)
    read_request: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    """Name of a Jira status to the states it may mean, the first legal one wins."""
    read_task: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    transition_fields: dict[str, dict[str, object]] = Field(default_factory=dict)
    """Name of a Jira status to the fields that the transition into it requires."""


class Rules(Rule):
    """The whole file. `audit`, `status` are tables by audit key and by Jira project key."""

    jira: Connection
    confluence: Connection
    audit: dict[Key, AuditRule] = Field(min_length=1)
    people: tuple[PersonRule, ...] = ()
    status: dict[Key, StatusNames] = Field(default_factory=dict)
