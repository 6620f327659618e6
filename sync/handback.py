"""Handing the auditor's list back: their own file, with what the register says now in the cells we are to fill."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from hashlib import sha256

from sqlalchemy import Connection

from mappings.lifecycle import is_open
from mappings.records import Comment, Decision, Kind, LinkRole, Record, RequestStatus, Side, Visibility
from mappings.request_list import (
    CellChange,
    CurrentValues,
    ImportOptions,
    ParsedList,
    changed_cells,
    parse_request_list,
    read_table,
    write_csv,
    write_xlsx,
)
from mappings.working_days import WorkCalendar

from . import journal
from .database import Database
from .desk import Audit, DeskRefused
from .importing import RequestList
from .store import Store

_PAGE = 500


@dataclass(frozen=True, slots=True)
class HandedBack:
    """The file as it goes back. It has not changed where `parsed` has questions: they come first."""

    content: bytes
    changes: tuple[CellChange, ...]
    parsed: ParsedList
    unknown: tuple[str, ...]
    """Numbers on the list that the register does not have."""
    missing: tuple[str, ...]
    """Numbers of open requests that the list does not have."""


def hand_back(db: Database, audit: Audit, listed: RequestList, options: ImportOptions) -> HandedBack:
    """The auditor's file with today's states, dates, links and responses. Journaled.

    Raises `UnreadableFile`, and DeskRefused when the file is no list that can be written back."""
    parsed = parse_request_list(read_table(listed.file_name, listed.content), options)
    if parsed.questions:
        return HandedBack(listed.content, (), parsed, (), ())
    if parsed.layout is None:
        told = " ".join(str(finding) for finding in parsed.findings)
        raise DeskRefused(f"{listed.file_name} has no request list that can be read. {told}".rstrip())
    sheet = parsed.layout.sheet
    if sheet.kind == "json":
        raise DeskRefused(
            f"{listed.file_name}: a JSON list has no cells to fill; hand back the .xlsx or .csv it came in"
        )
    with db.read() as conn:
        current = current_values(conn, audit)
    changes = changed_cells(parsed, current)
    is_workbook = sheet.kind == "xlsx"
    content = write_xlsx(listed.content, sheet, changes) if is_workbook else write_csv(sheet, changes)
    _journal(db, audit, listed, content, changes)
    on_list = {row.number.casefold() for row in parsed.rows}
    known = {number.casefold() for number in current}
    return HandedBack(
        content,
        changes,
        parsed,
        unknown=tuple(row.number for row in parsed.rows if row.number.casefold() not in known),
        missing=tuple(
            number
            for number, values in current.items()
            if is_open(Kind.REQUEST, values.status) and number.casefold() not in on_list
        ),
    )


def _journal(db: Database, audit: Audit, listed: RequestList, content: bytes, changes: tuple[CellChange, ...]) -> None:
    after = {"file": listed.file_name, "sha256": sha256(content).hexdigest(), "cells": len(changes)}
    with db.write() as conn:
        journal.append(
            conn,
            who=listed.brought_by,
            what="list handed back",
            record=None,
            before={"sha256": listed.sha256},
            after=after,
            why=f"for audit {audit.key}",
            at=db.now(conn),
        )


def current_values(conn: Connection, audit: Audit) -> dict[str, CurrentValues]:
    """What the register has to tell about each request of an audit, by number."""
    store = Store(conn)
    calendar = WorkCalendar.of(audit.rule)
    requests = {request.uid: request for request in store.records.requests(audit.key)}
    tasks = store.records.tasks_of(list(requests))
    heads = {task.uid: uid for uid, some in tasks.items() for task in some} | {uid: uid for uid in requests}
    links = store.links.of(requests)
    decisions = store.decisions.of(list(requests))
    answers = _answers(store.comments.of(list(heads)), heads)
    return {
        request.number: CurrentValues(
            status=request.status,
            auditor_due_on=request.auditor_due_on,
            submitted_on=_submitted_on(conn, request, calendar),
            accepted_on=_accepted_on(request, decisions[uid], calendar),
            evidence_link=links[uid, LinkRole.PAGE].url if (uid, LinkRole.PAGE) in links else "",
            response=answers.get(uid, ""),
        )
        for uid, request in requests.items()
    }


def _answers(comments: Mapping[str, tuple[Comment, ...]], heads: Mapping[str, str]) -> dict[str, str]:
    """The newest words that the company had for the auditor, by request."""
    said = [comment for some in comments.values() for comment in some]
    meant = [each for each in said if each.visibility is Visibility.AUDITOR and each.side is Side.JIRA]
    return {heads[each.record]: each.text for each in sorted(meant, key=lambda each: (each.said_at, each.uid))}


def _submitted_on(conn: Connection, request: Record, calendar: WorkCalendar) -> date | None:
    """When it last went to the auditor, in the audit's own days; None when it never did here."""
    last, after = None, 0
    while page := journal.entries(conn, request.uid, after, _PAGE):
        moved = [entry.at for entry in page if entry.what == "status" and entry.after == RequestStatus.SUBMITTED]
        last, after = (moved[-1] if moved else last), page[-1].n
    return calendar.local_date(last) if last else None


def _accepted_on(request: Record, decisions: tuple[Decision, ...], calendar: WorkCalendar) -> date | None:
    accepted = [each.decided_at for each in decisions if each.verdict == RequestStatus.ACCEPTED]
    is_accepted = request.status == RequestStatus.ACCEPTED and accepted
    return calendar.local_date(accepted[-1]) if is_accepted else None
