"""What comes in between a worker's steps: people act, other workers work, and somebody is stopped dead."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from tests.system.steps import AFTER_COMMIT, Steps

CALL = r"^before [A-Z]+ "
ANY_STEP = ""
BEFORE_NO_WRITE = "^(?!before (POST|PUT|DELETE))"
"""Any step but the last one before a call that changes something: there a process may sleep past its lease, and nothing
on earth can keep it from making its call when it wakes."""


@dataclass
class _Waiting:
    """Something that happens at the `left`-th step from now on that fits."""

    fits: re.Pattern[str]
    left: int
    act: Callable[[], None]


class Life(Steps):
    """The steps of all workers of a history, whoever takes them; only one of them is at work at any moment.

    What waits for a step happens while no transaction is open: nobody else could write, and waiting would be for ever.
    """

    def __init__(self) -> None:
        super().__init__()
        self._waiting: list[_Waiting] = []
        self.now_at = ""
        """The step that a worker is at."""
        self.after_commit: Callable[[], None] = lambda: None

    def meanwhile(self, steps: int, act: Callable[[], None], at: str = CALL) -> None:
        """At the `steps`-th step that fits the pattern `at` people do not wait for us."""
        self._waiting.append(_Waiting(re.compile(at), steps, act))

    def calm(self) -> None:
        """Nothing comes in between any more."""
        self.begin()
        self._waiting.clear()

    def step(self, what: str) -> None:
        self.now_at = what
        if what == AFTER_COMMIT:
            self.after_commit()
        super().step(what)
        for each in [each for each in self._waiting if each.fits.search(what)]:
            each.left -= 1
        if self.writes_open == 0:
            self._others_act()

    def _others_act(self) -> None:
        while due := next((each for each in self._waiting if each.left <= 0), None):
            self._waiting.remove(due)
            due.act()
