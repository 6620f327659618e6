"""What the checks read of a Confluence Cloud site, as values. Nothing here writes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from connector import confluence_read
from connector import confluence_shapes as shapes
from connector.checks.jira_reading import SignedIn, headroom
from connector.confluence_lists import every
from connector.refusals import answered_at
from connector.session import Wire
from connector.understood import understood
from mappings.errors import SignInFailed

BULK_SIZE = 250


@dataclass(frozen=True, slots=True)
class Space:
    id: str
    key: str
    is_archived: bool
    home_page: str | None


@understood("read")
def signed_in(wire: Wire) -> SignedIn:
    reply = wire.read("GET", "/wiki/rest/api/user/current")
    bean = reply.body
    if not isinstance(bean, dict) or not bean.get("accountId") or bean.get("type") == "anonymous":
        raise SignInFailed(f"{wire.base_url} took the call as anonymous: check user, token and its expiry")
    return SignedIn(shapes.account(bean), str(bean.get("accountType", "")), answered_at(reply), headroom(reply))


@understood("read")
def space(wire: Wire, key: str) -> Space:
    """Gone where there is none that the account sees."""
    bean = confluence_read.space(wire, key)
    home = bean.get("homepageId")
    return Space(str(bean["id"]), bean["key"], bean.get("status") == "archived", str(home) if home else None)


@understood("read")
def may_view(wire: Wire, page_id: str, account_id: str) -> bool:
    """Whether somebody may read a page; only administrators may ask of others."""
    body = {"subject": {"type": "user", "identifier": account_id}, "operation": "read"}
    place = {"page": page_id}
    reply = wire.read("POST", "/wiki/rest/api/content/{page}/permission/check", path=place, json=body)
    return bool(reply.body["hasPermission"])


@understood("read")
def grants(wire: Wire, space_id: str) -> dict[tuple[str, str], set[tuple[str, str]]]:
    """What a space grants, as (operation, target), to each (user, account id) and (group, group id)."""
    found: dict[tuple[str, str], set[tuple[str, str]]] = {}
    beans = every(
        wire, "/wiki/api/v2/spaces/{space}/permissions", path={"space": space_id}, params={"limit": BULK_SIZE}
    )
    for bean in beans:
        holder = (str(bean["principal"]["type"]), str(bean["principal"]["id"]))
        found.setdefault(holder, set()).add((bean["operation"]["key"], bean["operation"]["targetType"]))
    return found


@understood("read")
def guests(wire: Wire, account_ids: Sequence[str]) -> frozenset[str]:
    """Those of at most 250 accounts that are guests: let into one space only."""
    if not account_ids:
        return frozenset()
    beans = wire.ask("/wiki/api/v2/users-bulk", json={"accountIds": list(account_ids)})["results"]
    return frozenset(bean["accountId"] for bean in beans if bean.get("isExternalCollaborator"))
