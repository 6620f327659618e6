"""`tieout sync`: bring everything in step once, show what that would write, or do exactly what a plan says."""

from pathlib import Path

import click

from mappings.planned import HOME
from sync.access import SIGN_IN
from sync.facets import ALL
from sync.first_plan import unshown
from sync.keys import POLL_CONFLUENCE, POLL_JIRA, record_key
from sync.store import Store
from sync.sync_plan import PlanRefused, SyncPlan
from sync.work import LIVE, mark
from webhooks.commands.plan import let_write, make_plan, was_shown
from webhooks.plan_file import read_plan
from webhooks.plan_text import NOTHING_TO_DO, lines_of
from webhooks.problems import Refusal
from webhooks.wiring import Wiring

UNSHOWN = (
    "nothing is written for {audits} before its first plan was shown: run `tieout plan`, or `tieout sync --yes` to do "
    "without"
)


@click.command()
@click.option("--dry-run", is_flag=True, help="Only show what would be written, as `tieout plan` does.")
@click.option("--audit", "only", metavar="KEY", help="Only the records of this audit.")
@click.option(
    "--plan",
    "plan_file",
    metavar="FILE",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Do exactly what this plan says, or nothing.",
)
@click.option("--yes", is_flag=True, help="Write for an audit whose plan nobody was shown.")
@click.pass_obj
def sync(wiring: Wiring, dry_run: bool, only: str | None, plan_file: Path | None, yes: bool) -> None:
    """Look at every record on all sides and bring them in step, without waiting for the clock or a webhook."""
    if plan_file is not None and (dry_run or only):
        raise click.UsageError("--plan does what the plan says: leave --dry-run and --audit out")
    if plan_file is not None:
        _carry_out(wiring, read_plan(plan_file.read_text(encoding="utf-8"), str(plan_file)))
    elif dry_run:
        made = make_plan(wiring, only)
        click.echo("\n".join((*lines_of(made), "Nothing was written.")))
        was_shown(wiring, made)
    else:
        _bring_in_step(wiring, only, is_sure=yes)


def _bring_in_step(wiring: Wiring, only: str | None, *, is_sure: bool) -> None:
    audits = [only] if only else list(wiring.rules.audit)
    for audit in audits:
        wiring.audit(audit)
    if is_sure:
        let_write(wiring, audits, how="without a plan, by --yes")
    with wiring.database.read() as conn:
        waiting = unshown(conn, audits)
        uids = [uid for audit in audits if audit not in waiting for uid in Store(conn).records.uids(audit)]
    if waiting and not uids:
        raise Refusal(UNSHOWN.format(audits=", ".join(waiting)))
    with wiring.database.write() as conn:
        mark(conn, [record_key(uid) for uid in uids], lane=LIVE, facets=ALL)
        mark(conn, [POLL_JIRA, POLL_CONFLUENCE], lane=LIVE)
    done = wiring.new_worker(wiring.process_name).run_until_quiet()
    click.echo(f"{done} keys worked on; `tieout status` shows what is left.")
    if waiting:
        click.echo(UNSHOWN.format(audits=", ".join(waiting)))
    with wiring.database.read() as conn:
        shut = [alert.text for alert in Store(conn).alerts.current() if alert.name == SIGN_IN]
    if shut:
        raise Refusal(shut[0])


def _carry_out(wiring: Wiring, made: SyncPlan) -> None:
    for audit in made.audits:
        wiring.audit(audit)
    let_write(wiring, sorted({each.audit for each in made.writes}), how="its plan was carried out")
    if not made.writes:
        click.echo(NOTHING_TO_DO)
        return
    try:
        outcome = wiring.new_plan_worker(wiring.process_name).carry_out(made)
    except PlanRefused as error:
        raise Refusal(str(error)) from error
    with wiring.database.read() as conn:
        numbers = {uid: record.number for uid, record in Store(conn).records.get(outcome.failures).items()}
    for number, why in sorted((numbers[uid], str(why)) for uid, why in outcome.failures.items()):
        click.echo(f"{number}: stays planned: {why}")
    homes = sum(each.kind == HOME for each in made.writes)
    click.echo(f"{len(outcome.actions) + homes} of {len(made.writes)} writes done; `tieout plan` shows what is left.")
    if outcome.failures:
        raise Refusal("not all of the plan could be done")
