"""What a plan does not write for a family, or not yet, and why: told beside what it writes."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime

from sqlalchemy import Connection

from mappings.actions import Action, AttachFile
from mappings.adoption import named_issues
from mappings.out_of_step import sentence
from mappings.planned import HeldBack
from mappings.records import LinkRole, LinkState, RequestStatus, Side

from .planner import Board
from .store import Store
from .telling import step_said, troubles_of


def untold(conn: Connection, board: Board, now: datetime) -> Iterator[HeldBack]:
    """A page that is to say of itself whether it is in step: that is written apart, when its time comes."""
    request = board.family.request
    link = board.link(request.uid, LinkRole.PAGE)
    if link is not None and sentence(troubles_of(conn, board.family, now), step_said(link)) != step_said(link):
        why = "its words about being in step are written apart from this plan"
        yield HeldBack(request.audit, request.number, Side.CONFLUENCE, why)


def waiting(board: Board, store: Store, later: Collection[Action], actions: Collection[Action]) -> Iterator[HeldBack]:
    """What is not written for a family, or not yet, beside what fails."""
    numbers = {record.uid: record.number for record in board.family.records}
    audit = board.family.request.audit

    def held(uid: str, side: Side, why: str) -> HeldBack:
        return HeldBack(audit, numbers[uid], side, why)

    for conflict in board.conflicts:
        side = Side.CONFLUENCE if conflict.role is LinkRole.PAGE else Side.JIRA
        why = f"{conflict.field} was changed on both sides and waits for a person: `tieout conflicts`"
        yield held(conflict.record, side, why)
    for (uid, role), link in sorted(board.links.items()):
        if link.state is LinkState.DETACHED:
            side = Side.CONFLUENCE if role is LinkRole.PAGE else Side.JIRA
            why = f"its {role} {link.key} is detached ({link.detached_reason}): `tieout links`"
            yield held(uid, side, why)
    for record, key in named_issues(board.family, board.ctx):
        its = board.links.get((record.uid, LinkRole.ISSUE))
        if its is None or its.state is LinkState.PENDING:
            why = f"the list names {key}: `tieout adopt --from-list` takes it, `tieout adopt --new` has one made"
            yield held(record.uid, Side.JIRA, why)
    if board.lacks(board.family.request.uid, LinkRole.ISSUE):
        for task in board.family.tasks:
            if board.link(task.uid, LinkRole.ISSUE) is not None:
                yield held(task.uid, Side.JIRA, "is linked to its request's issue once that is made")
    for record in board.family.records:
        if record.status == RequestStatus.DRAFT:
            yield held(record.uid, Side.REGISTER, "is a draft, and is not mirrored before it is open")
    for action in later:
        yield held(action.record, Side.JIRA, "its text follows once its page is made")
    for action in actions:
        if isinstance(action, AttachFile):
            yield held(action.record, Side.CONFLUENCE, "its page follows once its files are on it")
    for uid, copies in sorted(store.comments.copies(list(numbers)).items()):
        unsaid = [copy for copy in copies if copy.remote_id is None and board.link(uid, copy.role) is None]
        for role in sorted({copy.role for copy in unsaid}):
            side = Side.CONFLUENCE if role is LinkRole.PAGE else Side.JIRA
            yield held(uid, side, f"a comment follows once its {role} is there")
