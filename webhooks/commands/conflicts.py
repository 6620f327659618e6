"""`tieout conflicts`: fields on which two sides disagree, and whose value stays."""

import json

import click

from mappings.twins import FIELD
from sync import settlement
from sync.settlement import Disputed, Keep, open_conflicts, settled_conflicts
from sync.store import Store
from webhooks.desk import FOLLOWS, at_keyboard, audit_option, chosen_audit, format_option, plain
from webhooks.problems import Refusal, did_you_mean
from webhooks.wiring import Wiring


@click.group(invoke_without_command=True)
@click.pass_context
def conflicts(ctx: click.Context) -> None:
    """Fields that were changed on two sides and that no rule decides: both values are kept until you choose."""
    if ctx.invoked_subcommand is None:
        ctx.invoke(list_conflicts)


@conflicts.command("list")
@click.option("--all", "is_all", is_flag=True, help="Also those that are settled, by a person or by the law.")
@audit_option
@format_option
@click.pass_obj
def list_conflicts(wiring: Wiring, audit_key: str | None = None, form: str = "text", *, is_all: bool = False) -> None:
    """Show the open conflicts with both values."""
    found = _found(wiring, audit_key, is_all=is_all)
    if form == "json":
        click.echo(json.dumps([_as_json(each) for each in found], indent=2))
        return
    for each in found:
        click.echo("\n".join(_lines(each)))
    if not found:
        click.echo("No open conflicts.")


@conflicts.command("show")
@click.argument("number", metavar="NUMBER")
@audit_option
@click.pass_obj
def show_conflicts(wiring: Wiring, number: str, audit_key: str | None) -> None:
    """Show the open conflicts of one request or task."""
    found = _found(wiring, audit_key)
    fitting = [each for each in found if each.record.number == number]
    if not fitting:
        hint = did_you_mean(number, [each.record.number for each in found])
        raise Refusal(f"{number} has no open conflict{hint}; `tieout conflicts` lists those that there are")
    for each in fitting:
        click.echo("\n".join(_lines(each)))


@conflicts.command("settle")
@click.argument("number", metavar="NUMBER")
@click.option("--keep", type=click.Choice([keep.value for keep in Keep]), required=True, help="Whose value stays.")
@click.option("--field", help="Which, where there are several: `due` or `issue:due`.")
@audit_option
@click.pass_obj
def settle_conflict(wiring: Wiring, number: str, keep: str, field: str | None, audit_key: str | None) -> None:
    """Choose whose value stays: ours, as the register has it, or theirs."""
    audit = chosen_audit(wiring, audit_key)
    settled = settlement.settle(wiring.database, audit, number, field, Keep(keep), by=at_keyboard())
    value = settled.conflict.ours if keep == Keep.OURS else settled.conflict.theirs
    click.echo(f"{plain(number)} {settled.name}: {_value(value)} stays. {FOLLOWS}")


def _found(wiring: Wiring, audit_key: str | None, *, is_all: bool = False) -> list[Disputed]:
    if audit_key is not None:
        wiring.audit(audit_key)
    with wiring.database.read() as conn:
        store = Store(conn)
        settled = settled_conflicts(store, audit_key) if is_all else []
        return [*settled, *open_conflicts(store, audit_key)]


def _lines(each: Disputed) -> list[str]:
    number, conflict = plain(each.record.number), each.conflict
    is_twin = conflict.field == FIELD
    return [
        f"{number} {each.name} ({each.record.audit}), since {conflict.opened_at:%Y-%m-%d %H:%M} UTC",
        f"  ours    {_value(conflict.ours)}",
        f"  theirs  {_value(conflict.theirs)}",
        *(["  one issue too many was made: the one that is not kept is told so and let go"] if is_twin else []),
        _end(each),
    ]


def _end(each: Disputed) -> str:
    conflict = each.conflict
    if conflict.settled_at is None:
        return f"  `tieout conflicts settle {plain(each.record.number)} --field {each.name} --keep ours|theirs`"
    return f"  settled {conflict.settled_at:%Y-%m-%d %H:%M} UTC by {plain(conflict.settled_by)}: {conflict.kept} stays"


def _value(value: object) -> str:
    return "nothing" if value is None else plain(value)


def _as_json(each: Disputed) -> dict[str, object]:
    return {
        "number": each.record.number,
        "audit": each.record.audit,
        "field": each.name,
        "ours": each.conflict.ours,
        "theirs": each.conflict.theirs,
        "opened_at": each.conflict.opened_at.isoformat(),
        "settled_at": each.conflict.settled_at.isoformat() if each.conflict.settled_at else None,
        "settled_by": each.conflict.settled_by,
        "kept": each.conflict.kept,
    }
