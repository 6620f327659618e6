"""`tieout sync`: bring everything in step once, or show what that would write."""

import click

from sync.facets import ALL
from sync.keys import POLL_CONFLUENCE, POLL_JIRA, record_key
from sync.store import Store
from sync.work import LIVE, mark
from webhooks.wiring import Wiring


@click.command()
@click.option("--dry-run", is_flag=True, help="Only show what would be written.")
@click.option("--audit", "only", metavar="KEY", help="Only the records of this audit.")
@click.pass_obj
def sync(wiring: Wiring, dry_run: bool, only: str | None) -> None:
    """Look at every record on all sides and bring them in step, without waiting for the clock or a webhook."""
    if only:
        wiring.audit(only)
    with wiring.database.read() as conn:
        uids = Store(conn).records.uids(only)
    if dry_run:
        _show(wiring, uids)
        return
    with wiring.database.write() as conn:
        mark(conn, [record_key(uid) for uid in uids], lane=LIVE, facets=ALL)
        mark(conn, [POLL_JIRA, POLL_CONFLUENCE], lane=LIVE)
    done = wiring.new_worker(wiring.process_name).run_until_quiet()
    click.echo(f"{done} keys worked on; `tieout status` shows what is left.")


def _show(wiring: Wiring, uids: list[str]) -> None:
    outcome = wiring.engine().plan(uids)
    with wiring.database.read() as conn:
        numbers = {uid: record.number for uid, record in Store(conn).records.get(uids).items()}
    for action in outcome.actions:
        click.echo(f"{numbers.get(action.record, action.record)}: {type(action).__name__}: {action.reason}")
    for uid, error in outcome.failures.items():
        click.echo(f"{numbers.get(uid, uid)}: cannot be brought in step: {error}")
    click.echo(f"{len(outcome.actions)} writes; nothing was written.")
