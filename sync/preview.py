"""What a run would write, found out without writing: judged and decided in transactions that are rolled back.

Sites are asked before any of them begins, files that people attached are looked at in a folder that is thrown away, and
each family has a transaction of its own, so that the register is never locked for long.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeAlias

from sqlalchemy import Connection

from mappings.actions import Action, AttachFile, CreateIssue, CreatePage, EditIssue, MoveIssue, WritePage
from mappings.errors import FarSideError, Refused
from mappings.planned import HOME, KINDS, Counterpart, HeldBack, Planned, describe, identity, in_order, with_way
from mappings.records import Evidence, Kind, LinkRole, Person, Record, Side
from mappings.storage import NotStorage

from .basis import Basis, basis_of, digest
from .brake import Brakes, Broken
from .collect import Collector
from .database import Database
from .held_back import untold, waiting
from .intake import take_in_family
from .planner import Board, Planner, load_boards
from .run import Run, is_to_be_made, learn_words, prepare, surroundings
from .scene import is_for_all
from .sites import Home, Sites, home_title
from .store import Store
from .vault import Vault

First = Callable[[Connection], None]
"""Something done in the register first, as if it had been done; what would be written is planned on top of it."""


@dataclass(frozen=True, slots=True)
class Preview:
    """What a run would write for a set of records, and what it was decided on."""

    actions: tuple[Action, ...]
    failures: Mapping[str, FarSideError]
    """By record: why nothing can be written for it."""
    writes: tuple[Planned, ...]
    """The same actions as people are told of them, with home pages that would be made, in the order of numbers."""
    held: tuple[HeldBack, ...]
    bases: Mapping[str, Basis]
    """By the request at the head of the family."""
    asked: Mapping[str, Sequence[str]]
    """The records that were looked at, by the same."""


_Placed: TypeAlias = tuple[tuple[object, ...], Planned]
"""A write, and its place among the others."""


class _RollBack(Exception):
    """Ends a transaction without keeping anything."""


@dataclass(slots=True)
class _Found:
    """What has been found out so far."""

    actions: list[Action]
    failures: dict[str, FarSideError]
    writes: list[_Placed]
    held: list[HeldBack]
    bases: dict[str, Basis]
    moves: dict[str, MoveIssue] = field(default_factory=dict)
    """By their digests."""


class Previewer:
    def __init__(self, db: Database, sites: Sites, brakes: Brakes) -> None:
        self._db = db
        self._sites = sites
        self._brakes = brakes

    def preview(self, facets: Mapping[str, int], first: First = lambda _: None) -> Preview:
        """What would be written for these records; `first` is done to the register before, and undone."""

        @contextmanager
        def reading() -> Iterator[Connection]:
            with suppress(_RollBack), self._db.write() as conn:
                first(conn)
                yield conn
                raise _RollBack

        run, people = prepare(reading, self._sites, facets)
        return self.of(run, people, first)

    def of(self, run: Run, people: Collection[Person], first: First = lambda _: None) -> Preview:
        """The same for what was read already; `people` are those whose accounts were found on the way."""
        far, broken = self._brakes.foreseen(run.links, run.far)
        run = replace(run, far=far)
        found = _Found([], dict(far.troubles), [], [], {})
        homes = self._homes(run, found)
        with tempfile.TemporaryDirectory(prefix="tieout-plan-") as folder:
            files = self._files(run, Vault(Path(folder)), found)

        def begin(conn: Connection) -> None:
            first(conn)
            for person in people:
                Store(conn).people.put(person)

        for request in run.families:
            if request in files:
                self._foresee(run, request, files[request], homes, broken, found, begin)
        self._find_ways(found)
        self._hold(run, broken, found)
        writes = tuple(each for _, each in sorted(found.writes, key=lambda item: item[0]))
        held = tuple(sorted(set(found.held), key=lambda each: (each.audit, in_order(each.number), each.side, each.why)))
        return Preview(tuple(found.actions), found.failures, writes, held, found.bases, run.asked)

    def _homes(self, run: Run, found: _Found) -> dict[str, Home]:
        """Where pages go that are to be made, by audit; a home page that is missing is part of what is planned."""
        homes: dict[str, Home] = {}
        wanted = {run.records[uid].audit for uid in run.records if is_to_be_made(run, uid, LinkRole.PAGE)}
        for audit in sorted(wanted):
            with _told(run, audit, found):
                ctx = run.contexts[audit]
                homes[audit] = self._sites.home(audit, ctx.people, may_create=False)
                if homes[audit].page_id is None:
                    title = home_title(audit, ctx.rule)
                    why = f"audit {audit} has no home page in space {ctx.rule.space} yet"
                    named = digest({"home": title, "space": homes[audit].space_id})
                    home = Planned(Side.CONFLUENCE, HOME, audit, "", "", title, (), why, digest=named)
                    found.writes.append(((audit, (), (), 0), home))
        for uid, record in sorted(run.records.items()):
            with suppress(FarSideError):  # it is told of the record, when it is decided on
                if is_to_be_made(run, uid, LinkRole.ISSUE):
                    self._sites.words_for(record, run.ctx(uid))
        return homes

    def _files(self, run: Run, vault: Vault, found: _Found) -> dict[str, list[Evidence]]:
        """What people attached and the register does not know, by family; a family that cannot be read is left out."""
        collector = Collector(self._sites.jira, self._sites.confluence, vault)
        with self._db.read() as conn:
            store = Store(conn)
            new = {
                request: collector.find(store, request, asked, run.links, run.far, run.ctx(asked[0]))
                for request, asked in run.asked.items()
            }
        files: dict[str, list[Evidence]] = {}
        for request, asked in sorted(run.asked.items()):
            try:
                learn_words(run, self._sites, asked)
                files[request] = collector.take(new[request], lambda: None)
            except FarSideError as error:
                if is_for_all(error):
                    raise
                found.failures |= dict.fromkeys(asked, error)
        return files

    def _foresee(
        self,
        run: Run,
        request: str,
        files: Collection[Evidence],
        homes: Mapping[str, Home],
        broken: Sequence[Broken],
        found: _Found,
        begin: First,
    ) -> None:
        asked = run.asked[request]
        around = surroundings(run, self._sites, request)
        with suppress(_RollBack), self._db.write() as conn:
            begin(conn)
            store = Store(conn)
            held = store.brakes.held() | {each.role for each in broken}
            contexts = {around.ctx.key: around.ctx}
            (before,) = load_boards(store, [request], contexts, {around.ctx.key: held})
            found.bases[request] = basis_of(store, before, run, asked)
            try:
                take_in_family(conn, request, asked, run.far, around, files)
                (board,) = load_boards(store, [request], contexts, {around.ctx.key: held})
                planner = Planner(self._sites, [uid for uid in asked if uid not in found.failures], run.far, homes)
                self._note(planner, board, store, run, found)
                found.held += untold(conn, board, around.ctx.now)
            except NotStorage as error:
                found.failures |= dict.fromkeys(asked, Refused(f"the page cannot be read: {error}"))
            except FarSideError as error:
                if is_for_all(error):
                    raise
                found.failures |= dict.fromkeys(asked, error)
            raise _RollBack

    def _note(self, planner: Planner, board: Board, store: Store, run: Run, found: _Found) -> None:
        made = [*planner.new_page(board)]
        issues = [issue for kind in Kind for issue in planner.new_issues(board, kind, is_preview=True)]
        written = list(planner.writes(store, board))
        actions = [*made, *issues, *planner.new_escalations(board), *written]
        later = [action for action in written if made and _names_the_page(action)]
        for action in actions:
            if action not in later:
                found.actions.append(action)
                found.writes.append(self._told(planner, action, board, run, found))
        found.held += waiting(board, store, later, actions)

    def _find_ways(self, found: _Found) -> None:
        """Ask for the way of each move, now that no transaction is open."""
        for at, (place, told) in enumerate(found.writes):
            move = found.moves.get(told.digest)
            way = self._way(move) if move is not None else ()
            if way:
                found.writes[at] = (place, with_way(told, way))

    def _way(self, move: MoveIssue) -> Sequence[str]:
        try:
            return self._sites.jira.way(move.issue_id, move.status_id, fields=move.fields)
        except FarSideError as error:
            if is_for_all(error):
                raise
            return ()  # the move itself will tell; here the way could only have been shown

    def _told(
        self, planner: Planner, action: Action, board: Board, run: Run, found: _Found
    ) -> tuple[tuple[object, ...], Planned]:
        record = board.family.record(action.record)
        told = describe(action, self._counterpart(action, record, board, run))
        named = digest_of(planner, action, board)
        place = (
            record.audit,
            in_order(board.family.request.number),
            in_order(record.number),
            KINDS.index(told.kind),
            told.what,
            named,
        )
        if isinstance(action, MoveIssue):
            found.moves[named] = action
        return place, replace(told, digest=named)

    def _counterpart(self, action: Action, record: Record, board: Board, run: Run) -> Counterpart:
        is_of_page = isinstance(action, WritePage | AttachFile | CreatePage)
        role = getattr(action, "role", LinkRole.PAGE if is_of_page else LinkRole.ISSUE)
        link = board.link(record.uid, role)
        issue = run.far.issues.get(link.remote_id or "") if link else None
        page = run.far.pages.get(link.remote_id or "") if link else None
        words = self._sites.words_of(record, board.ctx, issue) if issue else None
        return Counterpart(record, board.ctx, link, issue, page, words)

    def _hold(self, run: Run, broken: Sequence[Broken], found: _Found) -> None:
        for uid, error in found.failures.items():
            record = run.records[uid]
            found.held.append(
                HeldBack(record.audit, record.number, Side.REGISTER, f"cannot be brought in step: {error}")
            )
        with self._db.read() as conn:
            texts = [(brake.role, brake.text) for brake in Store(conn).brakes.all().values() if brake.is_pulled]
        for role, text in [*texts, *((each.role, each.text) for each in broken)]:
            side = Side.CONFLUENCE if role is LinkRole.PAGE else Side.JIRA
            found.held.append(HeldBack("", "", side, text))


def digest_of(planner: Planner, action: Action, board: Board) -> str:
    """Tells a write from any other. It is the same before and after what it refers to is made."""
    bare = planner.bare(action, board) if isinstance(action, CreateIssue) else action
    return digest(identity(bare))


def _names_the_page(action: Action) -> bool:
    return isinstance(action, EditIssue) and "description" in action.edit.changes


@contextmanager
def _told(run: Run, audit: str, found: _Found) -> Iterator[None]:
    """What a site says no to is the trouble of every record of the audit that has no page."""
    try:
        yield
    except FarSideError as error:
        if is_for_all(error):
            raise
        found.failures |= {
            uid: error
            for uid, record in run.records.items()
            if record.audit == audit and is_to_be_made(run, uid, LinkRole.PAGE)
        }
