"""What must hold at every moment of a history, and not only once it has come to rest.

A worker at work catches errors, so nothing is raised here: what is found broken is kept, and told when it is asked for.
"""

from __future__ import annotations

import re
import traceback
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import requests
from sqlalchemy import select

from connector.sandbox.adapter import WsgiApp
from connector.sandbox.clock import ManualClock
from sync.database import Database
from sync.limits import SITES, holds
from sync.tables import work
from tests.system.books import Books
from tests.system.steps import SteppedLine, Steps

LOCKED = "no call is made while the register is locked"
ONE_WORKER = "a key has one worker at a time"
FENCES = "fences only grow"
HELD = "nobody calls between a 429 and its Retry-After"
LEASED = "who makes something holds a lease"
MAKES = re.compile(r"/issue/bulk$|/comment$|/footer-comments$|/api/v2/pages$|/child/attachment$|/attachments$")

_LEASES = select(work.c.key, work.c.lease_owner, work.c.fence, work.c.due_at)


@dataclass(frozen=True, slots=True)
class _Lease:
    owner: str | None
    fence: int
    ends_at: datetime | None


@dataclass
class Watch:
    """Looks on while workers work. `at_work` are the workers under way by name; the last one works, the others wait."""

    db: Database
    clock: ManualClock
    steps: Steps
    broken: list[str] = field(default_factory=list)
    checked: Counter[str] = field(default_factory=Counter)
    at_work: list[str] = field(default_factory=list)
    held_until: datetime | None = None
    """By a site, for everybody."""
    _heard_by: str = ""
    _leases: dict[str, _Lease] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.books = Books(self.must)

    def must(self, law: str, holds: bool, facts: object) -> None:
        self.checked[law] += 1
        if not holds:
            where = [
                f"{frame.name}:{frame.lineno}" for frame in traceback.extract_stack() if "/sync/" in frame.filename
            ]
            self.broken.append(f"{law}: {facts}, in {' '.join(where)}")

    def assert_whole(self) -> None:
        """Raises what was found broken so far."""
        assert self.broken == [], "\n".join(self.broken)

    def before_call(self, method: str, path: str) -> None:
        now, what = self.clock.now(), f"{method} {path} by {self.at_work[-1:]}"
        self.must(LOCKED, self.steps.writes_open == 0, what)
        is_free = self.held_until is None or now >= self.held_until or not self._can_know(now)
        self.must(HELD, is_free, f"{what} at {now}, held {self.held_until}")
        if method != "GET" and MAKES.search(path.partition("?")[0]):
            mine = [lease for lease in self._leases.values() if lease.owner == self.at_work[-1] and lease.ends_at]
            self.must(LEASED, any(lease.ends_at and lease.ends_at > now for lease in mine), f"{what} at {now}: {mine}")

    def after_call(self, response: requests.Response) -> None:
        if response.status_code == 429 and "per-issue" not in response.headers.get("RateLimit-Reason", ""):
            until = self.clock.now() + timedelta(seconds=_asked_s(response))
            self.held_until = max(until, self.held_until or until)
            self._heard_by = "".join(self.at_work[-1:])

    def _can_know(self, now: datetime) -> bool:
        """Who comes in between before the one who heard it has kept it cannot."""
        if self._heard_by not in self.at_work[:-1]:
            return True
        with self.db.read() as conn:
            return SITES in holds(conn, now)

    def died(self) -> None:
        """Who was at work is dead: of a 429 that it heard and had not kept yet nobody else can know."""
        with self.db.read() as conn:
            self.held_until = holds(conn, self.clock.now()).get(SITES)

    def committed(self) -> None:
        """Something was kept in the register."""
        with self.db.read() as conn:
            rows = conn.execute(_LEASES).all()
            self.books.look(conn)
        now = self.clock.now()
        for key, owner, fence, due_at in rows:
            lease, last = _Lease(owner, fence, due_at), self._leases.get(key)
            if last is not None and lease != last:
                self.must(FENCES, fence >= last.fence, f"{key}: {last} then {lease}")
                is_over = last.owner is None or last.ends_at is None or last.ends_at <= now
                self.must(ONE_WORKER, fence == last.fence or is_over, f"{key} at {now}: {last} then {lease}")
            self._leases[key] = lease


class WatchedLine(SteppedLine):
    """Tieout's line to the site, looked on."""

    def __init__(self, app: WsgiApp, watch: Watch) -> None:
        super().__init__(app, watch.steps)
        self._watch = watch

    def send(self, request: requests.PreparedRequest, *args: Any, **network: Any) -> requests.Response:
        self._watch.before_call(request.method or "", request.path_url)
        return super().send(request, *args, **network)

    def build_response(self, req: requests.PreparedRequest, resp: Any) -> requests.Response:
        response = super().build_response(req, resp)
        self._watch.after_call(response)
        return response


def _asked_s(response: requests.Response) -> float:
    """How long a 429 asks to wait, for certain: a time of day is told to the second."""
    said = response.headers
    after, reset = said.get("Retry-After", ""), said.get("X-RateLimit-Reset", "")
    if after.isdigit():
        return float(after)
    if not after and not reset:
        return 0.0
    until = parsedate_to_datetime(after) if after else datetime.fromisoformat(reset)
    return max(0.0, (until - parsedate_to_datetime(said["Date"])).total_seconds() - 1)
