"""What no single field of the mapping file can be wrong about: rules that hold between fields, and outside words.

Each piece (a connection, an audit, the people) is checked by itself, so that one wrong piece does not hide the
problems of another.
"""

from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from mappings.ladder import LadderProblem, steps_of
from mappings.records import RequestStatus, TaskStatus
from mappings.rules import AuditRule, Auth, Connection, Flavour, PersonRule, Route, Rules, StatusNames
from mappings.templates import problems
from mappings.working_days import CalendarProblem, WorkCalendar
from webhooks.problems import did_you_mean
from webhooks.toml_lines import Path

Problem = tuple[Path, str]
"""Where in the file, and what is wrong there."""

LOOPBACK = ("http://127.0.0.1", "http://localhost", "http://[::1]")
LONGEST_CALL_S = {"connect_timeout_s": 10, "read_timeout_s": 30}
"""Together what a lease has left at the least when a call begins: longer, and another worker would do the same beside
it."""

Piece = TypeVar("Piece")


def check_pieces(raw: dict[str, Any]) -> Iterator[Problem]:
    """Problems inside each piece of the file that has a right shape, whether or not the others have."""
    for side in ("jira", "confluence"):
        connection = _parsed(Connection, raw.get(side))
        if connection is not None:
            yield from _under((side,), _check_connection(connection))
    for key, table in _tables(raw, "audit"):
        audit = _parsed(AuditRule, table)
        if audit is not None:
            yield from _under(("audit", key), _check_audit(audit))
    for key, table in _tables(raw, "status"):
        names = _parsed(StatusNames, table)
        if names is not None:
            yield from _under(("status", key), _check_status(names))
    people = _parsed(tuple[PersonRule, ...], raw.get("people"))
    if people is not None:
        yield from _under(("people",), _check_people(people))


def check_whole(rules: Rules) -> Iterator[Problem]:
    """Problems between the pieces."""
    spaces: dict[str, str] = {}
    for key, audit in rules.audit.items():
        if not audit.is_closed:
            other = spaces.setdefault(audit.space, key)
            if other != key:
                told = f"{audit.space!r} is the space of {other!r} too; an auditor invited to one would see both"
                yield ("audit", key, "space"), told
    projects = {project for audit in rules.audit.values() for project in _projects(audit)}
    for project in rules.status:
        if project not in projects:
            told = f"no audit and no route uses this project{did_you_mean(project, projects)}"
            yield ("status", project), told


def _check_connection(connection: Connection) -> Iterator[Problem]:
    match connection.flavour, connection.auth:
        case (Flavour.CLOUD, Auth.PAT):
            yield ("auth",), "a cloud site takes token, scoped or oauth; pat is Data Center's"
        case (Flavour.DC, Auth.SCOPED | Auth.OAUTH | Auth.TOKEN as auth):
            yield ("auth",), f"a Data Center site takes pat, not {auth.value}"
    if connection.auth in (Auth.TOKEN, Auth.SCOPED) and not connection.user:
        yield ("user",), "is missing; it is the e-mail address of the account whose API token is used"
    if connection.auth in (Auth.SCOPED, Auth.OAUTH) and not connection.cloud_id:
        yield ("cloud_id",), "is missing; https://YOUR-SITE.atlassian.net/_edge/tenant_info shows it"
    if connection.auth is Auth.OAUTH and not connection.client_id:
        yield ("client_id",), "is missing; the app's page at developer.atlassian.com shows it under Settings"
    is_clear = connection.url.startswith("http:") and not connection.url.startswith(LOOPBACK)
    if is_clear and connection.flavour is Flavour.CLOUD:
        yield ("url",), "expected https: the token would travel in the clear"
    for name, most in LONGEST_CALL_S.items():
        if not 0 < getattr(connection, name) <= most:
            yield (name,), f"expected seconds between 0 and {most}; got {getattr(connection, name)}"


def _check_audit(audit: AuditRule) -> Iterator[Problem]:
    if audit.period_end < audit.period_start or (audit.type == "II" and audit.period_end == audit.period_start):
        yield ("period_end",), f"expected a day after period_start ({audit.period_start}); got {audit.period_end}"
    for name, other in (("time_zone", {"holidays": None}), ("holidays", {"time_zone": "UTC"})):
        yield from _told((name,), CalendarProblem, WorkCalendar.of, audit.model_copy(update=other))
    yield from _told(("ladder",), LadderProblem, steps_of, audit.ladder)
    if audit.returned_due_days < 0:
        yield ("returned_due_days",), f"expected 0 or more working days; got {audit.returned_due_days}"
    if not audit.auditor_comment_prefix:
        yield ("auditor_comment_prefix",), "is empty: every comment in Jira would reach the auditor"
    yield from _check_roles(audit)
    yield from _under(("routes",), _check_routes(audit.routes))
    yield from _check_fields(("request_fields",), audit.request_fields)


def _check_roles(audit: AuditRule) -> Iterator[Problem]:
    """An auditor is independent of the company: nobody may decide on evidence and answer for it."""
    auditors = [email.lower() for email in audit.auditors]
    for place, email in enumerate(auditors):
        if email == audit.coordinator.lower():
            yield ("auditors", place), f"{email} is the coordinator; an auditor cannot be of the audited company"
        if audit.sponsor is not None and email == audit.sponsor.lower():
            yield ("auditors", place), f"{email} is the sponsor; an auditor cannot be of the audited company"
        if email in auditors[:place]:
            yield ("auditors", place), f"{email} is named twice"


def _check_routes(routes: tuple[Route, ...]) -> Iterator[Problem]:
    for place, route in enumerate(routes):
        if not any((route.team, route.criterion, route.control, route.category, route.column)):
            told = "has no condition (team, criterion, control, category or column)"
            yield (place,), f"{told}; for what no route takes set default_task_project"
        yield from _check_fields((place, "fields"), route.fields)


def _check_fields(path: Path, fields: dict[str, object]) -> Iterator[Problem]:
    for name, value in fields.items():
        for told in problems(value):
            yield (*path, name), told


def _check_status(names: StatusNames) -> Iterator[Problem]:
    states = {"request": {state.value for state in RequestStatus}, "task": {state.value for state in TaskStatus}}
    for kind, known in states.items():
        for state in getattr(names, kind):
            if state not in known:
                yield (kind, state), f"is not a state of a {kind}{did_you_mean(state, known)}"
        for status, meant in getattr(names, f"read_{kind}").items():
            for place, state in enumerate(meant):
                if state not in known:
                    told = f"{state!r} is not a state of a {kind}{did_you_mean(state, known)}"
                    yield (f"read_{kind}", status, place), told


def _check_people(people: tuple[PersonRule, ...]) -> Iterator[Problem]:
    seen: dict[str, int] = {}
    for place, person in enumerate(people):
        for name, value in (("email", person.email.lower()), ("account_id", person.account_id)):
            if value is not None and seen.setdefault(value, place) != place:
                yield (place, name), f"{value} is {people[seen[value]].name}'s already"
        if person.manager is not None and person.manager.lower() == person.email.lower():
            yield (place, "manager"), f"{person.name} cannot be their own manager"


def _projects(audit: AuditRule) -> Iterator[str]:
    yield audit.project
    yield from (route.project for route in audit.routes)
    if audit.default_task_project is not None:
        yield audit.default_task_project


def _told(path: Path, problem: type[ValueError], make: Callable[[Piece], object], piece: Piece) -> Iterator[Problem]:
    """What `make` says against `piece`, if anything."""
    try:
        make(piece)
    except problem as error:
        yield path, str(error)


def _under(path: Path, problems: Iterator[Problem]) -> Iterator[Problem]:
    return (((*path, *inner), told) for inner, told in problems)


def _tables(raw: dict[str, Any], name: str) -> Iterator[tuple[str, Any]]:
    tables = raw.get(name)
    yield from tables.items() if isinstance(tables, dict) else ()


def _parsed(kind: type[Piece], raw: object) -> Piece | None:
    """The piece, or None: what is wrong with its shape is told elsewhere."""
    try:
        return TypeAdapter(kind).validate_python(raw)
    except ValidationError:
        return None
