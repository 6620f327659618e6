"""Sites on paper: an audit, a family, and its issues and page as values that people edit and Tieout's plans are
applied to, as `sync.apply` does it. Nothing here decides anything."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from mappings.actions import Action, EditIssue, MoveIssue, Watch, WritePage
from mappings.context import AuditContext, Family, Intake, Moves, SiteWords
from mappings.evidence_page import compose
from mappings.far import FieldChange, IssueView, PageView, RemoteComment, StatusInfo
from mappings.issue_intake import take_in_issue
from mappings.issue_plan import plan_issue
from mappings.issue_words import ESCALATE, issue_text, said_abroad, said_by_issue, said_by_register
from mappings.page_intake import take_in_page
from mappings.page_plan import plan_page
from mappings.page_words import page_facts, said_by_page
from mappings.page_words import said_by_register as said_for_page
from mappings.records import Conflict, Evidence, Kind, Link, LinkRole, LinkState, Person, Priority, Record, Side, Value
from mappings.rules import AuditRule
from mappings.status_map import build_status_map
from mappings.text import plain
from mappings.working_days import WorkCalendar
from tests.mappings import audit_world as acme

NOW = datetime(2026, 11, 10, 9, 0, tzinfo=UTC)
"""A Tuesday."""
TODAY = date(2026, 11, 10)
WORKING, AUDITORS = date(2026, 11, 20), date(2026, 12, 1)
JIRA_URL, PAGE_URL = "https://acme.atlassian.net", "https://acme.atlassian.net/wiki/x/1"

ADA, RITA, CORA, CLARA, MIA = "5b-ada", "5b-rita", "5b-cora", "5b-clara", "5b-mia"
"""The owner, her reviewer, the coordinator, the auditor, the owner's manager."""
STRANGER, TIEOUT, NOBODY = "5b-stranger", "5b-tieout", ""
REVIEWER = Person("rita@acme.example", "Rita Reviewer", "rita@acme.example", RITA)
PEOPLE = {**acme.PEOPLE, REVIEWER.key: REVIEWER}

REQUEST = replace(acme.REQUEST, status="open", reviewer=REVIEWER.key, due_on=WORKING, auditor_due_on=AUDITORS)
TASK = replace(acme.TASK, status="todo", reviewer=REVIEWER.key, due_on=WORKING, auditor_due_on=AUDITORS)
OTHER_TASK = replace(TASK, uid="0123456789abcdef0123456789abcdef", number="R-014/2", owner="mia@acme.example")

STATUSES = {
    "10": ("To Do", "new"),
    "20": ("In Progress", "indeterminate"),
    "30": ("Blocked", "indeterminate"),
    "40": ("In Review", "indeterminate"),
    "50": ("With Auditor", "indeterminate"),
    "90": ("Done", "done"),
    "95": ("Won't Do", "done"),
}
SMALL_BOARD = ("10", "20", "90")


def audit_context(people: Mapping[str, Person] = PEOPLE, now: datetime = NOW, **rule: Any) -> AuditContext:
    audit: AuditRule = acme.AUDIT.model_copy(update=rule)
    return AuditContext("SOC2-2026", audit, people, WorkCalendar.of(audit), now, frozenset({TIEOUT}))


def site_words(kind: Kind = Kind.TASK, board: tuple[str, ...] = tuple(STATUSES), *, has_flag: bool = True) -> SiteWords:
    statuses = [StatusInfo(status_id, *STATUSES[status_id]) for status_id in board]
    priorities = {priority.value: priority.value.title() for priority in Priority}
    return SiteWords(build_status_map(kind, None, statuses), priorities, has_flag)


def evidence(name: str = "report.pdf", **changes: Any) -> Evidence:
    """A file that Ada attached to her task, not yet let through to the auditor."""
    held: dict[str, Any] = {"is_released": False, "copy_id": None, "copy_version": None, "collector": ADA}
    return acme.evidence(name, **{**held, **changes})


def on_page(name: str = "letter.pdf", **changes: Any) -> Evidence:
    """A file that somebody put on the page itself."""
    return evidence(name, **{"side": Side.CONFLUENCE, "task": None, "is_released": True, **changes})


def family_of(request: str = "open", *tasks: str, files: tuple[Evidence, ...] = (), **changes: Any) -> Family:
    """A request in a state with a task in each of `tasks`; `changes` are the request's."""
    heads = replace(REQUEST, status=request, **changes)
    kinds = (TASK, OTHER_TASK)
    return Family(heads, tuple(replace(kinds[at], status=status) for at, status in enumerate(tasks)), files)


def comment(text: str, author: str = CLARA, *, at: datetime = NOW, **more: Any) -> RemoteComment:
    values: dict[str, Any] = {"id": "c-1", "author_name": author.removeprefix("5b-").title(), **more}
    return RemoteComment(author=author, text=text, created_at=at, updated_at=at, **values)


@dataclass
class Paper:
    """One record's issue and the link to it. `moment` ticks with every change, so that causes can be told apart."""

    view: IssueView
    link: Link
    moment: datetime = NOW

    @classmethod
    def agreed(cls, record: Record, family: Family, ctx: AuditContext, words: SiteWords, page_url: str = "") -> Paper:
        """An issue that says what the register says, with the base of both."""
        view = issue_like(record, family, ctx, words, page_url)
        text = issue_text(record, family, ctx, page_url)
        ours = said_by_register(record, text, ctx)
        told = tuple(sorted(account for key in record.watchers if (account := ctx.account_of(key))))
        link = Link(
            record.uid,
            LinkRole.ISSUE,
            LinkState.LIVE,
            view.id,
            view.key,
            base_ours={**ours, "watchers": told},
            base_theirs=said_by_issue(view, text.labels),
        )
        return cls(view, link)

    def edit(self, by: str, **changes: Any) -> None:
        """Somebody changes fields of the view, each with its line in the change log; none for what it was already."""
        for name, value in changes.items():
            if getattr(self.view, name) == value:
                continue
            self.moment += timedelta(minutes=1)
            jira_field, before, after = _logged(self.view, name, value)
            newest = self.view.changes[0].id if self.view.changes else 0
            line = FieldChange(jira_field, before, after, by, self.moment, newest + 1, _shown(jira_field, after))
            self.view = replace(self.view, changes=(line, *self.view.changes), **{name: value})

    def say(self, by: str, text: str) -> None:
        heard = comment(text, by, at=self.moment, id=f"c-{len(self.view.comments)}")
        self.view = replace(self.view, comments=(*self.view.comments, heard))

    def apply(self, action: Action) -> None:
        """What `sync.apply` does with an action, on paper."""
        match action:
            case MoveIssue():
                self.edit(TIEOUT, status_id=action.status_id)
                self.link = Moves({"status": action.said}, {"status": action.status_id}).applied_to(self.link)
            case EditIssue():
                self._write(action)
                self.link = Moves(action.said, action.theirs).applied_to(self.link)
            case Watch():
                told = self.link.base_ours.get("watchers", ())
                assert isinstance(told, tuple)
                self.link = Moves({"watchers": (*told, action.account_id)}).applied_to(self.link)
            case _:
                raise TypeError(f"an issue does not take {action}")

    def _write(self, action: EditIssue) -> None:
        names = {"due_on": "due_on", "assignee": "assignee", "priority": "priority", "is_flagged": "is_flagged"}
        for name, value in action.edit.changes.items():
            written = plain(value) if isinstance(value, tuple) else value  # the description, in paragraphs
            self.edit(TIEOUT, **{names.get(name, name): written})
        labels = (self.view.labels | action.edit.add_labels) - action.edit.remove_labels
        if labels != self.view.labels:
            self.edit(TIEOUT, labels=labels)


def _shown(jira_field: str, after: str | None) -> str | None:
    return after.removeprefix("5b-").title() if jira_field == "assignee" and after else after


_LOG_NAMES = {"status_id": "status", "due_on": "duedate", "is_flagged": "flagged"}


def _logged(view: IssueView, name: str, value: object) -> tuple[str, str | None, str | None]:
    before = getattr(view, name)
    if name == "labels":
        assert isinstance(value, frozenset)
        return "labels", " ".join(sorted(before)), " ".join(sorted(value))
    return _LOG_NAMES.get(name, name), None if before is None else str(before), None if value is None else str(value)


def issue_like(record: Record, family: Family, ctx: AuditContext, words: SiteWords, page_url: str = "") -> IssueView:
    """An issue that says exactly what the register says."""
    text = issue_text(record, family, ctx, page_url)
    abroad = said_abroad(record, text, ctx, words)
    assignee = abroad.get("owner")
    assert assignee is None or isinstance(assignee, str)
    return IssueView(
        id=f"i-{record.uid[:4]}",
        key="SEC-12",
        project="SEC",
        status_id=words.status_map.abroad(record.status),
        is_done=words.status_map.is_done(words.status_map.abroad(record.status)),
        summary=text.summary,
        description=plain(text.description),
        due_on=record.due_on,
        assignee=assignee,
        assignee_name=None,
        priority=words.priority_names[record.priority],
        labels=text.labels | ({ESCALATE} if abroad["flag"] and not words.has_flag else frozenset()),
        is_flagged=bool(abroad["flag"]) and words.has_flag,
        updated_at=NOW,
    )


TICK = ("<ac:task-status>incomplete<", "<ac:task-status>complete<")
"""The decision task is ticked."""


def due_cell(cell: str) -> tuple[str, str]:
    """The due cell holds something else."""
    return f'<time datetime="{AUDITORS.isoformat()}"/>', cell


@dataclass
class PaperPage:
    """A request's evidence page and the link to it."""

    view: PageView
    link: Link

    @classmethod
    def agreed(cls, family: Family, ctx: AuditContext) -> PaperPage:
        facts = page_facts(family, ctx, JIRA_URL)
        body, ours = compose(facts), said_for_page(facts)
        title = str(ours["title"])
        view = PageView("p-1", "s-1", title, body, 3, "current", TIEOUT, NOW)
        theirs = said_by_page(title, body)
        link = Link(
            family.request.uid,
            LinkRole.PAGE,
            LinkState.LIVE,
            "p-1",
            title,
            remote_version=view.version,
            base_ours=ours,
            base_theirs=theirs,
        )
        return cls(view, link)

    def save(self, by: str, body: str | None = None, title: str | None = None, at: datetime = NOW) -> None:
        """A new version, written by somebody."""
        view = self.view
        self.view = replace(
            view,
            body=view.body if body is None else body,
            title=view.title if title is None else title,
            version=view.version + 1,
            author=by,
            written_at=at,
        )

    def edit(self, by: str, *changes: tuple[str, str], at: datetime = NOW) -> None:
        """One new version in which somebody replaced texts that stand once on the page."""
        body = self.view.body
        for old, new in changes:
            assert body.count(old) == 1, f"{old!r} stands {body.count(old)} times on the page"
            body = body.replace(old, new)
        self.save(by, body, at=at)

    def apply(self, action: WritePage) -> None:
        self.save(TIEOUT, action.body, action.title)
        theirs: Mapping[str, Value] = said_by_page(action.title, action.body)
        self.link = replace(Moves(action.said, theirs).applied_to(self.link), remote_version=self.view.version)


@dataclass
class Desk:
    """A family with every issue and the page: `round` is one run of the engine, all of it on paper."""

    family: Family
    ctx: AuditContext
    board: tuple[str, ...] = tuple(STATUSES)
    has_flag: bool = True
    issues: dict[str, Paper] = field(default_factory=dict)
    page: PaperPage | None = None
    conflicts: dict[str, Conflict] = field(default_factory=dict)
    """By uid, open and settled."""

    @classmethod
    def agreed(
        cls,
        family: Family,
        ctx: AuditContext,
        board: tuple[str, ...] = tuple(STATUSES),
        *,
        has_flag: bool = True,
        has_page: bool = False,
    ) -> Desk:
        desk = cls(family, ctx, board, has_flag)
        for record in family.records:
            words = desk.words(record)
            desk.issues[record.uid] = Paper.agreed(record, family, ctx, words, PAGE_URL)
        desk.page = PaperPage.agreed(family, ctx) if has_page else None
        return desk

    def words(self, record: Record) -> SiteWords:
        return site_words(record.kind, self.board, has_flag=self.has_flag)

    def record(self, uid: str) -> Record:
        return next(record for record in self.family.records if record.uid == uid)

    def take_in(self) -> Intake:
        """What every counterpart says, judged; the family and the bases are as they should be afterwards."""
        total = Intake(self.family)
        for uid, paper in self.issues.items():
            taken = take_in_issue(
                self.record(uid),
                paper.link,
                paper.view,
                self.family,
                self.ctx,
                self.words(self.record(uid)),
                PAGE_URL,
                self.open_conflicts(uid),
            )
            assert taken.link is not None
            self._keep(taken.conflicts)
            self.family, paper.link = taken.family, taken.link
            total = total.then(taken)
        if self.page is not None:
            taken = take_in_page(self.page.link, self.page.view, self.family, self.ctx, JIRA_URL)
            assert taken.link is not None
            self.family, self.page.link = taken.family, taken.link
            total = total.then(taken)
        return total

    def open_conflicts(self, uid: str) -> dict[str, Conflict]:
        mine = [each for each in self.conflicts.values() if each.record == uid and each.settled_at is None]
        return {each.field: each for each in mine}

    def _keep(self, found: Iterable[Conflict]) -> None:
        """As the store does: an open one takes new values, a settled one ends it or stands by itself."""
        for each in found:
            held = self.open_conflicts(each.record).get(each.field)
            if held is not None and each.settled_at is None:
                each = replace(held, ours=each.ours, theirs=each.theirs)
            self.conflicts[each.uid] = each

    def settle(self, field: str, keep: str) -> None:
        """What `sync.settlement` does when a person says whose value of the task's field stays."""
        (conflict,) = [each for each in self.conflicts.values() if each.field == field and each.settled_at is None]
        paper = self.issues[conflict.record]
        ours, theirs = {field: conflict.ours}, {field: conflict.theirs}
        paper.link = (Moves(theirs=theirs) if keep == "ours" else Moves(ours=ours)).applied_to(paper.link)
        self.conflicts[conflict.uid] = replace(conflict, settled_at=NOW, settled_by="cora", kept=keep)

    def plan(self) -> list[Action]:
        actions: list[Action] = []
        for uid, paper in self.issues.items():
            record = self.record(uid)
            words = self.words(record)
            undecided = self.open_conflicts(uid)
            actions += plan_issue(record, paper.link, paper.view, self.family, self.ctx, words, PAGE_URL, undecided)
        if self.page is not None:
            write = plan_page(self.page.view, self.page.link, self.family, self.ctx, JIRA_URL)
            actions += [write] if write else []
        return actions

    def round(self) -> tuple[Intake, list[Action]]:
        """Take in, plan on the outcome with the people known when the run began, write."""
        intake, actions = self.take_in(), self.plan()
        for action in actions:
            if isinstance(action, WritePage):
                assert self.page is not None
                self.page.apply(action)
            else:
                self.issues[action.record].apply(action)
        people = {**self.ctx.people, **{person.key: person for person in intake.people}}
        self.ctx = replace(self.ctx, people=people)
        return intake, actions


def is_silent(intake: Intake, before: Family) -> bool:
    """Whether a run took nothing in and has nothing to say, remember or make."""
    said = (intake.notes, intake.say, intake.comments, intake.decisions, intake.people, intake.fired)
    return intake.family == before and not any(said) and not intake.wanted_links
