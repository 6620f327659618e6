"""What to do about each thing: make it, change it, keep it, or leave it alone, each with its reason in words.

The law is that of sync, with a base for each thing: what was last written. A value that a person changed since is
theirs: it is shown and stays, unless `force` is said. What somebody took away is not made again, what somebody else
made under the same name is not touched, and after an answer that was lost nothing is made before it was looked for.

| there says | as last written | as wanted | do |
|---|---|---|---|
| as wanted | – | – | keep |
| something else | yes | no | change |
| something else | no | – | leave: a person's |
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from mappings.evidence_page.page import brought_up_to_date
from mappings.records import EMPTY, Value

from .things import CALLS, KEYS, Made, Seen, Thing, ThingKind, resolved

SETTLES_AFTER = timedelta(seconds=60)
"""How long after a lost answer what it was about may still appear."""

PEOPLES = {ThingKind.PAGE: ("people", "parent")}
"""Values that are never written again: they tell only, before a thing is taken away, whether people used it."""

NEVER_CHANGED: Mapping[ThingKind, tuple[str, ...]] = {
    ThingKind.FIELD: ("type",),
    ThingKind.GADGET: ("dashboard", "uri"),
    ThingKind.BOARD: ("name", "filter", "project", "type"),
    ThingKind.PLACE: ("screen", "field", "shown"),
}
"""Values that no call changes once a thing is there."""
WORDS_ONLY = ("shown",)
"""Values that no site has: they are there for people to read."""


class Verb(StrEnum):
    MAKE = "make"
    CHANGE = "change"
    KEEP = "keep"
    LEAVE = "leave"
    WAIT = "wait"
    REMOVE = "remove"
    FORGET = "forget"


@dataclass(frozen=True, slots=True)
class Step:
    """What is to be done about one thing. `says` is what it is to say afterwards, with ids where they are known."""

    verb: Verb
    name: str
    kind: ThingKind
    title: str
    reason: str
    remote_id: str | None = None
    says: Mapping[str, Value] = field(default_factory=lambda: EMPTY)
    base: Mapping[str, Value] = field(default_factory=lambda: EMPTY)
    """What to remember as last written: where a person's value stays, the one before it."""
    thing: Thing | None = None
    seen: Seen | None = None
    is_drift: bool = False
    """Whether the site is no longer as Tieout left it."""
    is_found: bool = False
    """Whether it was made by an earlier try, of which nothing is remembered."""

    @property
    def calls(self) -> int:
        """How many calls it takes."""
        if self.verb is Verb.REMOVE:
            return 1
        return CALLS[self.kind] if self.verb in (Verb.MAKE, Verb.CHANGE) else 0


@dataclass(frozen=True, slots=True)
class Plan:
    steps: tuple[Step, ...]

    @property
    def calls(self) -> int:
        return sum(step.calls for step in self.steps)

    @property
    def is_empty(self) -> bool:
        """Whether nothing is to be written, remembered or waited for."""
        return all(step.verb in (Verb.KEEP, Verb.LEAVE) and not step.is_found for step in self.steps)

    @property
    def drift(self) -> tuple[Step, ...]:
        return tuple(step for step in self.steps if step.is_drift)


def decide(
    things: Sequence[Thing],
    made: Mapping[str, Made],
    seen: Iterable[Seen],
    now: datetime,
    account_id: str,
    *,
    force: bool = False,
) -> Plan:
    """A step for each thing, in the order of making. `made` by name; `account_id` is Tieout's own."""
    view = _View(made, tuple(seen), now, account_id, force)
    steps: list[Step] = []
    for thing in sorted(things, key=lambda each: list(ThingKind).index(each.kind)):
        step = view.step(thing)
        steps.append(step)
        view.note(step)
    wanted = {thing.name for thing in things}
    dropped = [each for name, each in made.items() if name not in wanted and each.remote_id is not None]
    return Plan((*steps, *_dropped(dropped, view.seen, force=force)))


class _View:
    """Everything known, and what will be there once the steps so far are done."""

    def __init__(
        self, made: Mapping[str, Made], seen: tuple[Seen, ...], now: datetime, account_id: str, force: bool
    ) -> None:
        self.made, self.seen, self.now, self.account_id, self.force = made, seen, now, account_id, force
        self.ids = {name: each.remote_id for name, each in made.items() if each.remote_id is not None}
        self.unmade: dict[str, str] = {}
        self._taken = {(each.kind, each.remote_id) for each in made.values()}

    def note(self, step: Step) -> None:
        if step.verb is Verb.MAKE:
            self.ids.pop(step.name, None)  # it will have another id than the one that is gone
        elif step.verb in (Verb.KEEP, Verb.CHANGE) and step.remote_id:
            self.ids[step.name] = step.remote_id
        elif not (step.verb is Verb.LEAVE and step.remote_id and step.seen):
            self.unmade[step.name] = step.title
            self.ids.pop(step.name, None)

    def step(self, thing: Thing) -> Step:
        lacking = [self.unmade[name] for name in thing.needs if name in self.unmade]
        if lacking:
            return _step(Verb.LEAVE, thing, f"it needs {lacking[0]}, which is not there")
        says = resolved(thing.says, self.ids)
        known = self.made.get(thing.name)
        if known is not None and known.remote_id is not None:
            there = self._by_id(thing.kind, known.remote_id)
            return self._gone(thing, says) if there is None else self._compared(thing, says, known.said, there)
        return self._first(thing, says, known)

    def _first(self, thing: Thing, says: dict[str, Value], known: Made | None) -> Step:
        """About a thing of which no id is remembered."""
        is_begun = known is not None and known.intent_at is not None
        own = self._own(thing, says, is_begun=is_begun)
        if own is not None:
            step = self._compared(thing, says, own.says, own)
            why = "the syncs' own page" if thing.is_the_syncs else "an earlier run made it"
            return replace(step, reason=why, is_found=True, is_drift=False)
        if known is not None and known.intent_at is not None and self.now < known.intent_at + SETTLES_AFTER:
            waits = (known.intent_at + SETTLES_AFTER - self.now).total_seconds()
            why = f"an earlier try may still take effect: run this again in {waits:.0f} seconds"
            return _step(Verb.WAIT, thing, why)
        other = self._namesake(thing, says)
        if other is not None and not self._may_share_its_name(thing, other):
            return _step(Verb.LEAVE, thing, _NAMESAKES[thing.kind])
        note = "; one of this name is somebody else's and is left alone" if other is not None else ""
        return _step(Verb.MAKE, thing, thing.why + note, says=says)

    def _own(self, thing: Thing, says: Mapping[str, Value], *, is_begun: bool) -> Seen | None:
        """What is there of the thing already: by its mark, else, once it was begun, by what it says."""
        of_kind = [each for each in self.seen if each.kind is thing.kind and not self._is_taken(each)]
        by_mark = next((each for each in of_kind if each.mark == thing.name), None)
        if by_mark is not None or not is_begun:
            return by_mark
        return next((each for each in of_kind if not each.mark and _is_same(thing.kind, says, each)), None)

    def _is_taken(self, seen: Seen) -> bool:
        return (seen.kind, seen.remote_id) in self._taken

    def _namesake(self, thing: Thing, says: Mapping[str, Value]) -> Seen | None:
        of_kind = [each for each in self.seen if each.kind is thing.kind and not self._is_taken(each)]
        return next((each for each in of_kind if _is_same(thing.kind, says, each)), None)

    def _may_share_its_name(self, thing: Thing, other: Seen) -> bool:
        if thing.kind is ThingKind.FILTER:
            return other.owner != self.account_id
        return thing.kind in (ThingKind.DASHBOARD, ThingKind.BOARD)

    def _by_id(self, kind: ThingKind, remote_id: str) -> Seen | None:
        return next((each for each in self.seen if each.kind is kind and each.remote_id == remote_id), None)

    def _gone(self, thing: Thing, says: dict[str, Value]) -> Step:
        if self.force:
            return _step(Verb.MAKE, thing, "somebody took it away; made again", says=says)
        return _step(Verb.LEAVE, thing, "somebody took it away (--force makes it again)", is_drift=True)

    def _compared(self, thing: Thing, says: dict[str, Value], said: Mapping[str, Value], there: Seen) -> Step:
        """The three-way comparison, value by value."""
        fixed = (*NEVER_CHANGED.get(thing.kind, ()), *PEOPLES.get(thing.kind, ()))
        apart = [key for key, value in says.items() if key not in fixed and there.says.get(key) != value]
        theirs = [key for key in apart if there.says.get(key) != said.get(key)]
        ours = [key for key in apart if key not in theirs or self.force]
        is_old = bool(thing.regions) and brought_up_to_date(there.body, thing.regions) is not None
        if ours or is_old:
            kept = () if self.force else theirs
            after = {key: there.says.get(key) if key in kept else value for key, value in says.items()}
            base = {key: said.get(key) if key in kept else value for key, value in says.items()}
            put_back = " put back" if set(ours) & set(theirs) else ""
            what = f"{_listed(ours)}{put_back}" if ours else "its tables say something older"
            return _step(Verb.CHANGE, thing, what, there=there, says=after, base=base, is_drift=bool(theirs))
        if theirs:
            why = f"somebody changed {_listed(theirs)}: left as it is (--force puts it back)"
            return _step(Verb.LEAVE, thing, why, there=there, says=there.says, base=said, is_drift=True)
        return _step(Verb.KEEP, thing, "as it should be", there=there, says=says, base=says)


def _dropped(made: Iterable[Made], seen: Iterable[Seen], *, force: bool) -> Iterable[Step]:
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
    for each in sorted(made, key=lambda one: (-order.index(one.kind), one.name)):
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
        return step(Verb.LEAVE, f"somebody changed {_listed(changed)}: left (--force takes it away)")
    if there.guests and not force:
        return step(Verb.LEAVE, f"{there.guests} of other people stand on it: left (--force takes it away)")
    if (made.kind, made.remote_id) in needed and not force:
        return step(Verb.LEAVE, "something that is left uses it")
    lost = "; what issues say in it is in Jira's trash for 60 days" if made.kind is ThingKind.FIELD else ""
    return step(Verb.REMOVE, why + lost)


def _title(made: Made) -> str:
    return str(made.said.get("title") or made.said.get("shown") or made.said.get("name") or made.name)


_NAMESAKES = {
    ThingKind.FILTER: "Tieout's account has a filter of this name that provision did not make: rename or delete it",
    ThingKind.FIELD: "there is a field of this name that Tieout did not make; labels say what it would",
    ThingKind.PLACE: "it is on this screen already, and Tieout did not put it there",
    ThingKind.WEBHOOK: "there is a webhook to this address that Tieout did not make: it will do",
    ThingKind.PAGE: "there is a page of this title that Tieout did not make: rename it",
    ThingKind.GADGET: "there is a gadget of this title that Tieout did not make",
}


def _is_same(kind: ThingKind, says: Mapping[str, Value], seen: Seen) -> bool:
    return all(says.get(key) == seen.says.get(key) for key in KEYS[kind])


def _listed(keys: Sequence[str]) -> str:
    """Names of values as people read them."""
    return ", ".join(
        dict.fromkeys(_WORDS.get(key, "its settings" if key.startswith("config:") else key) for key in keys)
    )


_WORDS = {
    "jql": "the query",
    "shares": "whom it is shown to",
    "people": "what people wrote on it",
    "is_enabled": "whether it is switched on",
    "is_signed": "its secret",
    "parent": "where it stands",
    "row": "its place",
    "column": "its place",
}


def _step(
    verb: Verb,
    thing: Thing,
    reason: str,
    *,
    there: Seen | None = None,
    says: Mapping[str, Value] = EMPTY,
    base: Mapping[str, Value] = EMPTY,
    is_drift: bool = False,
) -> Step:
    remote_id = there.remote_id if there else None
    return Step(verb, thing.name, thing.kind, thing.title, reason, remote_id, says, base, thing, there, is_drift)
