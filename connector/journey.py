"""An issue's way to a status, over several transitions where its workflow needs them, whatever the flavour of Jira."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from connector import jira_shapes as shapes
from connector.jira_memory import JiraMemory
from connector.jira_shapes import Bean
from connector.workflows import Place, Transition, next_step
from mappings.errors import ReadAgain, Refused, Unclear

MOST_STEPS = 16
"""No way is as long, nor the search for one; a workflow that changes meanwhile may send a card round for ever."""
LOOKED_AT = "status,project,issuetype"
"""The fields that say where an issue stands."""


class Gates(Protocol):
    """The calls that a way takes, in the words of one flavour."""

    def look(self, issue_id: str) -> Bean:
        """The issue with the fields `LOOKED_AT`."""

    def offered(self, issue_id: str) -> Sequence[Bean]:
        """The transitions that it has now, with the fields of their screens."""

    def take(self, issue_id: str, body: Mapping[str, Any]) -> None:
        """Make a transition. Refused where Jira does not allow it."""


class Journey:
    """One issue on its way to a status."""

    def __init__(
        self, gates: Gates, memory: JiraMemory, issue_id: str, target: str, fields: Mapping[str, object]
    ) -> None:
        self._gates, self._memory = gates, memory
        self._issue_id, self._target, self._fields = issue_id, target, fields
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

    def foresee(self) -> tuple[str, ...]:
        """The names of the statuses on the way, as far as the workflow has been seen. Asks at most for where the issue
        stands and what it may do there."""
        place = self._look()
        if not self._memory.workflows.steps(place):
            self._learn(place)
        names: list[str] = []
        for _ in range(MOST_STEPS):
            step = self._choice(place) if place.status_id != self._target else None
            if step is None:
                break
            place = place.at(step.to.id)
            names.append(step.to.name)
        return tuple(names)

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
        except Unclear:
            # Data Center answers 500 to a step that is no longer there, as its document says: look anew next time.
            self._memory.workflows.learn(place, ())
            raise
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
            frozenset(self._fields),
        )

    def _take(self, step: Transition) -> None:
        given = {name: value for name, value in self._fields.items() if name in step.fields}
        body: dict[str, Any] = {"transition": {"id": step.id}}
        if given:
            body["fields"] = given
        self._gates.take(self._issue_id, body)

    def _look(self) -> Place:
        """Where the issue stands now, from Jira."""
        bean = self._gates.look(self._issue_id)
        place = shapes.place(bean)
        self._memory.workflows.learn_statuses([shapes.status(bean["fields"]["status"])])
        self._memory.note(self._issue_id, place)
        return place

    def _learn(self, place: Place) -> None:
        """The transitions that this issue has now, kept for all of its kind."""
        offered = self._gates.offered(self._issue_id)
        self._looked.add(place.status_id)
        self._memory.workflows.learn(place, tuple(shapes.transition(bean) for bean in offered))

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
