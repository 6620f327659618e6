"""Acme: a company with a Jira, its people, and two auditors from outside, for the demo and for tests."""

from connector.sandbox.accounts import CONFLUENCE_GUESTS, CONFLUENCE_USERS, JIRA_USERS, Account
from connector.sandbox.confluence.seed import seed_space
from connector.sandbox.jira import setup
from connector.sandbox.jira.model import CategoryKey, Status, Workflow
from connector.sandbox.site import Site

BOT_EMAIL = "tieout@acme.example"
BOT_TOKEN = "sandbox-token-tieout"  # noqa: S105  opens nothing but this sandbox
AUDITORS = "northgate-assurance"

PEOPLE: tuple[tuple[str, str, str, bool], ...] = (
    # display name, e-mail, time zone, whether others see the e-mail
    ("Dana Kim", "dana.kim@acme.example", "America/New_York", True),
    ("Priya Nair", "priya.nair@acme.example", "Asia/Kolkata", True),
    ("Tomas Berg", "tomas.berg@acme.example", "Europe/Stockholm", True),
    ("Lena Fischer", "lena.fischer@acme.example", "Europe/Berlin", True),
    ("Marco Rossi", "marco.rossi@acme.example", "Europe/Rome", False),
    ("Aiko Tanaka", "aiko.tanaka@acme.example", "Asia/Tokyo", False),
    ("Sam Okafor", "sam.okafor@acme.example", "Africa/Lagos", True),
    ("Ines Duarte", "ines.duarte@acme.example", "Europe/Lisbon", True),
    ("Ravi Patel", "ravi.patel@acme.example", "America/Los_Angeles", True),
)
GUESTS: tuple[tuple[str, str, str, bool], ...] = (
    ("Clara Weiss", "clara.weiss@northgate.example", "Europe/Zurich", True),
    ("Ben Adeyemi", "ben.adeyemi@northgate.example", "Europe/London", True),
)
STATUSES: tuple[tuple[str, CategoryKey], ...] = (
    ("To Do", "new"),
    ("In Progress", "indeterminate"),
    ("Blocked", "indeterminate"),
    ("In Review", "indeterminate"),
    ("With Auditor", "indeterminate"),
    ("Done", "done"),
)
PLATFORM_STATUSES: tuple[tuple[str, CategoryKey], ...] = (
    ("Backlog", "new"),
    ("Selected", "new"),
    ("Doing", "indeterminate"),
    ("Waiting", "indeterminate"),
    ("Peer review", "indeterminate"),
    ("With auditor", "indeterminate"),
    ("Closed", "done"),
)
PLATFORM_MOVES: tuple[tuple[str, str, str], ...] = (
    ("Select", "Backlog", "Selected"),
    ("Put back", "Selected", "Backlog"),
    ("Start", "Selected", "Doing"),
    ("Wait", "Doing", "Waiting"),
    ("Resume", "Waiting", "Doing"),
    ("Ask for review", "Doing", "Peer review"),
    ("Changes needed", "Peer review", "Doing"),
    ("Hand over", "Peer review", "With auditor"),
    ("Send back", "With auditor", "Doing"),
    ("Close", "Peer review", "Closed"),
    ("Close", "With auditor", "Closed"),
    ("Reopen", "Closed", "Doing"),
)
JOBS = {
    "Dana Kim": "Compliance lead, coordinates the audit",
    "Priya Nair": "Platform engineer, owner and reviewer",
    "Tomas Berg": "Security engineer, owner and reviewer",
    "Lena Fischer": "People partner, owner and reviewer",
    "Marco Rossi": "Legal counsel, owner and reviewer",
    "Aiko Tanaka": "IT administrator, owner and reviewer",
    "Sam Okafor": "Platform engineer, owner and reviewer",
    "Ines Duarte": "VP of engineering, the owners’ manager",
    "Ravi Patel": "CFO, sponsor of the audit",
    "Clara Weiss": "Auditor at Northgate, guest of one space",
    "Ben Adeyemi": "Auditor at Northgate, guest of one space",
    "Tieout": "The program's own account",
}
OPEN_PROJECTS = (("SEC", "Security"), ("IT", "IT"), ("LEGAL", "Legal"))


def seed_acme(site: Site) -> None:
    """Fill an empty site: people, the bot, six projects, and the Confluence space of the audit.

    Everybody's token is "sandbox-token-" and the part of the address before the dot or at sign ("dana", "tieout");
    the bot's scoped one for the gateway is its token with "-scoped" behind it.
    """
    _seed_people(site)
    _seed_jira(site)
    seed_space(site)


def token_of(email: str) -> str:
    """The API token of a seeded account."""
    return "sandbox-token-" + email.partition("@")[0].partition(".")[0]


def _seed_people(site: Site) -> None:
    for number, row in enumerate(PEOPLE, start=1):
        _add(site, number, row, {JIRA_USERS, CONFLUENCE_USERS})
    for number, row in enumerate(GUESTS, start=21):
        _add(site, number, row, {CONFLUENCE_GUESTS, AUDITORS})
    bot = _add(site, 31, ("Tieout", BOT_EMAIL, "America/New_York", True), {JIRA_USERS, CONFLUENCE_USERS, setup.ADMINS})
    bot.account_type, bot.is_admin = "app", True
    bot.scoped_token = f"{BOT_TOKEN}-scoped"


def _add(site: Site, number: int, row: tuple[str, str, str, bool], groups: set[str]) -> Account:
    name, email, zone, visible = row
    return site.add_account(
        account_id=f"712020:00000000-0000-4000-8000-{number:012d}",
        display_name=name,
        email=email,
        email_visible=visible,
        time_zone=zone,
        token=token_of(email),
        groups=groups,
        job=JOBS.get(name, ""),
    )


def _seed_jira(site: Site) -> None:
    setup.install(site)
    lead = _id(site, "dana.kim@acme.example")
    statuses = [setup.add_status(site, name, category) for name, category in STATUSES]
    everyday = setup.open_workflow(site, "Audit workflow", statuses)
    task = setup.add_type(site, "Task").type_id
    types = [setup.add_type(site, name).type_id for name in ("Audit Request", "Escalation")]
    setup.add_project(site, "AUD", "SOC 2 audit", lead, dict.fromkeys([*types, task], everyday))
    for key, name in OPEN_PROJECTS:
        setup.add_project(site, key, name, lead, {task: everyday})
    setup.add_project(site, "PLAT", "Platform", _id(site, "tomas.berg@acme.example"), {task: _platform(site)})
    _seed_team_managed(site)


def _platform(site: Site) -> Workflow:
    """Few ways lead anywhere, and closing asks for a resolution."""
    statuses: dict[str, Status] = {name: setup.add_status(site, name, category) for name, category in PLATFORM_STATUSES}
    return setup.restricted_workflow(
        site, "Platform workflow", statuses, PLATFORM_MOVES, done_screen={"resolution": True}
    )


def _seed_team_managed(site: Site) -> None:
    """A team-managed project has types and statuses of its own, with names that others have too."""
    project_id = str(site.next_id("project"))
    statuses = [setup.add_status(site, name, category, project_id) for name, category in STATUSES]
    task = setup.add_type(site, "Task", project_id=project_id).type_id
    workflow = setup.open_workflow(site, "People workflow", statuses)
    lead = _id(site, "lena.fischer@acme.example")
    setup.add_project(site, "PEOPLE", "People", lead, {task: workflow}, simplified=True, project_id=project_id)


def _id(site: Site, email: str) -> str:
    account = site.account_by_email(email)
    if account is None:
        raise LookupError(f"no account has the address {email}; seed the people first")
    return account.account_id
