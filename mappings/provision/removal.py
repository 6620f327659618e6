"""What is taken away again, and what is left: what people changed, stand on, or need for something that is left."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from .steps import Plan, Step, Verb, listed
from .things import Made, Seen, ThingKind

WORDS_ONLY = ("shown",)
"""Values that no site has: they are there for people to read."""


def dropped(made: Iterable[Made], seen: Iterable[Seen], *, force: bool) -> Iterable[Step]:
    """What the mapping file wants no more, or cannot have just now: a passing reason must not cost anything."""
    why = "it is not wanted, or cannot be had, any more"
    if force:
        return removal(made, seen, force=force, why=why).steps
    left = f"{why}: left (--force takes it away)"
    return [Step(Verb.LEAVE, each.name, each.kind, _title(each), left, each.remote_id) for each in made]


def removal(made: Iterable[Made], seen: Iterable[Seen], *, force: bool = False, why: str = "Tieout made it") -> Plan:
    """How to take away what was made, last made first. What people changed, or what something left needs, is left."""
    by_id = {(each.kind, each.remote_id): each for each in seen}
    order = list(ThingKind)
    steps: list[Step] = []
    needed: set[tuple[ThingKind, str]] = set()
    for each in sorted(made, key=lambda one: (order.index(one.kind), one.name), reverse=True):
        step = _removed(each, by_id.get((each.kind, each.remote_id or "")), needed, force=force, why=why)
        if step.verb is Verb.LEAVE:
            needed |= set(_used_by(each))
        steps.append(step)
    return Plan(tuple(steps))


def _used_by(made: Made) -> Iterator[tuple[ThingKind, str]]:
    """The things that a thing that stays names by their ids."""
    for key, value in made.said.items():
        for kind, keys in _POINTERS.items():
            if key in keys and isinstance(value, str):
                yield kind, value.removeprefix("filter-")


_POINTERS = {
    ThingKind.FILTER: ("filter", "config:filterId", "config:projectOrFilterId"),
    ThingKind.DASHBOARD: ("dashboard",),
    ThingKind.FIELD: ("field", "config:statType"),
}
"""Under which of a thing's values another one's id stands."""


def _removed(made: Made, there: Seen | None, needed: set[tuple[ThingKind, str]], *, force: bool, why: str) -> Step:
    def step(verb: Verb, reason: str) -> Step:
        return Step(verb, made.name, made.kind, _title(made), reason, made.remote_id, made.said, seen=there)

    if made.remote_id is None:
        return step(Verb.FORGET, "it never came to be")
    if there is None:
        return step(Verb.FORGET, "it is gone already")
    if made.was_there:
        return step(Verb.CHANGE, "it is the syncs' own: only what was added to it goes")
    changed = [key for key, value in made.said.items() if key not in WORDS_ONLY and there.says.get(key) != value]
    if changed and not force:
        return step(Verb.LEAVE, f"somebody changed {listed(changed)}: left (--force takes it away)")
    if there.guests and not force:
        return step(Verb.LEAVE, f"{there.guests} of other people stand on it: left (--force takes it away)")
    if (made.kind, made.remote_id) in needed and not force:
        return step(Verb.LEAVE, "something that is left uses it")
    lost = "; what issues say in it is in Jira's trash for 60 days" if made.kind is ThingKind.FIELD else ""
    return step(Verb.REMOVE, why + lost)


def _title(made: Made) -> str:
    return str(made.said.get("title") or made.said.get("shown") or made.said.get("name") or made.name)
