"""Creating issues, the one act Jira cannot undo or repeat: what is sent, what came of each, and how to find them again.

The law: a create is sent once. Whatever is not certain is `Unclear`, and `find_created` looks: by key first, which
reads the store, then by search, whose index lags.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Any

from connector import jira_read
from connector.bounds import pages
from connector.jira_bulk import Making, Sightings
from connector.jira_memory import JiraMemory
from connector.jira_shapes import MARKER_PREFIX, PROPERTY, Bean, made_for
from connector.jira_words import CLOUD, draft_fields
from connector.session import Wire
from mappings.errors import TryLater
from mappings.far import Created, IssueDraft, NotCreated

PROBE_SIZE = 100


def create(wire: Wire, memory: JiraMemory, browse_url: str, drafts: Sequence[IssueDraft]) -> list[Created | NotCreated]:
    """One call for at most 50 drafts, and a second for those of which only the link was refused."""
    link_type = memory.facts(wire).link_type if any(draft.link_to for draft in drafts) else None
    making = Making(
        send=lambda elements: wire.post("/rest/api/3/issue/bulk", json={"issueUpdates": elements}),
        link=lambda link: wire.post("/rest/api/3/issueLink", json=link),
        element=lambda draft: _element(draft, memory),
        memory=memory,
        browse_url=browse_url,
        link_type=link_type,
    )
    return making.of(drafts)


def highest_number(wire: Wire, project: str) -> int:
    """The highest number the index knows in a project; 0 for an empty one. Too low is harmless, it costs a probe."""
    wanted = {"jql": f"project = {jira_read.quoted(project)} ORDER BY key DESC", "fields": ["created"], "maxResults": 1}
    issues: list[Bean] = wire.ask("/rest/api/3/search/jql", json=wanted)["issues"]
    if not issues:
        jira_read.whoami(wire)
        return 0
    return int(issues[0]["key"].rpartition("-")[2])


def find_created(wire: Wire, project: str, markers: Collection[str], after_number: int) -> dict[str, tuple[str, ...]]:
    """Ids of issues by marker, oldest first, for those markers that some issue carries.

    A clone has the original's labels but not its property; where an issue has the property, clones are left out.
    """
    seen = Sightings(markers, made_for)
    for beans in _blocks_after(wire, project, after_number):
        seen.add(beans)
    if seen.unseen():
        names = ", ".join(jira_read.quoted(marker) for marker in sorted(seen.unseen()))
        seen.add(jira_read.search(wire, f"labels in ({names})", ["labels"], properties=[PROPERTY]))
    if not seen.any:
        jira_read.whoami(wire)  # "nothing there" from a site that takes us for nobody would create everything twice
    return seen.by_marker()


def _blocks_after(wire: Wire, project: str, number: int) -> Iterator[list[Bean]]:
    """Issues by key after a number, a hundred keys a call, until a block is empty: single keys may be deleted."""
    for _ in pages(f"{project} from issue {number} on"):
        keys = [f"{project}-{number + step}" for step in range(1, PROBE_SIZE + 1)]
        beans, unread = jira_read.bulk_fetch(wire, keys, ["labels"], properties=[PROPERTY])
        if unread:
            raise TryLater(f"Jira could not show {', '.join(sorted(unread))}: one of them may be what is looked for")
        if not beans:
            return
        yield beans
        number += PROBE_SIZE


def _element(draft: IssueDraft, memory: JiraMemory) -> dict[str, Any]:
    """One draft as an element of the bulk call: fields, marker as label and property, first transition."""
    element: dict[str, Any] = {
        "fields": draft_fields(draft, CLOUD),
        "properties": [{"key": PROPERTY, "value": {"uid": draft.marker.removeprefix(MARKER_PREFIX)}}],
    }
    if draft.status_id:
        step = memory.workflows.first_step(draft.project, draft.issue_type, draft.status_id)
        if step is not None:
            element["transition"] = {"id": step.id}
    return element
