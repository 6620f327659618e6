"""`tieout adopt`: issues that are there already become counterparts, after a look at exactly what would change."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import click
from sqlalchemy import Connection

from mappings.records import Record
from sync.adoption import Adoptions, Choice
from sync.engine import Engine
from sync.giving_back import Given, GivingBack
from sync.sites import Sites
from sync.store import Store
from sync.sync_plan import plan_of
from webhooks.desk import at_keyboard, audit_option, chosen_audit, make_sure, plain, reason_option, yes_option
from webhooks.plan_text import lines_of
from webhooks.problems import Refusal
from webhooks.wiring import Wiring


@click.command()
@click.argument("number", metavar="[NUMBER]", required=False)
@click.argument("key", metavar="[KEY]", required=False)
@click.option("--from-list", is_flag=True, help="The issues that the auditor's list names in its column of Jira keys.")
@click.option("--jql", metavar="QUERY", help="A query's issues: by a request's number in the summary, or its title.")
@click.option("--new", is_flag=True, help="Have a new issue made for NUMBER, though the list names one.")
@click.option("--undo", metavar="KEY", help="Give an adopted issue back: Tieout's words come off it, its link ends.")
@reason_option("For the journal, with --undo.")
@click.option("--dry-run", is_flag=True, help="Only show what would be adopted and what would be written.")
@audit_option
@yes_option
@click.pass_obj
def adopt(
    wiring: Wiring,
    number: str | None,
    key: str | None,
    from_list: bool,
    jql: str | None,
    new: bool,
    undo: str | None,
    reason: str,
    dry_run: bool,
    audit_key: str | None,
    yes: bool,
) -> None:
    """Make issues that are there already the counterparts of requests or tasks. Their text, history and place stay.

    Owner, priority and date are taken from the card, and filled in where it has none. No site is written to: the plan
    that is shown is what the next sync writes."""
    audit = chosen_audit(wiring, audit_key)
    engine, sites = wiring.engine_and_sites()
    if undo is not None:
        if number or key or from_list or jql or new:
            raise click.UsageError("--undo KEY goes with --reason, --dry-run, --audit and --yes alone")
        giving = GivingBack(wiring.database, sites, audit, by=at_keyboard(), reason=reason.strip())
        _give_back(wiring, engine, sites, giving, undo, dry_run=dry_run, yes=yes)
        return
    adoptions = Adoptions(wiring.database, sites, audit, by=at_keyboard())
    if new and number and not (key or from_list or jql):
        click.echo(f"{plain(number)}: {plain(adoptions.forget(number))} is left alone, and a new issue is made.")
        return
    choice = _chosen(adoptions, number, key, jql, is_from_list=from_list, is_new=new)
    click.echo("\n".join(_lines(choice)))
    if not choice.chosen:
        raise Refusal("there is nothing to adopt")
    records = [each.record for each in choice.chosen]
    click.echo("\n".join(_preview(wiring, engine, sites, records, lambda conn: adoptions.keep(conn, choice))))
    if dry_run:
        click.echo("Nothing was adopted.")
        return
    make_sure(f"Adopt {len(choice.chosen)} issues?", is_sure=yes)
    with wiring.database.write() as conn:
        adoptions.keep(conn, choice)
    click.echo(
        f"{len(choice.chosen)} adopted. What is to be written follows with the next sync, as `tieout plan` shows."
    )


def _chosen(
    adoptions: Adoptions, number: str | None, key: str | None, jql: str | None, *, is_from_list: bool, is_new: bool
) -> Choice:
    given = [number is not None and key is not None, is_from_list, jql is not None]
    if sum(given) != 1 or is_new or (number is not None) != (key is not None):
        raise click.UsageError("give NUMBER and KEY, or --from-list, or --jql QUERY, or --new and NUMBER")
    if number is not None and key is not None:
        return adoptions.one(number, key)
    return adoptions.by_query(jql) if jql is not None else adoptions.from_list()


def _lines(choice: Choice) -> Iterator[str]:
    for each in choice.chosen:
        place = each.words.status_map.name(each.issue.status_id)
        issue = f"{plain(each.issue.key)}, {plain(place)}, {plain(each.issue.summary)!r}"
        yield f"{issue}: becomes the issue of {plain(each.record.number)}"
    for key, why in choice.left.items():
        yield f"{plain(key)} is left alone: {plain(why)}"


def _give_back(
    wiring: Wiring, engine: Engine, sites: Sites, giving: GivingBack, key: str, *, dry_run: bool, yes: bool
) -> None:
    given = giving.look(key)
    click.echo("\n".join(_told(given)))
    click.echo("\n".join(_preview(wiring, engine, sites, [given.record], lambda conn: giving.end(conn, given))))
    if dry_run:
        click.echo("Nothing was given back.")
        return
    make_sure(f"Give {plain(given.link.key)} back?", is_sure=yes)
    giving.carry_out(given)
    click.echo(f"{plain(given.link.key)} is given back. What else follows comes with the next sync.")


def _told(given: Given) -> Iterator[str]:
    """What giving it back does to the issue at once, and what it leaves."""
    yield f"{plain(given.link.key)}: goes back to its people, and {plain(given.record.number)} has no issue then"
    for change in given.todo.changes:
        shown = " → ".join("nothing" if value is None else plain(value) for value in (change.before, change.after))
        yield f"    {change.field}: {shown}"
    for left in given.todo.left:
        yield f"    left as it is: {left}"


def _preview(
    wiring: Wiring, engine: Engine, sites: Sites, records: Sequence[Record], first: Callable[[Connection], None]
) -> Iterator[str]:
    """What would be written for these records and their relatives once `first` is done."""
    with wiring.database.read() as conn:
        store, now = Store(conn), wiring.database.now(conn)
        heads = sorted({record.parent or record.uid for record in records})
        tasks = store.records.tasks_of(heads)
        numbers = {uid: record.number for uid, record in store.records.get(heads).items()}
    uids = [*heads, *(task.uid for head in heads for task in tasks[head])]
    preview = engine.plan(uids, first=first)
    names = (sites.jira.site, sites.confluence.site)
    yield from lines_of(plan_of(preview, numbers, made_at=now, sites=names, audits=[records[0].audit]))
