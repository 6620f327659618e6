"""`tieout alerts`: what a person should know of now."""

import json

import click

from sync import journal
from sync.store import Store
from sync.stuck import alerts_by_cause
from webhooks.desk import at_keyboard, format_option, plain
from webhooks.problems import Refusal, did_you_mean
from webhooks.wiring import Wiring


@click.group(invoke_without_command=True)
@click.pass_context
def alerts(ctx: click.Context) -> None:
    """What a person should know of now."""
    if ctx.invoked_subcommand is None:
        ctx.invoke(list_alerts)


@alerts.command("list")
@format_option
@click.pass_obj
def list_alerts(wiring: Wiring, form: str = "text") -> None:
    """Show the alerts in force, oldest first."""
    with wiring.database.read() as conn:
        found = Store(conn).alerts.current() if form == "json" else alerts_by_cause(conn)
    if form == "json":
        told = [{"name": each.name, "text": each.text, "raised_at": each.raised_at.isoformat()} for each in found]
        click.echo(json.dumps(told, indent=2))
        return
    for each in found:
        click.echo(f"{plain(each.name)}, since {each.raised_at:%Y-%m-%d %H:%M} UTC\n  {plain(each.text)}")
    click.echo("`tieout alerts clear NAME` puts one away." if found else "No alerts.")


@alerts.command("clear")
@click.argument("name", metavar="NAME")
@click.pass_obj
def clear_alert(wiring: Wiring, name: str) -> None:
    """Put an alert away that was dealt with. One about something that goes on comes back."""
    database = wiring.database
    with database.write() as conn:
        store = Store(conn)
        known = {each.name: each for each in store.alerts.current()}
        if not store.alerts.clear(name):
            hint = did_you_mean(name, known)
            raise Refusal(f"there is no alert {name}{hint}; `tieout alerts` lists those that there are")
        journal.append(
            conn,
            who=at_keyboard(),
            what="alert cleared",
            record=None,
            before={"name": name, "text": known[name].text},
            after=None,
            why="on the command line",
            at=database.now(conn),
        )
    click.echo(f"{plain(name)} is put away.")
