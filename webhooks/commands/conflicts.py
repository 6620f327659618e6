"""`tieout conflicts`: fields on which two sides disagree, and whose value stays."""

import json
from collections.abc import Mapping

import click

from mappings.known_people import known_people
from mappings.records import LinkRole
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
    names = _names(wiring)
    for each in found:
        click.echo("\n".join(_lines(each, names)))
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
    names = _names(wiring)
    for each in fitting:
        click.echo("\n".join(_lines(each, names)))


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
    click.echo(f"{plain(number)} {settled.name}: {_value(value, _names(wiring))} stays. {FOLLOWS}")


def _found(wiring: Wiring, audit_key: str | None, *, is_all: bool = False) -> list[Disputed]:
    if audit_key is not None:
        wiring.audit(audit_key)
    with wiring.database.read() as conn:
        store = Store(conn)
        settled = settled_conflicts(store, audit_key) if is_all else []
        return [*settled, *open_conflicts(store, audit_key)]


def _names(wiring: Wiring) -> dict[str, str]:
    """What people are called, by key and by account id."""
    with wiring.database.read() as conn:
        people = known_people(wiring.rules, Store(conn).people.all()).values()
    return {id_: person.name for person in people for id_ in (person.key, person.account_id) if id_}


def _lines(each: Disputed, names: Mapping[str, str]) -> list[str]:
    number, conflict = plain(each.record.number), each.conflict
    is_twin, since = conflict.field == FIELD, f"{conflict.opened_at:%Y-%m-%d %H:%M} UTC"
    return [
        f"{number} {each.name} {plain(each.record.title)} ({each.record.audit}), since {since}",
        f"  ours    {_value(conflict.ours, names)}",
        f"  theirs  {_value(conflict.theirs, names)}",
        *(["  one issue too many was made: the one that is not kept is told so and let go"] if is_twin else []),
        _end(each),
    ]


def _end(each: Disputed) -> str:
    conflict, number, audit = each.conflict, plain(each.record.number), each.record.audit
    if conflict.settled_at is not None:
        at, by = f"{conflict.settled_at:%Y-%m-%d %H:%M} UTC", plain(conflict.settled_by)
        return f"  settled {at} by {by}: {conflict.kept} stays"
    command = f"`tieout conflicts settle {number} --audit {audit} --field {each.name} --keep ours|theirs`"
    if conflict.field == FIELD:
        return f"  {command}"
    there = "on the page" if conflict.role is LinkRole.PAGE else "in Jira"
    return f"  ours is what Tieout's register has, theirs what stands {there}: {command}"


def _value(value: object, names: Mapping[str, str]) -> str:
    return "nothing" if value is None else plain(names.get(str(value), value))


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
