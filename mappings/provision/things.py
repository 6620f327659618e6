"""The words of provisioning: a thing that is wanted, what was made of it, and what a site shows.

Things name each other, never by remote id: a value may hold `⟨soc2/filter/open⟩`, and `resolved` puts the id there.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from mappings.records import EMPTY, Value

_REFERENCE = re.compile(r"⟨([^⟩]+)⟩")
_MARK = re.compile(r"\[tieout ([^\[\]\s]+)\]")


class ThingKind(StrEnum):
    """In the order in which they are made; they are taken away in the opposite one."""

    FIELD = "field"
    PLACE = "field on a screen"
    FILTER = "filter"
    DASHBOARD = "dashboard"
    GADGET = "gadget"
    BOARD = "board"
    WEBHOOK = "webhook"
    PAGE = "page"


KEYS: Mapping[ThingKind, tuple[str, ...]] = {
    ThingKind.FIELD: ("name",),
    ThingKind.PLACE: ("screen", "field"),
    ThingKind.FILTER: ("name",),
    ThingKind.DASHBOARD: ("name",),
    ThingKind.GADGET: ("dashboard", "title"),
    ThingKind.BOARD: ("name", "filter"),
    ThingKind.WEBHOOK: ("url",),
    ThingKind.PAGE: ("space", "title"),
}
"""By which of its values a thing is told from its neighbours of the same kind."""

CALLS: Mapping[ThingKind, int] = {kind: 2 if kind is ThingKind.GADGET else 1 for kind in ThingKind}
"""How many calls making or changing one takes; a gadget's configuration is a call of its own."""


@dataclass(frozen=True, slots=True)
class Thing:
    """Something there should be. `name` is Tieout's own and never changes: `soc2/filter/overdue`."""

    name: str
    kind: ThingKind
    says: Mapping[str, Value]
    why: str
    """What it is for, in a few words."""
    regions: Mapping[str, str] = field(default_factory=lambda: EMPTY)
    """Of a page: our parts by region id. What is around them is people's."""
    calls: int = 1
    """How many calls it takes to make it."""
    is_the_syncs: bool = False
    """Whether syncing makes it, too, and needs it: then it stays when all else is taken away."""

    @property
    def title(self) -> str:
        """What people call it."""
        return str(self.says.get("title") or self.says.get("name") or self.says.get("shown") or self.name)

    @property
    def needs(self) -> tuple[str, ...]:
        """The names of the things that must be there first."""
        texts = [held for value in self.says.values() for held in (value if isinstance(value, tuple) else (value,))]
        return tuple(dict.fromkeys(name for text in texts for name in _REFERENCE.findall(str(text))))


@dataclass(frozen=True, slots=True)
class Made:
    """What is remembered of a thing that Tieout made, or began to make."""

    name: str
    kind: ThingKind
    remote_id: str | None
    """None while nobody knows what came of making it."""
    said: Mapping[str, Value]
    """What was last written."""
    intent_at: datetime | None
    """When making it was last begun, by the database's clock."""
    was_there: bool = False
    """Whether syncing had made it before."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A thing as a site shows it, in the words of `Thing.says`."""

    kind: ThingKind
    remote_id: str
    says: Mapping[str, Value]
    mark: str = ""
    """The name that Tieout marked it with; empty for other people's."""
    owner: str = ""
    """Whose it is, where the site says so: an account id."""
    body: str = ""
    version: int = 0
    guests: int = 0
    """How many things of other people stand on it."""


@dataclass(frozen=True, slots=True)
class Ground:
    """What a site is like, as far as it matters to what can be made there."""

    account_id: str
    is_admin: bool
    groups: Mapping[str, str]
    """Ids of the groups asked for, by name; those that are not there are left out."""
    gadgets: Mapping[str, str]
    """The address of each built-in gadget that the site offers, by the gadget's key."""
    screens: Mapping[str, tuple[str, ...]]
    """By project: its screens, each as `screen/tab`."""
    team_managed: frozenset[str]
    """Projects whose screens no API changes."""
    shown_fields: Mapping[str, frozenset[str]]
    """By team-managed project: the names of the fields that all issue types used there show."""
    has_flag: bool = False
    spaces: Mapping[str, str] = field(default_factory=lambda: EMPTY)
    """Ids of the audits' spaces by key."""
    tops: Mapping[str, str] = field(default_factory=lambda: EMPTY)
    """Ids of the spaces' own home pages by key."""


@dataclass(frozen=True, slots=True)
class Site:
    """Everything that was looked at before deciding."""

    ground: Ground
    seen: tuple[Seen, ...]


def mark(name: str) -> str:
    """The words at the end of a description by which a thing is known again."""
    return f"[tieout {name}]"


def marked(description: str) -> str:
    """The name in a description; empty when it holds none."""
    found = _MARK.search(description)
    return found[1] if found else ""


def reference(name: str) -> str:
    """A value that stands for the remote id of a thing."""
    return f"⟨{name}⟩"


def resolved(says: Mapping[str, Value], ids: Mapping[str, str]) -> dict[str, Value]:
    """`says` with the ids of the things it names; one that has no id yet stays a name."""
    return {key: _resolved(value, ids) for key, value in says.items()}


def _resolved(value: Value, ids: Mapping[str, str]) -> Value:
    if isinstance(value, tuple):
        return tuple(_filled(item, ids) for item in value)
    return _filled(value, ids) if isinstance(value, str) else value


def _filled(text: str, ids: Mapping[str, str]) -> str:
    return _REFERENCE.sub(lambda found: ids.get(found[1], found[0]), text)
