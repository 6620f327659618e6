"""How often this process asked Atlassian for what: calls are what this software costs."""

from __future__ import annotations

import threading
from collections import Counter

from webhooks.metrics import CallCount

READING_POSTS = frozenset(
    {
        "/rest/api/3/issue/bulkfetch",
        "/rest/api/3/search/jql",
        "/rest/api/3/changelog/bulkfetch",
        "/wiki/api/v2/users-bulk",
    }
)
"""POSTs that change nothing."""


class CallTally:
    """Counts calls of all threads; `observe` is what a client tells each call to."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: Counter[tuple[str, str, int]] = Counter()

    def observe(self, method: str, template: str, status: int, _elapsed_s: float) -> None:
        with self._lock:
            self._counts[method, template, status] += 1

    def all(self) -> list[CallCount]:
        with self._lock:
            return [CallCount(*key, count) for key, count in sorted(self._counts.items())]

    def writes(self) -> int:
        """Calls that may have changed something, whatever came of them."""
        return sum(call.count for call in self.all() if call.method != "GET" and call.template not in READING_POSTS)
