"""Which of Tieout's things, and of their namesakes, are on a site. Reads only."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any

from connector.jira_shapes import Bean
from connector.provision import shapes
from connector.provision.ground import every
from connector.session import Wire
from mappings.errors import Gone
from mappings.provision import Made, Seen, Thing, ThingKind

CONFIG = "config"
FILTER_DETAILS = "description,owner,jql,sharePermissions"
DASHBOARD_DETAILS = "description,owner,sharePermissions,editPermissions"
FILTERS_ASKED = 200
"""So many filters can be asked about by id at once."""


def look(
    wire: Wire, account_id: str, things: Sequence[Thing], made: Mapping[str, Made], tabs: Collection[str]
) -> list[Seen]:
    """Everything in Jira that a decision about `things` and `made` may turn on. `tabs` are the screens' to look at."""
    kinds = {thing.kind for thing in things} | {each.kind for each in made.values()}
    found: list[Seen] = []
    if ThingKind.FIELD in kinds:
        found += [shapes.a_field(bean) for bean in every(wire, "/rest/api/3/field/search", {"type": "custom"})]
    if ThingKind.PLACE in kinds:
        found += _places(wire, {*tabs, *(str(each.said["screen"]) for each in _of(made, ThingKind.PLACE))})
    if ThingKind.FILTER in kinds:
        found += _filters(wire, _names(things, ThingKind.FILTER), _ids(made, ThingKind.FILTER))
    if ThingKind.DASHBOARD in kinds:
        found += _dashboards(wire, account_id, _names(things, ThingKind.DASHBOARD), made)
    if ThingKind.BOARD in kinds:
        with suppress(Gone):  # a site without Jira Software: making one will say so
            found += _boards(wire, _names(things, ThingKind.BOARD), made)
    if ThingKind.WEBHOOK in kinds:
        found += [shapes.a_webhook(bean) for bean in wire.get("/rest/webhooks/1.0/webhook")]
    return found


def _of(made: Mapping[str, Made], kind: ThingKind) -> list[Made]:
    return [each for each in made.values() if each.kind is kind]


def _ids(made: Mapping[str, Made], kind: ThingKind) -> set[str]:
    return {each.remote_id for each in _of(made, kind) if each.remote_id is not None}


def _names(things: Iterable[Thing], kind: ThingKind) -> list[str]:
    return [str(thing.says["name"]) for thing in things if thing.kind is kind]


def _places(wire: Wire, tabs: Collection[str]) -> Iterator[Seen]:
    for tab in sorted(tabs):
        screen, _, number = tab.partition("/")
        path = {"screen": screen, "tab": number}
        try:
            beans = wire.get("/rest/api/3/screens/{screen}/tabs/{tab}/fields", path=path)
        except Gone:  # an administrator took the screen away, and the fields on it with it
            continue
        yield from (shapes.a_place(tab, bean) for bean in beans)


def _filters(wire: Wire, names: Collection[str], ids: set[str]) -> list[Seen]:
    """Our own, those that have one of the names, and those that are ours no more but were."""
    beans: list[Bean] = list(wire.get("/rest/api/3/filter/my"))
    search = "/rest/api/3/filter/search"
    for name in names:
        beans += every(wire, search, {"filterName": name, "expand": FILTER_DETAILS})
    gone = sorted(ids - {str(bean["id"]) for bean in beans})
    for start in range(0, len(gone), FILTERS_ASKED):
        beans += every(wire, search, {"id": gone[start : start + FILTERS_ASKED], "expand": FILTER_DETAILS})
    return [shapes.a_filter(bean) for bean in _once(beans)]


def _dashboards(wire: Wire, account_id: str, names: Collection[str], made: Mapping[str, Made]) -> list[Seen]:
    """The same of dashboards, with the gadgets of those that Tieout made."""
    search, details = "/rest/api/3/dashboard/search", {"expand": DASHBOARD_DETAILS}
    beans = list(every(wire, search, {**details, "accountId": account_id}))
    for name in names:
        beans += every(wire, search, {**details, "dashboardName": name})
    ids = _ids(made, ThingKind.DASHBOARD)
    found: list[Seen] = []
    for bean in _once(beans):
        seen = shapes.a_dashboard(bean)
        if not seen.mark and seen.remote_id not in ids:
            found.append(seen)
            continue
        gadgets = list(_gadgets(wire, seen.remote_id))
        found += [shapes.a_dashboard(bean, _guests(gadgets, made)), *gadgets]
    return found


def _gadgets(wire: Wire, dashboard_id: str) -> Iterator[Seen]:
    beans = wire.get("/rest/api/3/dashboard/{board}/gadget", path={"board": dashboard_id})["gadgets"]
    for bean in beans:
        yield shapes.a_gadget(bean, dashboard_id, _config(wire, dashboard_id, str(bean["id"])))


def _config(wire: Wire, dashboard_id: str, gadget_id: str) -> Mapping[str, Any]:
    path = {"board": dashboard_id, "item": gadget_id, "key": CONFIG}
    try:
        value = wire.get("/rest/api/3/dashboard/{board}/items/{item}/properties/{key}", path=path)["value"]
    except Gone:  # it was never set
        return {}
    return value if isinstance(value, dict) else {}


def _guests(gadgets: Iterable[Seen], made: Mapping[str, Made]) -> int:
    """How many gadgets on one of our dashboards are not ours."""
    ids = _ids(made, ThingKind.GADGET)
    begun = {each.said.get("title") for each in _of(made, ThingKind.GADGET) if each.remote_id is None}
    return sum(gadget.remote_id not in ids and gadget.says["title"] not in begun for gadget in gadgets)


def _boards(wire: Wire, names: Collection[str], made: Mapping[str, Made]) -> list[Seen]:
    """Boards of these names, and those on our filters: only asked by filter does a list say which filter it is."""
    list_ = "/rest/agile/1.0/board"
    ours = {str(each.said.get("filter")) for each in _of(made, ThingKind.BOARD)} & _ids(made, ThingKind.FILTER)
    by_filter = {filter_id: list(every(wire, list_, {"filterId": filter_id})) for filter_id in sorted(ours)}
    known = [shapes.a_board(bean, filter_id) for filter_id, beans in by_filter.items() for bean in beans]
    ids = {seen.remote_id for seen in known}
    named = (bean for name in names for bean in every(wire, list_, {"name": name}))
    return known + [shapes.a_board(bean, "") for bean in _once(named) if str(bean["id"]) not in ids]


def _once(beans: Iterable[Bean]) -> Iterator[Bean]:
    """Each thing once, however many lists it was in."""
    yield from {str(bean["id"]): bean for bean in beans}.values()
