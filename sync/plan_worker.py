"""A worker that does what a plan says and nothing else, with leases on all of its records."""

from __future__ import annotations

from mappings.errors import Throttled

from . import keys
from .engine import Outcome
from .facets import ALL
from .sync_plan import PlanRefused, SyncPlan
from .work import LIVE, claim_these, mark
from .worker import LEASE_S, Worker


class PlanWorker(Worker):
    def carry_out(self, plan: SyncPlan) -> Outcome:
        """Write what `plan` says and nothing else. Raises PlanRefused before anything is written.

        Its records are due afterwards for what came up on the way, or could not be done."""
        if (self._sites.jira.site, self._sites.confluence.site) != plan.sites:
            raise PlanRefused(f"the plan is for other sites, {' and '.join(plan.sites)}; nothing was written")
        if not plan.writes:
            return Outcome()
        wanted = [keys.record_key(uid) for uid in plan.records]
        with self._db.write() as conn:
            mark(conn, wanted, lane=LIVE, facets=ALL)
        self._in_hand = claims = claim_these(self._db, wanted, worker=self._name, lease_s=LEASE_S)
        try:
            if len(claims) < len(wanted):
                busy = len(wanted) - len(claims)
                raise PlanRefused(f"{busy} of its records are being worked on, by `tieout serve` maybe: stop it first")
            with self._held.holding(claims):
                outcome = self._engine.carry_out(plan.records, plan.agreed, keep_alive=self._keep)
            self._in_hand = ()
        except Throttled as error:
            self._hold(error)
            raise
        finally:
            self._put_down()
            self._limits.keep()
        self._settling.settle_all({claimed: outcome.failures.get(keys.uid_of(claimed.key)) for claimed in claims})
        with self._db.write() as conn:
            mark(conn, [keys.record_key(uid) for uid in outcome.left], lane=LIVE, facets=ALL)
        return outcome
