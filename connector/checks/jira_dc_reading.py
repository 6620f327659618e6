"""What the checks read of a Jira Data Center site: REST v2, people by user name. Nothing here writes.

Workflows are shown nowhere as a whole: what is known of them is what the issues at hand can do.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from connector import jira_dc_read
from connector import jira_shapes as shapes
from connector.bounds import pages
from connector.checks.jira_reading import FieldInfo, Flow, IssueType, SignedIn, Webhook, field_info, headroom, kinds_of
from connector.jira_memory import SiteFacts
from connector.jira_read import quoted
from connector.jira_shapes import Bean
from connector.refusals import answered_at
from connector.session import Wire
from connector.understood import understood
from connector.workflows import Transition
from mappings.errors import Gone, SignInFailed
from mappings.far import Account

META_SIZE = 200
MOST_SAMPLES = 100
MOST_FOUND = 100
UNSEEN_WAYS = ("Data Center shows the ways of single issues only", "nothing need be done")


@understood("read")
def facts(wire: Wire) -> SiteFacts:
    return jira_dc_read.facts(wire)


@understood("read")
def signed_in(wire: Wire) -> SignedIn:
    reply = wire.read("GET", "/rest/api/2/myself")
    bean = reply.body
    if not isinstance(bean, dict) or not bean.get("name"):
        raise SignInFailed(f"{wire.base_url} took the call as anonymous: check the token and its expiry")
    return SignedIn(shapes.account(bean), "", answered_at(reply), headroom(reply))


@understood("read")
def base_url(wire: Wire) -> str:
    return str(wire.get("/rest/api/2/serverInfo")["baseUrl"]).rstrip("/")


@understood("read")
def missing_permissions(wire: Wire, project: str, wanted: Collection[str]) -> tuple[str, ...]:
    return jira_dc_read.missing_permissions(wire, project, wanted)


@understood("read")
def may_browse_users(wire: Wire) -> bool:
    held = wire.get("/rest/api/2/mypermissions")["permissions"]
    return bool(held.get("USER_PICKER", {"havePermission": True})["havePermission"])


@understood("read")
def issue_types(wire: Wire, project: str) -> dict[str, IssueType]:
    return kinds_of(wire.get("/rest/api/2/project/{project}/statuses", path={"project": project}))


def project_id(_: Wire, project: str) -> str:
    """No call: nothing here asks by a project's id."""
    return project


@understood("read")
def field_names(wire: Wire) -> dict[str, str]:
    return {bean["id"]: bean["name"] for bean in wire.get("/rest/api/2/field")}


@understood("read")
def create_fields(wire: Wire, project: str, type_id: str) -> dict[str, FieldInfo]:
    found: dict[str, FieldInfo] = {}
    place = {"project": project, "type": type_id}
    for _ in pages(f"the create screen of {project}"):
        params = {"startAt": len(found), "maxResults": META_SIZE}
        page = wire.get("/rest/api/2/issue/createmeta/{project}/issuetypes/{type}", path=place, params=params)
        beans: list[Bean] = page["values"]
        found |= {info.id: info for info in map(field_info, beans)}
        if not beans or page.get("isLast") or len(found) >= int(page.get("total", 0)):
            break
    return found


@understood("read")
def edit_fields(wire: Wire, issue: str) -> frozenset[str]:
    return frozenset(wire.get("/rest/api/2/issue/{issue}/editmeta", path={"issue": issue})["fields"])


@understood("read")
def is_there(wire: Wire, issue: str) -> bool:
    try:
        wire.get("/rest/api/2/issue/{issue}", path={"issue": issue}, params={"fields": "summary"})
    except Gone:
        return False
    return True


@understood("read")
def samples(wire: Wire, project: str, issue_type: str) -> dict[str, str]:
    jql = f"project = {quoted(project)} AND issuetype = {quoted(issue_type)} ORDER BY updated DESC"
    params: dict[str, Any] = {"jql": jql, "fields": "status", "maxResults": MOST_SAMPLES}
    beans: list[Bean] = wire.get("/rest/api/2/search", params=params)["issues"]
    return {bean["fields"]["status"]["id"]: bean["key"] for bean in reversed(beans)}


@understood("read")
def steps_from(wire: Wire, issue: str) -> tuple[Transition, ...]:
    params = {"expand": "transitions.fields"}
    body = wire.get("/rest/api/2/issue/{issue}/transitions", path={"issue": issue}, params=params)
    return tuple(shapes.transition(bean) for bean in body["transitions"])


def flow(_: Wire, _project: str, _type_id: str, _names: Mapping[str, str]) -> Flow | None:
    """None: no API of Data Center shows a workflow's transitions."""
    return None


@understood("read")
def accounts_showing(wire: Wire, email: str) -> tuple[Account, ...]:
    params = {"username": email, "maxResults": MOST_FOUND, "includeInactive": "true"}
    people = [shapes.account(bean) for bean in wire.get("/rest/api/2/user/search", params=params)]
    return tuple(person for person in people if (person.email or "").lower() == email.lower())


@understood("read")
def accounts_by_id(wire: Wire, ids: Sequence[str]) -> dict[str, Account]:
    """A call for each user name."""
    found: dict[str, Account] = {}
    for name in ids:
        try:
            found[name] = shapes.account(wire.get("/rest/api/2/user", params={"username": name}))
        except Gone:
            continue  # nobody is called that
    return found


@understood("read")
def is_assignable(wire: Wire, project: str, account_id: str) -> bool:
    params: dict[str, Any] = {"project": project, "username": account_id, "maxResults": MOST_FOUND}
    beans: list[Bean] = wire.get("/rest/api/2/user/assignable/search", params=params)
    return any(bean["name"] == account_id for bean in beans)


@understood("read")
def webhooks(wire: Wire) -> tuple[Webhook, ...]:
    """The webhooks, which administrators may read. Whether one is signed is not always told: then it counts as such."""
    return tuple(
        Webhook(
            bean["name"],
            bean["url"],
            frozenset(bean["events"]),
            bool(bean.get("enabled", True)),
            bool(bean.get("isSigned", True)),
        )
        for bean in wire.get("/rest/webhooks/1.0/webhook")
    )
