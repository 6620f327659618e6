"""The parts of an evidence page, one function each: inner storage format, everything from outside escaped."""

from __future__ import annotations

from datetime import datetime

from mappings.characters import one_line
from mappings.criteria import CRITERIA
from mappings.records import Decision, Evidence, Record, RequestStatus, Side, marker
from mappings.storage.writing import (
    bullets,
    code,
    escape,
    heading,
    link,
    macro,
    paragraph,
    properties,
    status,
    strong,
    table,
    to_storage,
)
from mappings.text import paragraphs

from .facts import (
    ACCEPT_TASK,
    DUE_LABEL,
    NOT_SET,
    STATUS_SHOWN,
    PageFacts,
    account_name,
    day_or_not_set,
    how_to,
    moment,
    person,
    words,
)

OUT_OF_STEP = "Not in step:"
BADLY_LATE = 3
"""The step of the ladder at which the sponsor is told and the page says so in red."""

_REASON_SHOWN = (RequestStatus.RETURNED, RequestStatus.NEEDS_CLARIFICATION, RequestStatus.NOT_APPLICABLE)
_LEVELS = ("None", "Overdue, the owner’s manager knows", "Overdue, the coordinator steps in")
_BADLY_LATE = "Badly overdue, the sponsor steps in"
_UNITS = ("bytes", "KB", "MB", "GB", "TB")
_FIRST_TASK_ID = 1_000_000  # far above the ids that the editor gives to people's check boxes
_SOURCES = {Side.JIRA: "Jira", Side.CONFLUENCE: "This page", Side.REGISTER: "Register"}


def facts_part(facts: PageFacts) -> str:
    """The banner, if one is due, and the table that the report on the home page reads."""
    record = facts.record
    rows = [
        ("Number", escape(record.number)),
        ("Status", status(*STATUS_SHOWN.get(record.status, (record.status, "Grey")))),
        *([("Reason", escape(record.reason))] if record.reason and record.status in _REASON_SHOWN else []),
        (DUE_LABEL, day_or_not_set(record.auditor_due_on)),
        ("Working due", _working_due(record)),
        ("Owner", person(facts, record.owner) if record.owner else _unowned(facts)),
        ("Reviewer", person(facts, record.reviewer) if record.reviewer else NOT_SET),
        ("Criteria", "<br/>".join(_criterion(criterion) for criterion in record.criteria) or NOT_SET),
        ("Controls", escape(", ".join(record.controls)) or NOT_SET),
        ("Type", words(record.request_type)),
        ("Period", _period(facts)),
        ("Priority", words(record.priority)),
        ("Escalation", escape(_escalation(facts))),
    ]
    return _banner(facts) + properties(rows)


def asked_part(facts: PageFacts) -> str:
    """The auditor's own words, then what good evidence of this kind looks like."""
    asked = heading("What is asked") + paragraph(strong(facts.record.title)) + _text(facts.record.description)
    if not facts.guidance:
        return asked
    return (
        asked + heading("What good evidence looks like", 3) + bullets(escape(one_line(line)) for line in facts.guidance)
    )


def tasks_part(facts: PageFacts) -> str:
    """The owners' issues as Jira shows them to whoever may see them there."""
    uid = facts.record.uid
    label = marker(uid) if facts.audit.tasks == "none" else request_label(uid)
    parameters = {
        "jqlQuery": f'labels = "{label}" ORDER BY key',
        "columns": "key,summary,assignee,status,due",
        "maximumIssues": "50",
    }
    seen = "The owners’ work, live from Jira. Whoever has no access to Jira sees no rows here."
    if facts.issue_key:
        seen = f"{seen} The request there: {link(facts.issue_key, f'{facts.jira_url}/browse/{facts.issue_key}')}."
    return heading("Tasks") + paragraph(seen) + macro("jira", parameters)


def evidence_part(facts: PageFacts) -> str:
    """Every released version of every file, with what was accepted; how much is still inside the company."""
    released = sorted(
        (item for item in facts.evidence if item.is_released),
        key=lambda item: (item.collected_at, item.file_name, item.version),
    )
    held = sum(not item.is_released and not item.is_replaced_in(facts.evidence) for item in facts.evidence)
    head = ("File", "Version", "SHA-256", "Size", "Collected by", "Collected at (UTC)", "Period", "Source", "Accepted")
    rows = [_evidence_row(facts, item, released) for item in released]
    shown = table(head, rows) if rows else "" if held else paragraph("No evidence yet.")
    return heading("Evidence") + shown + (paragraph(_held(held)) if held else "")


def decide_part(facts: PageFacts) -> str:
    """How the auditor decides, the decision task while there is something to decide, and past decisions."""
    past = [_decision(decision) for decision in reversed(facts.decisions)]
    history = heading("Decisions so far", 3) + bullets(past) if past else ""
    return heading("Decide") + how_to(facts.how_to_decide) + _decision_task(facts.record) + history


def sync_part(facts: PageFacts) -> str:
    """Whether the page says what the register says, and by what mark the register knows it."""
    return step_part(facts.record.uid, facts.out_of_step, facts.at)


def step_part(uid: str, out_of_step: str, at: datetime | None) -> str:
    """The one moment that can stand here is that of the writing: a page is not written to say that nothing changed."""
    when = (
        f" at {moment(at)} UTC, when Tieout last wrote here. Were it not so any more, it would be said here"
        if at
        else ""
    )
    state = (
        f"{strong(OUT_OF_STEP)} {escape(one_line(out_of_step))}" if out_of_step else f"In step with the register{when}."
    )
    ours = "Tieout writes the parts above. Whatever you write outside them stays as you wrote it."
    return paragraph(state) + paragraph(ours) + paragraph(f"Tieout ref {code(uid)}")


def request_label(request_uid: str) -> str:
    """The label that the issues of all tasks of a request carry."""
    return f"tieout-request-{request_uid[:12]}"


def _banner(facts: PageFacts) -> str:
    level = facts.record.escalation_level
    if level < 1:
        return ""
    return macro("warning" if level >= BADLY_LATE else "note", {}, paragraph(strong(f"{_escalation(facts)}.")))


def _escalation(facts: PageFacts) -> str:
    """How far up the ladder it is. A request may stand there because of its tasks alone, raised by hand like it."""
    record = facts.record
    escalated = [task for task in facts.tasks if task.escalation_level] or [record]
    if record.escalation_level == 1 and (record.raised_by or all(each.raised_by for each in escalated)):
        return "Raised by hand"
    return _LEVELS[record.escalation_level] if record.escalation_level < BADLY_LATE else _BADLY_LATE


def _working_due(record: Record) -> str:
    asked = f"; asked for {day_or_not_set(record.extension_on)}" if record.extension_on else ""
    return day_or_not_set(record.due_on) + asked


def _unowned(facts: PageFacts) -> str:
    return f"Nobody yet; ask {person(facts, facts.audit.coordinator.lower())}"


def _criterion(criterion: str) -> str:
    known = CRITERIA.get(criterion)
    return escape(f"{criterion} {known.title}" if known else criterion)


def _period(facts: PageFacts) -> str:
    start = facts.record.period_start or facts.audit.period_start
    end = facts.record.period_end or facts.audit.period_end
    return escape(f"{start.isoformat()} to {end.isoformat()}")


def _text(text: str) -> str:
    return to_storage(paragraphs(text))


def _evidence_row(facts: PageFacts, item: Evidence, released: list[Evidence]) -> tuple[str, ...]:
    decision = facts.accepted_on.get(f"{item.sha256} {item.file_name}")
    accepted = escape(f"{moment(decision.decided_at)} by {decision.by_name}") if decision else "No"
    return (
        _file(item, released),
        str(item.version),
        code(item.sha256),
        _size(item.size),
        account_name(facts.people, item.collector),
        moment(item.collected_at),
        _period(facts),
        _source(facts, item),
        accepted,
    )


def _file(item: Evidence, released: list[Evidence]) -> str:
    """A link to the file on this page for its newest version there; an older one by name, for the link would lie."""
    newest = max(
        (each.copy_version or 1 for each in released if each.file_name == item.file_name and each.copy_id),
        default=None,
    )
    if item.copy_id is None or (item.copy_version or 1) != newest:
        return escape(item.file_name)
    return f'<ac:link><ri:attachment ri:filename="{escape(item.file_name)}"/></ac:link>'


def _size(size: int) -> str:
    amount, unit = float(size), 0
    while amount >= 1000 and unit < len(_UNITS) - 1:
        amount, unit = amount / 1000, unit + 1
    return f"{size} bytes" if unit == 0 else f"{amount:.1f} {_UNITS[unit]}"


def _source(facts: PageFacts, item: Evidence) -> str:
    task = next((task.number for task in facts.tasks if task.uid == item.task), None)
    source = _SOURCES[item.side]
    return escape(f"{source}, task {task}" if task else source)


def _held(count: int) -> str:
    subject = "1 file is" if count == 1 else f"{count} files are"
    return f"{subject} in internal review and will be shown here after it."


def _decision_task(record: Record) -> str:
    """One check box. Its ids are the record's own, so that it meets no other check box of the page."""
    if record.status not in (RequestStatus.SUBMITTED, RequestStatus.ACCEPTED):
        return paragraph("There is nothing to decide until the evidence is submitted.")
    ticked = "complete" if record.status == RequestStatus.ACCEPTED else "incomplete"
    uid = record.uid
    say = paragraph("Or tick this box. The due date can also be changed in the table above.")
    return (
        f"{say}<ac:task-list><ac:task><ac:task-id>{_FIRST_TASK_ID + int(uid[:5], 16)}</ac:task-id>"
        f"<ac:task-uuid>{uid[:8]}-{uid[8:12]}-{uid[12:16]}-{uid[16:20]}-{uid[20:]}</ac:task-uuid>"
        f"<ac:task-status>{ticked}</ac:task-status><ac:task-body>{ACCEPT_TASK}</ac:task-body></ac:task></ac:task-list>"
    )


def _decision(decision: Decision) -> str:
    files = "1 file" if len(decision.evidence) == 1 else f"{len(decision.evidence)} files"
    verdict = words(decision.verdict)
    said = f" by {decision.by_name} on {moment(decision.decided_at)} UTC"
    about = f", page version {decision.page_version}, {files}"
    reason = f": {decision.reason}" if decision.reason else ""
    return strong(verdict) + escape(said + about + reason)
