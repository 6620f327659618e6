"""A history: Tieout whole in virtual time, over a line that breaks and with a worker that can be killed at any step.

Nothing happens by itself. A machine or a soak makes people act, things go wrong and time pass; `rest` ends it.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import requests
from sqlalchemy import select

from connector.connect import connect_confluence, connect_jira
from connector.sandbox.accounts import CONFLUENCE_USERS, JIRA_USERS
from connector.sandbox.adapter import SandboxAdapter
from connector.sandbox.app import create_app
from connector.sandbox.clock import ManualClock
from connector.sandbox.confluence import spaces
from connector.sandbox.confluence.state import MEMBER
from connector.sandbox.outbox import Hook
from connector.sandbox.seed import BOT_EMAIL, BOT_TOKEN, token_of
from connector.sandbox.site import Site
from connector.session import Habits
from mappings.request_list.options import ImportOptions
from mappings.rules import StatusNames
from sync.brake import Brakes
from sync.database import open_database
from sync.importing import RequestList, import_list
from sync.keys import POLL_CONFLUENCE, POLL_JIRA, RECORD, SWEEP_ALL
from sync.retry import Retry
from sync.scheduler import enqueue_periodic, periods
from sync.sites import Sites
from sync.store import Store
from sync.tables import first_plan, work
from sync.work import LIVE, DeadLetter, dead, mark, replay
from sync.worker import LEASE_S, Worker
from tests.system.admins import Undo, undo_all
from tests.system.ledger import Ledger
from tests.system.life import Life
from tests.system.steps import Rows, SteppedDatabase, Stopped, all_rows, copy_of_site, put_rows, put_site
from tests.system.watch import Watch, WatchedLine
from tests.system.world import AUDIT, GHOST, SITE, START, World
from webhooks import app as door

SIGNED, SHARED = b"jira signs with this", b"a rule of confluence sends this"
DOOR = "https://tieout.acme.example/webhooks/"
HEAD = "Request #,Title,Description,Criteria,Team,Owner,Reviewer,Due date,Priority\n"
CLOSING = StatusNames(transition_fields={"Closed": {"resolution": {"name": "Done"}}})
WORKERS = ("first", "second", "third")
MOST_SETS = 400
MOST_ROUNDS = 15
"""Rests of five minutes: no key waits longer than that, whatever went wrong before."""


class _PeoplesLine(SandboxAdapter):
    """People's line: what goes wrong on the site goes wrong for Tieout alone."""

    def __init__(self, site: Site) -> None:
        super().__init__(create_app(site))
        self._site = site

    def send(self, request: requests.PreparedRequest, *args: Any, **network: Any) -> requests.Response:
        faults = self._site.faults
        kept, faults.scripted = faults.scripted, []
        try:
            return super().send(request, *args, **network)
        finally:
            faults.scripted = kept


@dataclass(frozen=True, slots=True)
class _Beginning:
    """What Tieout left behind when it had brought a list to rest on an untouched site."""

    at: datetime
    rows: Rows
    site: dict[str, Any]
    uids: int


_beginnings: dict[tuple[tuple[str, str], ...], _Beginning] = {}
"""By list. Each history begins at one of them; to come so far costs as much as the rest of a short history."""


class History(World):
    """A world with everything that can happen to it, and a ledger of what people did."""

    def __init__(self, database_url: str, root: Path, listed: dict[str, str]) -> None:
        clock = ManualClock(START)
        opened = open_database(database_url, clock=clock.now, is_durable=False)
        self.life, self.counted = Life(), Counter[str]()
        self.watch = Watch(opened, clock, self.life)
        self._stepped = SteppedDatabase(opened, clock, self.life)
        self._uids, self._starts = 0, 0
        super().__init__(opened, clock, root)
        self.session.mount(SITE, _PeoplesLine(self.site))
        self.session.trust_env = False
        self.door = door.create_app(
            door.Parts(self.db, clock.now, spaces=("SOC2",), jira_secrets=(SIGNED,), shared_secrets=(SHARED,))
        ).test_client()
        self.ledger = Ledger()
        self.undo: dict[str, Undo] = {}
        self.seeded: dict[str, object] = {}
        """What administrators meddled with, as it was before."""
        self.listed = listed
        self.names = {place: place for place in WORKERS}
        self.workers = {place: self.new_worker(place) for place in WORKERS}
        self.life.after_commit = self.watch.committed
        self._begin()

    def _begin(self) -> None:
        known = tuple(sorted(self.listed.items()))
        if known not in _beginnings:
            _beginnings[known] = self._made_beginning()
        else:
            self._begin_at(_beginnings[known])
        self.watch.committed()

    def _made_beginning(self) -> _Beginning:
        self._let_a_stranger_in()
        self._register_hooks()
        enqueue_periodic(self.db, periods())
        self.bring_list()
        self.rest()
        with self.db.read() as conn:
            return _Beginning(self.clock.now(), all_rows(conn), copy_of_site(self.site), self._uids)

    def _begin_at(self, beginning: _Beginning) -> None:
        self.clock.set(beginning.at)
        self._uids = beginning.uids
        put_site(self.site, beginning.site)
        with self.db.write() as conn:
            conn.execute(first_plan.delete())  # a new world has it already
            put_rows(conn, beginning.rows)

    def new_sites(self) -> Sites:
        self.rules = self.rules.model_copy(update={"status": {"PLAT": CLOSING}})
        line = requests.Session()
        line.trust_env = False  # no proxy stands before a site in the same process
        line.mount(SITE, WatchedLine(create_app(self.site), self.watch))
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

    def ask_a_person(self) -> None:
        """From now on the coordinator decides where both sides changed an owner, a priority or a date."""
        audit = self.rules.audit[AUDIT].model_copy(update={"ask": ("owner", "priority", "due")})
        self.rules = self.rules.model_copy(update={"audit": {AUDIT: audit}})
        for place in WORKERS:
            self.start_anew(place)

    def _let_a_stranger_in(self) -> None:
        """After the mapping file was written: nobody at the audit knows them."""
        ghost = self.site.add_account(
            account_id="712020:00000000-0000-4000-8000-000000000099",
            display_name="A. Stranger",
            email=GHOST,
            token=token_of(GHOST),
            groups={JIRA_USERS, CONFLUENCE_USERS},
        )
        spaces.grant(self.site.confluence.space_by_key("SOC2"), ghost, MEMBER)

    def _register_hooks(self) -> None:
        jira = (
            "jira:issue_created",
            "jira:issue_updated",
            "jira:issue_deleted",
            "comment_created",
            "issuelink_created",
        )
        pages = ("page_updated", "page_trashed", "page_restored", "comment_created", "attachment_created")
        for number, product, events in ((1, "jira", jira), (2, "confluence", pages)):
            secret = SIGNED.decode() if product == "jira" else None
            hook = Hook(number, product, "Tieout", DOOR + product, events, secret=secret)  # type: ignore[arg-type]  # one of the two
            self.site.outbox.hooks[number] = hook

    # The register's own side.

    def bring_list(self) -> None:
        """The coordinator imports the auditor's list as it stands in `listed`: number to the rest of its row."""
        content = HEAD + "".join(f"{number},{row}\n" for number, row in sorted(self.listed.items()))
        brought = RequestList(AUDIT, "list.csv", content.encode(), "dana")
        imported = import_list(self.db, brought, self.rules.audit[AUDIT], ImportOptions(), new_uid=self._new_uid)
        assert not imported.plan.is_refused, imported.plan
        self.watch.committed()

    def _new_uid(self) -> str:
        self._uids += 1
        return f"{self._uids:032x}"

    # Work, webhooks, time.

    def work(self, place: str = WORKERS[0]) -> None:
        """A worker does everything that is due, or dies of it and is replaced; others may come in between."""
        if not self._works(place, MOST_SETS):
            raise AssertionError(f"after {MOST_SETS} sets of keys there is still something due")
        self.life.begin()

    def take_turn(self, place: str, *, sleeps_s: float, sets: int) -> None:
        """In the middle of another's work, which sleeps so long, this worker does some of what is due."""
        self.clock.advance(sleeps_s)
        if self.names[place] not in self.watch.at_work:
            self.counted["workers that came in between"] += 1
            self.counted["workers that slept past their lease"] += sleeps_s > LEASE_S
            self._works(place, sets)

    def _works(self, place: str, sets: int) -> bool:
        """Whether nothing is due any more, or nobody is there to do it."""
        self.watch.at_work.append(self.names[place])
        try:
            return any(self.workers[place].step() == 0 for _ in range(sets))
        except Stopped:
            self.counted["workers killed"] += 1
            self.watch.died()
            self.start_anew(place)
            return True
        finally:
            self.watch.at_work.pop()

    def start_anew(self, place: str) -> None:
        """What a worker had in memory is forgotten. Its successor goes by another name, as processes do."""
        self._starts += 1
        self.names[place] = f"{place} {self._starts}"
        self.workers[place] = self.new_worker(self.names[place])

    def deliver(self) -> None:
        """Webhooks that are due now come to the door."""
        self.counted["webhooks delivered"] += self.site.outbox.pump(self._knock, now=self.site.now())

    def _knock(self, url: str, body: bytes, headers: dict[str, str]) -> int:
        path = "/webhooks/" + url.removeprefix(DOOR)
        if path.endswith("confluence"):
            headers = headers | {"X-Tieout-Secret": SHARED.decode()}
        return self.door.post(path, data=body, headers=headers).status_code

    def let_pass(self, seconds: float, place: str = WORKERS[0]) -> None:
        self.clock.advance(seconds)
        self.deliver()
        self.work(place)

    # The end.

    def calm(self) -> None:
        """Nothing goes wrong any more."""
        self.life.calm()
        undo_all(self)
        self.site.faults.clear()
        bot = self.site.account_by_email(BOT_EMAIL)
        assert bot is not None
        bot.token_expires_at = None
        for delivery in self.site.outbox.pending:
            delivery.due_at = self.site.now()

    def rest(self) -> None:
        """Nothing goes wrong any more, and time passes until nothing is left to be done."""
        self.calm()
        self._until_quiet()
        self.release_brakes()
        with self.db.write() as conn:
            replay(conn)
        self.look_at_everything()
        self._until_quiet()

    def release_brakes(self) -> None:
        """What people deleted here they meant to, and the coordinator says so."""
        brakes = Brakes(self.db, self.sites)
        with self.db.read() as conn:
            names = list(Store(conn).brakes.all())
        for affected in filter(None, map(brakes.affected, names)):
            brakes.release(affected, by="dana", reason="they were deleted on purpose")
            self.counted["brakes released"] += 1

    def _until_quiet(self) -> None:
        for _ in range(MOST_ROUNDS):
            self.let_pass(300)
            if not self.site.outbox.pending and not self.open_keys():
                return
        raise AssertionError(f"after {MOST_ROUNDS * 5} quiet minutes there is still to do: {self.open_keys()}")

    def look_at_everything(self) -> None:
        """The nightly sweep and both polls, now."""
        with self.db.write() as conn:
            mark(conn, [SWEEP_ALL, POLL_JIRA, POLL_CONFLUENCE], lane=LIVE)
        self.work()

    def open_keys(self) -> list[str]:
        """Records with something still to be done, with their last error."""
        wanted = select(work.c.key, work.c.last_error).where(
            work.c.key.startswith(RECORD), work.c.wanted > work.c.done, work.c.is_dead.is_(False)
        )
        with self.db.read() as conn:
            return [f"{key}: {error}" for key, error in conn.execute(wanted)]

    def dead_letters(self) -> list[DeadLetter]:
        with self.db.read() as conn:
            return dead(conn)

    def close(self) -> None:
        self.db.dispose()
