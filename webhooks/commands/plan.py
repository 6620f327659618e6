"""`tieout plan`: everything a sync would write, why, and what it costs, before anything is written."""

from pathlib import Path

import click

from sync.first_plan import show
from sync.store import Store
from sync.sync_plan import SyncPlan, plan_of
from webhooks.desk import at_keyboard
from webhooks.plan_file import to_json
from webhooks.plan_text import lines_of
from webhooks.problems import Refusal
from webhooks.wiring import Wiring


@click.command()
@click.option("--audit", "only", metavar="KEY", help="Only the records of this audit.")
@click.option("--json", "is_json", is_flag=True, help="For machines; the file of --out has the same.")
@click.option(
    "--out",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Keep it for `tieout sync --plan FILE`.",
)
@click.pass_obj
def plan(wiring: Wiring, only: str | None, is_json: bool, out: Path | None) -> None:
    """Show everything a sync would write, why, and what it costs. Writes nothing to any site.

    Once an audit's plan was shown, `tieout sync` and `tieout serve` write for it."""
    made = make_plan(wiring, only)
    if out is not None:
        keep(made, out)
    click.echo(to_json(made) if is_json else "\n".join(lines_of(made)))
    if not is_json:
        kept = f" `tieout sync --plan {out}` does it." if out is not None and made.writes else ""
        click.echo(f"Nothing was written.{kept}")
    was_shown(wiring, made)


def make_plan(wiring: Wiring, only: str | None) -> SyncPlan:
    """What a sync of one audit, or of all, would write now. Raises Refusal, and what a site answers."""
    audits = [only] if only else list(wiring.rules.audit)
    for audit in audits:
        wiring.audit(audit)
    with wiring.database.read() as conn:
        store, now = Store(conn), wiring.database.now(conn)
        uids = [uid for audit in audits for uid in store.records.uids(audit)]
        numbers = {uid: record.number for uid, record in store.records.get(uids).items()}
    engine, sites = wiring.engine_and_sites()
    return plan_of(
        engine.plan(uids), numbers, made_at=now, sites=(sites.jira.site, sites.confluence.site), audits=audits
    )


def was_shown(wiring: Wiring, made: SyncPlan) -> None:
    """Whoever was shown an audit's plan lets it be written. One that had no record yet showed nothing."""
    with wiring.database.read() as conn:
        audits = [audit for audit in made.audits if made.looked_at and Store(conn).records.uids(audit)]
    let_write(wiring, audits, how="its plan was shown")


def let_write(wiring: Wiring, audits: tuple[str, ...] | list[str], *, how: str) -> list[str]:
    """From now on the sites may be written to for these audits; returns those for which it was not so before."""
    with wiring.database.write() as conn:
        return show(conn, audits, by=at_keyboard(), how=how)


def keep(made: SyncPlan, out: Path) -> None:
    """Write the plan's file. Raises Refusal."""
    try:
        out.touch(mode=0o600)  # it tells what people wrote to each other
        out.write_text(to_json(made) + "\n", encoding="utf-8")
    except OSError as error:
        raise Refusal(f"{out} cannot be written: {error.strerror}") from error
