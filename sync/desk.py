"""The coordinator's acts on the register: decided purely, kept in one transaction, journaled, and made due at once.

No site is asked or told here: the next run of the engine brings them in step. Either an act is done or nothing changed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from difflib import get_close_matches

from sqlalchemy import Connection

from mappings.context import AuditContext, Family, Intake
from mappings.coordinator import NotAllowed, Word, withdraw
from mappings.records import Record
from mappings.rules import AuditRule
from mappings.working_days import WorkCalendar

from .database import Database
from .intake import remember
from .scene import load_families, request_uid
from .store import Stale, Store

GONE_FROM_LIST = "It is gone from the auditor's list."
"""Why a request is withdrawn that an import proposed as withdrawn, where nobody says it in other words."""

_TRIES = 3


class DeskRefused(Exception):
    """What was asked for cannot be done; nothing was changed. The message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Audit:
    """The audit that is acted on: its key and its rules."""

    key: str
    rule: AuditRule

    def context(self, db: Database, conn: Connection) -> AuditContext:
        """The audit as decisions see it now. Nobody is asked for accounts that the register does not know."""
        people = Store(conn).people.all()
        return AuditContext(self.key, self.rule, people, WorkCalendar.of(self.rule), db.now(conn))


Decide = Callable[[Record, Family, AuditContext], Intake]
"""What is to become of a record's family. Raises NotAllowed."""


@dataclass(frozen=True, slots=True)
class Done:
    """An act that was kept: the record as it was and is, and the others of its family that changed with it."""

    before: Record
    after: Record
    others: tuple[Record, ...]


@dataclass(frozen=True, slots=True)
class Withdrawals:
    """What became of the requests that were proposed as withdrawn, by number; of those refused, why."""

    done: tuple[str, ...]
    refused: Mapping[str, str]


def decide(db: Database, audit: Audit, number: str, act: Decide) -> Done:
    """Do one act on the request or task of that number. Raises DeskRefused."""
    for _ in range(_TRIES):
        with suppress(Stale):
            return _decide_once(db, audit, number, act)
    raise DeskRefused(f"{number} is being changed by somebody else just now: try again")


def _decide_once(db: Database, audit: Audit, number: str, act: Decide) -> Done:
    with db.write() as conn:
        store = Store(conn)
        before = find_record(store, audit.key, number)
        family = load_families(store, [request_uid(before)])[request_uid(before)]
        ctx = audit.context(db, conn)
        try:
            intake = act(before, family, ctx)
        except NotAllowed as error:
            raise DeskRefused(f"{number}: {error}") from error
        remember(conn, store, family, intake, ctx)
    old = {record.uid: record for record in family.records}
    after = {record.uid: record for record in intake.family.records}
    others = tuple(record for uid, record in after.items() if uid != before.uid and record != old[uid])
    return Done(before, after[before.uid], others)


def proposed_withdrawals(store: Store, audit: str) -> tuple[Record, ...]:
    """Requests that an import no longer found on the list, and nobody has said a word about yet."""
    return tuple(request for request in store.records.requests(audit) if request.is_proposed_withdrawn)


def withdraw_proposed(db: Database, audit: Audit, numbers: Collection[str], word: Word) -> Withdrawals:
    """Confirm those proposed withdrawals of `numbers` that may be made, in one transaction. Raises DeskRefused."""
    done: list[str] = []
    refused: dict[str, str] = {}
    try:
        with db.write() as conn:
            store = Store(conn)
            ctx = audit.context(db, conn)
            proposed = proposed_withdrawals(store, audit.key)
            uids = [request.uid for request in proposed if request.number in numbers]
            families = load_families(store, uids)
            for family in (families[uid] for uid in uids):
                try:
                    intake = withdraw(family, ctx, word)
                except NotAllowed as error:
                    refused[family.request.number] = str(error)
                    continue
                remember(conn, store, family, intake, ctx)
                done.append(family.request.number)
    except Stale as error:
        raise DeskRefused("a request was changed meanwhile: nothing was withdrawn, try again") from error
    return Withdrawals(tuple(done), refused)


def find_record(store: Store, audit: str, number: str) -> Record:
    """The request or task of that number. Raises DeskRefused, naming the numbers that are near it."""
    found = store.records.by_number(audit, [number]).get(number)
    if found is not None:
        return found
    by_number = {record.number: record for record in store.records.get(store.records.uids(audit)).values()}
    if number not in by_number:
        raise DeskRefused(_no_such_number(audit, number, by_number))
    return by_number[number]


def _no_such_number(audit: str, number: str, known: Iterable[str]) -> str:
    by_sound = {_without_padding(each): each for each in sorted(known)}
    if not by_sound:
        return f"audit {audit} has no requests yet: take in the auditor's list with `tieout import`"
    near = [by_sound[each] for each in get_close_matches(_without_padding(number), by_sound, n=4, cutoff=0.6)]
    hint = f"near it are {', '.join(near)}" if near else f"it has {len(by_sound)} others"
    return f"audit {audit} has no request or task {number}; {hint}"


def _without_padding(number: str) -> str:
    """`R-001` and `r-1` alike."""
    return re.sub(r"0+(?=[0-9])", "", number.lower())
