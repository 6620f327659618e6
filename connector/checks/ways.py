"""Ways through a workflow: whether a card can be brought from any mapped status to any other, and what that asks for.

The way is the one that the engine would take (`connector.workflows.known_step`), so never through a done status.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from connector.checks.catalogue import found
from connector.checks.findings import Finding
from connector.checks.jira_reading import Flow
from connector.checks.lost_statuses import named
from connector.workflows import DONE, Transition, known_step
from mappings.far import StatusInfo
from mappings.records import Kind, RequestStatus, TaskStatus
from mappings.rules import StatusNames
from mappings.status_map import StatusMap, ids_by_name

FIRST = {Kind.REQUEST: RequestStatus.OPEN, Kind.TASK: TaskStatus.TODO}
"""The state in which a record of each kind begins."""


@dataclass(frozen=True, slots=True)
class Ground:
    """A workflow as far as it could be read. A status that is not in `steps` is one nobody could look at."""

    initial: str
    steps: Mapping[str, tuple[Transition, ...]]

    @classmethod
    def of(cls, flow: Flow | None, looks: Mapping[str, tuple[Transition, ...]], begins: str) -> Ground:
        """From what an administrator may read and what single issues show; the latter counts where it is."""
        steps = dict(flow.steps) if flow else {}
        steps |= {status: seen for status, seen in looks.items() if seen}
        return cls((flow.initial if flow else None) or begins, steps)

    def way(self, start: str, target: str, given: Collection[str]) -> tuple[Transition, ...] | None:
        """The engine's way; None where there is none that is known."""
        here, path = start, list[Transition]()
        while here != target:
            step = known_step(here, target, self._known, frozenset(given))
            if step is None:
                return None
            path.append(step)
            here = step.to.id
        return tuple(path)

    def blind_spots(self, start: str) -> set[str]:
        """The statuses on ways from `start` that nobody could look at."""
        seen, ahead = {start}, [start]
        while ahead:
            fresh = {step.to.id for step in self._known(ahead.pop()) if step.to.category != DONE} - seen
            seen |= fresh
            ahead += sorted(fresh)
        return {status for status in seen if status not in self.steps}

    def _known(self, status: str) -> tuple[Transition, ...]:
        return self.steps.get(status, ())


@dataclass(frozen=True, slots=True)
class Talk:
    """The words that all findings about one kind of record in one project and issue type share."""

    where: str
    project: str
    issue_type: str
    kind: Kind


@dataclass(frozen=True, slots=True)
class Way:
    """How a card gets from one status to another, by names."""

    where: str
    issue_type: str
    kind: Kind
    start: str
    target: str
    steps: tuple[str, ...]
    """The transitions to take; none where no way is known."""
    asks_for: tuple[str, ...]
    """The fields that their screens require."""


def ways_between(talk: Talk, ground: Ground, status_map: StatusMap) -> Iterator[Way]:
    mapped = list(dict.fromkeys(status_map.shown.values()))
    for start in mapped:
        for target in mapped:
            steps = ground.way(start, target, ()) or ()
            asks_for = tuple(dict.fromkeys(f"{name} ({id_})" for step in steps for id_, name in step.required.items()))
            names = status_map.name(start), status_map.name(target)
            if start != target:
                yield Way(talk.where, talk.issue_type, talk.kind, *names, tuple(step.name for step in steps), asks_for)


def check_ways(
    talk: Talk, ground: Ground, status_map: StatusMap, names: StatusNames | None, unseen_ways: tuple[str, str]
) -> Iterator[Finding]:
    """`unseen_ways` says why not all of a workflow may be known, and what can be done about it."""
    shown = status_map.shown
    mapped = list(dict.fromkeys(shown.values()))
    blind: set[str] = set()
    for target in mapped:
        given = _given(names, {status_map.name(target).casefold(), target})
        ways = {start: ground.way(start, target, given) for start in {*mapped, ground.initial} - {target}}
        lost = [start for start, way in ways.items() if way is None]
        unseen = {start: ground.blind_spots(start) for start in lost}
        blind |= set().union(*unseen.values())
        dead_ends = [start for start in lost if not unseen[start]]
        yield from _unreachable(talk, ground, status_map, target, dead_ends)
        yield from _lacking(talk, status_map, target, {start: way for start, way in ways.items() if way}, given)
    if blind:
        statuses = ", ".join(sorted(status_map.name(status) for status in blind))
        said, mend = unseen_ways
        words = {"issue_type": talk.issue_type, "statuses": statuses, "said": said, "mend": mend}
        yield found("workflow-not-known", talk.where, **words)


def check_names(talk: Talk, names: StatusNames | None, statuses: Sequence[StatusInfo]) -> Iterator[Finding]:
    """Names under `transition_fields` that no status of the project has."""
    there = ids_by_name(statuses)
    lost = {name.casefold() for name in named(names)}
    for name in names.transition_fields if names else ():
        if name.casefold() not in {*there, *lost}:
            shown = ", ".join(status.name for status in statuses)
            yield found("transition-status-unknown", talk.where, status=name, there=shown, project=talk.project)


def _given(names: StatusNames | None, called: Collection[str]) -> frozenset[str]:
    fields = names.transition_fields if names else {}
    return frozenset(id_ for name, wanted in fields.items() if name.casefold() in called for id_ in wanted)


def _unreachable(
    talk: Talk, ground: Ground, status_map: StatusMap, target: str, dead_ends: Sequence[str]
) -> Iterator[Finding]:
    states = ", ".join(state for state, status in status_map.shown.items() if status == target)
    words = {
        "status": status_map.name(target),
        "states": states,
        "issue_type": talk.issue_type,
        "project": talk.project,
        "kind": talk.kind,
    }
    if ground.initial in dead_ends:
        yield found("status-unreachable", talk.where, start=status_map.name(ground.initial), **words)
    elif dead_ends:
        sources = ", ".join(sorted(status_map.name(start) for start in dead_ends))
        yield found("transition-unreachable", talk.where, sources=sources, **words)


def _lacking(
    talk: Talk, status_map: StatusMap, target: str, ways: Mapping[str, tuple[Transition, ...]], given: Collection[str]
) -> Iterator[Finding]:
    """Each field once that some step to the target asks for and nothing gives."""
    told: set[str] = set()
    for start, way in sorted(ways.items()):
        path = " → ".join([status_map.name(start), *(step.to.name for step in way)])
        for step in way:
            for id_, name in step.required.items():
                if id_ not in given and id_ not in told:
                    told.add(id_)
                    status = status_map.name(target)
                    words = {"field": name, "id": id_, "status": status, "step": step.name, "path": path}
                    yield found("transition-field-unfilled", talk.where, project=talk.project, **words)
