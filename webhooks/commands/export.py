"""`tieout export`: the auditor's own list back, with what the register says now."""

from pathlib import Path

import click

from mappings.request_list import DateOrder, Finding, ImportOptions, Level, UnreadableFile
from mappings.request_list.table import MOST_BYTES
from sync.handback import HandedBack, hand_back
from sync.importing import RequestList
from webhooks.commands.import_list import asked, read_column
from webhooks.desk import at_keyboard, audit_option, chosen_audit, listed, plain
from webhooks.problems import Refusal
from webhooks.wiring import Wiring


@click.command()
@click.argument("list_file", metavar="LIST", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@audit_option
@click.option("-o", "--output", "out", required=True, metavar="OUT", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--overwrite", is_flag=True, help="Write over OUT where it exists.")
@click.option("--date-order", type=click.Choice([order.value for order in DateOrder]), help="How 03/04/2026 is meant.")
@click.option("--number-missing", is_flag=True, help="As when it was imported: requests without a number have ours.")
@click.option("--sheet", metavar="NAME", help="The sheet to fill, where a workbook has several lists.")
@click.option(
    "--column", "columns", metavar="HEADING=FIELD", multiple=True, help="What a column means; may be repeated."
)
@click.pass_obj
def export(
    wiring: Wiring,
    list_file: Path,
    audit_key: str | None,
    out: Path,
    overwrite: bool,
    date_order: str | None,
    number_missing: bool,
    sheet: str | None,
    columns: tuple[str, ...],
) -> None:
    """Give the auditor's own LIST back as OUT, with states, dates, links and responses as they are now.

    Every other cell stays as it is; text that a spreadsheet would take for a formula is escaped."""
    _check_output(list_file, out, overwrite=overwrite)
    audit = chosen_audit(wiring, audit_key)
    options = ImportOptions(
        columns=dict(read_column(text) for text in columns),
        sheet=sheet,
        date_order=DateOrder(date_order) if date_order else None,
        number_missing=number_missing,
    )
    with list_file.open("rb") as stream:
        content = stream.read(MOST_BYTES + 1)  # one more than is taken: the reader then says that it is too large
    try:
        back = hand_back(
            wiring.database, audit, RequestList(audit.key, list_file.name, content, at_keyboard()), options
        )
    except UnreadableFile as error:
        raise Refusal(str(error)) from error
    if back.parsed.questions:
        raise Refusal("\n".join(asked(question) for question in back.parsed.questions))
    _write(out, back.content)
    _tell(out, back)


def _check_output(list_file: Path, out: Path, *, overwrite: bool) -> None:
    if out.suffix.lower() != list_file.suffix.lower():
        raise Refusal(f"{list_file.name} goes back as what it came: name OUT with {list_file.suffix or 'no ending'}")
    if out.exists() and not overwrite:
        raise Refusal(f"{out} exists: name another file, or give --overwrite")


def _write(out: Path, content: bytes) -> None:
    """The whole file or none: it is written beside its place and moved there."""
    beside = out.with_name(f".{out.name}.part")
    try:
        beside.write_bytes(content)
        beside.replace(out)
    except OSError as error:
        raise Refusal(f"{out} cannot be written: {error.strerror or error}") from error


def _tell(out: Path, back: HandedBack) -> None:
    for finding in _problems(back.parsed.findings):
        click.echo(f"{finding.level}: {plain(finding)}")
    if back.unknown:
        click.echo(f"not in the register, left as they are: {listed(back.unknown)}")
    if back.missing:
        click.echo(f"open in the register, not on this list: {listed(back.missing)}")
    rows = len({change.row for change in back.changes})
    click.echo(f"{out}: {len(back.changes)} cells in {rows} rows brought up to date")


def _problems(findings: tuple[Finding, ...]) -> list[Finding]:
    return [finding for finding in findings if finding.level is Level.PROBLEM]
