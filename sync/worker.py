"""A worker: takes what is due from the work table, has it done, and settles each key in the table.

Records go to the engine in sets; polls and sweeps one by one. A worker that lost its lease writes nothing more.
"""

from __future__ import annotations

import logging
import random
import threading
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import Connection

from mappings.errors import FarSideError, Forbidden, Gone, Refused, SignInFailed, Throttled

from . import keys
from .access import SIGN_IN, Access
from .database import Database, StoreTrouble
from .engine import Engine
from .held import HeldDatabase
from .limits import NEAR, SITES, FleetLimits, holds
from .polls import Polls
from .retry import Retry
from .settling import Settling
from .sites import Sites
from .store import Store
from .sweep import Sweeps
from .telling import Teller
from .tidying import tidy
from .unlisted import tell_unlisted
from .vault import Vault
from .watch import watch
from .work import BACKFILL, LIVE, Claim, Fenced, claim, first_lane, release

log = logging.getLogger(__name__)

BATCH = 100
"""Records of one set, before those of their families that are due come with them."""
LEASE_S = 60.0
RESTS_S = 0.2
"""How long a worker sleeps when nothing is due, unless it is woken."""
RESTS_IN_TROUBLE_S = 2.0

_PERMANENT = (Refused, Gone, Forbidden)
WATCHES_EVERY = timedelta(seconds=60)
"""How often a worker looks whether something has not come through for long."""


class Worker:
    """One thread's worth of work on one database. The calls of `long_chores` (by key) may take longer than a lease."""

    def __init__(
        self,
        db: Database,
        sites: Sites,
        vault: Vault,
        *,
        name: str,
        retry: Retry,
        chance: Callable[[], float] = random.random,
        stopwatch: Callable[[], float] = time.monotonic,
        long_chores: Mapping[str, Callable[[], int]] | None = None,
    ) -> None:
        self._db = db
        self._sites = sites
        self._held = HeldDatabase(db, LEASE_S, stopwatch)
        self._limits = FleetLimits(db, is_ours=self._held.keep)
        sites.heed(self._limits)
        self._watched_at: datetime | None = None
        self._access = Access(db, sites, self._limits)
        self._settling = Settling(db, retry, chance, self._access, can_check=keys.SWEEP_CHECK in (long_chores or {}))
        self._engine = Engine(self._held, sites, vault)
        self._teller = Teller(db, sites)
        self._name = name
        self._in_hand: Sequence[Claim] = ()
        polls, sweeps = Polls(db, sites), Sweeps(db, sites)
        self._chores: Mapping[str, Callable[[], int]] = {
            keys.POLL_JIRA: polls.jira,
            keys.POLL_CONFLUENCE: polls.confluence,
            **sweeps.chores(),
            keys.SWEEP_TIDY: partial(tidy, db, vault),
        }
        self._long_chores = long_chores or {}

    def run(self, stop: threading.Event) -> None:
        """Work until `stop` is set; what is claimed by then is finished first."""
        while not stop.is_set():
            noted = self._db.bell.rung
            try:
                rests_s = 0 if self.step() else RESTS_S
            except StoreTrouble:  # the database's own log tells of it, once
                rests_s = RESTS_IN_TROUBLE_S
            if rests_s:
                self._db.bell.wait(noted, rests_s)

    def run_until_quiet(self, *, most_rounds: int = 10_000) -> int:
        """Work until nothing is due now; returns how many keys were done."""
        done = 0
        for _ in range(most_rounds):
            did = self.step()
            if not did:
                self._look_after()
                return done
            done += did
        raise RuntimeError(f"expected the work to end within {most_rounds} rounds, and it goes on: see `tieout status`")

    def step(self) -> int:
        """Do one set of due keys; returns how many were claimed."""
        self._put_down()
        with self._db.read() as conn:
            now = self._db.now(conn)
            paused = Store(conn).pauses.paused().get(SIGN_IN)
            held = holds(conn, now)
            last_lane = LIVE if NEAR in held else BACKFILL
            lane = first_lane(conn)
        self._watch(now)
        if lane is None or lane > last_lane or SITES in held:
            return 0
        if paused is not None and not self._access.may_resume(paused, now):
            return 0
        claims = self._claim(lane, last_lane)
        if claims:
            self._in_hand = claims
            self._access.doubt()
            self._work(claims)
            self._limits.keep()
            self._in_hand = ()
        return len(claims)

    def _claim(self, lane: int, last_lane: int) -> list[Claim]:
        """Of the first lane in which something is due; of any up to the last where another worker was faster."""
        for up_to in sorted({lane, last_lane}):
            for prefix, batch, kin in _QUEUES:
                claims = claim(
                    self._db,
                    worker=self._name,
                    limit=batch,
                    lease_s=LEASE_S,
                    prefix=prefix,
                    last_lane=up_to,
                    kin=kin,
                    last_kin_lane=last_lane,
                )
                if claims:
                    return claims
        return []

    def _put_down(self) -> None:
        """Give back what could not be settled when the database was in trouble, lest it look as if a worker died."""
        for claimed in self._in_hand:
            release(self._db, claimed)
        self._in_hand = ()

    def _watch(self, now: datetime) -> None:
        if self._watched_at is None or abs(now - self._watched_at) >= WATCHES_EVERY:
            self._watched_at = now
            self._look_after()

    def _look_after(self) -> None:
        watch(self._db)
        tell_unlisted(self._db, self._sites.rules.audit)

    def _work(self, claims: Sequence[Claim]) -> None:
        try:
            self._do(claims)
        except Fenced:
            log.warning("lease lost, nothing more written", extra={"key": claims[0].key})
        except SignInFailed as error:
            self._access.pause(str(error))
            for claimed in claims:
                release(self._db, claimed)
        except Throttled as error:
            self._hold(error)
            for claimed in claims:
                self._settling.settle(claimed, error)
        except FarSideError as error:
            log.warning("site does not answer as expected", extra={"error": str(error), "keys": len(claims)})
            if isinstance(error, _PERMANENT):
                self._fail_apart(claims, error)
            else:
                for claimed in claims:
                    self._settling.settle(claimed, error)
        except StoreTrouble as error:
            # Also the evidence's disk: while the database itself can be written, the keys wait their turn in it.
            log.warning("store in trouble", extra={"error": str(error), "keys": len(claims)})
            for claimed in claims:
                self._settling.settle(claimed, error)
        except Exception as error:
            # Anything else is a defect of ours: the job ends with its reason, the service goes on.
            log.exception("work failed", extra={"key": claims[0].key, "keys": len(claims)})
            self._fail_apart(claims, error)

    def _do(self, claims: Sequence[Claim]) -> None:
        try:
            if claims[0].key.startswith(keys.RECORD):
                self._reconcile(claims)
            elif claims[0].key.startswith(keys.TELL):
                self._teller.tell(claims[0].key.removeprefix(keys.TELL))
                self._settling.finish(claims)
            elif claims[0].key in self._long_chores:
                with self._held.holding(claims), self._limits.long_look():
                    self._long_chores[claims[0].key]()
                self._settling.finish(claims)
            else:
                self._chores[claims[0].key]()
                self._settling.finish(claims)
        except Forbidden:
            self._access.make_sure()
            raise

    def _hold(self, error: Throttled) -> None:
        """A site asked for time: every worker of every replica gives it."""
        self._limits.hold(error.after_s or 0)
        log.warning("site asked to slow down", extra={"after_s": error.after_s, "reason": error.reason})

    def _reconcile(self, claims: Sequence[Claim]) -> None:
        facets = {keys.uid_of(claimed.key): claimed.facets for claimed in claims}
        with self._held.holding(claims):
            outcome = self._engine.run(facets, keep_alive=self._keep)
        if any(isinstance(error, _PERMANENT) for error in outcome.failures.values()):
            self._sites.forget()  # what is known of the sites may be what no longer fits
        if any(isinstance(error, Forbidden) for error in outcome.failures.values()):
            self._access.make_sure()
        failed = {claimed: outcome.failures.get(keys.uid_of(claimed.key)) for claimed in claims}
        # It may be another's fault, in which it was caught: alone it shows.
        apart = [claimed for claimed, error in failed.items() if isinstance(error, _PERMANENT) and len(claims) > 1]
        self._settling.settle_all({claimed: error for claimed, error in failed.items() if claimed not in apart})
        for claimed in apart:
            self._work([claimed])

    def _keep(self) -> None:
        """During a long run: remember what the sites said of their limits, and keep the leases ours."""
        self._limits.keep()
        self._held.keep()

    def _fail_apart(self, claims: Sequence[Claim], error: Exception) -> None:
        """A set that broke is tried key by key, so that the one at fault does not hold up the others."""
        if len(claims) == 1:
            self._settling.settle(claims[0], error)
            return
        for claimed in claims:
            self._work([claimed])


def _kin(conn: Connection, claimed: Collection[str]) -> set[str]:
    """The keys of whole families: a family is read and judged as a whole, so once for all that is due of it."""
    kin = Store(conn).records.kin(keys.uid_of(key) for key in claimed)
    return {keys.record_key(uid) for uid in kin}


_QUEUES = ((keys.RECORD, BATCH, _kin), (keys.TELL, 1, None), ("poll:", 1, None), ("sweep:", 1, None))
"""Looked through in this order within a lane: the keys' beginning, how many are claimed at once, and what with them."""
