"""Taking in the auditor's list: all of it or nothing, in one transaction.

The plan is made on the register as that transaction finds it. What changed is journaled and made due in the backfill
lane, behind live work, but for what lies dead: that a live event alone revives, and a new word of the list may be what
mends it. Tasks are made due by the engine once their request has its issue.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from hashlib import sha256

from sqlalchemy import Connection

from mappings.lifecycle import is_settled
from mappings.records import Kind, Person, Record
from mappings.request_list.comparison import in_words
from mappings.request_list.options import ImportOptions
from mappings.request_list.parse import ParsedList, parse_request_list
from mappings.request_list.plan import Action, ImportPlan, PlannedRow, plan_import
from mappings.request_list.reader import read_table
from mappings.rules import AuditRule

from . import journal
from .database import Database, now
from .keys import record_key
from .listed import after_row, as_existing, follow, new_request, new_task
from .store import ImportFile, Stale, Store, Taken
from .work import BACKFILL, LIVE, dead, mark


class ImportRefused(Exception):
    """The list cannot be taken in; nothing was changed. The message says what to do."""


@dataclass(frozen=True, slots=True)
class RequestList:
    """A list as it came: for which audit, the file's name and bytes, who brought it."""

    audit: str
    file_name: str
    content: bytes
    brought_by: str

    @property
    def sha256(self) -> str:
        return sha256(self.content).hexdigest()


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did, or in a dry run would do. A refused plan has no counts."""

    plan: ImportPlan
    counts: Mapping[str, int]


def preview_list(db: Database, listed: RequestList, options: ImportOptions) -> ImportPlan:
    """What importing the list would do. Raises `UnreadableFile` when the file is no list at all."""
    parsed = _parse(db, listed, options)
    with db.read() as conn:
        return _plan(Store(conn), listed.audit, parsed)


def import_list(
    db: Database, listed: RequestList, rule: AuditRule, options: ImportOptions, *, new_uid: Callable[[], str]
) -> Imported:
    """Take the list in, unless its plan is refused: then nothing changes and the plan says why.

    Raises `UnreadableFile`, and ImportRefused when the audit is closed or somebody changed a request meanwhile."""
    if rule.is_closed:
        raise ImportRefused(f"audit {listed.audit} is closed: its list is frozen. Open it again in the mapping file.")
    parsed = _parse(db, listed, options)
    try:
        with db.write() as conn:
            plan = _plan(Store(conn), listed.audit, parsed)
            if plan.is_refused:
                return Imported(plan, {})
            return Imported(plan, _Import(conn, listed, rule, new_uid).carry_out(plan))
    except Stale as error:
        raise ImportRefused(
            "a request was changed while the list was taken in. Nothing was done; try again."
        ) from error
    except Taken as error:
        raise ImportRefused(f"a number of the list is in use as a task's number: {error}. Give it another.") from error


def _parse(db: Database, listed: RequestList, options: ImportOptions) -> ParsedList:
    """The file's items; outside of the writing transaction, as a large workbook takes its time."""
    with db.read() as conn:
        people = Store(conn).people.all().values()
    sheets = read_table(listed.file_name, listed.content)
    return parse_request_list(sheets, replace(options, people=(*options.people, *people)))


def _plan(store: Store, audit: str, parsed: ParsedList) -> ImportPlan:
    people = store.people.all()
    return plan_import(parsed, {record.number: as_existing(record, people) for record in store.records.requests(audit)})


class _Import:
    """One import under way, in one transaction."""

    def __init__(self, conn: Connection, listed: RequestList, rule: AuditRule, new_uid: Callable[[], str]) -> None:
        self._conn = conn
        self._store = Store(conn)
        self._listed = listed
        self._rule = rule
        self._new_uid = new_uid
        self._now = now(conn)
        self._due: set[str] = set()
        self._tasks_made = 0

    def carry_out(self, plan: ImportPlan) -> dict[str, int]:
        requests = {record.number: record for record in self._store.records.requests(self._listed.audit)}
        tasks = self._store.records.tasks_of([record.uid for record in requests.values()])
        self._numbers = {record.number for record in requests.values()} | {row.number for row in plan.rows}
        self._numbers |= {task.number for family in tasks.values() for task in family}
        self._put_people(plan.rows)
        for row in plan.rows:
            if row.number in requests:
                before = requests[row.number]
                self._update(before, row, tasks[before.uid])
            else:
                self._create(row)
        for number in plan.withdrawn:
            self._propose_withdrawn(requests[number], is_proposed=True)
        for number in plan.reinstated:
            self._propose_withdrawn(
                self._store.records.get([requests[number].uid])[requests[number].uid], is_proposed=False
            )
        due = {record_key(uid) for uid in self._due}
        lies_dead = due & {letter.key for letter in dead(self._conn)}
        mark(self._conn, lies_dead, lane=LIVE)
        mark(self._conn, due - lies_dead, lane=BACKFILL)
        return self._remember(plan)

    def _create(self, row: PlannedRow) -> None:
        request = new_request(self._new_uid(), self._listed.audit, row)
        self._store.records.add(request)
        self._due.add(request.uid)
        self._journal(request, "request imported", None, _told(row, 1), row)
        self._make_tasks(request, _owners(request))

    def _update(self, before: Record, row: PlannedRow, tasks: Collection[Record]) -> None:
        after = after_row(before, row)
        if after == before:
            return
        self._store.records.put(after)
        if not row.changes:
            return  # only what the list said last is remembered anew
        self._due.add(after.uid)
        self._journal(after, "request changed by the list", _told(row, 0), _told(row, 1), row)
        for task in tasks:
            self._let_follow(task, before, after, row)
        # A new first owner took the old one's task over just now; only others who were not named before need one.
        known = {*_owners(before), after.owner} if tasks else set()
        self._make_tasks(after, [owner for owner in _owners(after) if owner not in known])

    def _let_follow(self, task: Record, before: Record, after: Record, row: PlannedRow) -> None:
        changed = follow(task, before, after)
        if changed != task:
            self._store.records.put(changed)
            self._due.add(task.uid)
            self._journal(task, "task follows its request", None, None, row)

    def _make_tasks(self, request: Record, owners: Iterable[str]) -> None:
        """A task for each owner the list names. A request without an owner has none, and shows as unowned."""
        if self._rule.tasks == "none" or is_settled(Kind.REQUEST, request.status):
            return
        for owner in owners:
            number = _free_number(request.number, self._numbers)
            self._numbers.add(number)
            task = new_task(self._new_uid(), number, request, owner)
            self._store.records.add(task)
            self._tasks_made += 1
            self._due.add(request.uid)
            self._journal(task, "task made for the owner", None, owner, None)

    def _propose_withdrawn(self, request: Record, *, is_proposed: bool) -> None:
        self._store.records.put(replace(request, is_proposed_withdrawn=is_proposed))
        self._due.add(request.uid)
        what = "proposed as withdrawn" if is_proposed else "no longer proposed as withdrawn"
        self._journal(request, what, not is_proposed, is_proposed, None)

    def _put_people(self, rows: Iterable[PlannedRow]) -> None:
        """Everybody the list names. What is known of somebody is never taken away: a list knows no account ids."""
        known = self._store.people.all()
        named = {person.key: person for row in rows for person in _people(row)}
        for key, person in sorted(named.items()):
            if key not in known:
                self._store.people.put(person)
            elif known[key].name == known[key].email and person.name != person.email:
                self._store.people.put(replace(known[key], name=person.name))

    def _remember(self, plan: ImportPlan) -> dict[str, int]:
        counts = {action.value: plan.count(action) for action in Action if action is not Action.REFUSED}
        counts |= {"tasks": self._tasks_made, "withdrawn": len(plan.withdrawn), "reinstated": len(plan.reinstated)}
        file = self._listed
        is_new = self._store.imports.add(
            ImportFile(file.audit, file.sha256, file.file_name, file.brought_by, self._now, counts)
        )
        if is_new or self._due:
            taken = {"file": file.file_name, "sha256": file.sha256, **counts}
            self._append("list imported", None, None, taken, f"for audit {file.audit}")
        return counts

    def _journal(self, record: Record, what: str, before: object, after: object, row: PlannedRow | None) -> None:
        place = f", row {row.row}" if row else ""
        self._append(what, record.uid, before, after, f"{self._listed.file_name}{place}")

    def _append(self, what: str, record: str | None, before: object, after: object, why: str) -> None:
        who = self._listed.brought_by
        journal.append(self._conn, who=who, what=what, record=record, before=before, after=after, why=why, at=self._now)


def _owners(request: Record) -> tuple[str, ...]:
    """Everybody the list names as owner: the first is the request's owner, the others follow it."""
    return tuple(dict.fromkeys((request.owner, *request.watchers))) if request.owner else ()


def _free_number(request: str, taken: Collection[str]) -> str:
    """The first free of `R-1/1`, `R-1/2` …; an auditor's list may have such numbers itself."""
    place = 1
    while f"{request}/{place}" in taken:
        place += 1
    return f"{request}/{place}"


def _people(row: PlannedRow) -> list[Person]:
    values = [after for _, after in row.changes.values()]
    several = [one for value in values if isinstance(value, tuple) for one in value]
    return [value for value in (*values, *several) if isinstance(value, Person)]


def _told(row: PlannedRow, side: int) -> dict[str, str]:
    """The changes as the journal has them: before (0) or after (1), in words."""
    return {name: in_words(values[side]) for name, values in row.changes.items()}
