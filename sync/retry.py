"""What to do after an error, as a value: later, never, or once a person has mended the site's token.

What passes by itself is tried for two weeks by the clock. What no site says, our own mistakes, gets a few tries.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from mappings.errors import Forbidden, Gone, ReadAgain, Refused, SignInFailed, Throttled, TryLater, Unclear

from .database import StoreTrouble
from .store import Stale, Taken


@dataclass(frozen=True, slots=True)
class Later:
    after_s: float
    spends_attempt: bool
    is_fault: bool = False
    """Whether it was a mistake of ours."""


@dataclass(frozen=True, slots=True)
class Dead:
    reason: str


@dataclass(frozen=True, slots=True)
class Pause:
    """Nothing more to this site, for any key, until somebody has given it a token that works."""

    site: str


Next: TypeAlias = Later | Dead | Pause


@dataclass(frozen=True, slots=True)
class Retry:
    """Waits double from `first_s` to `cap_s`, each shortened by up to half by chance so that keys do not march in step.

    An error of no known kind is our own mistake and gets `most_faults` runs in a row.
    """

    first_s: float = 2
    cap_s: float = 300
    unclear_s: float = 60
    """The least wait after a write of unknown outcome: longer than a site may still be busy applying it."""
    tried_for_s: float = 14 * 86_400
    least_attempts: int = 100
    """Before a key is given up: days in which Tieout was off, or a site let nobody in, were no trying."""
    most_faults: int = 8

    def after(
        self, error: Exception, *, attempts: int, jitter: float, failing_s: float = 0, faults: int = 1, site: str = ""
    ) -> Next:
        """What follows when attempt number `attempts` (from 1) ended in `error`, after runs had failed for `failing_s`,
        and when it is the run number `faults` in a row that a mistake of ours may have ended.

        `jitter` is chance, from 0 to 1."""
        match error:
            case SignInFailed():
                return Pause(site)
            case Refused() | Gone() | Forbidden():
                return Dead(f"{_kind(error)}: {error}")
            case Throttled(after_s=float() | int() as asked_s):
                return Later(asked_s * (1 + jitter / 10), spends_attempt=False)
            case StoreTrouble():
                return Later(self._wait_s(attempts, jitter), spends_attempt=False)
            case ReadAgain() | Stale() | Taken() | TryLater() | Unclear():
                if failing_s >= self.tried_for_s and attempts >= self.least_attempts:
                    return _given_up(f"{failing_s / 86_400:.0f} days and {attempts} attempts", error)
                return Later(max(self._least_s(error), self._wait_s(attempts, jitter)), spends_attempt=True)
            case _:
                if faults >= self.most_faults:
                    return _given_up(f"{faults} attempts", error)
                return Later(self._wait_s(attempts, jitter), spends_attempt=True, is_fault=True)

    def _least_s(self, error: Exception) -> float:
        match error:
            case Unclear():
                return self.unclear_s
            case TryLater(after_s=float() | int() as asked_s):
                return asked_s
            case _:
                return 0

    def _wait_s(self, attempts: int, jitter: float) -> float:
        doublings = min(max(attempts, 1) - 1, 30)  # far above any cap, and no overflow
        return min(self.cap_s, self.first_s * 2.0**doublings) * (1 - jitter / 2)


def _given_up(after: str, error: Exception) -> Dead:
    return Dead(f"given up after {after}; the last: {_kind(error)}: {error}")


def _kind(error: Exception) -> str:
    """The name under which errors are sorted; what a client adds to one is its own affair."""
    known = (Refused, Gone, Forbidden, Throttled, TryLater, Unclear, ReadAgain)
    return next((kind.__name__ for kind in known if isinstance(error, kind)), type(error).__name__)
