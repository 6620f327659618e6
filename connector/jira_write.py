"""Changing issues that exist: fields, status, comments, watchers. Each method sends a write once and never again."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from contextlib import suppress
from datetime import date
from typing import Any

from connector import jira_shapes as shapes
from connector.jira_memory import JiraMemory
from connector.jira_shapes import PROPERTY
from connector.session import Wire
from connector.understood import MisuseError
from connector.workflows import Place, Transition, next_step
from mappings.adf import to_adf
from mappings.errors import Gone, ReadAgain, Refused
from mappings.far import IssueEdit
from mappings.text import Document, Paragraph, Text

MOST_STEPS = 6
IMPEDIMENT = [{"value": "Impediment"}]
"""What a raised flag holds; the one option that Jira's own field has."""


def edit(wire: Wire, memory: JiraMemory, issue_id: str, wanted: IssueEdit) -> None:
    """All changes in one call; no call where there is nothing to change."""
    fields = dict(_field(wire, memory, name, value) for name, value in wanted.changes.items())
    labels = [{"add": label} for label in sorted(wanted.add_labels)]
    labels += [{"remove": label} for label in sorted(wanted.remove_labels)]
    body: dict[str, Any] = {}
    if fields:
        body["fields"] = fields
    if labels:
        body["update"] = {"labels": labels}
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


def watch(wire: Wire, issue_id: str, account_id: str) -> None:
    """Add a watcher; one who watches already stays one. Refused for somebody who cannot see the issue."""
    try:
        wire.post("/rest/api/3/issue/{issue}/watchers", path={"issue": issue_id}, json=account_id)
    except Gone as gone:
        # Jira says 404 for a person who may not see the issue as for an issue that is gone; only a read can tell,
        # and an issue must not pass for gone because of a watcher.
        raise Refused(f"issue {issue_id} got no watcher {account_id}: {gone}", fields={"watchers": str(gone)}) from gone


def move(wire: Wire, memory: JiraMemory, issue_id: str, status_id: str, fields: Mapping[str, object]) -> None:
    """Bring an issue to a status in at most six steps, with no look first where its workflow has been seen before.

    What is remembered may be out of date: when Jira refuses a step, the issue is looked at and the way chosen anew.
    """
    Journey(wire, memory, issue_id, status_id, fields).travel()


class Journey:
    """One issue on its way to a status."""

    def __init__(
        self, wire: Wire, memory: JiraMemory, issue_id: str, target: str, fields: Mapping[str, object]
    ) -> None:
        self._wire, self._memory = wire, memory
        self._issue_id, self._target, self._fields = issue_id, target, fields
        self._visited: frozenset[str] = frozenset()
        self._looked: set[str] = set()

    def travel(self) -> None:
        place = self._memory.place(self._issue_id)
        if place is None or place.status_id == self._target:
            place = self._look()
        for _ in range(MOST_STEPS):
            if place.status_id == self._target:
                return
            place = self._step(place)
        if place.status_id != self._target:
            raise Refused(self._dead_end(place, f"not reached in {MOST_STEPS} steps"))

    def _step(self, place: Place) -> Place:
        """Take one step; the place it led to."""
        if not self._memory.workflows.steps(place):
            self._learn(place)
        step = self._choice(place)
        if step is None and place.status_id not in self._looked:
            # Seen for another issue, or before an administrator changed the workflow: look for this one.
            self._learn(place)
            step = self._choice(place)
        if step is None:
            raise Refused(self._dead_end(place, "no way on from there"))
        try:
            self._take(step)
        except Refused as refused:
            return self._again(place, step, refused)
        self._visited |= {place.status_id}
        arrived = place.at(step.to.id)
        self._memory.note(self._issue_id, arrived)
        return arrived

    def _again(self, place: Place, step: Transition, refused: Refused) -> Place:
        """After a refusal: where the issue really stands. Raises when the refused step is there all the same, and when
        somebody moved the issue meanwhile: what they meant by it comes before where we were sent."""
        actual = self._look()
        if actual.status_id not in (place.status_id, self._target):
            raise ReadAgain(
                f"issue {self._issue_id} was moved by somebody else on its way from status {place.status_id} to "
                f"{self._target}: it stands in {actual.status_id}"
            )
        if actual == place and place.status_id in self._looked:
            raise self._explained(place, step, refused)
        self._learn(actual)
        if actual == place and step.id in {offered.id for offered in self._memory.workflows.steps(actual)}:
            raise self._explained(place, step, refused)
        return actual

    def _choice(self, place: Place) -> Transition | None:
        workflows = self._memory.workflows
        return next_step(
            place.status_id,
            self._target,
            workflows.category(self._target),
            lambda status_id: workflows.steps(place.at(status_id)),
            self._visited,
            frozenset(self._fields),
        )

    def _take(self, step: Transition) -> None:
        given = {name: value for name, value in self._fields.items() if name in step.fields}
        body: dict[str, Any] = {"transition": {"id": step.id}}
        if given:
            body["fields"] = given
        self._wire.post("/rest/api/3/issue/{issue}/transitions", path={"issue": self._issue_id}, json=body)

    def _look(self) -> Place:
        """Where the issue stands now, from Jira."""
        bean = self._wire.get(
            "/rest/api/3/issue/{issue}", path={"issue": self._issue_id}, params={"fields": "status,project,issuetype"}
        )
        place = shapes.place(bean)
        self._memory.workflows.learn_statuses([shapes.status(bean["fields"]["status"])])
        self._memory.note(self._issue_id, place)
        return place

    def _learn(self, place: Place) -> None:
        """The transitions that this issue has now, kept for all of its kind."""
        body = self._wire.get(
            "/rest/api/3/issue/{issue}/transitions",
            path={"issue": self._issue_id},
            params={"expand": "transitions.fields"},
        )
        self._looked.add(place.status_id)
        self._memory.workflows.learn(place, tuple(shapes.transition(bean) for bean in body["transitions"]))

    def _explained(self, place: Place, step: Transition, refused: Refused) -> Refused:
        lacking = {name: f"{said} is required" for name, said in step.required.items() if name not in self._fields}
        hint = ""
        if lacking:
            names = ", ".join(f"{step.required[name]} ({name})" for name in sorted(lacking))
            hint = f"; its screen requires {names}: give it in `transition_fields` of the mapping file"
        why = f"the step {step.name!r} was refused: {refused}{hint}"
        return Refused(self._dead_end(place, why), fields={**lacking, **refused.fields})

    def _dead_end(self, place: Place, why: str) -> str:
        steps = self._memory.workflows.steps(place)
        offered = ", ".join(f"{step.name!r} to {step.to.name} ({step.to.id})" for step in steps)
        here = f"issue {self._issue_id} stands in status {place.status_id} on its way to {self._target}"
        nothing = "none (does Tieout's account have the permission Transition issues?)"
        return f"{here}: {why}; steps offered there: {offered or nothing}"


def _field(wire: Wire, memory: JiraMemory, name: str, value: Any) -> tuple[str, Any]:
    """A change in Jira's words: field id and value."""
    match name, value:
        case "summary", str():
            return "summary", value
        case "description", tuple():
            return "description", to_adf(value)
        case "due_on", date() | None:
            return "duedate", value.isoformat() if value else None
        case "assignee", str() | None:
            return "assignee", {"accountId": value} if value else None
        case "priority", str():
            return "priority", {"name": value}
        case "is_flagged", bool():
            return _flag_field(wire, memory), IMPEDIMENT if value else None
        case _:
            raise MisuseError(f"an issue has no change {name!r} of {type(value).__name__}; see IssueEdit")


def _flag_field(wire: Wire, memory: JiraMemory) -> str:
    field_id = memory.facts(wire).flag_field
    if field_id is None:
        why = "this site has no field Flagged, or Tieout's account does not see it"
        raise Refused(why, fields={"is_flagged": why})
    return field_id
