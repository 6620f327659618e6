"""A history: Tieout whole in virtual time, over a line that breaks and with a worker that can be killed at any step.

Nothing happens by itself. A machine or a soak makes people act, things go wrong and time pass; `rest` ends it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import requests
from sqlalchemy import select

from connector.connect import connect_confluence, connect_jira
from connector.sandbox.adapter import SandboxAdapter
from connector.sandbox.app import create_app
from connector.sandbox.clock import ManualClock
from connector.sandbox.faults import Faults
from connector.sandbox.outbox import Hook
from connector.sandbox.seed import BOT_EMAIL, BOT_TOKEN
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
from sync.tables import work
from sync.work import LIVE, DeadLetter, dead, mark, replay
from sync.worker import Worker
from tests.system.ledger import Ledger
from tests.system.steps import BEFORE_COMMIT, SteppedDatabase, SteppedLine, Steps, Stopped
from tests.system.world import AUDIT, SITE, START, World
from webhooks import app as door

SIGNED, SHARED = b"jira signs with this", b"a rule of confluence sends this"
DOOR = "https://tieout.acme.example/webhooks/"
HEAD = "Request #,Title,Description,Criteria,Team,Owner,Reviewer,Due date,Priority\n"
CLOSING = StatusNames(transition_fields={"Closed": {"resolution": {"name": "Done"}}})
MOST_ROUNDS = 15
"""Rests of five minutes: no key waits longer than that, whatever went wrong before."""


class Life(Steps):
    """A worker's steps, at one of which it may be killed. `meanwhile` happens on the site just before a call, as people
    do not wait for us."""

    def __init__(self) -> None:
        super().__init__()
        self.meanwhile: list[tuple[int, Callable[[], None]]] = []

    def step(self, what: str) -> None:
        super().step(what)
        if what.startswith("before") and what != BEFORE_COMMIT:
            self._others_act()

    def _others_act(self) -> None:
        waiting, self.meanwhile = self.meanwhile, []
        for calls, act in waiting:
            if calls <= 1:
                act()
            else:
                self.meanwhile.append((calls - 1, act))


class _PeoplesLine(SandboxAdapter):
    """People's line: what goes wrong on the site goes wrong for Tieout alone."""

    def __init__(self, app: Any, faults: Faults) -> None:
        super().__init__(app)
        self._faults = faults

    def send(self, request: requests.PreparedRequest, *args: Any, **network: Any) -> requests.Response:
        kept, self._faults.scripted = self._faults.scripted, []
        try:
            return super().send(request, *args, **network)
        finally:
            self._faults.scripted = kept


class History(World):
    """A world with everything that can happen to it, and a ledger of what people did."""

    def __init__(self, database_url: str, root: Path, listed: dict[str, str]) -> None:
        clock = ManualClock(START)
        opened = open_database(database_url, clock=clock.now, is_durable=False)
        self.life, self.deaths, self.counted = Life(), 0, Counter[str]()
        self._stepped = SteppedDatabase(opened, clock, self.life)
        self._uids = iter(range(1, 10_000))
        super().__init__(opened, clock, root)
        self.session.mount(SITE, _PeoplesLine(create_app(self.site), self.site.faults))
        self.door = door.create_app(
            door.Parts(self.db, clock.now, spaces=("SOC2",), jira_secrets=(SIGNED,), shared_secrets=(SHARED,))
        ).test_client()
        self._register_hooks()
        enqueue_periodic(self.db, periods())
        self.ledger = Ledger()
        self.listed = listed
        self.bring_list()
        self.rest()

    def new_sites(self) -> Sites:
        self.rules = self.rules.model_copy(update={"status": {"PLAT": CLOSING}})
        line = requests.Session()
        line.mount(SITE, SteppedLine(create_app(self.site), self.life))
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
        imported = import_list(
            self.db, brought, self.rules.audit[AUDIT], ImportOptions(), new_uid=lambda: f"{next(self._uids):032x}"
        )
        assert not imported.plan.is_refused, imported.plan

    # Work, webhooks, time.

    def work(self) -> None:
        """Everything that is due is done, or the worker dies of it and another takes its place."""
        try:
            self.worker.run_until_quiet(most_rounds=400)
        except Stopped:
            self.deaths += 1
            self.counted["workers killed"] += 1
            self.worker = self.new_worker(f"worker {self.deaths}")
        finally:
            self.life.begin()

    def deliver(self) -> None:
        """Webhooks that are due now come to the door."""
        self.counted["webhooks delivered"] += self.site.outbox.pump(self._knock, now=self.clock.now())

    def _knock(self, url: str, body: bytes, headers: dict[str, str]) -> int:
        path = "/webhooks/" + url.removeprefix(DOOR)
        if path.endswith("confluence"):
            headers = headers | {"X-Tieout-Secret": SHARED.decode()}
        return self.door.post(path, data=body, headers=headers).status_code

    def let_pass(self, seconds: float) -> None:
        self.clock.advance(seconds)
        self.deliver()
        self.work()

    # The end.

    def calm(self) -> None:
        """Nothing goes wrong any more."""
        self.life.begin()
        self.life.meanwhile.clear()
        self.site.faults.clear()
        bot = self.site.account_by_email(BOT_EMAIL)
        assert bot is not None
        bot.token_expires_at = None
        for delivery in self.site.outbox.pending:
            delivery.due_at = self.clock.now()

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
