"""What an import would do to the register, request by request, and whether it may: all of the file or nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from mappings.records import EMPTY, RequestStatus

from .comparison import EXTRA, NOTHING_YET, ExistingRequest, FieldValue, changes_of, listed_words
from .findings import Finding, Level, Question, shown
from .parse import ParsedList
from .rows import RequestRow
from .synonyms import Column

_FEW_LEFT = 0.5
"""With more than this share of the open requests gone from the list, it may be the wrong file."""


class Action(StrEnum):
    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class PlannedRow:
    """What becomes of one item of the list."""

    row: int
    number: str
    title: str
    action: Action
    request: RequestRow
    changes: Mapping[str, tuple[FieldValue, FieldValue]] = field(default_factory=lambda: EMPTY)
    """Field → before and after. A column kept word for word is `extra: <heading>`; after is always what to store."""
    listed: Mapping[str, str] = field(default_factory=lambda: EMPTY)
    """What the list says now, to be remembered for the next import."""
    findings: tuple[Finding, ...] = ()

    def told(self, level: Level) -> tuple[Finding, ...]:
        return tuple(finding for finding in self.findings if finding.level == level)


@dataclass(frozen=True, slots=True)
class ImportPlan:
    rows: tuple[PlannedRow, ...]
    withdrawn: tuple[str, ...] = ()
    """Numbers of open requests that the list no longer has: proposed as withdrawn, the coordinator confirms."""
    reinstated: tuple[str, ...] = ()
    """Numbers that were proposed as withdrawn and are on the list again."""
    findings: tuple[Finding, ...] = ()
    """All there are, of the file and of every row, in the order of the file."""
    questions: tuple[Question, ...] = ()
    mapping: Mapping[str, str] = field(default_factory=lambda: EMPTY)
    """Heading → meaning, as it was used."""

    @property
    def is_refused(self) -> bool:
        """Whether nothing may be imported: one problem or open question is enough."""
        return bool(self.problems or self.questions)

    @property
    def problems(self) -> tuple[Finding, ...]:
        return tuple(finding for finding in self.findings if finding.level == Level.PROBLEM)

    def count(self, action: Action) -> int:
        return sum(row.action == action for row in self.rows)


def plan_import(parsed: ParsedList, existing: Mapping[str, ExistingRequest]) -> ImportPlan:
    """What importing `parsed` would do. `existing` are the audit's requests by number, withdrawn ones too, so that a
    number is never given twice."""
    by_key = {number.casefold(): request for number, request in existing.items()}
    findings: dict[int | None, list[Finding]] = {}
    for finding in parsed.findings:
        findings.setdefault(finding.row, []).append(finding)
    rows = [
        _planned(row, by_key.get(row.number.casefold()), findings.pop(row.row, []), parsed)
        for row in _numbered(parsed.rows, existing)
    ]
    named = {row.number.casefold() for row in rows}
    gone = [r for key, r in by_key.items() if key not in named and r.is_open and not r.is_proposed_withdrawn]
    back = [r for key, r in by_key.items() if key in named and r.is_proposed_withdrawn]
    of_file = [finding for told in findings.values() for finding in told]
    return ImportPlan(
        rows=tuple(rows),
        withdrawn=tuple(request.number for request in gone),
        reinstated=tuple(request.number for request in back),
        findings=_in_order([*of_file, *_few_left(gone, existing), *(f for row in rows for f in row.findings)]),
        questions=parsed.questions,
        mapping=parsed.mapping,
    )


def _in_order(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    return tuple(sorted(findings, key=lambda finding: finding.row or 0))


def _numbered(rows: Sequence[RequestRow], existing: Mapping[str, ExistingRequest]) -> Iterator[RequestRow]:
    """The rows, each with a number: one without takes that of the request with its title, else the next free R-nnn."""
    taken = {row.number.casefold() for row in rows} | {number.casefold() for number in existing}
    by_title: dict[str, list[str]] = {}
    for request in existing.values():
        by_title.setdefault(request.title, []).append(request.number)
    listed = {row.number.casefold() for row in rows}
    highest = max([0, *(int(n[2:]) for n in taken if n.startswith("r-") and n[2:].isdecimal())])
    for row in rows:
        same = [n for n in by_title.get(str(row.title), []) if n.casefold() not in listed]
        if not row.is_numbered_here:
            yield row
        elif same:
            listed.add(same[0].casefold())
            yield replace(row, number=same[0])
        else:
            highest += 1
            yield replace(row, number=f"R-{highest:03d}")


def _planned(
    row: RequestRow, request: ExistingRequest | None, told: Iterable[Finding], parsed: ParsedList
) -> PlannedRow:
    changes, kept = changes_of(row, request or NOTHING_YET)
    of_both = [Finding(Level.WARNING, text, row.row) for text in kept]
    findings = (*told, *_of_row(row, request, parsed), *of_both)
    is_refused = any(finding.level == Level.PROBLEM for finding in findings)
    done = (Action.UPDATED if changes else Action.UNCHANGED) if request else Action.CREATED
    return PlannedRow(
        row=row.row,
        number=request.number if request else row.number,
        title=row.title if isinstance(row.title, str) else request.title if request else "",
        action=Action.REFUSED if is_refused else done,
        request=row,
        changes=changes,
        listed=listed_words(row),
        findings=findings,
    )


def _of_row(row: RequestRow, request: ExistingRequest | None, parsed: ParsedList) -> Iterator[Finding]:
    """What is to be said of a row once it is known whether the register has it."""
    if row.is_numbered_here:
        yield Finding(Level.NOTE, f"It came without a number and is {row.number} from now on", row.row)
    if request is None and not isinstance(row.title, str):
        if not parsed.lacks_titles:
            yield _no_title(row, parsed)
    elif request is None and row.remarks:
        what = f"It begins as {row.first_status}; kept as a remark: {'; '.join(map(shown, row.remarks))}"
        yield Finding(Level.NOTE, what, row.row)
    if request and request.status == RequestStatus.WITHDRAWN:
        what = f"{request.number} was withdrawn and stays so; a number is never used again"
        yield Finding(Level.WARNING, what, row.row, advice="Give a new request a new number, or reopen this one.")
    elif request is None or request.listed.get("status") != listed_words(row).get("status"):
        yield from _on_status(row, request)


def _on_status(row: RequestRow, request: ExistingRequest | None) -> Iterator[Finding]:
    """Words of the list that do not count, and one by which it sees a request elsewhere than the register does."""
    plain = (RequestStatus.OPEN, RequestStatus.DRAFT, request.status if request else None)
    for word in row.status_words:
        if word.status in plain:
            continue
        if word.why_left_out:
            what = f"The word is left out: {word.why_left_out}"
            yield Finding(Level.WARNING, what, row.row, word.header, word.letter, came=word.word)
        elif request:
            what = f"The register has the request as {request.status}; an import moves none that is there already"
            yield Finding(Level.NOTE, what, row.row, word.header, word.letter, came=word.word)


def _no_title(row: RequestRow, parsed: ParsedList) -> Finding:
    heading = parsed.layout.heading(Column.TITLE) if parsed.layout else None
    header, letter = (heading.header, heading.letter) if heading else ("", "")
    return Finding(
        Level.PROBLEM,
        "A new request has no title",
        row.row,
        header,
        letter,
        expected="a few words that say what is asked for",
        advice="Write them into the file.",
    )


def _few_left(gone: Sequence[ExistingRequest], existing: Mapping[str, ExistingRequest]) -> list[Finding]:
    count = sum(request.is_open for request in existing.values())
    if len(gone) <= max(1, _FEW_LEFT * count):
        return []
    what = f"{len(gone)} of the {count} open requests are not in this list"
    return [Finding(Level.WARNING, what, advice="Check that it is the right and the whole file.")]


def after_import(plan: ImportPlan, existing: Mapping[str, ExistingRequest]) -> dict[str, ExistingRequest]:
    """What the register holds once `plan` is carried out; the same as `existing` when it is refused."""
    requests = {request.number: request for request in existing.values()}
    if plan.is_refused:
        return requests
    for row in plan.rows:
        before = requests.get(row.number) or ExistingRequest(row.number, row.title, status=row.request.first_status)
        fields: dict[str, Any] = {n: after for n, (_, after) in row.changes.items() if not n.startswith(EXTRA)}
        extra = {n.removeprefix(EXTRA): str(after) for n, (_, after) in row.changes.items() if n.startswith(EXTRA)}
        requests[row.number] = replace(
            before,
            **fields,
            extra={**before.extra, **extra},
            listed={**before.listed, **row.listed},
            is_proposed_withdrawn=False,
        )
    for number in plan.withdrawn:
        requests[number] = replace(requests[number], is_proposed_withdrawn=True)
    return requests
