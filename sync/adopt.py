"""Taking up work that people add on the board: an issue labelled `tieout` under a request becomes a task of it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace

from mappings.context import AuditContext, Family
from mappings.escalation_issue import escalation_uid
from mappings.far import IssueView
from mappings.hearing import uid_for
from mappings.issue_words import KEEPS_TEXT, issue_text, said_by_issue, said_by_register
from mappings.lifecycle import is_settled
from mappings.records import Kind, Link, LinkRole, LinkState, Person, Record, TaskStatus

from . import journal
from .database import Database
from .keys import record_key
from .scene import load_families
from .sites import Sites
from .store import Store
from .twins import report
from .work import LIVE, mark

LABEL = "tieout"
_MARKER = re.compile(r"tieout-[0-9a-f]{32}")


class Adopter:
    """Looks at issues the register does not know."""

    def __init__(self, db: Database, sites: Sites) -> None:
        self._db = db
        self._sites = sites

    def look_at(self, issue_ids: Iterable[str]) -> frozenset[str]:
        """Take up those that stand under a request. A copy of one of ours is reported, any other left alone.

        Returns those that are to be looked at again: they stand under an issue that we made, and of which it is not
        known yet that it is there. TryLater, once all others are looked at, for one that cannot be shown."""
        ids = sorted(set(issue_ids))
        if not ids:
            return frozenset()
        strangers: dict[str, str] = {}
        fetched = self._sites.jira.fetch(ids)
        for issue in fetched.found.values():
            if issue.made_for:
                self._report_twin(issue)
            elif any(_MARKER.fullmatch(label) for label in issue.labels):
                self._report_copy(issue)
            elif issue.parent and LABEL in issue.labels and not self._take_up(issue, issue.parent):
                strangers[issue.id] = issue.parent
        fetched.whole()
        return self._early(strangers)

    def _early(self, parents: Mapping[str, str]) -> frozenset[str]:
        """Of issues under parents that are nobody's those whose parent is still being made."""
        if not parents:
            return frozenset()
        above = self._sites.jira.fetch(sorted(set(parents.values()))).whole().found
        with self._db.read() as conn:
            store = Store(conn)
            links = {id_: _made_for(store, issue.made_for) for id_, issue in above.items() if issue.made_for}
        begun = {id_ for id_, link in links.items() if link is not None and link.state is LinkState.PENDING}
        return frozenset(id_ for id_, parent in parents.items() if parent in begun)

    def _report_twin(self, issue: IssueView) -> None:
        """One that we made and do not know: of a create that took effect twice, or whose answer is still out."""
        with self._db.write() as conn:
            store = Store(conn)
            if _is_linked(store, issue):
                return
            kept = _made_for(store, issue.made_for)
            if kept is not None and kept.state is not LinkState.PENDING:
                report(conn, kept, [issue], self._db.now(conn))

    def _report_copy(self, issue: IssueView) -> None:
        """A clone has the label of its original, and not the property by which an issue of our making is known."""
        markers = sorted(label for label in issue.labels if _MARKER.fullmatch(label))
        uids = [label.removeprefix("tieout-") for label in markers]
        with self._db.write() as conn:
            store = Store(conn)
            if _is_linked(store, issue):
                return
            links = store.links.of(uids)
            live = [link for link in links.values() if link.role is LinkRole.ISSUE and link.state is LinkState.LIVE]
            if live:
                text = (
                    f"{issue.key} carries the mark of {live[0].key}, so it looks like a copy of it. Nothing is synced "
                    f"with it. Remove the label {markers[0]} from {issue.key}."
                )
                store.alerts.raise_once(f"copy:{issue.id}", text, self._db.now(conn))

    def _take_up(self, issue: IssueView, parent: str) -> bool:
        """Whether its parent is a record's, so that nothing more is to be found out."""
        self._sites.own_accounts()  # asked before the register is locked
        with self._db.write() as conn:
            store = Store(conn)
            if _is_linked(store, issue):
                return True
            heads = [uid for uid, _ in store.links.by_remote(LinkRole.ISSUE, [parent]).get(parent, ())]
            if not heads:
                return False
            families = load_families(store, heads)
            family = next((item for item in families.values() if item.request.kind is Kind.REQUEST), None)
            if family is None or is_settled(Kind.REQUEST, family.request.status):
                return True
            if family.request.audit not in self._sites.rules.audit:
                return True
            now = self._db.now(conn)
            ctx = self._sites.context(family.request.audit, self._sites.people(store.people.all()), now)
            if ctx.rule.is_closed:
                return True
            owner = _owner(store, issue, ctx)
            task = _task(issue, family, owner, _free_number(store, family))
            store.records.add(task)
            page = store.links.of([family.request.uid]).get((family.request.uid, LinkRole.PAGE))
            family = replace(family, tasks=(*family.tasks, task))
            store.links.put(_link(issue, task, family, ctx, page_url=page.url if page else ""))
            what = f"task {task.number} taken up from {issue.key}"
            why = f"it stands under {family.request.number} with the label tieout"
            journal.append(
                conn, who="tieout", what=what, record=task.uid, before=None, after=issue.key, why=why, at=now
            )
            mark(conn, [record_key(task.uid), record_key(family.request.uid)], lane=LIVE)
            return True


def _is_linked(store: Store, issue: IssueView) -> bool:
    """Whether another worker has linked it since the poll looked."""
    roles = (LinkRole.ISSUE, LinkRole.ESCALATION_ISSUE, LinkRole.TWIN)
    return issue.id in store.links.by_remote(roles, [issue.id])


def _made_for(store: Store, uid: str) -> Link | None:
    """The record's issue, or the escalation, that an issue with this uid in its property was made as."""
    issue = store.links.of([uid]).get((uid, LinkRole.ISSUE))
    raised = store.links.live(LinkRole.ESCALATION_ISSUE) if issue is None else ()
    return issue or next((link for link in raised if escalation_uid(link.record) == uid), None)


def _owner(store: Store, issue: IssueView, ctx: AuditContext) -> str | None:
    if issue.assignee is None:
        return None
    person = ctx.person_of(issue.assignee)
    if person is None:
        person = Person(f"account:{issue.assignee}", issue.assignee_name or issue.assignee, account_id=issue.assignee)
        store.people.put(person)
    return person.key


def _free_number(store: Store, family: Family) -> str:
    """The next of `R-1/1`, `R-1/2` …; an auditor's list may have such numbers itself."""
    request = family.request
    place = 1 + max((int(task.number.rsplit("/", 1)[-1]) for task in family.tasks), default=0)
    while store.records.by_number(request.audit, [f"{request.number}/{place}"]):
        place += 1
    return f"{request.number}/{place}"


def _task(issue: IssueView, family: Family, owner: str | None, number: str) -> Record:
    request = family.request
    return Record(
        uid=uid_for("adopted", issue.id),
        kind=Kind.TASK,
        audit=request.audit,
        number=number,
        title=issue.summary,
        status=TaskStatus.TODO,
        parent=request.uid,
        description=issue.description,
        criteria=request.criteria,
        controls=request.controls,
        request_type=request.request_type,
        team=request.team,
        owner=owner,
        reviewer=request.reviewer,
        due_on=issue.due_on or request.due_on,
        auditor_due_on=request.auditor_due_on,
    )


def _link(issue: IssueView, task: Record, family: Family, ctx: AuditContext, *, page_url: str) -> Link:
    """Agreed as it stands: its text, priority and place are the people's. Only our labels are owed."""
    text = issue_text(task, family, ctx, page_url)
    ours = said_by_register(task, text, ctx)
    theirs = said_by_issue(issue, text.labels)
    return Link(
        record=task.uid,
        role=LinkRole.ISSUE,
        state=LinkState.LIVE,
        remote_id=issue.id,
        key=issue.key,
        url=issue.url,
        base_ours={**ours, "description": text.asked, "labels": (), KEEPS_TEXT: True},
        base_theirs={**theirs, "status": None},
    )
