"""Ways through a workflow that a token without admin rights cannot read: what has been seen of it, and the next step.

Jira shows only the transitions out of where an issue stands. Each look is kept by project, issue type and status, so
that the second issue of a kind is moved without looking. The choice of the next step is a pure function.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
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


def next_step(here: str, target: str, category: str, known: Known, given: frozenset[str]) -> Transition | None:
    """The step to take from `here` towards `target` (status ids, the target's category); None at a dead end.

    A known way is taken by its shortest; else the shortest one to a status whose steps nobody has looked at, of several
    the nearest to the target's category. No way leads through a done status. Each look makes more of the workflow
    known, so a card that goes on like this ends at its target, or where the workflow is known to hold no way: there it
    stays, as each further step would be a change and bring the card up for another try.
    """
    return known_step(here, target, known, given) or _step_to_unknown(here, category, known, given)


def known_step(here: str, target: str, known: Known, given: frozenset[str]) -> Transition | None:
    """The first step of the shortest way that is known. Of steps to one status, one that lacks nothing of `given` (ids
    of fields) goes first."""
    firsts = (first for within in _within_reach(here, known) for status, first in within if status.id == target)
    return _easiest(here, next(firsts, None), known, given)


def _step_to_unknown(here: str, category: str, known: Known, given: frozenset[str]) -> Transition | None:
    for within in _within_reach(here, known):
        unknown = [(status, first) for status, first in within if status.category != DONE and not known(status.id)]
        if unknown:
            _, first = min(unknown, key=lambda it: (abs(_rank(it[0].category) - _rank(category)), it[0].name))
            return _easiest(here, first, known, given)
    return None


def _within_reach(here: str, known: Known) -> Iterator[list[tuple[StatusInfo, str]]]:
    """What one step leads to, then what two lead to, and so on: each status once, with the id of the first on the way
    to it. A done status is an end."""
    seen = {here}
    ahead = [(step.to, step.to.id) for step in known(here)]
    while ahead:
        within: dict[str, tuple[StatusInfo, str]] = {}
        for status, first in ahead:
            if status.id not in seen:
                within.setdefault(status.id, (status, first))
        yield list(within.values())
        seen |= within.keys()
        open_ = [(status, first) for status, first in within.values() if status.category != DONE]
        ahead = [(step.to, first) for status, first in open_ for step in known(status.id)]


def _easiest(here: str, to: str | None, known: Known, given: frozenset[str]) -> Transition | None:
    steps = [step for step in known(here) if step.to.id == to]
    return min(steps, key=lambda step: (len(set(step.required) - given), step.name, step.id), default=None)


def _rank(category: str) -> int:
    return CATEGORY_RANK.get(category, 0)
