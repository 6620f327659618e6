"""What a client need not ask Jira again: the site's field for flags, its link types, its workflows.

All of it is a memory, never a truth: what it says is tried, and looked up again when Jira says no.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from connector.session import Wire
from connector.workflows import Place, Workflows
from mappings.errors import Gone

FLAGGED = "Flagged"
CHECKBOXES = "com.atlassian.jira.plugin.system.customfieldtypes:multicheckboxes"
LINK_TYPES = ("Tieout", "Relates")
"""The link between a task's issue and its request's. An administrator may make the first, sites come with the other."""
MOST_PLACES = 20_000


@dataclass(frozen=True, slots=True)
class SiteFacts:
    flag_field: str | None
    link_types: tuple[str, ...]

    @property
    def link_type(self) -> str | None:
        """The type that Tieout's links have on this site."""
        return next((name for name in LINK_TYPES if name in self.link_types), None)


class JiraMemory:
    """One for each client; `workflows` may be shared by several."""

    def __init__(self, workflows: Workflows | None = None) -> None:
        self.workflows = workflows or Workflows()
        self._facts: SiteFacts | None = None
        self._places: OrderedDict[str, Place] = OrderedDict()

    def facts(self, wire: Wire, *, again: bool = False) -> SiteFacts:
        """Two calls the first time, or when asked `again`; none after that."""
        if self._facts is None or again:
            self._facts = SiteFacts(_flag_field(wire), _link_types(wire))
        return self._facts

    def place(self, issue_id: str) -> Place | None:
        """Where an issue stood when it was last seen."""
        return self._places.get(issue_id)

    def note(self, issue_id: str, place: Place) -> None:
        self._places[issue_id] = place
        self._places.move_to_end(issue_id)
        if len(self._places) > MOST_PLACES:
            self._places.popitem(last=False)


def _flag_field(wire: Wire) -> str | None:
    fields: Iterable[Mapping[str, Any]] = wire.get("/rest/api/3/field")
    return next((field["id"] for field in fields if _is_flag(field)), None)


def _is_flag(field: Mapping[str, Any]) -> bool:
    # `name` is in the language of the account; `untranslatedName` is not, but does not always come.
    names = {field.get("untranslatedName"), field.get("name")}
    return FLAGGED in names and (field.get("schema") or {}).get("custom") == CHECKBOXES


def _link_types(wire: Wire) -> tuple[str, ...]:
    try:
        body = wire.get("/rest/api/3/issueLinkType")
    except Gone:  # Jira's answer where an administrator has switched issue links off
        return ()
    return tuple(kind["name"] for kind in body["issueLinkTypes"])
