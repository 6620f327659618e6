"""`tieout brakes`: sides on which nothing is written until a person has looked."""

import json

import click

from sync.brake import Affected, Brakes
from sync.store import Brake, Store
from webhooks.desk import FOLLOWS, at_keyboard, format_option, listed, make_sure, plain, reason_option, yes_option
from webhooks.problems import Refusal, did_you_mean
from webhooks.wiring import Wiring


@click.group(invoke_without_command=True)
@click.pass_context
def brakes(ctx: click.Context) -> None:
    """A side that showed most of its objects gone or emptied: nothing is written to it until it is released."""
    if ctx.invoked_subcommand is None:
        ctx.invoke(list_brakes)


@brakes.command("list")
@format_option
@click.pass_obj
def list_brakes(wiring: Wiring, form: str = "text") -> None:
    """Show the brakes that are pulled: what was seen, what to look at, how to release each."""
    found = _pulled(wiring)
    if form == "json":
        click.echo(json.dumps([_as_json(each) for each in found], indent=2))
        return
    for each in found:
        click.echo(f"{each.name}, since {each.pulled_at:%Y-%m-%d %H:%M} UTC\n  {plain(each.text)}")
    if not found:
        click.echo("No brake is pulled.")


@brakes.command("release")
@click.argument("name", metavar="NAME")
@reason_option("Why it is meant to be so; for the journal.", required=True)
@yes_option
@click.pass_obj
def release_brake(wiring: Wiring, name: str, reason: str, yes: bool) -> None:
    """Say that it is meant: from then on what is gone is taken for gone, and what was emptied is written again.

    The side is asked once more first; what counts is what it shows now. One that shows its objects again is released by
    itself."""
    if not reason.strip():
        raise click.UsageError("--reason must say why")
    worked_on = Brakes(wiring.database, wiring.new_sites())
    affected = worked_on.affected(name)
    if affected is None:
        hint = did_you_mean(name, [each.name for each in _pulled(wiring)])
        raise Refusal(f"no brake {name} is pulled{hint}; `tieout brakes` lists those that are")
    make_sure(_question(affected), is_sure=yes)
    if not worked_on.release(affected, by=at_keyboard(), reason=reason.strip()):
        raise Refusal(f"{name} was released meanwhile")
    click.echo(f"{plain(name)} is released. {FOLLOWS}")


def _pulled(wiring: Wiring) -> list[Brake]:
    with wiring.database.read() as conn:
        return [brake for brake in Store(conn).brakes.all().values() if brake.is_pulled]


def _question(affected: Affected) -> str:
    brake, links = affected.brake, affected.links
    names = listed(sorted(link.key or link.remote_id or "" for link in links)[:20])
    more = f" and {len(links) - 20} more" if len(links) > 20 else ""
    what = "taken for gone" if brake.sign == "gone" else "written again where it is the register's"
    return f"{len(links)} of {affected.there} {brake.role}s are concerned now ({names}{more}). Are they to be {what}?"


def _as_json(brake: Brake) -> dict[str, object]:
    return {
        "name": brake.name,
        "text": brake.text,
        "remote_ids": list(brake.seen),
        "pulled_at": brake.pulled_at.isoformat(),
    }
