"""Provisioning: gather what is on the sites, decide purely, apply one step at a time, and remember what was made.

Nothing is made twice: an intent is kept before each call that makes something, and while an answer is missing the
next run looks for the thing first. What people changed or made is left alone; `mappings.provision` says how.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from sqlalchemy import Connection

from mappings.errors import FarSideError, SignInFailed, Throttled, Unclear
from mappings.evidence_page import READINESS
from mappings.evidence_page.page import brought_up_to_date
from mappings.known_people import known_people
from mappings.provision import (
    Ground,
    Made,
    Plan,
    Seen,
    Step,
    Thing,
    ThingKind,
    Verb,
    decide,
    removal,
    resolved,
    things_of_audit,
    things_of_site,
)
from mappings.provision.pages import body_of, things_of_pages
from mappings.provision.wanted import FIELDS, GADGET_KEYS, projects_of
from mappings.records import LinkState, Value
from mappings.rules import AuditRule, Rules
from mappings.storage import without_region

from . import journal
from .database import Database
from .overview import overview_of
from .sites import home_title
from .store import Store

SITE = "site"
"""What stands before the names of the things that all audits share."""


class Provisioner(Protocol):
    """What is needed of the sites. Raises the errors of `mappings.errors`; no write is repeated by itself."""

    calls: Mapping[ThingKind, int]
    """How many calls making one of each kind takes; what is not in it cannot be made there."""

    def ground(
        self, groups: Collection[str], projects: Collection[str], gadgets: Collection[str], spaces: Collection[str]
    ) -> Ground: ...

    def look(self, ground: Ground, things: Sequence[Thing], made: Mapping[str, Made]) -> list[Seen]: ...

    def make(self, kind: ThingKind, says: Mapping[str, Value], body: str) -> str:
        """The new thing's remote id. `body` is a page's."""

    def finish(self, kind: ThingKind, remote_id: str, says: Mapping[str, Value]) -> None:
        """The second call, where a kind takes one; harmless when repeated."""

    def change(self, seen: Seen, says: Mapping[str, Value], body: str) -> None: ...

    def remove(self, kind: ThingKind, remote_id: str) -> None:
        """Harmless for what is gone already."""


@dataclass(frozen=True, slots=True)
class Survey:
    """Everything a plan is made from."""

    ground: Ground
    things: tuple[Thing, ...]
    made: Mapping[str, Made]
    seen: tuple[Seen, ...]
    now: datetime

    def plan(self, *, force: bool = False) -> Plan:
        return decide(self.things, self.made, self.seen, self.now, self.ground.account_id, force=force)

    def removal(self, audits: Collection[str] | None, *, force: bool = False) -> Plan:
        """How to take all of it away, or what belongs to `audits` alone."""
        made = [each for each in self.made.values() if audits is None or _audit_of(each.name) in audits]
        return removal(made, self.seen, force=force)


class Provisioning:
    """One run. `door` is Tieout's own address where a webhook can be signed and sent to, else None."""

    def __init__(self, db: Database, rules: Rules, provisioner: Provisioner, *, door: str | None, by: str) -> None:
        self._db, self._rules, self._provisioner = db, rules, provisioner
        self._door, self._by = door, by

    def survey(self, audits: Collection[str]) -> Survey:
        """Look at everything, for the open ones of these audits. Writes nothing."""
        rules = {key: self._rules.audit[key] for key in audits if not self._rules.audit[key].is_closed}
        ground = self._ground(rules)
        with self._db.read() as conn:
            every = Store(conn).provisioned.all()
            made = {name: _for_removal(conn, each) for name, each in every.items()}
        ours = {name: each for name, each in made.items() if _audit_of(name) in (SITE, *rules)}
        things = self._things(rules, ground)
        seen = self._provisioner.look(ground, things, ours)
        foreign = _foreign_fields(seen, ours)
        if foreign:
            things = self._things(rules, ground, foreign)
        with self._db.read() as conn:
            return Survey(ground, tuple(things), ours, tuple(seen), self._db.now(conn))

    def apply(self, plan: Plan, told: Callable[[Step, str], None]) -> bool:
        """Do every step, telling of each what became of it; whether all went well. What failed keeps no other back but
        those that need it. Raises SignInFailed and Throttled: nothing more is possible then."""
        with self._db.read() as conn:
            made = Store(conn).provisioned.all()
        ids = {name: each.remote_id for name, each in made.items() if each.remote_id is not None}
        is_well = True
        for step in plan.steps:
            try:
                said = self._do(step, ids)
            except (SignInFailed, Throttled):
                raise
            except Unclear as error:
                is_well, said = False, f"nobody knows whether it was done: {error}; run this again after a minute"
            except FarSideError as error:
                is_well, said = False, f"not done: {error}"
            if said:
                told(step, said)
            is_well = is_well and step.verb is not Verb.WAIT
        return is_well

    def _do(self, step: Step, ids: dict[str, str]) -> str:
        match step.verb:
            case Verb.MAKE if step.thing is not None:
                return self._make(step, step.thing, ids)
            case Verb.CHANGE:
                return self._change(step, ids)
            case Verb.REMOVE if step.remote_id is not None:
                self._provisioner.remove(step.kind, step.remote_id)
                self._forget(step, "taken away")
                return "taken away"
            case Verb.FORGET:
                self._forget(step, "")
            case Verb.KEEP if step.remote_id is not None:
                self._keep_if_new(step, ids)
        return ""

    def _make(self, step: Step, thing: Thing, ids: dict[str, str]) -> str:
        says = resolved(thing.says, ids)
        lacking = [name for name in thing.needs if name not in ids]
        if lacking:
            return f"not made: it needs {lacking[0]}"
        self._begin(step, says)
        try:
            remote_id = self._provisioner.make(step.kind, says, body_of(thing) if thing.regions else "")
        except Unclear:
            raise
        except FarSideError:
            self._forget(step, "")  # the site said no in so many words: there is nothing to look for
            raise
        ids[step.name] = remote_id
        first = {key: value for key, value in says.items() if not key.startswith("config:")}
        self._keep(step, remote_id, first, "made")
        if first != says:
            self._provisioner.finish(step.kind, remote_id, says)
            self._keep(step, remote_id, says, "")
        return "made"

    def _change(self, step: Step, ids: dict[str, str]) -> str:
        if step.seen is None:
            raise RuntimeError(f"expected {step.name} with what the site shows of it; this is a defect of the plan")
        if step.thing is None:  # what was added to a page of the syncs' own is taken off it
            body = without_region(step.seen.body, READINESS)
            self._provisioner.change(step.seen, step.seen.says, body)
            self._forget(step, "taken off")
            return "taken off"
        body = step.seen.body
        if step.thing.regions:
            body = brought_up_to_date(body, step.thing.regions) or body
        self._provisioner.change(step.seen, resolved(step.says, ids), body)
        self._keep(step, step.seen.remote_id, resolved(step.base, ids), "changed")
        ids[step.name] = step.seen.remote_id
        return "changed"

    def _keep_if_new(self, step: Step, ids: dict[str, str]) -> None:
        """Remember what an earlier run made, or wrote, without learning of it."""
        remote_id = step.remote_id or ""
        ids[step.name] = remote_id
        with self._db.read() as conn:
            known = Store(conn).provisioned.all().get(step.name)
        if known is None or known.remote_id != remote_id or known.said != step.base:
            self._keep(step, remote_id, step.base, "found" if step.is_found else "")

    def _begin(self, step: Step, says: Mapping[str, Value]) -> None:
        with self._db.write() as conn:
            Store(conn).provisioned.put(Made(step.name, step.kind, None, says, self._db.now(conn)))

    def _keep(self, step: Step, remote_id: str, said: Mapping[str, Value], what: str) -> None:
        """Remember a thing as it was left. `what` goes to the journal, where it says anything."""
        with self._db.write() as conn:
            store = Store(conn)
            was_there = step.is_found and step.thing is not None and step.thing.is_the_syncs
            known = store.provisioned.all().get(step.name)
            was_there = was_there or (known is not None and known.was_there)
            store.provisioned.put(Made(step.name, step.kind, remote_id, said, None, was_there))
            self._journal(conn, step, what)

    def _forget(self, step: Step, what: str) -> None:
        with self._db.write() as conn:
            Store(conn).provisioned.forget(step.name)
            self._journal(conn, step, what)

    def _journal(self, conn: Connection, step: Step, what: str) -> None:
        if what:
            said, now = f"{step.kind} {what}", self._db.now(conn)
            journal.append(
                conn, who=self._by, what=said, record=None, before=None, after=step.title, why=step.reason, at=now
            )

    def _ground(self, rules: Mapping[str, AuditRule]) -> Ground:
        groups = {audit.provision.group for audit in rules.values() if audit.provision.group is not None}
        projects = sorted({project for audit in rules.values() for project in projects_of(audit)})
        spaces = sorted({audit.space for audit in rules.values()})
        return self._provisioner.ground(groups, projects, list(GADGET_KEYS.values()), spaces)

    def _things(self, rules: Mapping[str, AuditRule], ground: Ground, foreign: Sequence[str] = ()) -> list[Thing]:
        with self._db.read() as conn:
            store, now = Store(conn), self._db.now(conn)
            people = known_people(self._rules, store.people.all())
            overviews = {key: overview_of(store, key, audit, people, now) for key, audit in rules.items()}
        things = things_of_site(self._rules, ground, self._door) if rules else []
        for key, audit in rules.items():
            ours = things_of_audit(key, audit, ground, foreign)
            things += [each for each in ours if each.name.partition("/")[2] not in audit.provision.without]
            things += things_of_pages(audit, overviews[key], ground, home_title(key, audit))
        calls = self._provisioner.calls
        return [replace(each, calls=calls[each.kind]) for each in things if each.kind in calls]


def _audit_of(name: str) -> str:
    return name.partition("/")[0]


def _foreign_fields(seen: Sequence[Seen], made: Mapping[str, Made]) -> list[str]:
    """Names of our fields that fields of other people have, where we have none of our own."""
    names = {shown for _, shown, _, _ in FIELDS}
    fields = [each for each in seen if each.kind is ThingKind.FIELD]
    ids = {each.remote_id for each in made.values()}
    ours = {str(each.says["name"]) for each in fields if each.mark or each.remote_id in ids}
    return sorted(names & {str(each.says["name"]) for each in fields} - ours)


def _for_removal(conn: Connection, made: Made) -> Made:
    """A home page that was provisioned stays once evidence pages stand below it: it is the syncs' from then on."""
    if made.was_there or not made.name.endswith("/home"):
        return made
    store = Store(conn)
    uids = [request.uid for request in store.records.requests(_audit_of(made.name))]
    links = store.links.of(uids).values()
    has_pages = any(link.role == "page" and link.state is LinkState.LIVE for link in links)
    return replace(made, was_there=has_pages)
