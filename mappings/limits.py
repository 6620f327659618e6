"""What the calls to the sites ask of whoever keeps their limits: one word for `sync`, which keeps them for all workers,
and `connector`, which asks."""

from __future__ import annotations

from typing import Protocol

PER_ISSUE = "per-issue"
"""What is in the reason of a limit that concerns one issue and nothing else."""


class Limits(Protocol):
    def ask(self, issue: str | None) -> None:
        """Before each call, with the issue's id where it writes to one. Raises Throttled when it must wait."""

    def is_near(self, reset_in_s: float) -> None:
        """The site said that little is left of a limit, which is filled again after so long. Nothing is written yet."""

    def is_down(self, for_s: float) -> None:
        """The site said for how long it is not there for anybody (503). Nothing is written yet."""

    def refused(self, issue: str, after_s: float) -> None:
        """The site takes no more writes to this issue for so long."""


class NoLimits:
    """For clients whose calls nobody counts."""

    def ask(self, issue: str | None) -> None:
        pass

    def is_near(self, reset_in_s: float) -> None:
        pass

    def is_down(self, for_s: float) -> None:
        pass

    def refused(self, issue: str, after_s: float) -> None:
        pass
