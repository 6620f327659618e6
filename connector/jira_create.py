"""Creating issues, the one act Jira cannot undo or repeat: what is sent, what came of each, and how to find them again.

The law: a create is sent once. Whatever is not certain is `Unclear`, and `find_created` looks: by key first, which
reads the store, then by search, whose index lags.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from connector import jira_read
from connector.bounds import pages
from connector.jira_memory import JiraMemory
from connector.jira_shapes import PROPERTY, Bean, made_for
from connector.refusals import Reply, SiteRefused, words
from connector.session import Wire
from connector.understood import MisuseError
from mappings.adf import to_adf
from mappings.errors import TryLater, Unclear
from mappings.far import Created, IssueDraft, NotCreated

MOST_DRAFTS = 50
MARKER_PREFIX = "tieout-"
PROBE_SIZE = 100
TRANSIENT = (408, 429)


def create(wire: Wire, memory: JiraMemory, browse_url: str, drafts: Sequence[IssueDraft]) -> list[Created | NotCreated]:
    """One call for at most 50 drafts. Refused for the whole call means that none was created."""
    if not 1 <= len(drafts) <= MOST_DRAFTS:
        raise MisuseError(f"expected 1 to {MOST_DRAFTS} drafts in a call, got {len(drafts)}; cut them into blocks")
    link_type = memory.facts(wire).link_type if any(draft.link_to for draft in drafts) else None
    elements = [_element(draft, memory, link_type) for draft in drafts]
    try:
        body = wire.post("/rest/api/3/issue/bulk", json={"issueUpdates": elements})
    except SiteRefused as refused:
        body = refused.body
        if not _failed(body):
            if len(drafts) > 1:
                raise
            return [NotCreated(drafts[0].marker, str(refused))]
    return _outcomes(drafts, body, browse_url)


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
    seen = _Sightings(markers)
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


class _Sightings:
    """Issues seen with a wanted marker: those that own it by property, and those that only have the label."""

    def __init__(self, markers: Collection[str]) -> None:
        self._owning: dict[str, set[str]] = {marker: set() for marker in markers}
        self._labelled: dict[str, set[str]] = {marker: set() for marker in markers}
        self.any = False

    def add(self, beans: Iterator[Bean] | list[Bean]) -> None:
        for bean in beans:
            self.any = True
            uid = made_for(bean)
            for marker in self._labelled.keys() & set(bean["fields"].get("labels") or ()):
                self._labelled[marker].add(bean["id"])
                if f"{MARKER_PREFIX}{uid}" == marker:
                    self._owning[marker].add(bean["id"])

    def unseen(self) -> set[str]:
        """Markers that no owner has been seen of."""
        return {marker for marker, ids in self._owning.items() if not ids}

    def by_marker(self) -> dict[str, tuple[str, ...]]:
        chosen = {marker: self._owning[marker] or ids for marker, ids in self._labelled.items()}
        return {marker: tuple(sorted(ids, key=int)) for marker, ids in chosen.items() if ids}


def _element(draft: IssueDraft, memory: JiraMemory, link_type: str | None) -> dict[str, Any]:
    """One draft as an element of the bulk call: fields, marker as label and property, link, first transition."""
    element: dict[str, Any] = {
        "fields": _fields(draft),
        "properties": [{"key": PROPERTY, "value": {"uid": draft.marker.removeprefix(MARKER_PREFIX)}}],
    }
    if draft.link_to and link_type:
        link = {"type": {"name": link_type}, "outwardIssue": {"key": draft.link_to}}
        element["update"] = {"issuelinks": [{"add": link}]}
    if draft.status_id:
        step = memory.workflows.first_step(draft.project, draft.issue_type, draft.status_id)
        if step is not None:
            element["transition"] = {"id": step.id}
    return element


def _fields(draft: IssueDraft) -> dict[str, Any]:
    fields: dict[str, Any] = {
        **draft.fields,
        "project": {"key": draft.project},
        "issuetype": {"name": draft.issue_type},
        "summary": draft.summary,
        "description": to_adf(draft.description),
        "labels": sorted(draft.labels | {draft.marker}),
    }
    if draft.due_on is not None:
        fields["duedate"] = draft.due_on.isoformat()
    if draft.assignee is not None:
        fields["assignee"] = {"accountId": draft.assignee}
    if draft.priority is not None:
        fields["priority"] = {"name": draft.priority}
    return fields


def _failed(body: object) -> dict[int, Bean]:
    """The failed elements of a bulk answer by their number."""
    errors = body.get("errors") if isinstance(body, dict) else None
    if not isinstance(errors, list):
        return {}
    return {int(error["failedElementNumber"]): error for error in errors if "failedElementNumber" in error}


def _outcomes(drafts: Sequence[IssueDraft], body: Any, browse_url: str) -> list[Created | NotCreated]:
    """Answers in the order of the drafts: issues come in that order with the failed ones left out."""
    failed = _failed(body)
    issues: list[Bean] = body.get("issues") or []
    if len(issues) + len(failed) != len(drafts) or any(_is_transient(error) for error in failed.values()):
        raise Unclear(
            f"Jira answered a bulk create of {len(drafts)} issues with {len(issues)} issues and {len(failed)} errors, "
            "some of them passing troubles or not told: look which exist"
        )
    created = iter(issues)
    return [
        NotCreated(draft.marker, _reason(failed[number]))
        if number in failed
        else _created(draft, next(created), browse_url)
        for number, draft in enumerate(drafts)
    ]


def _is_transient(error: Mapping[str, Any]) -> bool:
    status = int(error.get("status") or 400)
    return status >= 500 or status in TRANSIENT


def _reason(error: Bean) -> str:
    said = words(Reply(int(error.get("status") or 400), {}, error.get("elementErrors")))
    return said or "Jira refused it and did not say why"


def _created(draft: IssueDraft, bean: Bean, browse_url: str) -> Created:
    url = f"{browse_url}/browse/{bean['key']}" if browse_url else ""
    return Created(draft.marker, str(bean["id"]), bean["key"], url)
