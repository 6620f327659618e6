"""What to do after an error, as a value: later, never, or once a person has mended the site's token."""

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

    5,400 attempts at the cap are about 14 days. An error of no known kind is our own mistake and gets fewer.
    """

    first_s: float = 2
    cap_s: float = 300
    unclear_s: float = 60
    """The least wait after a write of unknown outcome: longer than a site may still be busy applying it."""
    most_attempts: int = 5_400
    most_unknown: int = 8

    def after(self, error: Exception, *, attempts: int, jitter: float, site: str = "") -> Next:
        """What follows when attempt number `attempts` (from 1) ended in `error`. `jitter` is chance, from 0 to 1."""
        match error:
            case SignInFailed():
                return Pause(site)
            case Refused() | Gone() | Forbidden():
                return Dead(f"{type(error).__name__}: {error}")
            case Throttled(after_s=float() | int() as asked_s):
                return Later(asked_s * (1 + jitter / 10), spends_attempt=False)
            case StoreTrouble():
                return Later(self._wait_s(attempts, jitter), spends_attempt=False)
            case ReadAgain() | Stale() | Taken() | TryLater() | Unclear():
                return self._again(error, attempts, jitter, self.most_attempts)
            case _:
                return self._again(error, attempts, jitter, self.most_unknown)

    def _again(self, error: Exception, attempts: int, jitter: float, most: int) -> Later | Dead:
        if attempts >= most:
            return Dead(f"given up after {attempts} attempts; the last: {type(error).__name__}: {error}")
        return Later(max(self._least_s(error), self._wait_s(attempts, jitter)), spends_attempt=True)

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
