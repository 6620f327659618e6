"""A step of a plan: one thing, what is to be done about it and why; and how values are called in reasons."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from mappings.records import EMPTY, Value

from .things import CALLS, Seen, Thing, ThingKind


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
    theirs: tuple[str, ...] = ()
    """The values that somebody changed."""
    is_found: bool = False
    """Whether it was made by an earlier try, of which nothing is remembered."""

    @property
    def calls(self) -> int:
        """How many calls it takes."""
        if self.verb is Verb.REMOVE:
            return 1
        if self.verb not in (Verb.MAKE, Verb.CHANGE):
            return 0
        return self.thing.calls if self.thing is not None else CALLS[self.kind]


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


def listed(keys: Sequence[str]) -> str:
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
