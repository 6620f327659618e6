"""One Atlassian Cloud site: its accounts, its two products, and everything that can go wrong with them."""

import random
import threading
from collections import defaultdict
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from connector.sandbox.accounts import Account
from connector.sandbox.calls import CallLog
from connector.sandbox.clock import Clock
from connector.sandbox.companion import Companion
from connector.sandbox.confluence.state import ConfluenceState
from connector.sandbox.faults import Faults
from connector.sandbox.grants import OAuthDesk
from connector.sandbox.jira.state import JiraState
from connector.sandbox.outbox import Outbox

CLOUD_ID = "11223344-a1b2-4b33-8c44-def123456789"
FIRST_ID = 10000


class Site:
    """The state of a site, and its lock, which is held for the whole of each request.

    `seed` makes every identifier and every random fault repeatable. `skew_s` is how far the site's clock runs
    ahead of `clock`, in seconds; whatever the site says about time comes from `now()`.
    """

    def __init__(
        self,
        clock: Clock,
        *,
        base_url: str = "https://acme.atlassian.net",
        cloud_id: str = CLOUD_ID,
        seed: int = 1,
    ) -> None:
        self.clock = clock
        self.base_url = base_url.rstrip("/")
        self.cloud_id = cloud_id
        self.skew_s = 0.0
        self.lock = threading.RLock()
        self.rng = random.Random(seed)  # noqa: S311  repeatable identifiers, nothing secret
        self._traces = random.Random(seed)  # noqa: S311  apart, so that reading moves no webhook's fate
        self.faults = Faults()
        self.calls = CallLog()
        self.outbox = Outbox(self.faults, self.rng, self.lock)
        self.accounts: dict[str, Account] = {}
        self.oauth = OAuthDesk()
        self.jira = JiraState()
        self.confluence = ConfluenceState()
        self.companion: Companion | None = None
        self._counters: dict[str, int] = defaultdict(lambda: FIRST_ID - 1)
        self._late: list[tuple[datetime, Callable[[], object]]] = []

    def now(self) -> datetime:
        """The site's time, aware, in UTC."""
        return self.clock.now() + timedelta(seconds=self.skew_s)

    def next_id(self, kind: str) -> int:
        """The next number of a kind ("issue", "comment", ...), from 10000 up."""
        with self.lock:
            self._counters[kind] += 1
            return self._counters[kind]

    def next_trace(self) -> str:
        """What the next answer is called in Atlassian's logs."""
        return f"{self._traces.getrandbits(128):032x}"

    def add_account(self, account: Account | None = None, **fields: Any) -> Account:
        """Add an account: a made one, or the fields of a new one."""
        added = account if account is not None else Account(**fields)
        if added.account_id in self.accounts:
            raise ValueError(f"account {added.account_id} is on this site already; give another account_id")
        self.accounts[added.account_id] = added
        return added

    def account_by_email(self, email: str) -> Account | None:
        """The account with this address, whether or not it shows it."""
        wanted = email.casefold()
        return next((a for a in self.accounts.values() if a.email.casefold() == wanted), None)

    def apply_later(self, delay_s: float, apply: Callable[[], object]) -> None:
        """Keep a request whose client has given up, to be applied `delay_s` from now, however its clock is set."""
        self._late.append((self.clock.now() + timedelta(seconds=delay_s), apply))

    def settle(self) -> None:
        """Apply the late requests that are due; every request does this first."""
        if not self._late:
            return
        with self.lock:
            now = self.clock.now()
            due = [apply for at, apply in self._late if at <= now]
            self._late = [(at, apply) for at, apply in self._late if at > now]
            for apply in due:
                apply()
