"""Who a filter or dashboard is shared with: read from a body, checked, shown, and asked."""

from collections.abc import Iterable, Sequence
from typing import Any

from connector.sandbox.accounts import Account
from connector.sandbox.answers import jira_error
from connector.sandbox.jira import beans, bodies
from connector.sandbox.jira.permissions import may_browse
from connector.sandbox.jira.records import Share
from connector.sandbox.jira.viewer import Viewer
from connector.sandbox.site import Site


def read(site: Site, listed: Any, *, single: bool = False) -> list[Share]:
    """Share permissions as a body lists them; 400 for what there is not. `single` is a body that is one itself."""
    if listed is None:
        return []
    if not isinstance(listed, list):
        raise jira_error(400, "Share permissions must be a list.")
    return [_read_one(site, given if single else _known(given)) for given in listed]


def bean(viewer: Viewer, share: Share) -> dict[str, Any]:
    """A share permission on the wire; "authenticated" reads back as "loggedin"."""
    answer: dict[str, Any] = {"id": share.share_id, "type": share.kind}
    if share.kind == "group" and share.holder:
        answer["group"] = {"name": share.holder, "groupId": share.holder, "self": _group_address(viewer, share)}
    elif share.kind == "project" and share.holder:
        answer["project"] = beans.project(viewer, viewer.site.jira.projects[share.holder])
    elif share.kind == "user" and share.holder:
        answer["user"] = short_user(viewer, share.holder)
    return answer


def short_user(viewer: Viewer, account_id: str) -> dict[str, Any]:
    """The UserBean, the shortest of Jira's forms of an account."""
    user = viewer.user(account_id) or {}
    return {key: user[key] for key in ("self", "accountId", "displayName", "active", "avatarUrls") if key in user}


def covers(site: Site, shares: Iterable[Share], actor: Account | None) -> bool:
    """Whether any of the shares includes an account."""
    return any(_covers(site, share, actor) for share in shares)


def may_see(site: Site, owner_id: str, shares: Sequence[Share], actor: Account | None) -> bool:
    """The owner, and everybody it is shared with."""
    return (actor is not None and actor.account_id == owner_id) or covers(site, shares, actor)


def _known(given: Any) -> Any:
    return bodies.known(given, "group id project role type user") if isinstance(given, dict) else given


def _read_one(site: Site, given: Any) -> Share:
    kind = given.get("type") if isinstance(given, dict) else None
    share_id = site.next_id("share")
    if kind == "global":
        return Share(share_id, "global")
    if kind in ("authenticated", "loggedin"):
        return Share(share_id, "loggedin")
    if kind == "group":
        named = bodies.part(given, "group")
        return Share(share_id, "group", str(named.get("groupId") or named.get("name") or given.get("groupname")))
    if kind == "project":
        project = site.jira.project(str(bodies.part(given, "project").get("id") or given.get("projectId")))
        if project is None:
            raise jira_error(400, "The project of a share permission does not exist.")
        return Share(share_id, "project", project.project_id)
    if kind == "user":
        account_id = str(bodies.part(given, "user").get("accountId") or given.get("accountId"))
        if account_id not in site.accounts:
            raise jira_error(400, "The user of a share permission does not exist.")
        return Share(share_id, "user", account_id)
    raise jira_error(400, f"The share permission type '{kind}' is not valid.")


def _covers(site: Site, share: Share, actor: Account | None) -> bool:
    if share.kind == "global":
        return True
    if actor is None or not actor.has_jira:
        return False
    if share.kind == "group":
        return share.holder in actor.groups
    if share.kind == "project":
        return may_browse(actor, site.jira.projects[str(share.holder)])
    return share.kind == "loggedin" or share.holder == actor.account_id


def _group_address(viewer: Viewer, share: Share) -> str:
    return f"{viewer.api}/group?groupId={share.holder}"
