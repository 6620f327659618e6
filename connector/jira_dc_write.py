"""Changing issues that exist on Jira Data Center. Each method sends a write once and never again."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from connector import jira_links
from connector.jira_dc_people import People, own_label
from connector.jira_memory import JiraMemory
from connector.jira_shapes import MARKER_PREFIX, Bean
from connector.jira_words import DATA_CENTER, edit_body
from connector.journey import LOOKED_AT, Journey
from connector.session import Wire
from mappings.errors import Gone, Refused, SignInFailed
from mappings.far import IssueEdit
from mappings.text import Document, Paragraph, Text
from mappings.wiki import to_wiki


def edit(wire: Wire, memory: JiraMemory, issue_id: str, wanted: IssueEdit) -> None:
    """All changes in one call; no call where there is nothing to change."""
    body = edit_body(wanted, DATA_CENTER, lambda: memory.facts(wire).flag_field)
    if body:
        wire.put("/rest/api/2/issue/{issue}", path={"issue": issue_id}, json=body)


def let_go(wire: Wire, issue_id: str, labels: Collection[str]) -> None:
    """Take these labels off an issue, and those by which it was ours. What is off already stays off."""
    own = {own_label(label) for label in labels if label.startswith(MARKER_PREFIX)}
    removed = [{"remove": label} for label in sorted({*labels, *own})]
    wire.put("/rest/api/2/issue/{issue}", path={"issue": issue_id}, json={"update": {"labels": removed}})


def comment(wire: Wire, issue_id: str, body: Document, ref: str) -> str:
    """Post a comment whose last line is `ref`, by which a repeat can be told."""
    signed = (*body, Paragraph((Text(ref),)))
    bean = wire.post("/rest/api/2/issue/{issue}/comment", path={"issue": issue_id}, json={"body": to_wiki(signed)})
    return str(bean["id"])


def link(wire: Wire, memory: JiraMemory, people: People, key: str, to: str) -> None:
    """Link an issue to the one it belongs to."""
    jira_links.draw(
        lambda body: wire.post("/rest/api/2/issueLink", json=body),
        lambda: people.whoami(wire),
        memory.facts(wire).link_type,
        key,
        to,
    )


def take_back(wire: Wire, issue_id: str, comment_id: str) -> None:
    """Delete a comment, as on Cloud."""
    wire.send("DELETE", "/rest/api/2/issue/{of}/comment/{comment}", path={"of": issue_id, "comment": comment_id})


def watch(wire: Wire, people: People, issue_id: str, name: str) -> None:
    """Add a watcher; one who watches already stays one. Refused for somebody who cannot see the issue."""
    try:
        wire.post("/rest/api/2/issue/{issue}/watchers", path={"issue": issue_id}, json=name)
    except (Gone, SignInFailed) as error:
        # Jira says 404 of a watcher who may not see the issue, and 401 where we may not add any (both documented);
        # neither an issue nor our sign-in must pass for gone because of a watcher.
        people.whoami(wire)
        raise Refused(f"issue {issue_id} got no watcher {name}: {error}", fields={"watchers": str(error)}) from error


def move(wire: Wire, memory: JiraMemory, issue_id: str, status_id: str, fields: Mapping[str, object]) -> None:
    """Bring an issue to a status, as on Cloud."""
    Journey(_DcGates(wire), memory, issue_id, status_id, fields).travel()


def way(wire: Wire, memory: JiraMemory, issue_id: str, status_id: str, fields: Mapping[str, object]) -> tuple[str, ...]:
    """The names of the statuses on an issue's way to a status, as far as its workflow has been seen."""
    return Journey(_DcGates(wire), memory, issue_id, status_id, fields).foresee()


@dataclass(frozen=True, slots=True)
class _DcGates:
    """Transitions over v2."""

    wire: Wire

    def look(self, issue_id: str) -> Bean:
        bean: Bean = self.wire.get("/rest/api/2/issue/{issue}", path={"issue": issue_id}, params={"fields": LOOKED_AT})
        return bean

    def offered(self, issue_id: str) -> Sequence[Bean]:
        params = {"expand": "transitions.fields"}
        body = self.wire.get("/rest/api/2/issue/{issue}/transitions", path={"issue": issue_id}, params=params)
        offered: list[Bean] = body["transitions"]
        return offered

    def take(self, issue_id: str, body: Mapping[str, Any]) -> None:
        self.wire.post("/rest/api/2/issue/{issue}/transitions", path={"issue": issue_id}, json=dict(body))
