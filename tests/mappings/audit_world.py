"""One audit with its people, a request, a task and some evidence, for tests of what is written about them."""

from datetime import UTC, date, datetime
from typing import Any

from mappings.evidence_page import PageFacts
from mappings.records import Decision, Evidence, Kind, Person, Record, Side
from mappings.rules import AuditRule, Milestone

AUDIT = AuditRule(
    name="SOC 2 Type II 2026",
    period_start=date(2026, 1, 1),
    period_end=date(2026, 12, 31),
    time_zone="Europe/Berlin",
    milestones=(Milestone(name="Report", on=date(2027, 3, 1)), Milestone(name="Fieldwork", on=date(2027, 1, 11))),
    project="AUD",
    space="SOC",
    coordinator="Cora@acme.example",
    sponsor="sam@acme.example",
    auditors=("clara@auditors.example",),
)
OWNER = Person("ada@acme.example", "Ada Lovelace", "ada@acme.example", "5b-ada", manager="mia@acme.example")
MANAGER = Person("mia@acme.example", "Mia Boss", "mia@acme.example", "5b-mia")
COORDINATOR = Person("cora@acme.example", "Cora Hale", "cora@acme.example", "5b-cora")
SPONSOR = Person("sam@acme.example", "Sam Chief", "sam@acme.example")
AUDITOR = Person("clara@auditors.example", "Clara Weiss", "clara@auditors.example", "5b-clara")
PEOPLE = {person.key: person for person in (OWNER, MANAGER, COORDINATOR, SPONSOR, AUDITOR)}

REQUEST = Record(
    uid="1a2b3c4d5e6f708192a3b4c5d6e7f809",
    kind=Kind.REQUEST,
    audit="SOC2-2026",
    number="R-014",
    title="Access review report",
    status="submitted",
    description="The report of each quarterly access review.\nWith sign-off.\n\nFor all systems <prod> & CI.",
    criteria=("CC6.2", "CC6.3", "X9"),
    controls=("AC-12", "AC-13"),
    request_type="population",
    owner=OWNER.key,
    reviewer="name:rita reviewer",
    due_on=date(2026, 11, 20),
    auditor_due_on=date(2026, 12, 1),
)
TASK = Record(
    uid="99887766554433221100ffeeddccbbaa",
    kind=Kind.TASK,
    audit="SOC2-2026",
    number="R-014/1",
    title="Access review report",
    status="delivered",
    parent=REQUEST.uid,
    owner=OWNER.key,
    reviewer="rita@acme.example",
    due_on=date(2026, 11, 20),
)


def evidence(name: str, version: int = 1, **changes: Any) -> Evidence:
    values: dict[str, Any] = {
        "uid": f"{name}-{version}",
        "request": REQUEST.uid,
        "task": TASK.uid,
        "file_name": name,
        "version": version,
        "sha256": f"{version}{'e3b0c44298fc1c149afbf4c8996fb924' * 2}"[:64],
        "size": 3_355_443,
        "media_type": "application/pdf",
        "collector": "5b-ada",
        "collected_at": datetime(2026, 11, 3, 9, version, tzinfo=UTC),
        "side": Side.JIRA,
        "source_id": f"1000{version}",
        "is_released": True,
        "copy_id": "att1",
        "copy_version": version,
    }
    return Evidence(**{**values, **changes})


FIRST, SECOND = evidence("Q3 review & sign-off.pdf"), evidence("Q3 review & sign-off.pdf", 2)
HELD = evidence("draft.xlsx", sha256="f" * 64, is_released=False, copy_id=None, copy_version=None)
RETURNED = Decision(
    "d1", REQUEST.uid, "returned", "Q2 is missing", "5b-clara", "Clara Weiss",
    datetime(2026, 11, 4, 8, 30, tzinfo=UTC), 4, (f"{FIRST.sha256} {FIRST.file_name}",), "c1",
)  # fmt: skip
ACCEPTED = Decision(
    "d2", REQUEST.uid, "accepted", "", "5b-clara", "Clara Weiss",
    datetime(2026, 11, 6, 8, 30, tzinfo=UTC), 7, (f"{SECOND.sha256} {SECOND.file_name}",), "c2",
)  # fmt: skip
FACTS = PageFacts(
    record=REQUEST,
    audit_key="SOC2-2026",
    audit=AUDIT,
    people=PEOPLE,
    tasks=(TASK,),
    evidence=(FIRST, SECOND, HELD),
    decisions=(RETURNED,),
    jira_url="https://acme.atlassian.net",
    guidance=("The whole period is covered.", "The export shows who ran it, and when."),
    how_to_decide=("Begin a comment with:", "accept – the evidence answers it", "return: reason – it goes back"),
    issue_key="AUD-14",
)
