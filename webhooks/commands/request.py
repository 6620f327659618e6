"""`tieout request`: one request as it stands, and what the coordinator decides about it."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from functools import partial

import click

from mappings import coordinator
from mappings.context import AuditContext, Family, Intake
from mappings.coordinator import Word
from mappings.known_people import known_people
from mappings.records import Record
from mappings.working_days import WorkCalendar
from sync import desk
from sync.desk import GONE_FROM_LIST, Audit, Done
from sync.dossier import gather_dossier
from sync.store import Store
from webhooks.desk import (
    FOLLOWS,
    audit_option,
    chosen_audit,
    format_option,
    listed,
    make_sure,
    plain,
    reason_option,
    word,
    yes_option,
)
from webhooks.dossier_text import as_json, lines
from webhooks.problems import Refusal
from webhooks.wiring import Wiring

number_argument = click.argument("number", metavar="NUMBER")


@click.group()
def request() -> None:
    """One request or task: everything about it, and what the coordinator decides."""


@request.command()
@number_argument
@audit_option
@click.option("--entries", type=click.IntRange(0), default=10, show_default=True, help="How much of the journal.")
@format_option
@click.pass_obj
def show(wiring: Wiring, number: str, audit_key: str | None, entries: int, form: str) -> None:
    """Show everything about a request: state, dates, tasks, evidence, decisions, counterparts, journal."""
    audit = chosen_audit(wiring, audit_key)
    with wiring.database.read() as conn:
        record = desk.find_record(Store(conn), audit.key, number)
        dossier = gather_dossier(conn, record, most_entries=entries)
        dossier = replace(dossier, people=known_people(wiring.rules, dossier.people))
        calendar = WorkCalendar.of(audit.rule)
        today = calendar.local_date(wiring.database.now(conn))
    if form == "json":
        click.echo(json.dumps(as_json(dossier, calendar, today), default=_as_text, indent=2))
    else:
        click.echo("\n".join(lines(dossier, calendar, today)))


@request.command()
@click.argument("number", metavar="[NUMBER]", required=False)
@click.option("--all-proposed", is_flag=True, help="All that the last import no longer found on the list.")
@reason_option("Why; needed unless an import proposed it.")
@audit_option
@yes_option
@click.pass_obj
def withdraw(
    wiring: Wiring, number: str | None, all_proposed: bool, reason: str, audit_key: str | None, yes: bool
) -> None:
    """Take a request off the list, for good: its tasks are cancelled, its issues closed.

    With a proposed withdrawal this is the coordinator's confirmation of it."""
    if all_proposed == (number is not None):
        raise click.UsageError("give either a NUMBER or --all-proposed")
    audit = chosen_audit(wiring, audit_key)
    if number is None:
        _withdraw_all(wiring, audit, word(reason or GONE_FROM_LIST), is_sure=yes)
    else:
        _say(_decide(wiring, audit, number, partial(_withdraw_one, word=word(reason))))


@request.command()
@number_argument
@reason_option("Why it stays.")
@audit_option
@click.pass_obj
def reinstate(wiring: Wiring, number: str, reason: str, audit_key: str | None) -> None:
    """Keep a request that was proposed as withdrawn: it stays on the list."""
    done = _decide(wiring, chosen_audit(wiring, audit_key), number, _on_request(coordinator.reinstate, word(reason)))
    click.echo(f"{plain(done.after.number)} stays on the list. {FOLLOWS}")


@request.command()
@number_argument
@reason_option("Why it applies after all.", required=True)
@audit_option
@click.pass_obj
def reopen(wiring: Wiring, number: str, reason: str, audit_key: str | None) -> None:
    """Open a request again that was set to not applicable; the tasks cancelled with it come back."""
    _say(_decide(wiring, chosen_audit(wiring, audit_key), number, _on_request(coordinator.reopen, word(reason))))


@request.command()
@number_argument
@reason_option("Said to the owner with the answer.")
@audit_option
@click.pass_obj
def grant(wiring: Wiring, number: str, reason: str, audit_key: str | None) -> None:
    """Agree to the later date that the owner of a request or task asked for."""
    _settle_later_date(wiring, number, reason, audit_key, is_granted=True)


@request.command()
@number_argument
@reason_option("Said to the owner with the answer.")
@audit_option
@click.pass_obj
def refuse(wiring: Wiring, number: str, reason: str, audit_key: str | None) -> None:
    """Say no to a later date that was asked for: the old one stands."""
    _settle_later_date(wiring, number, reason, audit_key, is_granted=False)


@request.command()
@number_argument
@click.argument("day", metavar="DATE", type=click.DateTime(["%Y-%m-%d"]))
@reason_option("For the journal.")
@audit_option
@click.pass_obj
def due(wiring: Wiring, number: str, day: datetime, reason: str, audit_key: str | None) -> None:
    """Set the working date of a request or task. The auditor's date is the auditor's to set."""

    def act(record: Record, family: Family, ctx: AuditContext) -> Intake:
        return coordinator.set_due(record, day.date(), family, ctx, word(reason))

    done = _decide(wiring, chosen_audit(wiring, audit_key), number, act)
    _say_due(done)
    theirs = done.after.auditor_due_on
    if theirs is not None and day.date() > theirs:
        click.echo(f"That is later than the auditor's date, {theirs}: make sure that the auditor agrees.")


def _settle_later_date(wiring: Wiring, number: str, reason: str, audit_key: str | None, *, is_granted: bool) -> None:
    def act(record: Record, family: Family, ctx: AuditContext) -> Intake:
        return coordinator.settle_later_date(record, family, ctx, word(reason), is_granted=is_granted)

    _say_due(_decide(wiring, chosen_audit(wiring, audit_key), number, act))


def _withdraw_one(record: Record, family: Family, ctx: AuditContext, *, word: Word) -> Intake:
    proposed = GONE_FROM_LIST if family.request.is_proposed_withdrawn else ""
    return _on_request(coordinator.withdraw, Word(word.by, word.reason or proposed))(record, family, ctx)


def _on_request(act: Callable[[Family, AuditContext, Word], Intake], word: Word) -> desk.Decide:
    """An act that is for requests alone."""

    def decide(record: Record, family: Family, ctx: AuditContext) -> Intake:
        if record.parent is not None:
            raise coordinator.NotAllowed(f"It is a task; name its request, {family.request.number}.")
        return act(family, ctx, word)

    return decide


def _withdraw_all(wiring: Wiring, audit: Audit, word: Word, *, is_sure: bool) -> None:
    with wiring.database.read() as conn:
        proposed = [each.number for each in desk.proposed_withdrawals(Store(conn), audit.key)]
    if not proposed:
        click.echo(f"Nothing in {audit.key} is proposed as withdrawn.")
        return
    make_sure(f"Withdraw {listed(proposed)}, for good?", is_sure=is_sure)
    outcome = desk.withdraw_proposed(wiring.database, audit, proposed, word)
    if outcome.done:
        click.echo(f"Withdrawn: {listed(outcome.done)}. {FOLLOWS}")
    if outcome.refused:
        told = "; ".join(f"{plain(number)}: {why}" for number, why in outcome.refused.items())
        raise Refusal(f"{len(outcome.refused)} cannot be withdrawn: {told} `tieout request reinstate` keeps them.")


def _decide(wiring: Wiring, audit: Audit, number: str, act: desk.Decide) -> Done:
    return desk.decide(wiring.database, audit, number, act)


def _say(done: Done) -> None:
    states = (done.before.status.replace("_", " "), done.after.status.replace("_", " "))
    click.echo(f"{plain(done.after.number)}: {states[0]} -> {states[1]}")
    for other in done.others:
        click.echo(f"  {plain(other.number)} is {other.status.replace('_', ' ')}")
    click.echo(FOLLOWS)


def _say_due(done: Done) -> None:
    click.echo(f"{plain(done.after.number)}: due {_day(done.before)} -> {_day(done.after)}")
    for other in done.others:
        click.echo(f"  {plain(other.number)} is due {_day(other)}")
    click.echo(FOLLOWS)


def _day(record: Record) -> str:
    return record.due_on.isoformat() if record.due_on else "not set"


def _as_text(value: object) -> object:
    return value.isoformat() if isinstance(value, date) else str(value)
