"""Ways through a workflow that a token without admin rights cannot read: what has been seen of it, and the next step.

Jira shows only the transitions out of where an issue stands. Each look is kept by project, issue type and status, so
that the second issue of a kind is moved without looking. The choice of the next step is a pure function.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from mappings.far import StatusInfo

DONE = "done"
CATEGORY_RANK = {"new": 0, "indeterminate": 1, DONE: 2}


@dataclass(frozen=True, slots=True)
class Transition:
    """A step out of a status. `fields` are those of its screen; `required` those of them that have no default."""

    id: str
    name: str
    to: StatusInfo
    fields: frozenset[str] = frozenset()
    required: Mapping[str, str] = field(default_factory=dict)
    """Field id to its name."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where an issue stands: project key, issue type name, status id."""

    project: str
    issue_type: str
    status_id: str

    def at(self, status_id: str) -> Place:
        return Place(self.project, self.issue_type, status_id)


Steps: TypeAlias = tuple[Transition, ...]
Known: TypeAlias = Callable[[str], Steps]
"""The transitions known out of a status id, none where nobody has looked."""


class Workflows:
    """What has been seen of a site's workflows; may be shared by threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._steps: dict[Place, Steps] = {}
        self._initial: dict[tuple[str, str], str] = {}
        self._categories: dict[str, str] = {}

    def steps(self, place: Place) -> Steps:
        """The transitions out of a place as last seen; empty when nobody has looked."""
        with self._lock:
            return self._steps.get(place, ())

    def learn(self, place: Place, steps: Steps) -> None:
        """Keep what was seen. No step at all is a matter of permission or conditions, and is not kept."""
        with self._lock:
            self._categories.update({step.to.id: step.to.category for step in steps})
            if steps:
                self._steps[place] = steps
            else:
                self._steps.pop(place, None)

    def learn_statuses(self, statuses: Iterable[StatusInfo]) -> None:
        with self._lock:
            self._categories.update({status.id: status.category for status in statuses})

    def category(self, status_id: str) -> str:
        """A status's category, the middle one where it has never been seen."""
        with self._lock:
            return self._categories.get(status_id, "indeterminate")

    def learn_initial(self, project: str, issue_type: str, status_id: str) -> None:
        with self._lock:
            self._initial[project, issue_type] = status_id

    def first_step(self, project: str, issue_type: str, status_id: str) -> Transition | None:
        """The transition from where new issues begin straight to a status, when that is known to be one."""
        with self._lock:
            initial = self._initial.get((project, issue_type))
            if initial is None or initial == status_id:
                return None
            steps = self._steps.get(Place(project, issue_type, initial), ())
        return next((step for step in steps if step.to.id == status_id and not step.required), None)


def next_step(
    here: str, target: str, category: str, known: Known, visited: frozenset[str], given: frozenset[str]
) -> Transition | None:
    """The step to take from `here` towards `target` (status ids, the target's category); None at a dead end.

    A known way is taken by its shortest; else a status not yet visited is tried from which something may still be
    learned, never one that is done, and the nearer to the target's category the sooner. A card does not wander through
    a workflow that is known to hold no way: each step would be a change, and bring the card up for another try.
    Of steps to one status, one that lacks nothing of `given` goes first.
    """
    steps = sorted(known(here), key=lambda step: (len(set(step.required) - given), step.name, step.id))
    way = _first_of_shortest_way(here, target, known)
    if way is not None:
        return next(step for step in steps if step.to.id == way)
    fresh = [
        step
        for step in steps
        if step.to.id not in visited and step.to.category != DONE and _leads_to_the_unknown(step.to.id, known)
    ]
    return min(fresh, key=lambda step: (abs(_rank(step.to.category) - _rank(category)), step.to.name), default=None)


def _first_of_shortest_way(here: str, target: str, known: Known) -> str | None:
    """The first status on the shortest known way, not through a done one."""
    seen = {here}
    ways: deque[tuple[str, str | None]] = deque([(here, None)])
    while ways:
        status, first = ways.popleft()
        for step in known(status):
            begins = first or step.to.id
            if step.to.id == target:
                return begins
            if step.to.id not in seen and step.to.category != DONE:
                seen.add(step.to.id)
                ways.append((step.to.id, begins))
    return None


def _leads_to_the_unknown(status: str, known: Known) -> bool:
    """Whether nobody has looked at the steps out of this status, or of one behind it."""
    seen, behind = {status}, [status]
    while behind:
        steps = known(behind.pop())
        if not steps:
            return True
        fresh = {step.to.id for step in steps if step.to.category != DONE} - seen
        seen |= fresh
        behind += sorted(fresh)
    return False


def _rank(category: str) -> int:
    return CATEGORY_RANK.get(category, 0)
