"""What the checks read of a Jira Cloud site, as values. One call each unless said otherwise; nothing here writes."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from connector import jira_read
from connector import jira_shapes as shapes
from connector.bounds import pages
from connector.jira_memory import SiteFacts, cloud_facts
from connector.jira_read import quoted
from connector.jira_shapes import Bean
from connector.refusals import Reply, answered_at
from connector.session import NEAR, Wire
from connector.understood import understood
from connector.workflows import Transition
from mappings.errors import Gone, SignInFailed
from mappings.far import Account, StatusInfo

META_SIZE = 200
MOST_SAMPLES = 100
CATEGORIES = {"TODO": "new", "IN_PROGRESS": "indeterminate", "DONE": "done"}
"""Status categories as workflows spell them, and as everything else does."""
LEFT_LITTLE = 0.2
UNSEEN_WAYS = (
    "it can be read by administrators only",
    "nothing need be done; an administrator may run `tieout check` with a token of their own",
)


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who a token belongs to, and what else its first answer says."""

    account: Account
    account_type: str
    answered_at: datetime | None
    """By the site's clock, to the second."""
    headroom: str
    """What the site says of its rate limit when little of it is left; empty otherwise."""


@dataclass(frozen=True, slots=True)
class IssueType:
    id: str
    name: str
    statuses: tuple[StatusInfo, ...]
    is_subtask: bool = False


@dataclass(frozen=True, slots=True)
class FieldInfo:
    """A field of a create screen."""

    id: str
    name: str
    is_required: bool
    has_default: bool
    allowed: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class Flow:
    """A workflow. `steps` are the transitions out of each status."""

    initial: str | None
    steps: Mapping[str, tuple[Transition, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Webhook:
    name: str
    url: str
    events: frozenset[str]
    is_enabled: bool
    is_signed: bool


@understood("read")
def signed_in(wire: Wire) -> SignedIn:
    reply = wire.read("GET", "/rest/api/3/myself")
    bean = reply.body
    if not isinstance(bean, dict) or not bean.get("accountId"):
        raise SignInFailed(f"{wire.base_url} took the call as anonymous: check user, token and its expiry")
    return SignedIn(shapes.account(bean), str(bean.get("accountType", "")), answered_at(reply), headroom(reply))


def headroom(reply: Reply) -> str:
    """What the headers say when less than a fifth is left; empty otherwise."""
    limit, left = (reply.headers.get(f"X-RateLimit-{name}", "").strip() for name in ("Limit", "Remaining"))
    is_counted = limit.isdigit() and left.isdigit() and int(limit) > 0
    is_near = reply.headers.get(NEAR, "").strip().lower() == "true"
    if is_near or (is_counted and int(left) / int(limit) < LEFT_LITTLE):
        return f"{left} of {limit} calls left" if is_counted else f"{NEAR}: true"
    return ""


@understood("read")
def base_url(wire: Wire) -> str:
    """The address that the site calls its own."""
    return str(wire.get("/rest/api/3/serverInfo")["baseUrl"]).rstrip("/")


@understood("read")
def facts(wire: Wire) -> SiteFacts:
    return cloud_facts(wire)


@understood("read")
def missing_permissions(wire: Wire, project: str, wanted: Collection[str]) -> tuple[str, ...]:
    """Those of the permission keys that the account does not have in a project."""
    return jira_read.missing_permissions(wire, project, wanted)


@understood("read")
def may_browse_users(wire: Wire) -> bool:
    held = wire.get("/rest/api/3/mypermissions", params={"permissions": "USER_PICKER"})
    return bool(held["permissions"]["USER_PICKER"]["havePermission"])


@understood("read")
def issue_types(wire: Wire, project: str) -> dict[str, IssueType]:
    """A project's issue types by name, with their statuses. Gone where the account does not see the project."""
    return kinds_of(wire.get("/rest/api/3/project/{project}/statuses", path={"project": project}))


def kinds_of(kinds: Iterable[Bean]) -> dict[str, IssueType]:
    """Issue types by name, from the beans in which either flavour lists a project's statuses."""
    found = (
        IssueType(
            str(kind["id"]),
            kind["name"],
            tuple(shapes.status(bean) for bean in kind["statuses"]),
            bool(kind.get("subtask")),
        )
        for kind in kinds
    )
    return {kind.name: kind for kind in found}


@understood("read")
def project_id(wire: Wire, project: str) -> str:
    return str(wire.get("/rest/api/3/project/{project}", path={"project": project})["id"])


@understood("read")
def field_names(wire: Wire) -> dict[str, str]:
    return {bean["id"]: bean["name"] for bean in wire.get("/rest/api/3/field")}


@understood("read")
def create_fields(wire: Wire, project: str, type_id: str) -> dict[str, FieldInfo]:
    """The create screen of an issue type, by field id: a call for each 200 fields."""
    found: dict[str, FieldInfo] = {}
    place = {"project": project, "type": type_id}
    number = pages(f"the create screen of {project}")
    while True:
        next(number)
        params = {"startAt": len(found), "maxResults": META_SIZE}
        page = wire.get("/rest/api/3/issue/createmeta/{project}/issuetypes/{type}", path=place, params=params)
        beans: list[Bean] = page["fields"]
        found |= {info.id: info for info in map(field_info, beans)}
        if not beans or len(found) >= int(page.get("total", 0)):
            return found


@understood("read")
def edit_fields(wire: Wire, issue: str) -> frozenset[str]:
    """Ids of the fields that the account may edit on an issue."""
    return frozenset(wire.get("/rest/api/3/issue/{issue}/editmeta", path={"issue": issue})["fields"])


@understood("read")
def is_there(wire: Wire, issue: str) -> bool:
    """Whether an issue is shown to the account."""
    try:
        wire.get("/rest/api/3/issue/{issue}", path={"issue": issue}, params={"fields": "summary"})
    except Gone:
        return False
    return True


@understood("read")
def samples(wire: Wire, project: str, issue_type: str) -> dict[str, str]:
    """For each status in which one of the newest issues of a type stands, the key of one."""
    jql = f"project = {quoted(project)} AND issuetype = {quoted(issue_type)} ORDER BY updated DESC"
    body = wire.ask(
        "/rest/api/3/search/jql", json={"jql": jql, "fields": ["status", "key"], "maxResults": MOST_SAMPLES}
    )
    return {bean["fields"]["status"]["id"]: bean["key"] for bean in reversed(body["issues"])}


@understood("read")
def steps_from(wire: Wire, issue: str) -> tuple[Transition, ...]:
    """The transitions that the account can make with an issue now, with what their screens require."""
    params = {"expand": "transitions.fields"}
    body = wire.get("/rest/api/3/issue/{issue}/transitions", path={"issue": issue}, params=params)
    return tuple(shapes.transition(bean) for bean in body["transitions"])


@understood("read")
def flow(wire: Wire, project: str, type_id: str, names: Mapping[str, str]) -> Flow | None:
    """The workflow of an issue type, which administrators may read. `project` is an id; `names` are the fields'."""
    pair = {"projectId": project, "issueTypeId": type_id}
    body = wire.ask("/rest/api/3/workflows", json={"projectAndIssueTypes": [pair]})
    statuses = {bean["statusReference"]: _status_info(bean) for bean in body["statuses"]}
    if len(body["workflows"]) != 1:
        return Flow(None)
    workflow = body["workflows"][0]
    initial = next((statuses[one["toStatusReference"]].id for one in _of_type(workflow, "INITIAL")), None)
    everywhere = [_transition(one, statuses, names) for one in _of_type(workflow, "GLOBAL")]
    steps = {statuses[one["statusReference"]].id: list(everywhere) for one in workflow["statuses"]}
    for one in _of_type(workflow, "DIRECTED"):
        for link in one["links"]:
            steps[statuses[link["fromStatusReference"]].id].append(_transition(one, statuses, names))
    return Flow(initial, {status: tuple(found) for status, found in steps.items()})


@understood("read")
def accounts_showing(wire: Wire, email: str) -> tuple[Account, ...]:
    """Every account that shows exactly this address."""
    beans: list[Bean] = wire.get("/rest/api/3/user/search", params={"query": email})
    people = [shapes.account(bean) for bean in beans if bean.get("accountType") == "atlassian"]
    return tuple(person for person in people if (person.email or "").lower() == email.lower())


@understood("read")
def accounts_by_id(wire: Wire, ids: Sequence[str]) -> dict[str, Account]:
    """Those of the accounts that there are, by id: a call for each 200."""
    found: dict[str, Account] = {}
    for start in range(0, len(ids), META_SIZE):
        params = {"accountId": list(ids[start : start + META_SIZE]), "maxResults": META_SIZE}
        beans = wire.get("/rest/api/3/user/bulk", params=params)["values"]
        found |= {bean["accountId"]: shapes.account(bean) for bean in beans}
    return found


@understood("read")
def is_assignable(wire: Wire, project: str, account_id: str) -> bool:
    params = {"project": project, "accountId": account_id}
    beans: list[Bean] = wire.get("/rest/api/3/user/assignable/search", params=params)
    return any(bean["accountId"] == account_id for bean in beans)


@understood("read")
def webhooks(wire: Wire) -> tuple[Webhook, ...]:
    """The admin webhooks, which administrators may read."""
    beans: Iterable[Bean] = wire.get("/rest/webhooks/1.0/webhook")
    return tuple(
        Webhook(bean["name"], bean["url"], frozenset(bean["events"]), bool(bean["enabled"]), bool(bean.get("isSigned")))
        for bean in beans
    )


def field_info(bean: Bean) -> FieldInfo:
    allowed = tuple(bean.get("allowedValues") or ())
    id_ = str(bean.get("fieldId") or bean["key"])
    return FieldInfo(id_, bean["name"], bool(bean["required"]), bool(bean.get("hasDefaultValue")), allowed)


def _status_info(bean: Bean) -> StatusInfo:
    return StatusInfo(str(bean["id"]), bean["name"], CATEGORIES.get(bean["statusCategory"], "undefined"))


def _of_type(workflow: Bean, kind: str) -> Iterator[Bean]:
    return (one for one in workflow["transitions"] if one["type"] == kind)


def _transition(bean: Bean, statuses: Mapping[str, StatusInfo], names: Mapping[str, str]) -> Transition:
    required = {id_: names.get(id_, id_) for id_ in _required(bean.get("validators") or ())}
    return Transition(str(bean["id"]), bean["name"], statuses[bean["toStatusReference"]], frozenset(required), required)


def _required(validators: Collection[Bean]) -> Iterator[str]:
    """Ids of the fields that a transition's validators ask for."""
    for validator in validators:
        parameters = validator.get("parameters") or {}
        if validator["ruleKey"] == "system:validate-field-value" and parameters.get("ruleType") == "fieldRequired":
            yield from filter(None, (part.strip() for part in str(parameters.get("fieldsRequired", "")).split(",")))
