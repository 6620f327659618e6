"""One line of the log when the database gets into trouble and one when it is over, however many calls meet it."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

log = logging.getLogger(__name__)

OVER_AFTER_S = 10.0
"""How long all must go well before a bout is over. A full disk still takes what changes nothing."""


class TroubleLog:
    """For all threads of a process. `stopwatch` tells seconds from any beginning."""

    def __init__(self, stopwatch: Callable[[], float]) -> None:
        self._stopwatch = stopwatch
        self._guard = threading.Lock()
        self._times = 0
        self._last_s = 0.0

    def failed(self, error: Exception) -> None:
        with self._guard:
            self._times += 1
            self._last_s = self._stopwatch()
            is_first = self._times == 1
        if is_first:
            log.warning("database in trouble", extra={"error": str(error)})

    def served(self) -> None:
        if not self._times:
            return
        with self._guard:
            times, is_over = self._times, self._stopwatch() - self._last_s >= OVER_AFTER_S
            if is_over:
                self._times = 0
        if times and is_over:
            log.warning("database serves again", extra={"times": times})
