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

IssueKey = Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]+-[1-9][0-9]*$")]
"""Of an issue on the site, such as AUD-1."""

Askable = Literal["owner", "priority", "due"]
"""Fields of an issue on which a person can be asked to decide: both sides have a say, and none is the auditor's."""


class Flavour(StrEnum):
    CLOUD = "cloud"
    DC = "dc"


class Auth(StrEnum):
    """How Tieout signs in. `token`: e-mail and API token; `scoped`: the same through Atlassian's gateway; `oauth`: an
    app of one's own, through the gateway; `pat`: a personal access token of Data Center."""

    TOKEN = "token"  # noqa: S105 a kind, not a secret
    SCOPED = "scoped"
    OAUTH = "oauth"
    PAT = "pat"


class Rule(BaseModel):
    # The strings below fields are their descriptions: docs/mapping-file.md is made from them.
    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True, use_attribute_docstrings=True)


class Connection(Rule):
    """One Atlassian product. `url` is the site's address as a browser shows it (`https://acme.atlassian.net`)."""

    url: Annotated[str, Field(pattern=r"^https?://[^\s?#]+$")]
    """The site's address as a browser shows it."""
    flavour: Flavour = Flavour.CLOUD
    """Cloud or Data Center; it is never guessed from the address."""
    auth: Auth = Auth.TOKEN
    """How Tieout signs in: `token` (e-mail and API token), `scoped` (the same through Atlassian's gateway, for tokens
    with scopes and service accounts), `oauth`, or on Data Center `pat`."""
    user: str | None = None
    """The account's e-mail address, for `token` and `scoped`."""
    cloud_id: str | None = None
    """The site's id, for `scoped` and `oauth`: `https://YOUR-SITE/_edge/tenant_info` shows it."""
    client_id: str | None = None
    """The OAuth app's id, for `oauth`; its page at developer.atlassian.com shows it."""
    token_file: str | None = None
    """A file that holds the token; without it the environment's is taken."""
    token_expires_on: date | None = None
    """The token's last day, which no API tells; Tieout warns 30 and 7 days before."""
    connect_timeout_s: float = 5
    """Seconds to wait for a connection, 10 at the most."""
    read_timeout_s: float = 20
    """Seconds to wait for an answer, 30 at the most."""


class Milestone(Rule):
    """A day that the audit's home page shows."""

    name: str
    """What happens then."""
    on: date
    """The day."""


class PersonRule(Rule):
    """Somebody Tieout must know beyond what the list says: the account id where the e-mail is hidden, the manager."""

    name: str
    """As others know them."""
    email: Email
    """The address by which the list and this file name them."""
    account_id: str | None = None
    """Their Atlassian account, where the site hides the address; it ends the address of their profile."""
    manager: Email | None = None
    """Who becomes a watcher when something of theirs is late."""


class Route(Rule):
    """Where the tasks of a team, criterion, control, category or column go. The first route whose conditions all hold
    wins."""

    team: str | None = None
    """The list's team, in whatever case."""
    criterion: str | None = None
    """One of the request's criteria, such as `CC6.1`."""
    control: str | None = None
    """One of the request's controls."""
    category: str | None = None
    """The list's category, in whatever case."""
    column: dict[str, str] = Field(default_factory=dict)
    """Headings of the auditor's list with what must stand there."""
    project: Key
    """Key of the Jira project that takes the tasks."""
    issue_type: str = "Task"
    """Their issue type there, by name. A sub-task's makes them sub-tasks of their request's issue; the project is the
    audit's then."""
    parent: IssueKey | None = None
    """Key of the issue (an epic, say) under which new ones are made."""
    fields: dict[str, object] = Field(default_factory=dict)
    """Constants for fields that the project requires, by Jira's field id. They may have names in braces:
    `"PBC {request.number}"`."""


class Ladder(Rule):
    """Working days from the due date at which each step fires; negative is before it. While a request is reviewed, its
    reviewer stands in the place of the owner."""

    remind_on: tuple[int, ...] = (-7, -3, 0)
    """The owner is reminded."""
    manager_on: int = 1
    """The owner's manager becomes a watcher, with a label and the flag."""
    coordinator_on: int = 3
    """The coordinator is told, and the priority goes up a step."""
    sponsor_on: int = 7
    """An escalation issue is made for the sponsor, and the page has a banner."""
    repeat_every: int = 7
    """So many days after the sponsor's step it is told again, and again."""


class Provision(Rule):
    """What `tieout provision` sets up for an audit."""

    group: str | None = None
    """Name of the Jira group that sees filters, dashboard and board; without one, whoever is signed in does."""
    fields: bool = True
    """Custom fields on the screens of the projects; off, labels alone say what they would."""
    board: bool = True
    """A board of all the audit's issues, in the audit's project."""
    index_pages: bool = True
    """A page for each criterion, below the audit's home page."""
    without: tuple[str, ...] = ()
    """What is not wanted of the rest, such as "gadget/flow": `tieout provision --format json` has the names."""


class AuditRule(Rule):
    """One engagement. People are named by e-mail."""

    name: str
    """As people call it; the home page's title begins with it."""
    type: Literal["I", "II"] = "II"
    """The report's: I looks at one day, II at a period."""
    period_start: date
    """First day of the period."""
    period_end: date
    """Its last day."""
    time_zone: str = "UTC"
    """In which days begin and end, as `Europe/Berlin`."""
    holidays: str | None = None
    """Country, or country and region, as the `holidays` package names them: `US`, `DE-BE`."""
    extra_holidays: tuple[date, ...] = ()
    """The company's own."""
    milestones: tuple[Milestone, ...] = ()
    """Days that the audit's home page shows."""
    project: Key
    """Key of the Jira project that takes the requests' issues."""
    issue_type: str = "Task"
    """Their issue type, by name."""
    escalation_issue_type: str = "Task"
    """Of the issue that is opened when something is badly late."""
    request_fields: dict[str, object] = Field(default_factory=dict)
    """Constants for fields that the project requires on requests' issues, as the `fields` of a route."""
    parent: IssueKey | None = None
    """Key of the issue (an epic, say) under which the requests' issues are made."""
    space: str
    """Key of the Confluence space of the evidence pages: one audit, one space."""
    tasks: Literal["per-owner", "none"] = "per-owner"
    """`none`: the request's own issue is the owner's work."""
    routes: tuple[Route, ...] = ()
    """Which tasks go to which projects."""
    default_task_project: Key | None = None
    """Where tasks go that no route takes; the audit's own project when it is not set."""
    default_task_issue_type: str = "Task"
    """Their issue type, by name."""
    internal_review: bool = True
    """Off: evidence goes to the auditor once it is attached, and the coordinator submits; journaled as skipped."""
    auditor_comment_prefix: str = "auditor:"
    """A Jira comment that begins so is for the auditor; every other one stays inside the company."""
    ask: tuple[Askable, ...] = ()
    """Fields of an issue on which the coordinator decides when the register and Jira both moved; else Jira's word, or
    for a date the lifecycle's, is taken."""
    coordinator: Email
    """Who runs the audit in the company."""
    sponsor: Email | None = None
    """Who hears of what is badly late; the coordinator without one."""
    auditors: tuple[Email, ...] = Field(min_length=1)
    """The accounts that can accept and return; nobody else can."""
    returned_due_days: int = 2
    """Working days an owner has after a return without a date."""
    ladder: Ladder = Ladder()
    """When somebody is reminded or told of what is late."""
    provision: Provision = Provision()
    """What `tieout provision` sets up."""
    is_closed: bool = False
    """Freezes everything."""


class StatusNames(Rule):
    """The Jira statuses of one project, by name or by id: where each state of ours goes, and how theirs are read.

    An id, such as "10007", stays when the status is renamed. A state that is not named takes the default of
    `mappings.status_map`."""

    request: dict[str, str] = Field(default_factory=dict)
    """State of a request to the name of the Jira status it is shown as."""
    task: dict[str, str] = Field(default_factory=dict)
    """The same for a task."""
    read_request: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    """Name of a Jira status to the states it may mean, the first legal one wins."""
    read_task: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    """The same for a task."""
    transition_fields: dict[str, dict[str, object]] = Field(default_factory=dict)
    """Name of a Jira status to the fields that the transition into it requires."""


class Rules(Rule):
    """The whole file. `audit`, `status` are tables by audit key and by Jira project key."""

    jira: Connection
    """The owners' side."""
    confluence: Connection
    """The auditors' side."""
    audit: dict[Key, AuditRule] = Field(min_length=1)
    """The audits, by a key of yours that the command line uses."""
    people: tuple[PersonRule, ...] = ()
    """Whom Tieout must know beyond what the list says."""
    status: dict[Key, StatusNames] = Field(default_factory=dict)
    """By Jira project: statuses that are not called as usual."""
