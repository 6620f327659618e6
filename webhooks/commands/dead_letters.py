"""`tieout dead-letters`: records that nobody tries any more, to be tried again or given up."""

import json
from collections.abc import Sequence

import click

from sync import stuck
from sync.stuck import Letter
from webhooks.desk import at_keyboard, audit_option, format_option, listed, make_sure, plain, reason_option, yes_option
from webhooks.problems import Refusal, did_you_mean
from webhooks.wiring import Wiring

SHOWN_OF_ERROR = 160


@click.group("dead-letters", invoke_without_command=True)
@click.pass_context
def dead_letters(ctx: click.Context) -> None:
    """Records that could not be brought in step and are not tried any more."""
    if ctx.invoked_subcommand is None:
        ctx.invoke(list_letters)


@dead_letters.command("list")
@audit_option
@format_option
@click.pass_obj
def list_letters(wiring: Wiring, audit_key: str | None = None, form: str = "text") -> None:
    """Show what lies dead, since when and why."""
    found = _letters(wiring, audit_key)
    if form == "json":
        click.echo(json.dumps([_as_json(letter) for letter in found], indent=2))
        return
    for letter in found:
        error = plain(letter.dead.error)
        short = error if len(error) <= SHOWN_OF_ERROR else f"{error[: SHOWN_OF_ERROR - 1]}…"
        click.echo(f"{_head(letter)}: {short}")
    if found:
        click.echo("Mend the cause, then `tieout dead-letters replay NUMBER`; `drop` gives one up.")
    else:
        click.echo("No dead letters.")


@dead_letters.command("show")
@click.argument("name", metavar="NUMBER")
@audit_option
@click.pass_obj
def show_letter(wiring: Wiring, name: str, audit_key: str | None) -> None:
    """Show one in full."""
    for letter in _named(_letters(wiring, audit_key), (name,)):
        click.echo(_head(letter))
        click.echo(f"  error  {plain(letter.dead.error)}")
        click.echo(f"  key    {plain(letter.dead.key)}")
        if letter.record is not None:
            number = plain(letter.record.number)
            click.echo(f"  record {letter.record.kind} {number}, {letter.record.status.replace('_', ' ')}")
            click.echo(f"  `tieout request show {number} --audit {letter.record.audit}` has the rest")
        click.echo(f"  Mend the cause, then `tieout dead-letters replay {plain(letter.name)}`.")


@dead_letters.command("replay")
@click.argument("names", metavar="[NUMBER]...", nargs=-1)
@click.option("--all", "all_of_them", is_flag=True, help="Every dead letter.")
@audit_option
@click.pass_obj
def replay_letters(wiring: Wiring, names: tuple[str, ...], all_of_them: bool, audit_key: str | None) -> None:
    """Try them again, at once and with all their attempts."""
    chosen = _chosen(wiring, names, audit_key, all_of_them=all_of_them)
    done = stuck.replay(wiring.database, chosen, by=at_keyboard())
    click.echo(f"{done} to be tried again, by `tieout serve` or the next `tieout sync`.")


@dead_letters.command("drop")
@click.argument("names", metavar="[NUMBER]...", nargs=-1)
@click.option("--all", "all_of_them", is_flag=True, help="Every dead letter.")
@reason_option("Why it is given up; for the journal.", required=True)
@audit_option
@yes_option
@click.pass_obj
def drop_letters(
    wiring: Wiring, names: tuple[str, ...], all_of_them: bool, reason: str, audit_key: str | None, yes: bool
) -> None:
    """Give them up: what they were to bring in step stays as it is, until something new happens to the record."""
    if not reason.strip():
        raise click.UsageError("--reason must say why")
    chosen = _chosen(wiring, names, audit_key, all_of_them=all_of_them)
    if not chosen:
        click.echo("No dead letters.")
        return
    make_sure(f"Give up {listed([letter.name for letter in chosen])}?", is_sure=yes)
    done = stuck.drop(wiring.database, chosen, by=at_keyboard(), reason=reason.strip())
    click.echo(f"{done} given up.")


def _letters(wiring: Wiring, audit_key: str | None) -> list[Letter]:
    if audit_key is not None:
        wiring.audit(audit_key)
    with wiring.database.read() as conn:
        return stuck.letters(conn, audit_key)


def _chosen(wiring: Wiring, names: Sequence[str], audit_key: str | None, *, all_of_them: bool) -> list[Letter]:
    if all_of_them == bool(names):
        raise click.UsageError("give either NUMBERs or --all")
    found = _letters(wiring, audit_key)
    return found if all_of_them else _named(found, names)


def _named(found: Sequence[Letter], names: Sequence[str]) -> list[Letter]:
    """The letters of these numbers (or keys). Raises Refusal for a name that is none's, or that two audits have."""
    chosen: list[Letter] = []
    for name in names:
        fitting = [letter for letter in found if name in (letter.name, letter.dead.key)]
        if not fitting:
            hint = did_you_mean(name, [letter.name for letter in found])
            raise Refusal(f"{name} has no dead letter{hint}; `tieout dead-letters` lists those that there are")
        if len(fitting) > 1:
            audits = sorted({letter.record.audit for letter in fitting if letter.record})
            raise Refusal(f"{name} is dead in several audits; say which with --audit: {', '.join(audits)}")
        chosen += fitting
    return chosen


def _head(letter: Letter) -> str:
    record = letter.record
    what = f" {plain(record.title)} ({record.audit})" if record else ""
    since = f"{letter.dead.failed_at:%Y-%m-%d %H:%M} UTC"
    return f"{plain(letter.name)}{what}, dead since {since} after {letter.tries}"


def _as_json(letter: Letter) -> dict[str, object]:
    record = letter.record
    return {
        "name": letter.name,
        "key": letter.dead.key,
        "audit": record.audit if record else None,
        "title": record.title if record else None,
        "attempts": letter.dead.attempts,
        "error": letter.dead.error,
        "failed_at": letter.dead.failed_at.isoformat(),
    }
