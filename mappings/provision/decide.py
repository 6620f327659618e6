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

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from mappings.evidence_page.page import brought_up_to_date
from mappings.records import EMPTY, Value

from .removal import dropped
from .steps import Plan, Step, Verb, listed
from .things import KEYS, Made, Seen, Thing, ThingKind, resolved

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
    unwanted = [each for name, each in made.items() if name not in wanted and each.remote_id is not None]
    return Plan((*steps, *dropped(unwanted, view.seen, force=force)))


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
            what = f"{listed(ours)}{put_back}" if ours else "its tables say something older"
            step = _step(Verb.CHANGE, thing, what, there=there, says=after, base=base, is_drift=bool(theirs))
            return replace(step, theirs=tuple(theirs))
        if theirs:
            why = f"somebody changed {listed(theirs)}: left as it is (--force puts it back)"
            step = _step(Verb.LEAVE, thing, why, there=there, says=there.says, base=said, is_drift=True)
            return replace(step, theirs=tuple(theirs))
        return _step(Verb.KEEP, thing, "as it should be", there=there, says=says, base=says)


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
