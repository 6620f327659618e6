"""`tieout serve`: run until told to stop: the web, the workers, the clock, or all of them in one process."""

import click

from sync.database import is_postgres
from webhooks.problems import Refusal
from webhooks.service import PARTS, Service, running
from webhooks.wiring import Wiring


@click.command()
@click.option("--only", type=click.Choice(PARTS), help="Run only this part; several processes need PostgreSQL.")
@click.option("--workers", type=click.IntRange(1, 16), default=1, show_default=True, help="Worker threads.")
@click.option("--poll", "poll_s", type=click.IntRange(5), default=60, show_default=True, help="Seconds between polls.")
@click.pass_obj
def serve(wiring: Wiring, only: str | None, workers: int, poll_s: int) -> None:
    """Run Tieout. SIGTERM or Ctrl+C stops it: nothing new is taken, what is under way is finished."""
    if only and not is_postgres(wiring.database.engine):
        raise Refusal("several processes cannot share one SQLite file: leave --only out, or use PostgreSQL")
    service = Service()
    service.heed_signals()  # before anything runs: a stop that comes during the start is heeded too
    with running(wiring, (only,) if only else PARTS, poll_s=poll_s, workers=workers, service=service):
        service.until_told_to_stop()
    if service.is_broken:
        raise Refusal("a worker broke, so Tieout ended; the log says why")
