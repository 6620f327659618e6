"""What `tieout provision` makes on Jira Data Center, and what can be seen there of what a person sets up.

Its API makes filters and shares them, and nothing else of what is wanted: no dashboards, no fields on screens. A filter
is looked for among the account's favourites when it is not known by its id, so that one whose create was lost is found.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from types import MappingProxyType
from typing import Any

from connector.checks.asking import CLOSED
from connector.jira_dc import DcJira
from connector.jira_shapes import Bean
from connector.provision import shapes
from connector.session import Wire
from connector.understood import MisuseError, understood
from mappings.errors import Gone
from mappings.provision import Ground, Made, Seen, Thing, ThingKind
from mappings.records import Value

PAGE_SIZE = 100
HOOKS = "/rest/webhooks/1.0/webhook"


class DcProvisioner:
    """Filters. Groups are those that Tieout's account is in: Data Center lets nobody share with others."""

    calls: Mapping[ThingKind, int] = MappingProxyType({ThingKind.FILTER: 2})

    def __init__(self, jira: DcJira) -> None:
        self._jira = jira

    @understood("read")
    def ground(
        self,
        groups: Collection[str],
        projects: Collection[str],  # noqa: ARG002 as the port has it
        gadgets: Collection[str],  # noqa: ARG002 as the port has it
        spaces: Collection[str],  # noqa: ARG002 as the port has it
    ) -> Ground:
        wire, account = self._jira.wire, self._jira.whoami()
        bean = wire.get("/rest/api/2/myself", params={"expand": "groups"}) if groups else {}
        own = {str(item["name"]) for item in (bean.get("groups") or {}).get("items", ())}
        return Ground(
            account_id=account.account_id,
            is_admin=False,
            groups={name: name for name in groups if name in own},
            gadgets={},
            screens={},
            team_managed=frozenset(),
            shown_fields={},
            has_flag=self._jira.memory.facts(wire).flag_field is not None,
        )

    @understood("read")
    def look(
        self,
        ground: Ground,  # noqa: ARG002 as the port has it
        things: Sequence[Thing],  # noqa: ARG002 as the port has it
        made: Mapping[str, Made],
    ) -> list[Seen]:
        beans: dict[str, Bean] = {}
        for bean in self._jira.wire.get("/rest/api/2/filter/favourite"):
            beans[str(bean["id"])] = bean
        known = {each.remote_id for each in made.values() if each.kind is ThingKind.FILTER and each.remote_id}
        for id_ in sorted(known - beans.keys()):
            with suppress(Gone):
                beans[id_] = self._jira.wire.get("/rest/api/2/filter/{filter}", path={"filter": id_})
        return [shapes.a_filter(bean) for bean in beans.values()]

    @understood("write")
    def make(self, kind: ThingKind, says: Mapping[str, Value], body: str) -> str:  # noqa: ARG002 as the port has it
        """The filter, then whom it is shown to: one that was made and not shared is found by its mark and shared."""
        made = self._jira.wire.post("/rest/api/2/filter", json={**_filter(kind, says), "favourite": True})
        self._share(str(made["id"]), shapes.write_shares(says["shares"]))
        return str(made["id"])

    def finish(self, kind: ThingKind, remote_id: str, says: Mapping[str, Value]) -> None:
        """Nothing: no filter has more to be said."""

    @understood("write")
    def change(self, seen: Seen, says: Mapping[str, Value], body: str) -> None:  # noqa: ARG002 as the port has it
        self._jira.wire.put(
            "/rest/api/2/filter/{filter}", path={"filter": seen.remote_id}, json=_filter(seen.kind, says)
        )
        if seen.says.get("shares") == says["shares"]:
            return
        place = "/rest/api/2/filter/{filter}/permission"
        for bean in self._jira.wire.get(place, path={"filter": seen.remote_id}):
            there = {"filter": seen.remote_id, "share": str(bean["id"])}
            self._jira.wire.send("DELETE", f"{place}/{{share}}", path=there)
        self._share(seen.remote_id, shapes.write_shares(says["shares"]))

    @understood("write")
    def remove(self, kind: ThingKind, remote_id: str) -> None:  # noqa: ARG002 as the port has it
        with suppress(Gone):  # somebody was faster: it is what was wanted
            self._jira.wire.send("DELETE", "/rest/api/2/filter/{filter}", path={"filter": remote_id})

    def _share(self, filter_id: str, shares: Sequence[Mapping[str, Any]]) -> None:
        for share in shares:
            wanted = {"type": share["type"]}
            if share["type"] == "group":
                wanted["groupname"] = share["group"]["groupId"]
            self._jira.wire.post("/rest/api/2/filter/{filter}/permission", path={"filter": filter_id}, json=wanted)


def dashboard_names(wire: Wire) -> frozenset[str]:
    """The names of all dashboards that the account sees."""
    names: set[str] = set()
    start = 0
    while True:
        page = wire.get("/rest/api/2/dashboard", params={"startAt": start, "maxResults": PAGE_SIZE})
        names |= {str(bean["name"]) for bean in page["dashboards"]}
        start += len(page["dashboards"])
        if not page["dashboards"] or start >= int(page["total"]):
            return frozenset(names)


def webhook_addresses(wire: Wire) -> frozenset[str] | None:
    """Where the webhooks that are switched on lead; None where the account may not see them."""
    try:
        beans = wire.get(HOOKS)
    except CLOSED:
        return None
    return frozenset(str(bean["url"]).rstrip("/") for bean in beans if bean.get("enabled", True))


def _filter(kind: ThingKind, says: Mapping[str, Value]) -> dict[str, Any]:
    if kind is not ThingKind.FILTER:
        raise MisuseError(f"expected a filter, got a {kind}")
    return {"name": says["name"], "description": says["description"], "jql": says["jql"]}
