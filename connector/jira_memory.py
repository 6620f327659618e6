"""What a client need not ask Jira again: the site's field for flags, its link types, its workflows.

All of it is a memory, never a truth: what it says is tried, and looked up again when Jira says no.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from connector.session import Wire
from connector.workflows import Place, Workflows
from mappings.errors import Gone
from mappings.far import LINK_TYPES, IssueDraft

FLAGGED = "Flagged"
CHECKBOXES = "com.atlassian.jira.plugin.system.customfieldtypes:multicheckboxes"
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

    def __init__(
        self, workflows: Workflows | None = None, read_facts: Callable[[Wire], SiteFacts] | None = None
    ) -> None:
        self.workflows = workflows or Workflows()
        self._read_facts = read_facts or cloud_facts
        self._facts: SiteFacts | None = None
        self._places: OrderedDict[str, Place] = OrderedDict()
        self._linkless: set[tuple[str, str]] = set()

    def facts(self, wire: Wire, *, again: bool = False) -> SiteFacts:
        """Two calls the first time, or when asked `again`; none after that."""
        if self._facts is None or again:
            self._facts = self._read_facts(wire)
        return self._facts

    def takes_links(self, draft: IssueDraft) -> bool:
        """Whether the create screen of its project and type is not known to refuse links."""
        return (draft.project, draft.issue_type) not in self._linkless

    def note_no_links(self, draft: IssueDraft) -> None:
        self._linkless.add((draft.project, draft.issue_type))

    def place(self, issue_id: str) -> Place | None:
        """Where an issue stood when it was last seen."""
        return self._places.get(issue_id)

    def note(self, issue_id: str, place: Place) -> None:
        self._places[issue_id] = place
        self._places.move_to_end(issue_id)
        if len(self._places) > MOST_PLACES:
            self._places.popitem(last=False)


def cloud_facts(wire: Wire) -> SiteFacts:
    try:
        link_types = wire.get("/rest/api/3/issueLinkType")
    except Gone:  # Jira's answer where an administrator has switched issue links off
        link_types = None
    return site_facts(wire.get("/rest/api/3/field"), link_types)


def site_facts(fields: Iterable[Mapping[str, Any]], link_types: Mapping[str, Any] | None) -> SiteFacts:
    """What a site's lists of its fields and link types come to; None where it has no links."""
    names = tuple(kind["name"] for kind in link_types["issueLinkTypes"]) if link_types else ()
    return SiteFacts(next((field["id"] for field in fields if _is_flag(field)), None), names)


def _is_flag(field: Mapping[str, Any]) -> bool:
    # `name` is in the language of the account; `untranslatedName` is not, but does not always come.
    names = {field.get("untranslatedName"), field.get("name")}
    if (field.get("scope") or {}).get("type") == "PROJECT":  # a team-managed project can have its own of that name
        return False
    return FLAGGED in names and (field.get("schema") or {}).get("custom") == CHECKBOXES
