"""The loop: gather what every side says now, take it in, decide what to write, write it, settle what succeeded.

The unit of work is a set of keys. A record that fails does not hold up the others; a site that fails holds up all.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TypeVar

from mappings.actions import Action, AttachFile, CreateIssue, EditIssue, LetGo, MoveIssue, PostComment, Watch, WritePage
from mappings.context import AuditContext
from mappings.errors import FarSideError, Gone, ReadAgain, Refused
from mappings.page_intake import version_read
from mappings.records import Evidence, Kind, Link, LinkRole, Person, Record
from mappings.storage import NotStorage

from .apply import Applier
from .brake import Brakes
from .collect import Collector
from .create import Creator
from .database import Database
from .facets import ALL
from .intake import Surroundings, take_in_family
from .keys import record_key
from .planner import Board, Links, Planner, load_boards
from .scene import FarSides, gather, is_for_all, load_families, request_uid
from .sites import Sites
from .store import Stale, Store
from .vault import Vault
from .work import LIVE, mark

A = TypeVar("A", bound=Action)

RACES = 2
"""How often in one run a record is read again at once because somebody else's write was faster than ours."""


@dataclass(slots=True)
class Outcome:
    """What a run did: writes made (or, in a dry run, that would be made), and what failed, by record."""

    actions: list[Action] = field(default_factory=list)
    failures: dict[str, FarSideError] = field(default_factory=dict)
    keep_alive: Callable[[], None] = lambda: None
    overtaken: dict[str, LinkRole] = field(default_factory=dict)
    """By record, the counterpart to which somebody else wrote before our own write (409)."""


@dataclass(frozen=True, slots=True)
class Run:
    """One set of records with what was read about them."""

    facets: Mapping[str, int]
    """The records asked for, with the parts of their pages that were read."""
    asked: Mapping[str, Sequence[str]]
    """The same records by the request at the head of their family."""
    records: Mapping[str, Record]
    """Each of them as it was when the run began."""
    contexts: Mapping[str, AuditContext]
    """By audit key."""
    links: Links
    far: FarSides

    @property
    def families(self) -> list[str]:
        return sorted(self.asked)

    def ctx(self, uid: str) -> AuditContext:
        """The audit around a record that was asked for."""
        return self.contexts[self.records[uid].audit]


class _RollBack(Exception):
    """Ends a dry run's transaction without keeping anything."""


class Engine:
    """Reconciles sets of records. One for each worker thread, as its sites are."""

    def __init__(self, db: Database, sites: Sites, vault: Vault) -> None:
        self._db = db
        self._sites = sites
        self._vault = vault
        self._brakes = Brakes(db, sites)

    def run(self, facets: Mapping[str, int], keep_alive: Callable[[], None] = lambda: None) -> Outcome:
        """Bring the records `facets` (uid to the parts of its page to read) in step with their counterparts.

        `keep_alive` is called before anything is kept or written to a site and raises when the work is no longer ours
        to do. Raises what a whole site answers (SignInFailed, Throttled, TryLater on reading); what concerns one record
        is in the outcome. Running it again at once writes nothing."""
        run = self._prepare(facets)
        run = replace(run, far=self._brakes.believed(run.links, run.far))
        outcome = Outcome(failures=dict(run.far.troubles), keep_alive=keep_alive)
        self._take_in(run, outcome)
        self._make(run, outcome)
        self._write(run, outcome)
        for _ in range(RACES):
            if outcome.overtaken:
                self._write_after_all(run, outcome)
        self._escalate(run, outcome)
        self._agree(run, outcome)
        return outcome

    def plan(self, uids: Iterable[str]) -> Outcome:
        """What `run` would write for these records, without writing anything anywhere."""
        run, outcome = self._prepare(dict.fromkeys(uids, ALL)), Outcome()
        planner = Planner(self._sites, run.facets, run.far)
        try:
            with self._db.write() as conn:
                store = Store(conn)
                for request in run.families:
                    take_in_family(conn, request, run.asked[request], run.far, self._around(run, request), ())
                for board in load_boards(store, run.families, run.contexts):
                    outcome.actions += planner.new_page(board, is_preview=True)
                    for kind in Kind:
                        outcome.actions += planner.new_issues(board, kind, is_preview=True)
                    outcome.actions += planner.new_escalations(board)
                    outcome.actions += planner.writes(store, board)
                raise _RollBack
        except _RollBack:
            return outcome

    def _prepare(self, facets: Mapping[str, int]) -> Run:
        with self._db.read() as conn:
            store = Store(conn)
            records = store.records.get(facets)
            heads: dict[str, list[str]] = {}
            for uid, record in sorted(records.items()):
                heads.setdefault(request_uid(record), []).append(uid)
            families = load_families(store, heads)
            links = store.links.of([record.uid for family in families.values() for record in family.records])
            people = self._sites.people(store.people.all())
            now = self._db.now(conn)
        found = self._sites.find_accounts(people.values())
        if found:
            self._keep_people(found)
            people |= {person.key: person for person in found}
        audits = {record.audit for record in records.values()}
        contexts = {audit: self._sites.context(audit, people, now) for audit in audits}
        asked = {uid: facets[uid] for uid in records}
        return Run(
            asked, heads, records, contexts, links, gather(links, asked, self._sites.jira, self._sites.confluence)
        )

    def _keep_people(self, people: Iterable[Person]) -> None:
        with self._db.write() as conn:
            for person in people:
                Store(conn).people.put(person)

    def _around(self, run: Run, request: str) -> Surroundings:
        ctx = run.ctx(run.asked[request][0])
        return Surroundings(
            ctx, self._sites.words_of, self._sites.rules.jira.url.rstrip("/"), self._sites.space_of(ctx.key)
        )

    def _take_in(self, run: Run, outcome: Outcome) -> None:
        collector = Collector(self._sites.jira, self._sites.confluence, self._vault)
        with self._db.read() as conn:
            store = Store(conn)
            new = {
                request: collector.find(store, request, asked, run.links, run.far, run.ctx(asked[0]))
                for request, asked in run.asked.items()
            }
        for request, asked in sorted(run.asked.items()):
            try:
                around = self._around(run, request)
                _learn_words(run, asked, around)
                files = collector.take(new[request], outcome.keep_alive)
                outcome.keep_alive()
                self._judge(run, request, around, files)
            except NotStorage as error:
                outcome.failures |= dict.fromkeys(asked, Refused(f"the page cannot be read: {error}"))
            except FarSideError as error:
                if is_for_all(error):
                    raise
                outcome.failures |= dict.fromkeys(asked, error)

    def _judge(self, run: Run, request: str, around: Surroundings, files: Collection[Evidence]) -> None:
        """Take one family in; when another worker changed it in between, judge again on what it made of it."""
        for is_last in (False, False, True):
            try:
                with self._db.write() as conn:
                    take_in_family(conn, request, run.asked[request], run.far, around, files)
            except Stale:
                if is_last:
                    raise
            else:
                return

    def _make(self, run: Run, outcome: Outcome) -> None:
        """Counterparts that do not exist yet, each kind after the one it refers to."""
        creator = Creator(self._db, self._sites, outcome.keep_alive, run.facets)
        planner = Planner(self._sites, run.facets, run.far)
        for page in self._decide(run, outcome, lambda board, _: planner.new_page(board)):
            self._try(page, outcome, creator.page)
        self._make_issues(
            creator, self._decide(run, outcome, lambda b, _: planner.new_issues(b, Kind.REQUEST)), outcome
        )
        self._make_issues(creator, self._decide(run, outcome, lambda b, _: planner.new_issues(b, Kind.TASK)), outcome)

    def _make_issues(self, creator: Creator, wanted: list[CreateIssue], outcome: Outcome) -> None:
        failures = creator.issues(wanted)
        outcome.failures |= failures
        outcome.actions += [action for action in wanted if action.record not in failures]

    def _write(self, run: Run, outcome: Outcome) -> None:
        applier = Applier(self._db, self._sites.jira, self._sites.confluence, self._vault, outcome.keep_alive)
        planner = Planner(self._sites, run.facets, run.far)
        for action in self._decide(run, outcome, lambda board, store: planner.writes(store, board)):
            self._try(action, outcome, partial(applier.apply, ctx=run.ctx(action.record)))

    def _write_after_all(self, run: Run, outcome: Outcome) -> None:
        """Read again what somebody else has just written, take that in, and write what is wanted on top of it."""
        overtaken, outcome.overtaken = outcome.overtaken, {}
        for uid in overtaken:
            del outcome.failures[uid]
        again = self._read_again(run, overtaken)
        before = self._versions(overtaken)
        self._take_in(again, outcome)
        self._write(again, outcome)
        after = self._versions(overtaken)
        with self._db.write() as conn:  # what the counterpart that was not read again must hear, the next run says
            mark(conn, [record_key(uid) for uid in overtaken if before[uid] != after[uid]], lane=LIVE)

    def _read_again(self, run: Run, overtaken: Mapping[str, LinkRole]) -> Run:
        """The run of the records that were overtaken. It shows nothing of a counterpart that the run has written to:
        what was read before that is old, and our own words are none of anybody's."""
        mine = {head: [uid for uid in uids if uid in overtaken] for head, uids in run.asked.items()}
        asked = {head: uids for head, uids in mine.items() if uids}
        with self._db.read() as conn:
            store = Store(conn)
            families = load_families(store, asked)
            links = store.links.of([record.uid for family in families.values() for record in family.records])
        read = {(uid, role): link for (uid, role), link in links.items() if overtaken.get(uid) is role}
        far = gather(read, dict.fromkeys(overtaken, 0), self._sites.jira, self._sites.confluence)
        far = self._brakes.believed(read, far)
        unwritten = [links.get((uid, LinkRole.PAGE)) for uid, role in overtaken.items() if role is LinkRole.ISSUE]
        ids = {link.remote_id for link in unwritten if link}
        pages = {id_: page for id_, page in run.far.pages.items() if id_ in ids} | dict(far.pages)
        records = {uid: run.records[uid] for uid in overtaken}
        return Run(dict.fromkeys(overtaken, 0), asked, records, run.contexts, links, replace(far, pages=pages))

    def _versions(self, uids: Collection[str]) -> dict[str, int]:
        with self._db.read() as conn:
            return {uid: record.version for uid, record in Store(conn).records.get(uids).items()}

    def _escalate(self, run: Run, outcome: Outcome) -> None:
        """Last, so that a project without the escalation's issue type keeps nothing else from being written."""
        creator = Creator(self._db, self._sites, outcome.keep_alive)
        planner = Planner(self._sites, run.facets, run.far)
        self._make_issues(creator, self._decide(run, outcome, lambda b, _: planner.new_escalations(b)), outcome)

    def _agree(self, run: Run, outcome: Outcome) -> None:
        """What was read and needed no write is agreed as it stands: the next look need not read it through again."""
        written = {action.record for action in outcome.actions if isinstance(action, WritePage)}
        with self._db.write() as conn:
            store, now = Store(conn), self._db.now(conn)
            if LinkRole.PAGE in store.brakes.held():
                return  # what is owed to a page was not written
            links = store.links.of([uid for uid in run.facets if uid not in outcome.failures])
            read: list[Link] = []
            for (uid, role), link in links.items():
                page = run.far.pages.get(link.remote_id or "") if role is LinkRole.PAGE else None
                if page is None or uid in written or page.version <= link.remote_version:
                    continue
                if version_read(link) >= page.version:  # else something of it is still to be put back
                    read.append(replace(link, remote_version=page.version, agreed_at=now))
            store.links.put_all(read)

    def _decide(self, run: Run, outcome: Outcome, decide: Callable[[Board, Store], Iterable[A]]) -> list[A]:
        """What to write for every family, on the register as it is now. One that cannot be said fails alone."""
        actions: list[A] = []
        with self._db.read() as conn:
            store = Store(conn)
            for board in load_boards(store, run.families, run.contexts):
                try:
                    decided = list(decide(board, store))
                except FarSideError as error:
                    if is_for_all(error):
                        raise
                    outcome.failures |= dict.fromkeys(run.asked[board.family.request.uid], error)
                    continue
                actions += [action for action in decided if action.record not in outcome.failures]
        return actions

    def _try(self, action: A, outcome: Outcome, write: Callable[[A], None]) -> None:
        """Do one write; after a failure the record's other writes wait for the next run."""
        if action.record in outcome.failures:
            return
        outcome.keep_alive()
        try:
            write(action)
        except FarSideError as error:
            if is_for_all(error):
                raise
            told = self._told_apart(action, error)
            outcome.failures[action.record] = told
            if isinstance(told, ReadAgain) and isinstance(action, MoveIssue | EditIssue | WritePage):
                role = LinkRole.PAGE if isinstance(action, WritePage) else LinkRole.ISSUE
                outcome.overtaken[action.record] = role
        else:
            outcome.actions.append(action)

    def _told_apart(self, action: Action, error: FarSideError) -> FarSideError:
        """A counterpart that went after it was read is to be read again, which detaches it; any other no stands."""
        if not isinstance(error, Gone):
            return error
        match action:
            case MoveIssue(issue_id=there) | EditIssue(issue_id=there) | Watch(issue_id=there) | LetGo(issue_id=there):
                is_gone = there in self._sites.jira.fetch([there]).missing
            case WritePage(page_id=there) | AttachFile(page_id=there):
                is_gone = there in self._sites.confluence.fetch([there]).missing
            case PostComment(role=role, remote_id=there):
                side = self._sites.confluence if role is LinkRole.PAGE else self._sites.jira
                is_gone = there in side.fetch([there]).missing
            case _:
                return error
        return ReadAgain(f"it went after it was read: {error}") if is_gone else error


def _learn_words(run: Run, asked: Iterable[str], around: Surroundings) -> None:
    """Ask how the projects speak before the register is locked for judging: nobody is to wait for a site then."""
    for uid in asked:
        link = run.links.get((uid, LinkRole.ISSUE))
        issue = run.far.issues.get(link.remote_id or "") if link else None
        if issue is not None:
            around.words_of(run.records[uid], around.ctx, issue)
