"""Both sites as the provisioning engine sees them: `sync.provisioning.Provisioner` over the Cloud's two products."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace

from connector.confluence_cloud import CloudConfluence
from connector.jira_cloud import CloudJira
from connector.provision import looking, writing
from connector.provision.ground import ground
from connector.understood import understood
from mappings.errors import Gone
from mappings.far import PageDraft, PageView
from mappings.provision import Ground, Made, Seen, Thing, ThingKind
from mappings.provision.pages import peoples_part
from mappings.provision.things import CALLS
from mappings.records import Value
from mappings.storage import NotStorage, read_regions

WRITTEN = "Brought up to date"


class CloudProvisioner:
    """`secret` signs the webhook that is made."""

    calls = CALLS

    def __init__(self, jira: CloudJira, confluence: CloudConfluence, *, secret: str = "") -> None:
        self._jira, self._confluence, self._secret = jira, confluence, secret

    @understood("read")
    def ground(
        self, groups: Collection[str], projects: Collection[str], gadgets: Collection[str], spaces: Collection[str]
    ) -> Ground:
        found = ground(self._jira.wire, self._jira.memory, groups, projects, gadgets)
        ids: dict[str, str] = {}
        tops: dict[str, str] = {}
        for key in spaces:
            with suppress(Gone):  # told by `tieout check`; pages are left alone
                ids[key] = self._confluence.space_id(key)
                top = self._confluence.home_page(key)
                tops |= {key: top} if top is not None else {}
        return replace(found, spaces=ids, tops=tops)

    @understood("read")
    def look(self, ground: Ground, things: Sequence[Thing], made: Mapping[str, Made]) -> list[Seen]:
        tabs = {str(thing.says["screen"]) for thing in things if thing.kind is ThingKind.PLACE}
        found = looking.look(self._jira.wire, ground.account_id, things, made, tabs)
        return [*found, *self._pages(things, made)]

    @understood("write")
    def make(self, kind: ThingKind, says: Mapping[str, Value], body: str) -> str:
        if kind is not ThingKind.PAGE:
            return writing.make(self._jira.wire, kind, says, self._secret)
        parent = says["parent"]
        draft = PageDraft(str(says["space"]), str(parent) if parent else None, str(says["title"]), body)
        return self._confluence.create(draft).id

    @understood("write")
    def finish(self, kind: ThingKind, remote_id: str, says: Mapping[str, Value]) -> None:
        """What else it takes once a thing is there."""
        if kind is ThingKind.GADGET:
            writing.configure(self._jira.wire, remote_id, says)

    @understood("write")
    def change(self, seen: Seen, says: Mapping[str, Value], body: str) -> None:
        if seen.kind is not ThingKind.PAGE:
            writing.change(self._jira.wire, seen.kind, seen.remote_id, says, self._secret)
            return
        title = str(says["title"])
        self._confluence.update(seen.remote_id, title=title, body=body, version=seen.version, message=WRITTEN)

    @understood("write")
    def remove(self, kind: ThingKind, remote_id: str) -> None:
        with suppress(Gone):  # somebody was faster: it is what was wanted
            if kind is ThingKind.PAGE:
                self._confluence.trash(remote_id)
            else:
                writing.remove(self._jira.wire, kind, remote_id)

    def _pages(self, things: Sequence[Thing], made: Mapping[str, Made]) -> list[Seen]:
        """Pages by id where one is remembered, else by title, which is unique in its space."""
        known = {each.remote_id: each.name for each in made.values() if each.kind is ThingKind.PAGE and each.remote_id}
        pages = self._confluence.fetch(list(known)).whole().found if known else {}
        found = [_seen(page, known[id_], "") for id_, page in pages.items()]
        for thing in things:
            if thing.kind is ThingKind.PAGE and thing.name not in known.values():
                page = self._confluence.find(str(thing.says["space"]), thing.title)
                if page is not None:
                    found.append(_seen(page, thing.name, next(iter(thing.regions), "")))
        return found


def _seen(page: PageView, name: str, region_id: str) -> Seen:
    """A page; it is ours where nothing need show it, or where one of our parts stands on it."""
    try:
        is_ours = page.status == "current" and (not region_id or region_id in read_regions(page.body))
        people: Value = peoples_part(page.body)
    except NotStorage:
        is_ours, people = False, None
    says: dict[str, Value] = {"space": page.space_id, "title": page.title, "parent": page.parent_id, "people": people}
    mark = name if is_ours else ""
    return Seen(ThingKind.PAGE, page.id, says, mark, body=page.body, version=page.version)
