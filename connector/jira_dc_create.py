"""Creating issues on Jira Data Center, and finding them again. The law is Cloud's: a create is sent once."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Any

from connector import jira_dc_read
from connector.jira_bulk import Making, Sightings
from connector.jira_dc_people import People, own_label
from connector.jira_memory import JiraMemory
from connector.jira_read import quoted
from connector.jira_shapes import Bean
from connector.jira_words import DATA_CENTER, draft_fields
from connector.session import Wire
from mappings.errors import Gone
from mappings.far import Created, IssueDraft, NotCreated

MOST_GAPS = 10
"""So many numbers in a row that are not there end a project: single issues may be deleted, or hidden from us."""
MOST_PROBED = 500
NAMED_AT_ONCE = 50
SEEN = "labels,creator"


def create(wire: Wire, memory: JiraMemory, site: str, drafts: Sequence[IssueDraft]) -> list[Created | NotCreated]:
    """One call for at most 50 drafts, and a second for those of which only the link was refused."""
    link_type = memory.facts(wire).link_type if any(draft.link_to for draft in drafts) else None
    making = Making(
        send=lambda elements: wire.post("/rest/api/2/issue/bulk", json={"issueUpdates": elements}),
        link=lambda link: wire.post("/rest/api/2/issueLink", json=link),
        element=_element,
        memory=memory,
        browse_url=site,
        link_type=link_type,
    )
    return making.of(drafts)


def highest_number(wire: Wire, people: People, project: str) -> int:
    """The highest number the index knows in a project; 0 for an empty one. Too low is harmless, it costs a probe."""
    jql = f"project = {quoted(project)} ORDER BY key DESC"
    params = {"jql": jql, "fields": "created", "maxResults": 1}
    issues: list[Bean] = wire.get("/rest/api/2/search", params=params)["issues"]
    if not issues:
        people.whoami(wire)
        return 0
    return int(issues[0]["key"].rpartition("-")[2])


def find_created(
    wire: Wire, people: People, project: str, markers: Collection[str], after_number: int
) -> dict[str, tuple[str, ...]]:
    """Ids of issues by marker, oldest first, for those markers that some issue carries. Clones are left out where
    the issue that we made is there, too."""
    seen = Sightings(markers, lambda bean: people.made_for(wire, bean))
    seen.add(_issues_after(wire, project, after_number))
    unseen = sorted(seen.unseen())
    for start in range(0, len(unseen), NAMED_AT_ONCE):
        names = ", ".join(quoted(marker) for marker in unseen[start : start + NAMED_AT_ONCE])
        seen.add(jira_dc_read.search(wire, f"labels in ({names})", SEEN.split(",")))
    if not seen.any:
        people.whoami(wire)  # "nothing there" from a site that takes us for nobody would create everything twice
    return seen.by_marker()


def _issues_after(wire: Wire, project: str, number: int) -> Iterator[Bean]:
    """Issues by key after a number, from the store, until nothing more comes; later the index has them."""
    gaps = 0
    for _ in range(MOST_PROBED):
        number += 1
        try:
            key = f"{project}-{number}"
            yield wire.get("/rest/api/2/issue/{issue}", path={"issue": key}, params={"fields": SEEN})
            gaps = 0
        except Gone:
            gaps += 1
            if gaps == MOST_GAPS:
                return


def _element(draft: IssueDraft) -> dict[str, Any]:
    """One draft as an element of the bulk call, with the label by which it is known as the one that was made for it."""
    fields = draft_fields(draft, DATA_CENTER)
    return {"fields": {**fields, "labels": sorted({*fields["labels"], own_label(draft.marker)})}}
