"""`tieout links`: issues and pages that cannot be reached any more, and what to do about them."""

import json

import click

from mappings.records import LinkRole
from sync.mending import Detached, Mender, detached
from sync.store import Store
from webhooks.desk import (
    FOLLOWS,
    at_keyboard,
    audit_option,
    chosen_audit,
    format_option,
    make_sure,
    plain,
    reason_option,
    yes_option,
)
from webhooks.wiring import Wiring

ROLES = (LinkRole.ISSUE.value, LinkRole.PAGE.value)


@click.group(invoke_without_command=True)
@click.pass_context
def links(ctx: click.Context) -> None:
    """Counterparts that were deleted, archived or closed to Tieout: nothing is recreated by itself."""
    if ctx.invoked_subcommand is None:
        ctx.invoke(list_links)


@links.command("list")
@audit_option
@format_option
@click.pass_obj
def list_links(wiring: Wiring, audit_key: str | None = None, form: str = "text") -> None:
    """Show the counterparts that cannot be reached, why, and what to do."""
    if audit_key is not None:
        wiring.audit(audit_key)
    with wiring.database.read() as conn:
        found = detached(Store(conn), audit_key)
    if form == "json":
        click.echo(json.dumps([_as_json(each) for each in found], indent=2))
        return
    for each in found:
        click.echo("\n".join(_lines(each)))
    if not found:
        click.echo("Every counterpart can be reached.")


@links.command()
@click.argument("number", metavar="NUMBER")
@click.option("--issue", metavar="KEY", help="The Jira issue that takes the place of the old one.")
@click.option("--page", metavar="ID", help="The page that takes the place of the old one, by its id.")
@reason_option("For the journal.")
@audit_option
@click.pass_obj
def mend(wiring: Wiring, number: str, issue: str | None, page: str | None, reason: str, audit_key: str | None) -> None:
    """Link a record again: to the same object once it is back, or to another one.

    To another one the register's word is written; what was said there before is kept, and not obeyed."""
    if issue is not None and page is not None:
        raise click.UsageError("give --issue or --page, one at a time")
    mender = _mender(wiring, audit_key, reason)
    if issue is not None:
        mended = [mender.point_at_issue(number, issue)]
    elif page is not None:
        mended = [mender.point_at_page(number, page)]
    else:
        mended = mender.take_up_again(number)
    for link in mended:
        click.echo(f"{plain(number)}: its {link.role} is {plain(link.key)} {plain(link.url)}".rstrip())
    click.echo(FOLLOWS)


@links.command()
@click.argument("number", metavar="NUMBER")
@click.option("--only", type=click.Choice(ROLES), help="Only this counterpart.")
@reason_option("For the journal.")
@audit_option
@yes_option
@click.pass_obj
def recreate(wiring: Wiring, number: str, only: str | None, reason: str, audit_key: str | None, yes: bool) -> None:
    """Have a new issue or page made in the place of one that is gone for good."""
    make_sure(f"Have a new {only or 'issue or page'} made for {plain(number)}? The old one is let go.", is_sure=yes)
    roles = [LinkRole(only)] if only else []
    for link in _mender(wiring, audit_key, reason).recreate(number, roles):
        click.echo(f"{plain(number)}: a new {link.role} is to be made")
    click.echo(FOLLOWS)


def _mender(wiring: Wiring, audit_key: str | None, reason: str) -> Mender:
    audit = chosen_audit(wiring, audit_key)
    return Mender(wiring.database, wiring.new_sites(), audit, by=at_keyboard(), reason=reason.strip())


def _lines(each: Detached) -> list[str]:
    number, link = plain(each.record.number), each.link
    option = "--page ID" if link.role is LinkRole.PAGE else "--issue KEY"
    which = f"{number} --audit {each.record.audit}"
    return [
        f"{number} {plain(each.record.title)} ({each.record.audit})",
        f"  {link.role} {plain(link.key)} {plain(link.url)}: {plain(link.detached_reason)}",
        f"  if it is back: it is taken up again by itself, or at once with `tieout links mend {which}`",
        f"  if another one takes its place: `tieout links mend {which} {option}`",
        f"  if it is gone for good: `tieout links recreate {which}`",
    ]


def _as_json(each: Detached) -> dict[str, object]:
    return {
        "number": each.record.number,
        "audit": each.record.audit,
        "role": each.link.role,
        "id": each.link.remote_id,
        "key": each.link.key,
        "url": each.link.url,
        "reason": each.link.detached_reason,
    }
