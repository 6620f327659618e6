"""`tieout serve`: run until told to stop: the web, the workers, the clock, or all of them in one process."""

import logging

import click

from sync.database import is_postgres
from sync.first_plan import unshown
from webhooks.commands.plan import let_write
from webhooks.problems import Refusal
from webhooks.service import PARTS, Service, running
from webhooks.wiring import Wiring

log = logging.getLogger(__name__)


@click.command()
@click.option("--only", type=click.Choice(PARTS), help="Run only this part; several processes need PostgreSQL.")
@click.option("--workers", type=click.IntRange(1, 16), default=1, show_default=True, help="Worker threads.")
@click.option("--poll", "poll_s", type=click.IntRange(5), default=60, show_default=True, help="Seconds between polls.")
@click.option("--yes", is_flag=True, help="Write for audits whose plan nobody was shown.")
@click.pass_obj
def serve(wiring: Wiring, only: str | None, workers: int, poll_s: int, yes: bool) -> None:
    """Run Tieout. SIGTERM or Ctrl+C stops it: nothing new is taken, what is under way is finished.

    For an audit whose plan nobody was shown nothing is written: see `tieout plan`."""
    if only and not is_postgres(wiring.database.engine):
        raise Refusal("several processes cannot share one SQLite file: leave --only out, or use PostgreSQL")
    _heed_first_plans(wiring, is_sure=yes)
    service = Service()
    service.heed_signals()  # before anything runs: a stop that comes during the start is heeded too
    with running(wiring, (only,) if only else PARTS, poll_s=poll_s, workers=workers, service=service):
        service.until_told_to_stop()
    if service.is_broken:
        raise Refusal("a worker broke, so Tieout ended; the log says why")


def _heed_first_plans(wiring: Wiring, *, is_sure: bool) -> None:
    """Let all audits be written, or log which of them wait for somebody to be shown their plan."""
    audits = list(wiring.rules.audit)
    if is_sure:
        let_write(wiring, audits, how="without a plan, by --yes")
    with wiring.database.read() as conn:
        waiting = unshown(conn, audits)
    for audit in waiting:
        log.warning(
            "nothing is written before the first plan was shown",
            extra={"audit": audit, "run": f"tieout plan --audit {audit}"},
        )
