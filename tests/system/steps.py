"""Tieout stopped dead at any one of its steps, as a power cut would stop it, and the world put back for the next try.

A step is a call before it is sent, a call that was applied and whose answer is lost, a transaction before it commits,
and one after it did. Whatever the stopped process had in memory is gone; a new one finds the database and the sites.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import requests
from sqlalchemy import Connection, delete, event, insert, or_, select

from connector.connect import connect_confluence, connect_jira
from connector.sandbox.adapter import SandboxAdapter, WsgiApp
from connector.sandbox.app import create_app
from connector.sandbox.clock import ManualClock
from connector.sandbox.seed import BOT_TOKEN
from connector.sandbox.site import Site
from connector.session import Habits
from sync.database import Database
from sync.keys import SWEEP_ALL
from sync.retry import Retry
from sync.scheduler import enqueue_periodic, periods
from sync.sites import Sites
from sync.tables import metadata, record, work
from sync.vault import Vault
from sync.work import LIVE, mark
from sync.worker import Worker
from tests.system.world import SITE, World

MOST_MINUTES = 30
"""Longer than a lease, the wait of the create protocol and a few tries after them."""


BEGIN, BEFORE_COMMIT, AFTER_COMMIT = "at the beginning of a transaction", "before a commit", "after a commit"


Rows = dict[str, list[dict[str, Any]]]
"""By table."""


class Stopped(BaseException):
    """The process is gone. Nothing may catch it and tidy up."""


@dataclass(frozen=True, slots=True)
class Step:
    what: str
    left: int
    """A hash of what a process that is stopped here leaves behind."""
    act: int = 0
    """The number of the story's act that Tieout answers."""


class Steps:
    """The steps taken so far; the process stops at those whose number, from 0, is in `stops`."""

    def __init__(self, look: Callable[[], int] = lambda: 0) -> None:
        self.taken: list[Step] = []
        self._stops: Collection[int] = ()
        self._look = look
        self._looks = False
        self._sleep: Callable[[], None] | None = None
        self.writes_open = 0
        """Transactions in which something was written and that have not ended: nobody else can write meanwhile."""
        self.at_statements = False
        self._are_ours = True
        self.act = 0
        self.keep: Callable[[], Moment] | None = None
        self.moments: dict[int, Moment] = {}
        """What is left behind at the steps that were looked at, by its hash."""

    def begin(
        self,
        stops: Collection[int] = (),
        *,
        looks: bool = False,
        sleep: Callable[[], None] | None = None,
        at_statements: bool = False,
    ) -> None:
        """Count from 0 again. `looks` is whether each step is to know what it leaves behind.

        With `sleep` the process does not end at a stop: it goes on after that returns. With `at_statements` there is
        a step at each statement of a transaction that writes too."""
        self.taken, self._stops, self._looks, self._sleep = [], stops, looks, sleep
        self.at_statements, self.act, self.moments = at_statements, 0, {}

    @contextmanager
    def of_others(self) -> Iterator[None]:
        """What happens within is none of the process's doing, though it goes over the same line: no step is taken."""
        self._are_ours = False
        try:
            yield
        finally:
            self._are_ours = True

    def step(self, what: str) -> None:
        if not self._are_ours:
            return
        self.taken.append(Step(what, self._left(what) if self._looks else 0, self.act))
        if self.keep and self._looks and self.taken[-1].left not in self.moments:
            self.moments[self.taken[-1].left] = self.keep()
        if len(self.taken) - 1 in self._stops:
            if self._sleep is None:
                raise Stopped(what)
            self._sleep()

    def _left(self, what: str) -> int:
        """Looked at where it may be new: after a commit, a call that writes, and a download."""
        last = self.taken[-1] if self.taken else None
        if last is None or last.act != self.act:
            return self._look()
        is_after_download = what == BEGIN and last.what.startswith("after GET")
        is_after_write = what == AFTER_COMMIT or what.startswith(("after POST", "after PUT", "after DELETE"))
        return self._look() if is_after_download or is_after_write else last.left


def that_differ(steps: Sequence[Step]) -> list[int]:
    """The numbers of steps that leave different things behind: of some in a row that leave the same, the last."""
    following = [step.left for step in steps[1:]]
    return [number for number, step in enumerate(steps) if following[number : number + 1] != [step.left]]


class SteppedLine(SandboxAdapter):
    """Tieout's line to the site: a step before each call, and one when its answer has come."""

    def __init__(self, app: WsgiApp, steps: Steps) -> None:
        super().__init__(app)
        self._steps = steps

    def send(self, request: requests.PreparedRequest, *args: Any, **network: Any) -> requests.Response:
        what = f"{request.method} {request.path_url}"
        self._steps.step(f"before {what}")
        response = super().send(request, *args, **network)
        self._steps.step(f"after {what}")
        return response


class SteppedDatabase(Database):
    """The worker's database: a step before each transaction that writes, before its commit, and after it; on demand
    also one before each statement in it."""

    def __init__(self, opened: Database, clock: ManualClock, steps: Steps) -> None:
        super().__init__(opened.engine, clock=clock.now)
        self._steps = steps
        event.listen(opened.engine, "before_cursor_execute", self._statement)

    @contextmanager
    def write(self) -> Iterator[Connection]:
        self._steps.step(BEGIN)
        self._steps.writes_open += 1
        try:
            with super().write() as conn:
                yield conn
                self._steps.step(BEFORE_COMMIT)
        finally:
            self._steps.writes_open -= 1
        self._steps.step(AFTER_COMMIT)

    def _statement(self, _conn: Connection, _cursor: Any, statement: str, *_: Any) -> None:
        is_of_the_driver = statement.startswith(("PRAGMA", "BEGIN"))  # which has one or the other, as it comes
        if self._steps.writes_open and self._steps.at_statements and not is_of_the_driver:
            self._steps.step(f"before {statement[:60]}")


@dataclass(frozen=True, slots=True)
class Moment:
    """Everything there is outside of a process's memory, at one moment."""

    at: datetime
    rows: Rows
    site: dict[str, Any]
    files: dict[str, bytes]
    """The evidence folder, by path in it."""


class SteppedWorld(World):
    """A world whose Tieout does everything through the work table, polls too, and can be stopped at each step."""

    def __init__(self, db: Database, clock: ManualClock, root: Path) -> None:
        self.steps, self.starts, self.slept = Steps(self.left_behind), 1, 0
        self._stepped = SteppedDatabase(db, clock, self.steps)
        self._evidence = root / "evidence"
        super().__init__(db, clock, root)
        enqueue_periodic(db, periods())
        self.stops_for_good = False
        self.steps.keep = self.keep

    @cached_property
    def _app(self) -> WsgiApp:
        return create_app(self.site)

    def new_sites(self) -> Sites:
        line = requests.Session()
        line.trust_env = False  # no proxy stands before a site in the same process
        line.mount(SITE, SteppedLine(self._app, self.steps))
        habits = Habits(sleep=self._wait, jitter=lambda: 0.5)
        jira = connect_jira(self.rules.jira, BOT_TOKEN, session=line, habits=habits)
        return Sites(
            jira, connect_confluence(self.rules.confluence, BOT_TOKEN, session=line, habits=habits), self.rules
        )

    def new_worker(self, name: str) -> Worker:
        return Worker(
            self._stepped,
            self.new_sites(),
            self.vault,
            name=name,
            retry=Retry(),
            chance=lambda: 0.5,
            stopwatch=lambda: self.clock.now().timestamp(),
        )

    def _wait(self, seconds: float) -> None:
        self.clock.advance(seconds)

    def settle(self) -> None:
        """Minutes pass until nothing is left to be done; whenever the process is stopped, a new one is started."""
        for _ in range(MOST_MINUTES):
            self.clock.advance(60)
            try:
                self.worker.run_until_quiet(most_rounds=200)
            except Stopped:
                if self.stops_for_good:
                    raise
                self.start_anew()
            else:
                if not self.open_work():
                    self.clock.advance(1)  # whoever acts now acts after everything that was seen
                    return
        raise AssertionError(f"after {MOST_MINUTES} minutes there is still to do: {self.open_work()}")

    def let_another_work(self) -> None:
        """Time passes the leases and the waits after unclear creates, and another process does all there is to do."""
        self.slept += 1
        another = self.new_worker(f"another {self.slept}")
        for _ in range(4):
            self.clock.advance(60)
            another.run_until_quiet(most_rounds=200)

    def ask(self, *fields: str) -> None:
        """The mapping file wants a person to decide of these fields."""
        audits = {key: rule.model_copy(update={"ask": fields}) for key, rule in self.rules.audit.items()}
        self.rules = self.rules.model_copy(update={"audit": audits})
        self.start_anew()

    def start_anew(self) -> None:
        """What is in memory is forgotten."""
        self.starts += 1
        self.worker = self.new_worker(f"start {self.starts}")

    def open_work(self) -> list[str]:
        """Keys that are held, lie dead, or, but for the periodic ones, are not done; each with its last error."""
        is_undone = (work.c.wanted > work.c.done) & work.c.every_s.is_(None)
        wanted = select(work.c.key, work.c.last_error).where(
            or_(is_undone, work.c.lease_owner.is_not(None), work.c.is_dead)
        )
        with self.db.read() as conn:
            return [f"{key}: {error}" for key, error in conn.execute(wanted)]

    def full_sync_writes(self) -> list[str]:
        """What a nightly look at everything writes."""
        self.site.calls.clear()
        with self.db.write() as conn:
            mark(conn, [SWEEP_ALL], lane=LIVE)
        self.settle()
        return self.writes()

    def left_behind(self) -> int:
        """A hash of all that there is outside of a process's memory."""
        with self.db.read() as conn:
            rows = {name: sorted(map(repr, its)) for name, its in all_rows(conn).items()}  # a table has no order
        applied = sum(call.applied for call in self.site.calls.writes())
        return hash((repr(rows), applied, sum(1 for _ in self._files())))

    def _files(self) -> Iterator[Path]:
        return self._evidence.glob("??/??/*")

    def keep(self) -> Moment:
        """This moment, to come back to."""
        with self.db.read() as conn:
            rows = all_rows(conn)
        files = {str(path.relative_to(self._evidence)): path.read_bytes() for path in self._files()}
        return Moment(self.clock.now(), rows, copy_of_site(self.site), files)

    def come_back(self, moment: Moment) -> None:
        """Everything is as it was at that moment, and Tieout has just been started."""
        self.clock.set(moment.at)
        with self.db.write() as conn:
            for table in reversed(metadata.sorted_tables):
                conn.execute(delete(table))
            put_rows(conn, moment.rows)
        put_site(self.site, moment.site)
        self._put_files(moment.files)
        self.start_anew()

    def _put_files(self, files: dict[str, bytes]) -> None:
        shutil.rmtree(self._evidence)
        self.vault = Vault(self._evidence)
        for name, content in files.items():
            path = self._evidence / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)


def copy_of_site(site: Site) -> dict[str, Any]:
    """A site's state, to be put back into it or into another one."""
    return _copied(vars(site), site)


def put_site(site: Site, state: dict[str, Any]) -> None:
    """The site is as it was then; its lock and its clock stay its own."""
    vars(site).update(_copied(state, site))


def _copied(state: dict[str, Any], site: Site) -> dict[str, Any]:
    """Apart from what may be shared: bytes that nobody changes."""
    jira, confluence = state["jira"], state["confluence"]
    files = [each.content for each in jira.attachments.values()]
    files += [version.content for each in confluence.attachments.values() for version in each.versions]
    known = {id(shared): shared for shared in files}
    return deepcopy(state, {id(state["lock"]): site.lock, id(state["clock"]): site.clock, **known})


def all_rows(conn: Connection) -> Rows:
    """What the database holds, by table. Of records the requests first: tasks refer to them."""
    ordered = {record.name: select(record).order_by(record.c.parent.is_not(None))}
    found = {table.name: conn.execute(ordered.get(table.name, select(table))) for table in metadata.sorted_tables}
    return {name: [dict(row) for row in rows.mappings()] for name, rows in found.items()}


def put_rows(conn: Connection, rows: Rows) -> None:
    """In place of what is there."""
    for table in reversed(metadata.sorted_tables):
        conn.execute(delete(table))
    for table in metadata.sorted_tables:
        if rows[table.name]:
            conn.execute(insert(table), rows[table.name])
