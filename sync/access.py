"""Whether the sites let Tieout in. Where one does not, everything waits, with one alert, and goes on by itself."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from mappings.errors import FarSideError, Forbidden, SignInFailed, Throttled

from .database import Database
from .limits import FleetLimits
from .sites import Sites
from .store import Paused, Store

log = logging.getLogger(__name__)

SITE_TRIES_AGAIN = timedelta(seconds=60)
"""How often a site that refused our sign-in is tried again."""
SIGN_IN = "sign-in"
"""The name of the pause and of its alert."""


def told(reason: str) -> str:
    """What people hear of it."""
    return (
        f"Nothing is synced: {reason.removesuffix('.')}. Nothing is lost, and it goes on by itself within a minute of "
        "Tieout being let in again."
    )


class Access:
    """What one worker knows of it; the pause itself is everybody's, in the database."""

    def __init__(self, db: Database, sites: Sites, limits: FleetLimits) -> None:
        self._db = db
        self._sites = sites
        self._limits = limits
        self._is_sure = False

    def doubt(self) -> None:
        """What was made sure of before a set of keys says nothing of the next."""
        self._is_sure = False

    def make_sure(self) -> None:
        """Raises SignInFailed where it is no single object that is shut to Tieout's account, but all of a product."""
        if self._is_sure:
            return
        self._sites.forget()
        try:
            self._sites.own_accounts()
        except Forbidden as error:
            raise SignInFailed(f"Tieout's account is let into the product no more: {error}") from error
        self._is_sure = True

    def pause(self, reason: str) -> None:
        """Everything waits: the token is wrong, expired or revoked. One alert, no attempts spent."""
        with self._db.write() as conn:
            store, now = Store(conn), self._db.now(conn)
            store.pauses.pause(SIGN_IN, reason, now)
            store.alerts.keep(SIGN_IN, told(reason), now)
        log.error("sign-in failed, work paused", extra={"error": reason})

    def may_resume(self, paused: Paused, now: datetime) -> bool:
        """Whether the sites let us in again; they are asked now and then."""
        return now >= paused.paused_at + SITE_TRIES_AGAIN and self._can_sign_in(now)

    def _can_sign_in(self, now: datetime) -> bool:
        self._sites.forget()
        try:
            self._sites.own_accounts()
        except FarSideError as error:
            if isinstance(error, Throttled):
                self._limits.hold(error.after_s or 0)
            with self._db.write() as conn:
                Store(conn).pauses.resume(SIGN_IN)
                Store(conn).pauses.pause(SIGN_IN, str(error), now)
                if isinstance(error, SignInFailed):
                    Store(conn).alerts.keep(SIGN_IN, told(str(error)), now)
            return False
        with self._db.write() as conn:
            Store(conn).pauses.resume(SIGN_IN)
            Store(conn).alerts.clear(SIGN_IN)
        log.info("sign-in works again, work resumed")
        return True
