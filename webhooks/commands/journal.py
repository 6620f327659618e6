"""`tieout journal`: who did what, and whether the journal is still what was written."""

import json

import click

from mappings.known_people import known_people
from sync import journal as journal_of
from sync.desk import find_record
from sync.store import Store
from webhooks.desk import audit_option, chosen_audit, format_option
from webhooks.dossier_text import journal_line
from webhooks.problems import Refusal
from webhooks.wiring import Wiring

PAGE = 500


@click.group()
def journal() -> None:
    """The journal: every change with who, what, before, after and why. It only ever grows."""


@journal.command()
@click.option(
    "--head", "kept", metavar="N:HASH", help="A head that an earlier run printed and that was kept elsewhere."
)
@click.pass_obj
def verify(wiring: Wiring, kept: str | None) -> None:
    """Read the whole journal and say whether anything in it was changed, cut or added.

    Keep the head it prints elsewhere: with it a later run notices even a journal that was written anew."""
    with wiring.database.read() as conn:
        finding = journal_of.verify(conn, _head(kept) if kept else None)
        head = journal_of.head(conn)
    if finding is not None:
        raise Refusal(f"the journal is not what was written: entry {finding.n}: {finding.reason}")
    click.echo(f"The journal is whole: {head.n} entries. Head {head.n}:{head.hash}")


@journal.command()
@click.pass_obj
def head(wiring: Wiring) -> None:
    """Print how long the journal is and the hash of its last entry, to keep elsewhere."""
    with wiring.database.read() as conn:
        now = journal_of.head(conn)
    click.echo(f"{now.n}:{now.hash}")
    click.echo("Keep this elsewhere; `tieout journal verify --head N:HASH` checks the journal against it.", err=True)


@journal.command("list")
@click.option("--record", metavar="NUMBER", help="Only entries about this request or task; its uid will do too.")
@audit_option
@click.option("--after", default=0, show_default=True, help="Begin behind this entry.")
@click.option("--limit", type=click.IntRange(1), default=PAGE, show_default=True, help="At most this many.")
@format_option
@click.pass_obj
def list_entries(wiring: Wiring, record: str | None, audit_key: str | None, after: int, limit: int, form: str) -> None:
    """Show entries, oldest first."""
    with wiring.database.read() as conn:
        store = Store(conn)
        uid = _uid(wiring, store, record, audit_key) if record else None
        entries = journal_of.entries(conn, record=uid, after=after, limit=limit)
        records = store.records.get({entry.record for entry in entries if entry.record})
        people = known_people(wiring.rules, store.people.all())
    numbers = {uid: record.number for uid, record in records.items()}
    for entry in entries:
        if form == "json":
            click.echo(json.dumps({field: getattr(entry, field) for field in entry.__slots__}, default=str))
        else:
            click.echo(journal_line(entry, numbers, people))


def _uid(wiring: Wiring, store: Store, record: str, audit_key: str | None) -> str:
    if store.records.one(record):
        return record
    return find_record(store, chosen_audit(wiring, audit_key).key, record).uid


def _head(text: str) -> journal_of.Head:
    number, _, digest = text.partition(":")
    if not number.isdigit() or len(digest) != 64:
        raise click.BadParameter(
            f"expected N:HASH as `tieout journal verify` prints it, got {text!r}", param_hint="--head"
        )
    return journal_of.Head(int(number), digest)
