"""`tieout db upgrade`: bring the register's tables to this version."""

import click

from sync.migrations import current, needs_upgrade, upgrade
from webhooks.wiring import Wiring


@click.group()
def db() -> None:
    """The register's database."""


@db.command("upgrade")
@click.pass_obj
def upgrade_tables(wiring: Wiring) -> None:
    """Make the tables, or bring them to this version. Safe to repeat, and to run from several machines at once."""
    database = wiring.unchecked_database
    before = current(database)
    if not needs_upgrade(database):
        click.echo(f"The tables are up to date ({before}).")
        return
    upgrade(database)
    click.echo(f"The tables are now at {current(database)} (before: {before or 'none'}).")
