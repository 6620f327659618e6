"""A bell in the process: whoever makes something due rings it, and a resting worker looks at once, not a while later.

Only a hint: the workers of other processes do not hear it, and every worker looks now and then as well.
"""

from __future__ import annotations

import threading


class Bell:
    """Rung once for each commit that made something due."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._rung = 0

    @property
    def rung(self) -> int:
        """How often it was rung: to be noted before one looks, so that no ring falls between looking and waiting."""
        return self._rung

    def ring(self) -> None:
        with self._changed:
            self._rung += 1
            self._changed.notify_all()

    def wait(self, noted: int, at_most_s: float) -> None:
        """Return when it was rung more often than was `noted`, at once if it was already, or when the time is up."""
        with self._changed:
            self._changed.wait_for(lambda: self._rung != noted, at_most_s)
