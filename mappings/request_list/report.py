"""The plan of an import as a coordinator reads it, and as a program does."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator

from .columns import KEEP
from .comparison import EXTRA, FieldValue, in_words
from .findings import Finding, Level, shown
from .plan import Action, ImportPlan, PlannedRow

_TITLE_WIDTH = 60
_HAPPENS = {
    Action.CREATED: "new",
    Action.UPDATED: "changed",
    Action.UNCHANGED: "as before",
    Action.REFUSED: "to put right",
}
_FIELD_NAMES = {
    "auditor_due_on": "due date",
    "request_type": "type",
    "period_start": "start of period",
    "period_end": "end of period",
    "watchers": "watching",
}


def render(plan: ImportPlan) -> str:
    """The whole plan as text: what must be put right first, then what is asked, then row by row."""
    blocks = [
        [summary(plan)],
        _columns(plan),
        _titled("To put right in the file:", [str(problem) for problem in plan.problems]),
        _titled("To be answered:", [_question(plan, place) for place in range(len(plan.questions))]),
        list(_table(plan)),
        _titled("No longer on the list (to be confirmed as withdrawn):", plan.withdrawn),
        _titled("On the list again:", plan.reinstated),
        _titled("About the file:", [str(finding) for finding in _of_file(plan)]),
    ]
    return "\n\n".join("\n".join(block) for block in blocks if block) + "\n"


def summary(plan: ImportPlan) -> str:
    """What the import comes to, in a sentence or two."""
    counts = ", ".join(f"{plan.count(action)} {_HAPPENS[action]}" for action in Action if plan.count(action))
    text = f"{_many(len(plan.rows), 'request')} on the list{': ' if counts else ''}{counts}."
    if plan.withdrawn:
        text += f" {_many(len(plan.withdrawn), 'request')} no longer on it."
    if warnings := sum(finding.level == Level.WARNING for finding in plan.findings):
        text += f" {_many(warnings, 'warning')}."
    if not plan.is_refused:
        return text
    reasons = [_many(len(plan.problems), "problem")] if plan.problems else []
    reasons += [_many(len(plan.questions), "open question")] if plan.questions else []
    return f"{text}\nNothing is imported: {' and '.join(reasons)}. A list comes in whole or not at all."


def as_json(plan: ImportPlan) -> dict[str, object]:
    """The plan as plain values: `is_refused`, `counts`, `problems`, `warnings`, `notes`, `questions`, `rows`,
    `withdrawn`, `reinstated`, `mapping`. Dates are ISO text, people their e-mail or name."""
    return {
        "is_refused": plan.is_refused,
        "counts": {action.value: plan.count(action) for action in Action},
        "problems": _findings_json(plan.findings, Level.PROBLEM),
        "warnings": _findings_json(plan.findings, Level.WARNING),
        "notes": _findings_json(plan.findings, Level.NOTE),
        "questions": [
            {"subject": q.subject, "text": q.text, "option": q.option, "choices": list(q.choices)}
            for q in plan.questions
        ],
        "rows": [_row_json(row) for row in plan.rows],
        "withdrawn": list(plan.withdrawn),
        "reinstated": list(plan.reinstated),
        "mapping": dict(plan.mapping),
    }


def _findings_json(findings: Iterable[Finding], level: Level) -> list[dict[str, object]]:
    return [
        {
            "row": finding.row,
            "column": finding.column,
            "letter": finding.letter,
            "what": finding.what,
            "came": finding.came,
            "expected": finding.expected,
            "advice": finding.advice,
            "text": str(finding),
        }
        for finding in findings
        if finding.level == level
    ]


def _row_json(row: PlannedRow) -> dict[str, object]:
    return {
        "row": row.row,
        "number": row.number,
        "title": row.title,
        "action": row.action.value,
        "first_status": str(row.request.first_status) if row.action == Action.CREATED else None,
        "changes": {name: [in_words(before), in_words(after)] for name, (before, after) in row.changes.items()},
        "remarks": list(row.request.remarks),
        "warnings": [str(finding) for finding in row.told(Level.WARNING)],
        "problems": [str(finding) for finding in row.told(Level.PROBLEM)],
    }


def _table(plan: ImportPlan) -> Iterator[str]:
    """A line for each row that does something or has something to say, with what there is to say below it."""
    rows = [row for row in plan.rows if row.action != Action.UNCHANGED or row.findings]
    if not rows:
        return
    width = max(6, *(len(row.number) for row in rows))
    yield f"{'Row':>5}  {'Number':<{width}}  {'':<14}  Title"
    for row in rows:
        yield f"{row.row:>5}  {row.number:<{width}}  {_HAPPENS[row.action]:<14}  {_cut(row.title)}".rstrip()
        if row.action == Action.UPDATED:
            yield from (f"{'':>9}{_change(name, *change)}" for name, change in row.changes.items())
        for finding in (*row.told(Level.WARNING), *row.told(Level.NOTE)):
            yield f"{'':>9}{finding.level.value}: {_within_row(finding)}"
    quiet = len(plan.rows) - len(rows)
    if quiet:
        yield f"{_many(quiet, 'more request')} as before."


def _columns(plan: ImportPlan) -> list[str]:
    read = [f"{header} → {_spoken(meaning)}" for header, meaning in plan.mapping.items() if meaning != KEEP]
    kept = sum(meaning == KEEP for meaning in plan.mapping.values())
    also = f"; {_many(kept, 'more column')} kept as they are" if kept else ""
    return textwrap.wrap(f"Columns: {', '.join(read)}{also}.", 110, subsequent_indent="  ") if read else []


def _spoken(name: str) -> str:
    return _FIELD_NAMES.get(name, name.removeprefix(EXTRA).replace("_", " "))


def _within_row(finding: Finding) -> str:
    return f'"{finding.column}": {finding.message}' if finding.column else finding.message


def _change(name: str, before: FieldValue, after: FieldValue) -> str:
    was, now = (shown(in_words(value)) if in_words(value) else "nothing" for value in (before, after))
    return f"{_spoken(name)}: {was} → {now}"


def _question(plan: ImportPlan, place: int) -> str:
    question = plan.questions[place]
    choices = f" ({', '.join(question.choices[:12])})" if question.choices else ""
    return f"{question.text}{choices}"


def _of_file(plan: ImportPlan) -> list[Finding]:
    """What is to be said of the file or of rows that are no requests; problems stand at the top already."""
    own = {row.row for row in plan.rows}
    return [f for f in plan.findings if f.row not in own and f.level != Level.PROBLEM]


def _titled(title: str, lines: Iterable[str]) -> list[str]:
    listed = [f"  - {line}" for line in lines]
    return [title, *listed] if listed else []


def _cut(title: str) -> str:
    return title if len(title) <= _TITLE_WIDTH else f"{title[: _TITLE_WIDTH - 1].rstrip()}…"


def _many(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"
