"""Webhooks on their way out: registered hooks, queued deliveries, and their retries.

Deliveries are state, so that tests decide when they happen: `pump` sends those that are due through a callable.
Rules of Jira's admin webhooks from https://developer.atlassian.com/cloud/jira/platform/webhooks/: the identifier
stays the same over retries; 408, 409, 425, 429, 5xx and no answer are tried again up to five times, 5 to 15 minutes
apart; after half an hour of failures a hook gets one attempt per webhook until one succeeds. Confluence has no retry.
"""

import hashlib
import hmac
import json
import random
import threading
import uuid
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

from connector.sandbox.faults import Faults

Product = Literal["jira", "confluence"]
Send = Callable[[str, bytes, dict[str, str]], int]

RETRIED = frozenset({408, 409, 425, 429})
MAX_RETRIES = 5
RETRY_WINDOW_S = (300.0, 900.0)
SINGLE_ATTEMPT_AFTER = timedelta(minutes=30)
LATE = timedelta(minutes=1)
USER_AGENT = "Atlassian Webhook HTTP Client"


@dataclass(eq=False)
class Hook:
    """A registered webhook. `jql` filters events about an issue; an inactive hook gets nothing."""

    hook_id: int
    product: Product
    name: str
    url: str
    events: tuple[str, ...]
    jql: str = ""
    secret: str | None = None
    active: bool = True
    exclude_body: bool = False
    owner_id: str | None = None
    updated_at: datetime | None = None
    failing_since: datetime | None = None


@dataclass(eq=False)
class Delivery:
    """One webhook to one hook; `retries` counts the attempts after the first."""

    identifier: str
    hook: Hook
    event: str
    body: bytes
    due_at: datetime
    flow: Literal["Primary", "Secondary"] = "Primary"
    retries: int = 0


@dataclass(frozen=True)
class Attempt:
    """What came of one attempt; `status` is None when the receiver did not answer."""

    identifier: str
    event: str
    url: str
    status: int | None
    retries: int
    at: datetime


@dataclass
class Outbox:
    """The hooks of a site and what is under way to them. `rng` decides identifiers, delays and losses."""

    faults: Faults
    rng: random.Random
    lock: threading.RLock
    hooks: dict[int, Hook] = field(default_factory=dict)
    pending: list[Delivery] = field(default_factory=list)
    attempts: deque[Attempt] = field(default_factory=lambda: deque(maxlen=10_000))
    lost: int = 0
    doubled: int = 0
    held_back: int = 0
    """Those that set out later than a minute after their event."""

    def listening(self, product: Product, event: str) -> list[Hook]:
        """Active hooks of a product that asked for this event."""
        return [h for h in self.hooks.values() if h.active and h.product == product and event in h.events]

    def queue(
        self,
        hook: Hook,
        event: str,
        payload: dict[str, Any],
        *,
        now: datetime,
        flow: Literal["Primary", "Secondary"] = "Primary",
    ) -> None:
        """Put one webhook on its way, subject to the faults in force."""
        faults = self.faults.webhooks
        if self._happens("lose"):
            self.lost += 1
            return
        body = b"" if hook.exclude_body else json.dumps(payload, ensure_ascii=False).encode()
        identifier = str(uuid.UUID(int=self.rng.getrandbits(128), version=4))
        times = 2 if self._happens("duplicate") else 1
        self.doubled += times - 1
        for _ in range(times):
            due_at = now + timedelta(seconds=self.rng.uniform(0, faults.delay_s))
            self.held_back += due_at - now > LATE
            self.pending.append(Delivery(identifier, hook, event, body, due_at, flow))

    def pump(self, send: Send, *, now: datetime) -> int:
        """Attempt every delivery that is due and return how many were attempted.

        `send(url, body, headers)` returns the receiver's status or raises OSError (which requests' exceptions
        are) for no answer. It is called without the site's lock, so that a receiver may call the site back.
        """
        with self.lock:
            due = [delivery for delivery in self.pending if delivery.due_at <= now]
            self.pending = [delivery for delivery in self.pending if delivery.due_at > now]
            if self.faults.webhooks.reorder:
                self.rng.shuffle(due)
        for delivery in due:
            status = _attempt(send, delivery)
            with self.lock:
                self._settle(delivery, status, now)
        return len(due)

    def next_due_at(self) -> datetime | None:
        """When the next delivery is due; None when nothing is under way."""
        return min((delivery.due_at for delivery in self.pending), default=None)

    def _settle(self, delivery: Delivery, status: int | None, now: datetime) -> None:
        hook = delivery.hook
        self.attempts.append(Attempt(delivery.identifier, delivery.event, hook.url, status, delivery.retries, now))
        if status is not None and status < 400:
            hook.failing_since = None
            return
        hook.failing_since = hook.failing_since or now
        if self._will_retry(delivery, status, now):
            delivery.retries += 1
            delivery.due_at = now + timedelta(seconds=self.rng.uniform(*RETRY_WINDOW_S))
            self.pending.append(delivery)

    @staticmethod
    def _will_retry(delivery: Delivery, status: int | None, now: datetime) -> bool:
        hook = delivery.hook
        worth_it = status is None or status in RETRIED or status >= 500
        given_up = hook.failing_since is not None and now - hook.failing_since >= SINGLE_ATTEMPT_AFTER
        return hook.product == "jira" and worth_it and delivery.retries < MAX_RETRIES and not given_up

    def _happens(self, what: Literal["lose", "duplicate"]) -> bool:
        faults = self.faults.webhooks
        scripted: int = getattr(faults, f"{what}_next")
        if scripted > 0:
            setattr(faults, f"{what}_next", scripted - 1)
            return True
        share: float = getattr(faults, what)
        return share > 0 and self.rng.random() < share


def signature(secret: str, body: bytes) -> str:
    """The value of X-Hub-Signature for a raw body."""
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def headers_of(delivery: Delivery) -> dict[str, str]:
    """The headers an attempt carries."""
    headers = {
        "Content-Type": "application/json; charset=UTF-8",
        "User-Agent": USER_AGENT,
        "X-Atlassian-Webhook-Identifier": delivery.identifier,
        "X-Atlassian-Webhook-Flow": delivery.flow,
    }
    if delivery.retries:
        headers["X-Atlassian-Webhook-Retry"] = str(delivery.retries)
    if delivery.hook.secret:
        headers["X-Hub-Signature"] = signature(delivery.hook.secret, delivery.body)
    return headers


def _attempt(send: Send, delivery: Delivery) -> int | None:
    try:
        return send(delivery.hook.url, delivery.body, headers_of(delivery))
    except OSError:
        return None
