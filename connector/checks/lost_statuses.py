"""Statuses that the mapping file names and a project does not have, most often because somebody renamed them.

One finding for each such name, however often it stands in the file. Where the register knows in which status the cards
of that state stood, the finding says what that one is called now.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from connector.checks.catalogue import found
from connector.checks.findings import Finding
from mappings.far import StatusInfo
from mappings.records import Kind
from mappings.rules import StatusNames
from mappings.status_map import ids_by_name

Stood = Mapping[tuple[str, Kind, str], frozenset[str]]
"""The ids of the statuses in which cards stood when both sides last agreed, by project, kind of record and state."""
Place = tuple[Kind, str, tuple[str, ...]]
"""Where the mapping file names a status: for which kind, in which table, for which states."""


def named(names: StatusNames | None) -> dict[str, list[Place]]:
    """Every status that states are shown as or read from, with the places where the mapping file names it."""
    places: dict[str, list[Place]] = {}
    for kind in Kind if names else ():
        shown, read = getattr(names, kind), getattr(names, f"read_{kind}")
        for state, name in shown.items():
            places.setdefault(name, []).append((kind, str(kind), (state,)))
        for name, states in read.items():
            places.setdefault(name, []).append((kind, f"read_{kind}", tuple(states)))
    return places


def check_lost(
    project: str, names: StatusNames | None, statuses: Sequence[StatusInfo], stood: Stood, where: str
) -> Iterator[Finding]:
    """`statuses` are those of all issue types that audits use in the project."""
    there, places = ids_by_name(statuses), named(names)
    taken = {there[name.casefold()] for name in places if name.casefold() in there}
    free = {status.id: status.name for status in statuses if status.id not in taken}
    for name in places:
        if name.casefold() not in there:
            yield _lost(project, name, places[name], free, statuses, stood, where)


def _lost(
    project: str,
    name: str,
    places: Iterable[Place],
    free: Mapping[str, str],
    there_are: Sequence[StatusInfo],
    stood: Stood,
    where: str,
) -> Finding:
    """`free` are the names, by id, of the statuses that the file does not name."""
    states = list(dict.fromkeys(state for _, _, its in places for state in its))
    tables = list(dict.fromkeys(f"`[status.{project}.{table}]`" for _, table, _ in places))
    known = {id_ for kind, _, its in places for state in its for id_ in stood.get((project, kind, state), ())}
    renamed = sorted(known & free.keys())
    words = {"status": name, "project": project, "places": " and ".join(tables), "states": ", ".join(states)}
    if len(renamed) == 1:
        (id_,) = renamed
        told = f"; the one where cards that are {words['states']} stood is called {free[id_]!r} now"
        mend = f'write "{free[id_]}" there, or "{id_}", its id, which stays when it is renamed'
    else:
        told, mend = "", f"write the right one there; the project has {', '.join(status.name for status in there_are)}"
    return found("status-renamed", where, told=told, mend=mend, **words)
