"""What a site is like: who we are there, which groups, screens and gadgets it has. Reads only."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from connector import jira_read
from connector.jira_memory import JiraMemory
from connector.jira_shapes import Bean
from connector.session import Wire
from mappings.provision import Ground

PAGE_SIZE = 100


def ground(
    wire: Wire, memory: JiraMemory, groups: Collection[str], projects: Collection[str], keys: Collection[str]
) -> Ground:
    """Asks some four calls, and four more for each project; `keys` are those of the gadgets wanted."""
    account = jira_read.whoami(wire)
    held = wire.get("/rest/api/3/mypermissions", params={"permissions": "ADMINISTER"})["permissions"]
    is_admin = bool(held["ADMINISTER"]["havePermission"])
    found = {key: wire.get("/rest/api/3/project/{project}", path={"project": key}) for key in projects}
    team_managed = frozenset(key for key, project in found.items() if project.get("simplified"))
    classic = {key: str(project["id"]) for key, project in found.items() if key not in team_managed}
    return Ground(
        account_id=account.account_id,
        is_admin=is_admin,
        groups=_groups(wire, groups) if is_admin else _own_groups(wire, groups),
        gadgets=_gadgets(wire, keys),
        screens={key: _screens(wire, id_) for key, id_ in classic.items()} if is_admin else {},
        team_managed=team_managed,
        shown_fields={key: _shown_fields(wire, key) for key in team_managed},
        has_flag=memory.facts(wire).flag_field is not None,
    )


def every(wire: Wire, template: str, params: Mapping[str, Any] | None = None) -> Iterator[Bean]:
    """The values of a list that is given in pages by `startAt`."""
    start = 0
    while True:
        page = wire.get(template, params={**(params or {}), "startAt": start, "maxResults": PAGE_SIZE})
        yield from page["values"]
        start += len(page["values"])
        if page.get("isLast", True) or not page["values"]:
            return


def _groups(wire: Wire, names: Collection[str]) -> dict[str, str]:
    if not names:
        return {}
    found = every(wire, "/rest/api/3/group/bulk", {"groupName": sorted(names)})
    return {bean["name"]: str(bean["groupId"]) for bean in found if bean["name"] in names}


def _own_groups(wire: Wire, names: Collection[str]) -> dict[str, str]:
    """Those of the groups that our own account is in: all that one who is no administrator can ask for."""
    if not names:
        return {}
    items = wire.get("/rest/api/3/myself", params={"expand": "groups"})["groups"]["items"]
    return {bean["name"]: str(bean.get("groupId") or bean["name"]) for bean in items if bean["name"] in names}


def _gadgets(wire: Wire, keys: Collection[str]) -> dict[str, str]:
    """Addresses of built-in gadgets by key: that part of the address between the colon and the slash."""
    offered = wire.get("/rest/api/3/dashboard/gadgets")["gadgets"]
    uris = [str(gadget["uri"]) for gadget in offered if gadget.get("uri")]
    return {key: uri for key in keys for uri in uris if f":{key}/" in uri}


def _screens(wire: Wire, project_id: str) -> tuple[str, ...]:
    """The screens a company-managed project uses, with the first tab of each: scheme, screen schemes, screens."""
    schemes = every(wire, "/rest/api/3/issuetypescreenscheme/project", {"projectId": project_id})
    ids = [bean["issueTypeScreenScheme"]["id"] for bean in schemes if project_id in map(str, bean["projectIds"])]
    if not ids:
        return ()
    mapped = every(wire, "/rest/api/3/issuetypescreenscheme/mapping", {"issueTypeScreenSchemeId": ids})
    wanted = sorted({bean["screenSchemeId"] for bean in mapped})
    screens: set[int] = set()
    for bean in every(wire, "/rest/api/3/screenscheme", {"id": wanted}):
        screens |= set(bean["screens"].values())
    return tuple(f"{screen}/{_first_tab(wire, screen)}" for screen in sorted(screens))


def _first_tab(wire: Wire, screen: int) -> int:
    return int(wire.get("/rest/api/3/screens/{screen}/tabs", path={"screen": str(screen)})[0]["id"])


def _shown_fields(wire: Wire, project: str) -> frozenset[str]:
    """Names of the fields on the create forms of all of a team-managed project's issue types."""
    place = "/rest/api/3/issue/createmeta/{project}/issuetypes"
    kinds = wire.get(place, path={"project": project})["issueTypes"]
    shown: list[frozenset[str]] = []
    for kind in kinds:
        path = {"project": project, "kind": str(kind["id"])}
        fields = wire.get(f"{place}/{{kind}}", path=path, params={"maxResults": 200})["fields"]
        shown.append(frozenset(field["name"] for field in fields))
    return frozenset.intersection(*shown) if shown else frozenset()
