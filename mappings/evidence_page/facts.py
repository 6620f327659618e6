"""What an evidence page is written from, and how people, dates and states are put into its words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime

from mappings.characters import one_line
from mappings.records import Decision, Evidence, Person, Record, RequestStatus
from mappings.rules import AuditRule
from mappings.storage.writing import bullets, code, day, escape, mention, paragraph

FACTS, ASKED, TASKS = "tieout-facts", "tieout-asked", "tieout-tasks"
EVIDENCE, DECIDE, SYNC = "tieout-evidence", "tieout-decide", "tieout-sync"

DUE_LABEL = "Due"
NOT_SET = "Not set"
ACCEPT_TASK = "Accept this evidence"

STATUS_SHOWN: Mapping[str, tuple[str, str]] = {
    RequestStatus.DRAFT: ("Draft", "Grey"),
    RequestStatus.OPEN: ("Open", "Grey"),
    RequestStatus.IN_PROGRESS: ("In progress", "Blue"),
    RequestStatus.NEEDS_CLARIFICATION: ("Needs clarification", "Yellow"),
    RequestStatus.INTERNAL_REVIEW: ("Internal review", "Blue"),
    RequestStatus.SUBMITTED: ("Submitted", "Purple"),
    RequestStatus.RETURNED: ("Returned", "Red"),
    RequestStatus.ACCEPTED: ("Accepted", "Green"),
    RequestStatus.NOT_APPLICABLE: ("Not applicable", "Grey"),
    RequestStatus.WITHDRAWN: ("Withdrawn", "Grey"),
}
"""Each state of a request as its lozenge: words and colour."""


@dataclass(frozen=True, slots=True)
class PageFacts:
    """A request with everything its page shows. Only released evidence is shown; the rest is counted."""

    record: Record
    audit_key: str
    audit: AuditRule
    people: Mapping[str, Person]
    """By `Person.key`."""
    tasks: tuple[Record, ...]
    evidence: tuple[Evidence, ...]
    decisions: tuple[Decision, ...]
    """Oldest first."""
    jira_url: str
    guidance: tuple[str, ...] = ()
    how_to_decide: tuple[str, ...] = ()
    """As `mappings.commands` has it: a line that introduces, then a command and what it does on each."""
    issue_key: str | None = None
    out_of_step: str = ""
    """Why the page does not say what the register says, in a sentence; empty when it does."""
    at: datetime | None = None
    """When the page is written, where it is."""

    @property
    def accepted_on(self) -> Mapping[str, Decision]:
        """The newest acceptance that covers each `sha256 file name`."""
        accepted = (decision for decision in self.decisions if decision.verdict == RequestStatus.ACCEPTED)
        return {item: decision for decision in accepted for item in decision.evidence}


def person(facts: PageFacts, key: str) -> str:
    """A person as a mention where the account is known, else by name."""
    known = facts.people.get(key)
    if known is None and key.startswith("account:"):
        return mention(key.removeprefix("account:"))
    if known is None:
        return escape(one_line(key.removeprefix("name:")))
    return mention(known.account_id) if known.account_id else escape(one_line(known.name))


def account_name(people: Mapping[str, Person], account_id: str) -> str:
    """The name behind an account as text, so that nobody is notified; the id where no name is known."""
    names = (known.name for known in people.values() if known.account_id == account_id)
    return escape(one_line(next(names, account_id)))


def day_or_not_set(on: date | None) -> str:
    return day(on) if on else NOT_SET


def moment(at: datetime) -> str:
    """A moment in UTC, to the minute: pages are read in many zones."""
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M")


def words(value: str) -> str:
    """A value such as `not_applicable` as words."""
    return escape(one_line(value.replace("_", " ")).capitalize())


def how_to(lines: tuple[str, ...]) -> str:
    """Lines on how to decide: the first introduces the others, of which each is a command, a dash, what it does."""
    return "".join(paragraph(escape(one_line(line))) for line in lines[:1]) + bullets(map(_command, lines[1:]))


def _command(line: str) -> str:
    command, dash, does = one_line(line).partition(" – ")
    return f"{code(command)}{dash}{escape(does)}" if dash else escape(command)
