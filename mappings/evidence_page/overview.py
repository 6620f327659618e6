"""How far an audit is, by criterion: a table on its home page, and an index page for each criterion.

Counted from the register, for the criteria that requests name. What a report macro finds by itself is not repeated.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from mappings.characters import one_line
from mappings.criteria import CRITERIA
from mappings.records import Person, Record, RequestStatus
from mappings.storage import check_well_formed
from mappings.storage.writing import day, escape, heading, page_link, paragraph, region, status, table

from .facts import NOT_SET, STATUS_SHOWN
from .page import title_of

READINESS, INDEX = "tieout-home-readiness", "tieout-index"
OUT = frozenset({RequestStatus.WITHDRAWN, RequestStatus.DRAFT})
SETTLED = frozenset({RequestStatus.ACCEPTED, RequestStatus.NOT_APPLICABLE})


@dataclass(frozen=True, slots=True)
class Overview:
    """The requests of one audit, as they stand on `today`, its own day. `people` by `Person.key`."""

    audit_key: str
    requests: tuple[Record, ...]
    today: date
    people: Mapping[str, Person]
    has_index: bool = False
    """Whether each criterion has a page of its own to point at."""

    @property
    def criteria(self) -> tuple[str, ...]:
        """The criteria that any request names, in the order of the criteria."""
        named = {criterion for request in self._counted() for criterion in request.criteria}
        return tuple(criterion for criterion in CRITERIA if criterion in named)

    def of(self, criterion: str) -> list[Record]:
        return [request for request in self._counted() if criterion in request.criteria]

    def is_overdue(self, request: Record) -> bool:
        done = SETTLED | {RequestStatus.SUBMITTED}
        return request.status not in done and request.auditor_due_on is not None and request.auditor_due_on < self.today

    def _counted(self) -> Iterable[Record]:
        return (request for request in self.requests if request.status not in OUT)


def index_title(criterion: str, audit_key: str) -> str:
    """The title of a criterion's page, unique in the space."""
    return f"{criterion} {CRITERIA[criterion].title} ({audit_key})"


def readiness_region(overview: Overview) -> str:
    """The table of the home page: for each criterion how many requests there are, and how far."""
    head = ("Criterion", "Requests", "Accepted", "With the auditor", "Open", "Overdue", "State")
    rows = [_row(overview, criterion) for criterion in overview.criteria]
    shown = table(head, rows) if rows else paragraph("No request names a criterion yet.")
    return region(READINESS, heading("Readiness by criterion") + shown)


def index_regions(overview: Overview, criterion: str) -> dict[str, str]:
    """The one region of a criterion's page: its requests with their state."""
    counted = overview.of(criterion)
    about = paragraph(escape(f"{CRITERIA[criterion].title} ({CRITERIA[criterion].category})."))
    head = ("Request", "Status", "Due", "Owner")
    rows = [_request_row(overview, request) for request in counted]
    shown = table(head, rows) if rows else paragraph("No request names this criterion any more.")
    return {INDEX: region(INDEX, heading(f"Requests for {criterion}") + about + shown)}


def compose_index(regions: Mapping[str, str]) -> str:
    """The body of a new index page: our part, and below it a section for people."""
    body = "".join(regions.values()) + heading("Notes") + "<p></p>"
    check_well_formed(body)
    return body


def _row(overview: Overview, criterion: str) -> Sequence[str]:
    counted = overview.of(criterion)
    settled = sum(request.status in SETTLED for request in counted)
    submitted = sum(request.status == RequestStatus.SUBMITTED for request in counted)
    overdue = sum(overview.is_overdue(request) for request in counted)
    title = f"{criterion} {CRITERIA[criterion].title}"
    shown = page_link(index_title(criterion, overview.audit_key), title) if overview.has_index else escape(title)
    numbers = (len(counted), settled, submitted, len(counted) - settled - submitted)
    return (shown, *map(str, numbers), _late(overdue), _lozenge(len(counted), settled, overdue))


def _late(overdue: int) -> str:
    return status(str(overdue), "Red") if overdue else "0"


def _lozenge(total: int, settled: int, overdue: int) -> str:
    if settled == total:
        return status("Ready", "Green")
    return status("Late", "Red") if overdue else status("In work", "Blue")


def _request_row(overview: Overview, request: Record) -> Sequence[str]:
    title = title_of(request, overview.audit_key)
    shown, colour = STATUS_SHOWN[RequestStatus(request.status)]
    due = day(request.auditor_due_on) if request.auditor_due_on else NOT_SET
    owner = escape(one_line(_name(overview, request.owner))) if request.owner else "Unowned"
    late = f" {status('Overdue', 'Red')}" if overview.is_overdue(request) else ""
    return (
        page_link(title, one_line(f"{request.number} {request.title}")),
        status(shown, colour),
        f"{due}{late}",
        owner,
    )


def _name(overview: Overview, key: str) -> str:
    """A person's name as text, so that nobody is notified."""
    person = overview.people.get(key)
    return person.name if person else key.partition(":")[2] or key
