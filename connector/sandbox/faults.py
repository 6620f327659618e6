"""What goes wrong on the site, on demand: scripted for the next requests, or standing conditions.

A fault is taken by the first request that fits it, `times` times. Nothing here happens by itself: a new site has no
faults, no lag and no skew; only Jira's per-issue write limit is on.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

from connector.sandbox.limits import Form, Limits

Kind = Literal["status", "status_after", "drop_before", "drop_after", "timeout_before", "timeout_after", "late"]


class DroppedError(ConnectionError):
    """The client gets no answer. `timed_out` tells a read time-out from a connection that was cut."""

    def __init__(self, *, timed_out: bool) -> None:
        super().__init__("the sandbox dropped this request as it was told to")
        self.timed_out = timed_out


@dataclass
class Fault:
    """One scripted fault.

    `kind`: "status" answers `status` and does nothing; "status_after" does it and then answers `status`;
    drop_*/timeout_* give no answer, before or after the state changed; "late" times out now and applies the
    request `delay_s` later by the site's clock. `method` "*" is any; `path` is a regular expression searched in
    the path (without gateway prefix). `spares` is how many requests that fit go through first.
    """

    kind: Kind
    method: str = "*"
    path: str = ""
    times: int = 1
    status: int = 503
    retry_after_s: int | None = None
    reason: str = "jira-burst-based"
    form: Form = "all"
    delay_s: float = 0.0
    spares: int = 0

    def fits(self, method: str, path: str) -> bool:
        return self.times > 0 and self.method in ("*", method) and re.search(self.path, path) is not None


@dataclass
class WebhookFaults:
    """What happens to webhooks under way: a share (0 to 1) lost, doubled, or held back up to `delay_s` seconds.

    `lose_next` and `duplicate_next` count down with each webhook; `reorder` shuffles what is due together.
    """

    lose: float = 0.0
    duplicate: float = 0.0
    delay_s: float = 0.0
    reorder: bool = False
    lose_next: int = 0
    duplicate_next: int = 0


@dataclass
class Faults:
    """All faults of a site. `index_lag_s` is how long a change stays invisible to search."""

    index_lag_s: float = 0.0
    bad_login_is_anonymous: bool = False
    limits: Limits = field(default_factory=Limits)
    webhooks: WebhookFaults = field(default_factory=WebhookFaults)
    scripted: list[Fault] = field(default_factory=list)
    unreadable: dict[str, int] = field(default_factory=dict)
    """Issue ids that a bulk fetch cannot show, with how many times more: its `issueErrors`."""

    bulk_stops_after: list[int] = field(default_factory=list)
    """For each of the next bulk creates: how many issues it makes before its answer is lost."""

    def add(self, kind: Kind, method: str = "*", path: str = "", **options: object) -> Fault:
        """Script a fault; `options` are the other fields of `Fault`."""
        fault = Fault(kind, method, path, **options)  # type: ignore[arg-type]  # checked by Fault's own fields
        self.scripted.append(fault)
        return fault

    def rate_limit(
        self, method: str = "*", path: str = "", *, retry_after_s: int = 5, times: int = 1, form: Form = "all"
    ) -> Fault:
        """Script 429 answers, with all their headers or with some."""
        return self.add("status", method, path, status=429, retry_after_s=retry_after_s, times=times, form=form)

    def take(self, method: str, path: str) -> Fault | None:
        """The fault that hits this request, used up by one; None when it goes through."""
        for fault in self.scripted:
            if fault.fits(method, path):
                if fault.spares > 0:
                    fault.spares -= 1
                    continue
                fault.times -= 1
                self._drop_spent(self.scripted)
                return fault
        return None

    def take_unreadable(self, issue_id: str) -> bool:
        """Whether an issue cannot be shown this time; used up by one."""
        left = self.unreadable.get(issue_id, 0)
        if left:
            self.unreadable[issue_id] = left - 1
        return left > 0

    def clear(self) -> None:
        """Back to a site on which nothing goes wrong."""
        self.scripted.clear()
        self.unreadable.clear()
        self.bulk_stops_after.clear()
        self.index_lag_s = 0.0
        self.bad_login_is_anonymous = False
        self.webhooks = WebhookFaults()
        self.limits = Limits()

    def _drop_spent(self, faults: Iterable[Fault]) -> None:
        self.scripted = [fault for fault in faults if fault.times > 0]
