"""`tieout import`: take in the auditor's request list, or show what that would do."""

import getpass
import json
from collections.abc import Iterator, Mapping
from pathlib import Path

import click

from mappings.request_list.comparison import FieldValue, in_words
from mappings.request_list.dates import DateOrder
from mappings.request_list.findings import Finding, Level, Question
from mappings.request_list.options import ImportOptions
from mappings.request_list.plan import Action, ImportPlan
from mappings.request_list.table import MOST_BYTES, UnreadableFile
from sync import importing
from sync.importing import ImportRefused, RequestList
from webhooks.problems import Refusal
from webhooks.wiring import Wiring, new_uid

OPTION_NAMES = {
    "date_order": "--date-order",
    "sheet": "--sheet",
    "columns": "--column",
    "number_missing": "--number-missing",
}
"""How a question of the import is answered on the command line."""


@click.command("import")
@click.argument("list_file", metavar="LIST", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--audit", metavar="KEY", required=True, help="The audit's key in the mapping file.")
@click.option("--dry-run", is_flag=True, help="Only show what would be done.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.option("--date-order", type=click.Choice([order.value for order in DateOrder]), help="How 03/04/2026 is meant.")
@click.option("--source-is-auditor", is_flag=True, help="The list comes from the auditor: its `accepted` counts.")
@click.option("--number-missing", is_flag=True, help="Number requests that have none: R-001, R-002 …")
@click.option("--sheet", metavar="NAME", help="The sheet to read, where a workbook has several lists.")
@click.option(
    "--column", "columns", metavar="HEADING=FIELD", multiple=True, help="What a column means; may be repeated."
)
@click.pass_obj
def import_list(
    wiring: Wiring,
    list_file: Path,
    audit: str,
    dry_run: bool,
    form: str,
    date_order: str | None,
    source_is_auditor: bool,
    number_missing: bool,
    sheet: str | None,
    columns: tuple[str, ...],
) -> None:
    """Take in the auditor's list (.xlsx, .csv, .json): all of it or nothing.

    A request is known by its number. What the list does not say stays as it is; what is gone from it is proposed as
    withdrawn."""
    options = ImportOptions(
        columns=dict(read_column(text) for text in columns),
        sheet=sheet,
        date_order=DateOrder(date_order) if date_order else None,
        source_is_auditor=source_is_auditor,
        number_missing=number_missing,
    )
    with list_file.open("rb") as stream:
        content = stream.read(MOST_BYTES + 1)  # one more than is taken: the reader then says that it is too large
    listed = RequestList(audit, list_file.name, content, getpass.getuser())
    plan = _plan(wiring, listed, options, dry_run=dry_run)
    click.echo(json.dumps(_as_json(plan), indent=2) if form == "json" else "\n".join(_lines(plan, dry_run=dry_run)))
    if plan.is_refused:
        raise Refusal("the list was refused; nothing was changed")


def _plan(wiring: Wiring, listed: RequestList, options: ImportOptions, *, dry_run: bool) -> ImportPlan:
    rule = wiring.audit(listed.audit)
    try:
        if dry_run:
            return importing.preview_list(wiring.database, listed, options)
        return importing.import_list(wiring.database, listed, rule, options, new_uid=new_uid).plan
    except (UnreadableFile, ImportRefused) as error:
        raise Refusal(str(error)) from error


def read_column(text: str) -> tuple[str, str]:
    """What `HEADING=FIELD` says. Raises BadParameter."""
    heading, sign, field = text.rpartition("=")
    if not sign:
        raise click.BadParameter(f"expected HEADING=FIELD, got {text!r}", param_hint="--column")
    return heading.strip(), field.strip()


def asked(question: Question) -> str:
    """A question with how it is answered."""
    if question.subject in ("columns", "number"):
        field = "title" if question.subject == "columns" else "number"
        other = f", or with {OPTION_NAMES[question.option]}" if question.subject == "number" else ""
        headings = f", HEADING being one of: {', '.join(question.choices)}" if question.choices else ""
        return f"{question.text} Answer with --column HEADING={field}{other}{headings}."
    choices = f" ({', '.join(question.choices)})" if question.choices else ""
    return f"{question.text} Answer with {OPTION_NAMES[question.option]}{choices}."


def _lines(plan: ImportPlan, *, dry_run: bool) -> Iterator[str]:
    if not plan.is_refused:
        for row in plan.rows:
            if row.action is not Action.UNCHANGED:
                yield f"row {row.row}: {row.number} {row.action}: {row.title}"
                yield from _changes(row.changes) if row.action is Action.UPDATED else ()
    for level in Level:
        yield from (f"{level}: {finding}" for finding in plan.findings if finding.level is level)
    yield from (f"question: {asked(question)}" for question in plan.questions)
    for number in plan.withdrawn:
        yield f"{number} is gone from the list: proposed as withdrawn"
    for number in plan.reinstated:
        yield f"{number} is on the list again"
    counts = ", ".join(f"{plan.count(action)} {action}" for action in Action if plan.count(action))
    yield f"{'Would be' if dry_run or plan.is_refused else 'Done'}: {counts or 'nothing'}"


def _changes(changes: Mapping[str, tuple[FieldValue, FieldValue]]) -> Iterator[str]:
    for name, (before, after) in changes.items():
        yield f"    {name}: {_short(before)} -> {_short(after)}"


def _short(value: FieldValue) -> str:
    text = " ".join(in_words(value).split())
    return repr(text if len(text) <= 60 else f"{text[:59]}…")


def _as_json(plan: ImportPlan) -> dict[str, object]:
    return {
        "refused": plan.is_refused,
        "counts": {action.value: plan.count(action) for action in Action},
        "rows": [
            {
                "row": row.row,
                "number": row.number,
                "title": row.title,
                "action": row.action,
                "changes": _told(row.changes),
            }
            for row in plan.rows
        ],
        "withdrawn": plan.withdrawn,
        "reinstated": plan.reinstated,
        "findings": [_finding(finding) for finding in plan.findings],
        "questions": [
            {"subject": q.subject, "text": q.text, "option": OPTION_NAMES[q.option], "choices": q.choices}
            for q in plan.questions
        ],
        "columns": dict(plan.mapping),
    }


def _told(changes: Mapping[str, tuple[FieldValue, FieldValue]]) -> dict[str, list[str]]:
    return {name: [in_words(before), in_words(after)] for name, (before, after) in changes.items()}


def _finding(finding: Finding) -> dict[str, object]:
    return {"level": finding.level, "row": finding.row, "column": finding.column, "text": str(finding)}
