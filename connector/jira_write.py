"""Changing issues that exist: fields, status, comments, watchers. Each method sends a write once and never again."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from connector import jira_links, jira_read
from connector.jira_memory import JiraMemory
from connector.jira_shapes import PROPERTY, Bean
from connector.jira_words import CLOUD, edit_body
from connector.journey import LOOKED_AT, Journey
from connector.session import Wire
from mappings.adf import to_adf
from mappings.errors import Gone, Refused
from mappings.far import IssueEdit
from mappings.text import Document, Paragraph, Text


def edit(wire: Wire, memory: JiraMemory, issue_id: str, wanted: IssueEdit) -> None:
    """All changes in one call; no call where there is nothing to change."""
    body = edit_body(wanted, CLOUD, lambda: memory.facts(wire).flag_field)
    if body:
        wire.put("/rest/api/3/issue/{issue}", path={"issue": issue_id}, json=body)


def let_go(wire: Wire, issue_id: str, labels: Collection[str]) -> None:
    """Take our property and these labels off an issue. What is off already stays off."""
    place = {"issue": issue_id, "property": PROPERTY}
    with suppress(Gone):  # the property; whether the issue is there, the edit tells
        wire.send("DELETE", "/rest/api/3/issue/{issue}/properties/{property}", path=place)
    removed = [{"remove": label} for label in sorted(labels)]
    wire.put("/rest/api/3/issue/{issue}", path={"issue": issue_id}, json={"update": {"labels": removed}})


def comment(wire: Wire, issue_id: str, body: Document, ref: str) -> str:
    """Post a comment whose last line and property are `ref`, by which a repeat can be told."""
    signed = (*body, Paragraph((Text(ref),)))
    wanted = {"body": to_adf(signed), "properties": [{"key": PROPERTY, "value": {"ref": ref}}]}
    bean = wire.post("/rest/api/3/issue/{issue}/comment", path={"issue": issue_id}, json=wanted)
    return str(bean["id"])


def link(wire: Wire, memory: JiraMemory, key: str, to: str) -> None:
    """Link an issue to the one it belongs to."""
    jira_links.draw(
        lambda body: wire.post("/rest/api/3/issueLink", json=body),
        lambda: jira_read.whoami(wire),
        memory.facts(wire).link_type,
        key,
        to,
    )


def take_back(wire: Wire, issue_id: str, comment_id: str) -> None:
    """Delete a comment. For the limits it is no write to an `issue`: who takes back may have the record no more."""
    wire.send("DELETE", "/rest/api/3/issue/{of}/comment/{comment}", path={"of": issue_id, "comment": comment_id})


def watch(wire: Wire, issue_id: str, account_id: str) -> None:
    """Add a watcher; one who watches already stays one. Refused for somebody who cannot see the issue."""
    try:
        wire.post("/rest/api/3/issue/{issue}/watchers", path={"issue": issue_id}, json=account_id)
    except Gone as gone:
        # Jira says 404 for a person who may not see the issue as for an issue that is gone; only a read can tell,
        # and an issue must not pass for gone because of a watcher.
        raise Refused(f"issue {issue_id} got no watcher {account_id}: {gone}", fields={"watchers": str(gone)}) from gone


def move(wire: Wire, memory: JiraMemory, issue_id: str, status_id: str, fields: Mapping[str, object]) -> None:
    """Bring an issue to a status step by step, with no look first where its workflow has been seen before.

    What is remembered may be out of date: when Jira refuses a step, the issue is looked at and the way chosen anew.
    """
    Journey(_CloudGates(wire), memory, issue_id, status_id, fields).travel()


def way(wire: Wire, memory: JiraMemory, issue_id: str, status_id: str, fields: Mapping[str, object]) -> tuple[str, ...]:
    """The names of the statuses on an issue's way to a status, as far as its workflow has been seen."""
    return Journey(_CloudGates(wire), memory, issue_id, status_id, fields).foresee()


@dataclass(frozen=True, slots=True)
class _CloudGates:
    """Transitions over v3."""

    wire: Wire

    def look(self, issue_id: str) -> Bean:
        bean: Bean = self.wire.get("/rest/api/3/issue/{issue}", path={"issue": issue_id}, params={"fields": LOOKED_AT})
        return bean

    def offered(self, issue_id: str) -> Sequence[Bean]:
        params = {"expand": "transitions.fields"}
        body = self.wire.get("/rest/api/3/issue/{issue}/transitions", path={"issue": issue_id}, params=params)
        offered: list[Bean] = body["transitions"]
        return offered

    def take(self, issue_id: str, body: Mapping[str, Any]) -> None:
        self.wire.post("/rest/api/3/issue/{issue}/transitions", path={"issue": issue_id}, json=dict(body))
