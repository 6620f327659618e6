"""What Tieout writes into Jira: summaries, descriptions and labels of issues, and its own comments on either side.

Each comment says in one or two plain sentences what happened and what to do now.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date

from .characters import cut, legal, one_line
from .ladder import Step, Told, date_in_force, is_reviewed, whose_turn
from .records import EMPTY, Kind, Person, Record, RequestStatus, Side, TaskStatus, marker
from .rules import AuditRule
from .text import Block, Bullets, Document, Heading, Mention, Paragraph, Run, Text, paragraphs

SUMMARY_LIMIT = 255
DESCRIPTION_LIMIT = 20_000
"""Of the auditor's text, in UTF-16 units; Jira takes 32,767 for the whole."""
BRIEF_LIMIT = 700
"""Of the same in a task: two or three lines, the rest is on the page."""

_FOOT = re.compile(r"(?:— .* · )?(ref [0-9a-f]{12})")
_REVIEW = "Send the evidence on to the auditor or back to its owner"
_PLACES = {Side.JIRA: "in Jira", Side.CONFLUENCE: "on the evidence page", Side.REGISTER: "in the register"}
_STATUS_LABELS: Mapping[str, str] = {
    RequestStatus.RETURNED: "returned",
    TaskStatus.CHANGES_REQUESTED: "changes-requested",
}


def request_summary(record: Record) -> str:
    """`R-014 Access review report`, on one line, at most 255 characters."""
    return cut(one_line(f"{record.number} {record.title}"), SUMMARY_LIMIT)


def task_summary(record: Record) -> str:
    """`R-014/1 Access review report`, on one line, at most 255 characters."""
    return request_summary(record)


def request_description(
    record: Record, page_url: str, audit: AuditRule, guidance: Sequence[str], *, reviewer: str = ""
) -> Document:
    """The auditor's words, the facts, what good evidence looks like, and where the auditor sees it."""
    facts = [
        ("Auditor’s date", record.auditor_due_on.isoformat() if record.auditor_due_on else "not set"),
        ("Period", _period(record, audit)),
        ("Criteria", ", ".join(record.criteria)),
        ("Controls", ", ".join(record.controls)),
    ]
    if audit.tasks == "none":
        work = _hand_in(reviewer, audit)
    else:
        work = paragraphs("The work is in the tasks linked to this issue. Only the auditor accepts or returns it.")
    return (
        *paragraphs(cut(legal(record.description), DESCRIPTION_LIMIT) or request_summary(record)),
        Bullets(tuple((Text(f"{name}: ", strong=True), Text(value)) for name, value in facts if value)),
        *_good_evidence(guidance),
        *work,
        *_where(page_url),
    )


def task_description(
    task: Record, request: Record, page_url: str, audit: AuditRule, guidance: Sequence[str], *, reviewer: str = ""
) -> Document:
    """What is wanted in two or three lines, by when, how to hand it in, what good looks like, and the page.

    `reviewer` is the name of who checks the evidence, empty when nobody is named."""
    wanted = task.description or request.description
    due = request.auditor_due_on
    return (
        Paragraph((Text(cut(one_line(request.title), SUMMARY_LIMIT), strong=True),)),
        *paragraphs(cut(legal(wanted), BRIEF_LIMIT)),
        *(
            [Paragraph((Text("The auditor wants it by "), Text(due.isoformat(), strong=True), Text(".")))]
            if due
            else []
        ),
        Paragraph((Text(f"It must cover {_period(request, audit)}."),)),
        *_hand_in(reviewer, audit),
        *_good_evidence(guidance),
        *_where(page_url),
    )


def labels(record: Record, request: Record, audit_key: str) -> frozenset[str]:
    """The labels of a record's issue; for a request `request` is itself. A label has no spaces."""
    found = ["tieout", audit_label(audit_key), marker(record.uid)]
    found += [f"tsc-{criterion}" for criterion in record.criteria or request.criteria]
    if record.kind is Kind.TASK:
        found.append(f"tieout-request-{request.uid[:12]}")
    if record.escalation_level > 1 or (record.escalation_level == 1 and record.raised_by is None):
        found.append("overdue")
    if record.status in _STATUS_LABELS:
        found.append(_STATUS_LABELS[record.status])
    if record.is_proposed_withdrawn:
        found.append("proposed-withdrawn")
    return frozenset(cut(one_line(label).replace(" ", "_"), SUMMARY_LIMIT) for label in found)


def audit_label(audit_key: str) -> str:
    """The label of every issue of an audit."""
    return f"audit-{audit_key.lower()}"


def signature(author_name: str, side: Side, ref: str = "") -> Paragraph:
    """The line at the foot of a comment that was copied from another side: who said it, and where."""
    said = f"— {one_line(author_name)} {_PLACES[side]}"
    return Paragraph((Text(f"{said} · {ref}" if ref else said),))


def find_ref(text: str) -> str | None:
    """Tieout's mark (`ref 1a2b3c4d5e6f`) on the last line of a comment; anywhere else it is somebody's quotation.

    Anybody can type one: it tells Tieout's comments apart from each other, not from other people's.
    """
    lines = text.strip().splitlines()
    found = _FOOT.fullmatch(lines[-1].strip()) if lines else None
    return found[1] if found else None


def put_back(why: str, what: str, who: str | None, people: Mapping[str, Person] = EMPTY) -> Document:
    """A change in Jira was not taken. `what` names the field, `who` is the account that changed it."""
    known = next((person for person in people.values() if who and person.account_id == who), None)
    said = _sentence(why)
    change = Text(f"The change of the {what} was put back. {said[:1].upper()}{said[1:]}")
    return (Paragraph((*_address([known] if known else []), change)),)


def adopted(record: Record, request: Record, page_url: str, audit: AuditRule) -> Document:
    """An issue that was there already is a record's from now on: said beside its own text, which stays as it is."""
    begins = (
        f"This issue counts as {record.number} of {audit.name} from now on. Its text stays yours. The auditor asks for:"
    )
    return (*paragraphs(begins), *_asked(record, request), *_where(page_url))


def asked_anew(record: Record, request: Record, page_url: str) -> Document:
    """What is asked for reads otherwise now, and the issue's own text is not Tieout's to write."""
    begins = f"What the auditor asks for with {record.number} reads otherwise now:"
    return (*paragraphs(begins), *_asked(record, request), *_where(page_url))


def _asked(record: Record, request: Record) -> Document:
    wanted = cut(legal(record.description or request.description), BRIEF_LIMIT)
    return (Paragraph((Text(cut(one_line(request.title), SUMMARY_LIMIT)),)), *paragraphs(wanted))


def how_to_answer(prefix: str) -> Paragraph:
    """Below what somebody asks on the page: a plain comment would stay inside the company."""
    mark = Text(prefix, strong=True)
    return Paragraph((Text("A comment that begins with "), mark, Text(" answers this; any other stays inside.")))


def asked_to_decide(what: str, ours: str, theirs: str, coordinator: Person | None, name: str, number: str) -> Document:
    """Both sides changed a field of the record `number`, and a person decides. `name` is the coordinator's."""
    said = Text(
        f"The {what} was changed in two places at once: the register says {one_line(ours)}, and here somebody set "
        f"{one_line(theirs)}. {one_line(name)} decides which of them stays, by setting it here once more or with "
        f"`tieout conflicts settle {one_line(number)} --keep ours` (or theirs); until then neither is written over."
    )
    return (Paragraph((*_address([coordinator] if coordinator else []), said)),)


def review_again(why: str) -> Document:
    """An approval does not hold any more."""
    return paragraphs(f"This is to be reviewed again: {_sentence(why)}")


def escalation(step: Step, record: Record, people: Mapping[str, Person], audit: AuditRule) -> Document:
    """A step of the ladder, spoken to everybody whom it tells."""
    called = [people.get(key) for key in _called(step, record, people, audit)]
    everybody = _address([person for person in called if person])
    name = one_line(f"{record.number} {record.title}")
    due_on = date_in_force(record)
    due = due_on.isoformat() if due_on else "a date that is not set"
    if step.level < 1:
        todo = _REVIEW if is_reviewed(record) else "Attach the evidence and move the card to review"
        said = f"{name} is due on {due}. {todo}, or ask for a later date now."
    elif step.level == 1:
        todo = _REVIEW if is_reviewed(record) else "Attach the evidence"
        said = f"{name} was due on {due} and is overdue. {todo} today, or say here what stands in the way."
    else:
        said = f"{name} was due on {due} and is still open. Please agree here who clears the way, and by when."
    return (Paragraph((*everybody, Text(said))),)


def extension_asked(extension_on: date | None, due_on: date | None, coordinator: str, number: str) -> Document:
    """A later date than the auditor's was asked for the record `number`; until somebody settles it the old stands."""
    asked = extension_on.isoformat() if extension_on else "a later date"
    stands = f"{due_on.isoformat()} stands" if due_on else "there is no date"
    return paragraphs(
        f"{asked} is later than the auditor’s date, so it is a request for more time. {one_line(coordinator)} "
        f"settles it by setting the date here or with `tieout request grant {one_line(number)}` (or refuse), the "
        f"auditor by the comment `due {asked if extension_on else 'DATE'}` on the evidence page. Until then, {stands}."
    )


def returned(reason: str, record: Record, people: Mapping[str, Person]) -> Document:
    """The auditor sent it back."""
    owner = people.get(record.owner or "")
    due = f" by {record.due_on.isoformat()}" if record.due_on else ""
    why = _sentence(reason or "no reason was given")
    said = f"The auditor returned this: {why} Attach what is missing and move the card to review again{due}."
    return (Paragraph((*_address([owner] if owner else []), Text(said))),)


def file_on_page(file_name: str, version: int, who: Person | None) -> Document:
    """Somebody put a file on the evidence page."""
    name = one_line(who.name) if who else "Somebody"
    again = f", version {version}" if version > 1 else ""
    return paragraphs(f"{name} attached {one_line(file_name)}{again} to the evidence page, linked above.")


def submitted(files: int) -> Document:
    """The evidence is complete from the company's side."""
    count = {0: "no files", 1: "1 file"}.get(files, f"{files} files")
    return paragraphs(
        f"The evidence is submitted, with {count}. Answer “accept”, or “return: ” and the reason, in a comment here."
    )


def evidence_changed(what: str, accepted_by: str) -> Document:
    """Something changed under an acceptance."""
    return paragraphs(
        f"This was accepted by {one_line(accepted_by)}, and since then {_sentence(what)} "
        "The acceptance no longer holds: the request is submitted again and waits for a new decision."
    )


def _period(record: Record, audit: AuditRule) -> str:
    start, end = record.period_start or audit.period_start, record.period_end or audit.period_end
    return f"{start.isoformat()} to {end.isoformat()}"


def _good_evidence(guidance: Sequence[str]) -> tuple[Block, ...]:
    if not guidance:
        return ()
    return (Heading(3, "What good evidence looks like"), Bullets(tuple((Text(line),) for line in guidance)))


def _hand_in(reviewer: str, audit: AuditRule) -> tuple[Block, ...]:
    if not audit.internal_review:
        then = "The auditor sees them as soon as they are attached."
    else:
        then = f"{one_line(reviewer) or 'A colleague other than you'} checks them before the auditor sees anything."
    return (
        Heading(3, "How to hand it in"),
        Bullets(
            (
                (Text("Attach the files to this issue and move it to review. "), Text(then)),
                (
                    Text("A comment that begins with "),
                    Text(audit.auditor_comment_prefix, strong=True),
                    Text(" or "),
                    Text("question:", strong=True),
                    Text(" goes to the auditor; every other one stays inside the company."),
                ),
            )
        ),
    )


def _where(page_url: str) -> tuple[Block, ...]:
    """The way to the page, once there is one."""
    if not page_url:
        return ()
    return (Paragraph((Text("What the auditor sees: "), Text(page_url, href=page_url))),)


def _called(step: Step, record: Record, people: Mapping[str, Person], audit: AuditRule) -> tuple[str, ...]:
    """Keys of those whom a step tells; the coordinator stands in for whoever's turn it is where that is nobody's."""
    coordinator = audit.coordinator.lower()
    called_on = people.get(whose_turn(record) or "")
    keys = {
        Told.OWNER: called_on.key if called_on else coordinator,
        Told.REVIEWER: record.reviewer,
        Told.MANAGER: called_on.manager if called_on else None,
        Told.COORDINATOR: coordinator,
        Told.SPONSOR: audit.sponsor.lower() if audit.sponsor else None,
    }
    return tuple(dict.fromkeys(key for told in step.tells if (key := keys[told])))


def _address(people: Sequence[Person]) -> tuple[Run, ...]:
    """Those spoken to, in front of what is said: mentions where the account is known."""
    runs: list[Run] = []
    for person in people:
        named = Mention(person.account_id, person.name) if person.account_id else Text(one_line(person.name))
        runs += [Text(", "), named] if runs else [named]
    return (*runs, Text(": ")) if runs else ()


def _sentence(text: str) -> str:
    """`text` on one line with a full stop."""
    line = one_line(text)
    return line if line.endswith((".", "!", "?", "…")) else f"{line}."
