"""Atlassian's rate limits as the site keeps them: writes to one issue, and bursts on one endpoint.

Both are by the site's own clock. The refusal is a 429 with all the headers of the real one; the numbers are from
https://developer.atlassian.com/cloud/jira/platform/rate-limiting/.
"""

from collections import defaultdict, deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.utils import format_datetime
from typing import Literal

Form = Literal["all", "seconds", "date", "reset", "bare"]
"""Jira's own answers have all; a proxy before it may say an HTTP date, or nothing at all."""
PER_ISSUE = ((20, 2.0), (100, 30.0))
BURST_PER_S = {"GET": 100.0, "POST": 100.0, "PUT": 50.0, "DELETE": 50.0}
OWN_BURST_PER_S = {
    ("GET", "/rest/api/3/issue/<id_or_key>"): 150.0,
    ("GET", "/rest/api/3/issue/<id_or_key>/changelog"): 200.0,
    ("GET", "/rest/api/3/attachment/content/<attachment_id>"): 300.0,
    ("GET", "/wiki/api/v2/pages/<page_id>/descendants"): 300.0,
}
"""Endpoints with a rate of their own; the real list is longer."""
NEAR_SHARE = 0.2


@dataclass(frozen=True)
class Excess:
    """A limit that was passed: what it is called, how many it allows, and when to come back (seconds)."""

    reason: str
    limit: int
    retry_after_s: int


@dataclass
class _Bucket:
    tokens: float
    filled_at: datetime


@dataclass
class Limits:
    """Counters of what was done lately. Per-issue writes are limited by default, bursts are not."""

    per_issue: bool = True
    burst: bool = False
    is_near: bool = False
    """Every answer says that less than a fifth is left."""
    _writes: dict[str, deque[datetime]] = field(default_factory=lambda: defaultdict(deque))
    _buckets: dict[tuple[str, str], _Bucket] = field(default_factory=dict)

    def issue_write(self, issue_id: str, now: datetime) -> Excess | None:
        """Count one write to an issue; the excess when it is one too many, and then it is not counted."""
        if not self.per_issue:
            return None
        done = self._writes[issue_id]
        longest = max(window for _, window in PER_ISSUE)
        while done and now - done[0] >= timedelta(seconds=longest):
            done.popleft()
        for allowed, window_s in PER_ISSUE:
            recent = [at for at in done if now - at < timedelta(seconds=window_s)]
            if len(recent) >= allowed:
                wait = window_s - (now - recent[-allowed]).total_seconds()
                return Excess("jira-per-issue-on-write", allowed, max(1, round(wait + 0.5)))
        done.append(now)
        return None

    def request(self, method: str, template: str, now: datetime) -> Excess | None:
        """Take a token from the endpoint's bucket; the excess when it is empty."""
        if not self.burst:
            return None
        rate = _rate(method, template)
        bucket = self._buckets.setdefault((method, template), _Bucket(rate, now))
        passed_s = max(0.0, (now - bucket.filled_at).total_seconds())
        bucket.tokens, bucket.filled_at = min(rate, bucket.tokens + passed_s * rate), now
        if bucket.tokens < 1:
            return Excess("jira-burst-based", int(rate), 1)
        bucket.tokens -= 1
        return None

    def left(self, method: str, template: str) -> dict[str, str]:
        """What an answer that is no refusal says of its endpoint's bucket."""
        bucket = self._buckets.get((method, template)) if self.burst else None
        if bucket is None:
            return {}
        rate = _rate(method, template)
        said = {"X-RateLimit-Limit": str(int(rate)), "X-RateLimit-Remaining": str(int(bucket.tokens))}
        return said | ({"X-RateLimit-NearLimit": "true"} if bucket.tokens < rate * NEAR_SHARE else {})


NEAR = {"X-RateLimit-Limit": "100", "X-RateLimit-Remaining": "12", "X-RateLimit-NearLimit": "true"}


def headers(excess: Excess, now: datetime, form: Form = "all") -> dict[str, str]:
    """The headers of a 429; `form` is which of those that say when to come back it has."""
    reset_at = now + timedelta(seconds=excess.retry_after_s)
    said = {
        "X-RateLimit-Limit": str(excess.limit),
        "X-RateLimit-Remaining": "0",
        "RateLimit-Reason": excess.reason,
    }
    if form in ("all", "seconds"):
        said["Retry-After"] = str(excess.retry_after_s)
    if form in ("all", "reset"):
        said["X-RateLimit-Reset"] = reset_at.strftime("%Y-%m-%dT%H:%M:%SZ")
    if form == "date":
        said["Retry-After"] = format_datetime(reset_at, usegmt=True)
    return said


def _rate(method: str, template: str) -> float:
    return OWN_BURST_PER_S.get((method, template), BURST_PER_S.get(method, 100.0))
