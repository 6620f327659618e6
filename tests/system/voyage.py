"""One voyage of a fleet: a company at work around real processes, and a ledger of what people did, to compare with.

It is to real processes what `history` is to virtual time, and offers people and invariants the same.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Any

import requests

from connector.connect import connect_confluence, connect_jira
from connector.sandbox.adapter import SandboxAdapter, WsgiApp
from connector.sandbox.app import create_app
from connector.sandbox.faults import Faults
from connector.sandbox.outbox import Hook
from connector.sandbox.seed import BOT_TOKEN, token_of
from connector.sandbox.visitor import Visitor
from mappings.request_list.options import ImportOptions
from sync.importing import RequestList, import_list
from sync.keys import POLL_CONFLUENCE, POLL_JIRA, SWEEP_ALL
from sync.retry import Retry
from sync.sites import Sites
from sync.vault import Vault
from sync.work import LIVE, DeadLetter, dead, mark, replay
from sync.worker import Worker
from tests.system.at_rest import NO_WAY
from tests.system.fleet import LOOK_S, Fleet
from tests.system.lease_log import leases
from tests.system.ledger import Ledger
from tests.system.world import AUDIT
from webhooks.demo.stage import EVENTS, PAGE_EVENTS, SECRET
from webhooks.rules_file import read_rules

HEAD = "Request #,Title,Description,Criteria,Team,Owner,Reviewer,Due date,Priority\n"
TEAMS = ("Security", "Platform", "People", "IT", "Legal")
OWNERS = ("Priya Nair <priya.nair@acme.example>", "Tomas Berg <tomas.berg@acme.example>")
CRASHED = "workers in a row died"
ANSWERS_WITHIN_S = 3.0
ENDS_WITHIN_S = 90.0
SENDERS = 3
"""Webhooks under way at once."""


class _PeoplesLine(SandboxAdapter):
    """People's line: what goes wrong on the site goes wrong for Tieout alone."""

    def __init__(self, app: WsgiApp, faults: Faults) -> None:
        super().__init__(app)
        self._faults = faults

    def send(self, request: requests.PreparedRequest, *args: Any, **network: Any) -> requests.Response:
        kept, self._faults.scripted = self._faults.scripted, []
        try:
            return super().send(request, *args, **network)
        finally:
            self._faults.scripted = kept


class Voyage:
    """A fleet with its company. `counted` is what happened."""

    def __init__(self, ships: Fleet, home: Path, seed: int) -> None:
        self.ships, self.site, self.db, self.clock = ships, ships.site, ships.db, ships.site.clock
        self.session = requests.Session()
        self.session.mount(self.site.base_url, _PeoplesLine(create_app(self.site), self.site.faults))
        self.rules = read_rules(home / "tieout.toml")
        jira = connect_jira(self.rules.jira, BOT_TOKEN, session=self.session)
        self.sites = Sites(jira, connect_confluence(self.rules.confluence, BOT_TOKEN, session=self.session), self.rules)
        self.vault = Vault(home / "evidence")
        self.ledger, self.counted = Ledger(), Counter[str]()
        self.acknowledged: dict[str, str] = {}
        """Webhooks that were answered with 2xx: the hash of the body by the delivery's id."""
        self.listed: dict[str, str] = {}
        self._sending: set[int] = set()
        """Threads that have webhooks in hand."""
        self._uids = iter(range(seed << 32, (seed + 1) << 32))

    def person(self, email: str) -> Visitor:
        return Visitor(self.site.base_url, email, token_of(email), self.session)

    def account(self, email: str) -> str:
        account = self.site.account_by_email(email)
        assert account is not None
        return account.account_id

    # The register's own side.

    def lengthen_list(self, by: int) -> None:
        """The auditor asks for more things."""
        for n in range(len(self.listed) + 1, len(self.listed) + by + 1):
            due_on = self.clock.now().date() + timedelta(days=20 + n % 7)
            self.listed[f"R-{n:03}"] = (
                f"Evidence {n},Show what was done,CC6.{n % 8 + 1},{TEAMS[n % 5]},{OWNERS[n % 2]},"
                f"Marco Rossi <marco.rossi@acme.example>,{due_on},Medium"
            )
        self.bring_list()

    def bring_list(self) -> None:
        content = HEAD + "".join(f"{number},{row}\n" for number, row in sorted(self.listed.items()))
        brought = RequestList(AUDIT, "list.csv", content.encode(), "dana")
        imported = import_list(
            self.db, brought, self.rules.audit[AUDIT], ImportOptions(), new_uid=lambda: f"{next(self._uids):032x}"
        )
        assert not imported.plan.is_refused, imported.plan

    # Webhooks.

    @contextmanager
    def hooks(self) -> Iterator[None]:
        """Webhooks of both products come to the door within the block; each is tried until it is acknowledged."""
        for number, product, events in ((1, "jira", (*EVENTS, "issuelink_created")), (2, "confluence", PAGE_EVENTS)):
            secret = SECRET if product == "jira" else None
            url = f"{self.ships.web}/webhooks/{product}"
            self.site.outbox.hooks[number] = Hook(number, product, "Tieout", url, events, secret=secret)  # type: ignore[arg-type]  # one of the two
        over = threading.Event()
        senders = [threading.Thread(target=self._send_until, args=(over,), daemon=True) for _ in range(SENDERS)]
        for sender in senders:
            sender.start()
        try:
            yield
        finally:
            over.set()
            for sender in senders:
                sender.join()

    def _send_until(self, over: threading.Event) -> None:
        with requests.Session() as session:

            def knock(url: str, body: bytes, headers: dict[str, str]) -> int:
                headers = headers if "X-Hub-Signature" in headers else headers | {"X-Tieout-Secret": SECRET}
                while True:
                    try:
                        status = session.post(url, data=body, headers=headers, timeout=ANSWERS_WITHIN_S).status_code
                    except requests.RequestException:
                        status = 0
                    if 200 <= status < 300:
                        self.acknowledged[headers["X-Atlassian-Webhook-Identifier"]] = sha256(body).hexdigest()
                        return status
                    self.counted["webhooks not acknowledged"] += 1
                    if over.wait(LOOK_S):
                        return status

            while not over.wait(LOOK_S):
                self._sending.add(threading.get_ident())
                self.site.outbox.pump(knock, now=self.site.now())
                self._sending.discard(threading.get_ident())

    # The end.

    def come_to_rest(self, *, polls: bool) -> None:
        """Nothing goes wrong any more, and every process lives until nothing is left to be done."""
        self.site.faults.clear()
        if polls:
            n = max((each.n for each in leases(self.db)), default=0)
            self.ships.wait_until("both sides were polled once more", lambda: self._polled_since(n))
        self.ships.wait_until("all is done", self._is_quiet)
        for letter in self.dead_letters():
            if CRASHED in letter.error:
                self.counted["dead of kills, replayed"] += 1
                with self.db.write() as conn:
                    replay(conn, [letter.key])
        self.ships.wait_until("all that was replayed is done", self._is_quiet)

    def _polled_since(self, n: int) -> bool:
        """Whether a poll of each side began after that entry of the lease log, and has ended."""
        since = leases(self.db, after=n)
        begun = {(each.key, each.fence) for each in since if each.is_claim}
        ended = {each.key for each in since if each.is_finish and (each.key, each.fence) in begun}
        return {POLL_JIRA, POLL_CONFLUENCE} <= ended

    def _is_quiet(self) -> bool:
        """Twice in a row, as what is done may lead to a webhook, and that to more to do."""
        return all(self._seems_quiet(pause) for pause in (0.0, 0.3))

    def _seems_quiet(self, pause_s: float) -> bool:
        time.sleep(pause_s)
        return not self.site.outbox.pending and not self._sending and not self.open_keys()

    # What the invariants ask for.

    @cached_property
    def inspector(self) -> Worker:
        """A process that nobody kills. The set-up is none of its business, so what is refused dies in its hands at once
        and does not wait for that to be mended."""
        return Worker(self.db, self.sites, self.vault, name="inspector", retry=Retry())

    def take_over(self) -> None:
        """The inspector does what a poll saw while the others were told to end. It is new to every workflow, so where
        they found no way for a card it looks for one itself."""
        with self.db.write() as conn:
            replay(conn, [letter.key for letter in self.dead_letters() if NO_WAY in letter.error])
        give_up_at = time.monotonic() + ENDS_WITHIN_S
        while self.inspector.run_until_quiet(most_rounds=400) or self.open_keys():
            assert time.monotonic() < give_up_at, self.open_keys()
            time.sleep(LOOK_S)

    def look_at_everything(self) -> None:
        """The nightly sweep and both polls."""
        with self.db.write() as conn:
            mark(conn, [SWEEP_ALL, POLL_JIRA, POLL_CONFLUENCE], lane=LIVE)
        self.inspector.run_until_quiet(most_rounds=400)

    def writes(self) -> list[str]:
        return [f"{call.method} {call.path}" for call in self.site.calls.writes()]

    def open_keys(self) -> list[str]:
        dead_keys = {letter.key for letter in self.dead_letters()}
        return [line for line in self.ships.open_records() if line.split(": ", 1)[0] not in dead_keys]

    def dead_letters(self) -> list[DeadLetter]:
        with self.db.read() as conn:
            return dead(conn)


Deed = Callable[[Voyage], None]
