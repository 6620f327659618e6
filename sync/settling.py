"""What becomes of a key that a worker had in hand: done, later, dead with its reason, or given back for a while."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence

from sqlalchemy import Connection

from mappings.errors import FarSideError
from mappings.out_of_step import LONG

from . import keys
from .access import Access
from .database import Database
from .retry import Dead, Later, Pause, Retry
from .setup_alerts import spared
from .store import Store
from .stuck import dead_alert, tell_dead, want_told
from .work import Claim, Fenced, bury, fail, finish, release

log = logging.getLogger(__name__)


class Settling:
    """Writes the outcome of keys into the work table, and what people must hear of it with it."""

    def __init__(
        self, db: Database, retry: Retry, chance: Callable[[], float], access: Access, *, can_check: bool
    ) -> None:
        self._db = db
        self._retry = retry
        self._chance = chance
        self._access = access
        self._can_check = can_check
        """Whether this worker looks at the set-up, too: then it knows what a refusal may wait for."""

    def finish(self, claims: Sequence[Claim]) -> None:
        """All in one commit; where somebody else has one of the keys by now, each in its own."""
        if not claims:
            return
        try:
            with self._db.write() as conn:
                finish(conn, *claims)
                were_dead = Store(conn).alerts.clear_all(dead_alert(claimed.key) for claimed in claims)
                well = [
                    claimed for claimed in claims if dead_alert(claimed.key) in were_dead or _is_failing_long(claimed)
                ]
                _want_told(conn, well)
        except Fenced:
            if len(claims) == 1:
                log.warning("lease lost before the end", extra={"key": claims[0].key})
                return
            for claimed in claims:
                self.finish([claimed])

    def settle_all(self, outcomes: Mapping[Claim, Exception | None]) -> None:
        """Each as its work went: None is done."""
        self.finish([claimed for claimed, error in outcomes.items() if error is None])
        for claimed, error in outcomes.items():
            if error is not None:
                self.settle(claimed, error)

    def settle(self, claimed: Claim, error: Exception) -> None:
        try:
            self._put_off(claimed, error)
        except Fenced:
            log.warning("lease lost before the end", extra={"key": claimed.key})

    def _put_off(self, claimed: Claim, error: Exception) -> None:
        next_ = self._retry.after(
            error,
            attempts=claimed.attempts,
            jitter=self._chance(),
            failing_s=claimed.failing_s,
            faults=claimed.faults,
        )
        next_ = spared(self._db, claimed, error, next_) if self._can_check else next_
        why = str(error) if isinstance(error, FarSideError) else f"{type(error).__name__}: {error}"
        match next_:
            case Dead() if claimed.key.startswith(keys.TELL):
                self._leave_untold(claimed, why)
            case Later(after_s, spends, is_fault):
                if _is_failing_long(claimed):
                    with self._db.write() as conn:
                        _want_told(conn, [claimed])
                fail(
                    self._db,
                    claimed,
                    error=why,
                    after_s=after_s,
                    spends_attempt=spends,
                    is_permanent=False,
                    is_fault=is_fault,
                )
            case Dead(reason):
                self._bury(claimed, reason)
            case Pause():
                self._access.pause(why)
                release(self._db, claimed)

    def _bury(self, claimed: Claim, reason: str) -> None:
        with self._db.write() as conn:
            if bury(conn, claimed, reason):
                tell_dead(conn, [claimed.key], self._db.now(conn))

    def _leave_untold(self, claimed: Claim, why: str) -> None:
        """The page that should say what is out of step is what cannot be written: there is nowhere else to say it."""
        log.warning("page cannot say that it is out of step", extra={"key": claimed.key, "error": why})
        with self._db.write() as conn:
            finish(conn, claimed)


def _is_failing_long(claimed: Claim) -> bool:
    return claimed.failing_s >= LONG.total_seconds()


def _want_told(conn: Connection, claims: Sequence[Claim]) -> None:
    uids = [keys.uid_of(claimed.key) for claimed in claims if claimed.key.startswith(keys.RECORD)]
    if uids:
        want_told(conn, uids)
