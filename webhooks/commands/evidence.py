"""`tieout evidence`: whether the kept files are still what was collected."""

import click

from mappings.records import Evidence
from sync.store import Store
from webhooks.desk import plain
from webhooks.problems import Refusal
from webhooks.wiring import Wiring

RESTORE = "restore them from a backup; what waits for them is tried again by `tieout dead-letters replay`"


@click.group()
def evidence() -> None:
    """The folder that keeps copies of the evidence."""


@evidence.command()
@click.pass_obj
def verify(wiring: Wiring) -> None:
    """Read every kept file and say which are missing, changed, or not Tieout's."""
    with wiring.database.read() as conn:
        known = {each.sha256: each for each in Store(conn).evidence.all()}
    wrong = [_told(name, known.get(name)) for name in wiring.vault.verify()]
    wrong += [f"missing: {_named(each)}" for digest, each in known.items() if not wiring.vault.has(digest)]
    for line in sorted(wrong):
        click.echo(line)
    if wrong:
        raise Refusal(f"the evidence is not what was collected, in {len(wrong)} of its files: {RESTORE}")
    click.echo(f"The evidence is whole: {len(known)} files.")


def _told(name: str, known: Evidence | None) -> str:
    return f"changed: {_named(known)}" if known else f"not in the register: {plain(name)}"


def _named(item: Evidence) -> str:
    return plain(f"{item.file_name} version {item.version}, SHA-256 {item.sha256}")
