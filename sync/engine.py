"""The loop: gather what every side says now, take it in, decide what to write, write it, settle what succeeded.

The unit of work is a set of keys. A record that fails does not hold up the others; a site that fails holds up all.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TypeVar

from mappings.actions import (
    Action,
    AttachFile,
    CreateIssue,
    EditIssue,
    LetGo,
    LinkIssues,
    MoveIssue,
    PostComment,
    Watch,
    WritePage,
)
from mappings.errors import FarSideError, Gone, ReadAgain, Refused
from mappings.page_intake import version_read
from mappings.records import Evidence, Kind, Link, LinkRole, Person
from mappings.storage import NotStorage

from .apply import Applier
from .brake import Brakes
from .collect import Collector
from .create_issues import IssueCreator
from .create_pages import PageCreator
from .database import Database
from .facets import ALL
from .intake import Surroundings, take_in_family
from .keys import record_key
from .planner import Board, Planner, held_roles, load_boards
from .preview import First, Preview, Previewer, digest_of
from .run import Run, learn_what_is_missing, learn_words, prepare, surroundings
from .scene import gather, is_for_all, load_families
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
    only: frozenset[str] | None = None
    """Digests of the writes that may be made; None where all may."""
    left: set[str] = field(default_factory=set)
    """Records for which something else would be written, too."""
    boards: list[Board] = field(default_factory=list)
    """The families as they were last read, while this run has written nothing since."""


class Engine:
    """Reconciles sets of records. One for each worker thread, as its sites are."""

    def __init__(self, db: Database, sites: Sites, vault: Vault) -> None:
        self._db = db
        self._sites = sites
        self._vault = vault
        self._brakes = Brakes(db, sites)
        self._previewer = Previewer(db, sites, self._brakes)

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

    def plan(self, uids: Iterable[str], first: First = lambda _: None) -> Preview:
        """What `run` would write for these records. Writes nothing anywhere, and asks the sites first.

        `first` is done to the register before, and undone."""
        return self._previewer.preview(dict.fromkeys(uids, ALL), first)

    def carry_out(
        self,
        uids: Iterable[str],
        agreed: Callable[[Preview], Collection[str]],
        keep_alive: Callable[[], None] = lambda: None,
    ) -> Outcome:
        """Write for these records what was planned, and nothing else.

        `agreed` looks at what would be written now, and gives the digests of what may be; when it raises, nothing has
        been written anywhere. What comes up on the way waits for another run."""
        run, found = prepare(self._db.read, self._sites, dict.fromkeys(uids, ALL))
        only = frozenset(agreed(self._previewer.of(run, found)))
        self._keep_people(found)
        run = replace(run, far=self._brakes.believed(run.links, run.far))
        outcome = Outcome(failures=dict(run.far.troubles), keep_alive=keep_alive, only=only)
        self._take_in(run, outcome)
        self._make(run, outcome)
        self._write(run, outcome)
        self._escalate(run, outcome)
        self._agree(run, outcome)
        return outcome

    def _prepare(self, facets: Mapping[str, int]) -> Run:
        run, found = prepare(self._db.read, self._sites, facets)
        self._keep_people(found)
        return run

    def _keep_people(self, people: Collection[Person]) -> None:
        if not people:
            return
        with self._db.write() as conn:
            for person in people:
                Store(conn).people.put(person)

    def _take_in(self, run: Run, outcome: Outcome) -> None:
        outcome.boards = []
        collector = Collector(self._sites.jira, self._sites.confluence, self._vault)
        with self._db.read() as conn:
            store = Store(conn)
            new = {
                request: collector.find(store, request, asked, run.links, run.far, run.ctx(asked[0]))
                for request, asked in run.asked.items()
            }
        for request, asked in sorted(run.asked.items()):
            try:
                around = surroundings(run, self._sites, request)
                learn_words(run, self._sites, asked)
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
        with self._db.read() as conn:
            held = held_roles(Store(conn), run.contexts)
        learn_what_is_missing(run, self._sites, held)
        pages = PageCreator(self._db, self._sites, outcome.keep_alive)
        issues = IssueCreator(self._db, self._sites, outcome.keep_alive, run.facets)
        planner = Planner(self._sites, run.facets, run.far)
        for page in self._decide(run, outcome, planner, lambda board, _: planner.new_page(board)):
            self._try(page, outcome, pages.page)
        for kind in Kind:
            wanted = self._decide(run, outcome, planner, partial(_new_issues, planner, kind))
            self._make_issues(issues, wanted, outcome)

    def _make_issues(self, creator: IssueCreator, wanted: list[CreateIssue], outcome: Outcome) -> None:
        if not wanted:
            return
        outcome.boards = []
        failures = creator.issues(wanted)
        outcome.failures |= failures
        outcome.actions += [action for action in wanted if action.record not in failures]

    def _write(self, run: Run, outcome: Outcome) -> None:
        applier = Applier(self._db, self._sites.jira, self._sites.confluence, self._vault, outcome.keep_alive)
        planner = Planner(self._sites, run.facets, run.far)
        for action in self._decide(run, outcome, planner, lambda board, store: planner.writes(store, board)):
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
        outcome.boards = []
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
        creator = IssueCreator(self._db, self._sites, outcome.keep_alive)
        planner = Planner(self._sites, run.facets, run.far)
        wanted = self._decide(run, outcome, planner, lambda board, _: planner.new_escalations(board))
        self._make_issues(creator, wanted, outcome)

    def _agree(self, run: Run, outcome: Outcome) -> None:
        """What was read and needed no write is agreed as it stands: the next look need not read it through again."""
        written = {action.record for action in outcome.actions if isinstance(action, WritePage)}
        with self._db.write() as conn:
            store, now = Store(conn), self._db.now(conn)
            if LinkRole.PAGE in store.brakes.held():
                return  # what is owed to a page was not written
            links = store.links.of([uid for uid in run.facets if uid not in outcome.failures.keys() | outcome.left])
            read: list[Link] = []
            for (uid, role), link in links.items():
                page = run.far.pages.get(link.remote_id or "") if role is LinkRole.PAGE else None
                if page is None or uid in written or page.version <= link.remote_version:
                    continue
                if version_read(link) >= page.version:  # else something of it is still to be put back
                    read.append(replace(link, remote_version=page.version, agreed_at=now))
            store.links.put_all(read)

    def _decide(
        self, run: Run, outcome: Outcome, planner: Planner, decide: Callable[[Board, Store], Iterable[A]]
    ) -> list[A]:
        """What to write for every family, on the register as it is. One that cannot be said fails alone."""
        actions: list[A] = []
        with self._db.read() as conn:
            store = Store(conn)
            outcome.boards = outcome.boards or load_boards(store, run.families, run.contexts)
            for board in outcome.boards:
                try:
                    decided = list(decide(board, store))
                except FarSideError as error:
                    if is_for_all(error):
                        raise
                    outcome.failures |= dict.fromkeys(run.asked[board.family.request.uid], error)
                    continue
                wanted = [action for action in decided if action.record not in outcome.failures]
                actions += _planned(wanted, board, planner, outcome)
        return actions

    def _try(self, action: A, outcome: Outcome, write: Callable[[A], None]) -> None:
        """Do one write; after a failure the record's other writes wait for the next run."""
        if action.record in outcome.failures:
            return
        outcome.keep_alive()
        outcome.boards = []
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
            case LinkIssues(issue_id=there, to_id=above):
                is_gone = bool(self._sites.jira.fetch([there, above]).missing)
            case WritePage(page_id=there) | AttachFile(page_id=there):
                is_gone = there in self._sites.confluence.fetch([there]).missing
            case PostComment(role=role, remote_id=there):
                side = self._sites.confluence if role is LinkRole.PAGE else self._sites.jira
                is_gone = there in side.fetch([there]).missing
            case _:
                return error
        return ReadAgain(f"it went after it was read: {error}") if is_gone else error


def _planned(wanted: Sequence[A], board: Board, planner: Planner, outcome: Outcome) -> list[A]:
    """Those that may be made; of the others is noted whose they are."""
    if outcome.only is None:
        return list(wanted)
    allowed = [action for action in wanted if digest_of(planner, action, board) in outcome.only]
    outcome.left |= {action.record for action in wanted if action not in allowed}
    return allowed


def _new_issues(planner: Planner, kind: Kind, board: Board, _: Store) -> Iterable[CreateIssue]:
    return planner.new_issues(board, kind)
