"""Deciding what to write: the register as it is now against what was read, as actions with reasons. Writes nothing.

Counterparts are made in an order that lets each refer to the one before it: pages, the requests' issues, the tasks'
issues; then everything that exists is brought in step.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from mappings.actions import Action, AttachFile, CreateIssue, CreatePage, LinkIssues, PostComment
from mappings.adoption import named_issues
from mappings.context import AuditContext, Family, SiteWords
from mappings.errors import Refused
from mappings.escalation_issue import close_escalation, draft_escalation
from mappings.issue_links import linked_to, wanted_link
from mappings.issue_plan import draft_issue, plan_issue, route_for
from mappings.lifecycle import is_settled
from mappings.page_plan import draft_page, plan_page
from mappings.records import Conflict, Kind, Link, LinkRole, LinkState, Record, RequestStatus
from mappings.rules import Route
from mappings.twins import Fate, fate_of, let_go, twin_of

from .scene import FarSides, live, load_families
from .sites import Home, Sites
from .store import Copy, Store

Links = Mapping[tuple[str, LinkRole], Link]


@dataclass(frozen=True, slots=True)
class Board:
    """One family as the register has it now, with its links and its audit."""

    family: Family
    links: Links
    ctx: AuditContext
    held: frozenset[LinkRole]
    """Counterparts to which nothing is written: a brake is pulled, or nobody was shown the audit's first plan."""
    conflicts: tuple[Conflict, ...] = ()
    """Those that wait for a person."""

    def link(self, uid: str, role: LinkRole) -> Link | None:
        return live(self.links, uid, role)

    def undecided(self, uid: str, role: LinkRole) -> frozenset[str]:
        """The fields of a counterpart that wait for a person."""
        return frozenset(each.field for each in self.conflicts if (each.record, each.role) == (uid, role))

    def lacks(self, uid: str, role: LinkRole) -> bool:
        """Whether a counterpart is still to be made; a detached one is not made again."""
        link = self.links.get((uid, role))
        return role not in self.held and (link is None or link.state is LinkState.PENDING)

    def is_begun(self, uid: str, role: LinkRole) -> bool:
        """Whether a try to make it has an outcome that is not known yet."""
        link = self.links.get((uid, role))
        return link is not None and link.state is LinkState.PENDING and link.intent_at is not None

    @property
    def page_url(self) -> str:
        link = self.links.get((self.family.request.uid, LinkRole.PAGE))
        return link.url if link else ""


def held_roles(store: Store, audits: Iterable[str]) -> dict[str, frozenset[LinkRole]]:
    """Counterparts to which nothing is written, by audit: a brake is pulled, or its first plan was not shown yet."""
    braked, shown = store.brakes.held(), store.first_plans.shown()
    return {audit: braked if audit in shown else frozenset(LinkRole) for audit in audits}


def load_boards(
    store: Store,
    request_uids: Collection[str],
    contexts: Mapping[str, AuditContext],
    held: Mapping[str, frozenset[LinkRole]] | None = None,
) -> list[Board]:
    """The boards of some requests, in the order of their numbers; `held` by audit, where it is not to be looked up."""
    families = load_families(store, request_uids)
    links = store.links.of([record.uid for family in families.values() for record in family.records])
    held = held_roles(store, contexts) if held is None else held
    conflicts = store.conflicts.open([record.uid for family in families.values() for record in family.records])
    ordered = sorted(families.values(), key=lambda family: (family.request.audit, family.request.number))
    return [
        Board(family, links, contexts[family.request.audit], held[family.request.audit], conflicts)
        for family in ordered
    ]


def has_counterparts(record: Record, ctx: AuditContext) -> bool:
    """Whether a record that has none is to be mirrored: not before it is open, and no more once it is settled."""
    if ctx.rule.is_closed or is_settled(record.kind, record.status):
        return False
    return record.status != RequestStatus.DRAFT


def check_subtask(record: Record, route: Route, words: SiteWords, ctx: AuditContext) -> None:
    """Raises Refused where a sub-task would have no issue above it in its own project."""
    if words.is_subtask and (record.parent is None or route.project != ctx.rule.project):
        where = f"{route.issue_type!r} of project {route.project} is a sub-task"
        raise Refused(f"{where}, and stands only under a request's issue, in project {ctx.rule.project}: use another")


class Planner:
    """What to write for one set of records."""

    def __init__(
        self, sites: Sites, asked: Collection[str], far: FarSides, homes: Mapping[str, Home] | None = None
    ) -> None:
        """`homes` by audit, where they are known: of the others the site is asked, and what is missing is made."""
        self._sites = sites
        self._homes = homes or {}
        self._asked = frozenset(asked)
        self._far = far
        self._jira_url = sites.rules.jira.url.rstrip("/")
        self._copies: Mapping[str, Sequence[Copy]] | None = None

    def new_page(self, board: Board) -> Iterator[CreatePage]:
        """The evidence page of a request that has none."""
        request = board.family.request
        if request.uid not in self._asked or not board.lacks(request.uid, LinkRole.PAGE):
            return
        is_wanted = has_counterparts(request, board.ctx)
        if is_wanted or board.is_begun(request.uid, LinkRole.PAGE):
            home = self._homes.get(request.audit) or self._sites.home(request.audit, board.ctx.people)
            page = draft_page(board.family, board.ctx, self._jira_url, home.space_id, home.page_id)
            yield replace(page, is_wanted=is_wanted)

    def new_issues(self, board: Board, kind: Kind, *, is_preview: bool = False) -> Iterator[CreateIssue]:
        """The issue of a request whose page is there, or of tasks whose request's issue is there.

        A preview does not wait for what they refer to."""
        for record in board.family.records:
            if record.kind is not kind or record.uid not in self._asked or not self._lacks_issue(record, board):
                continue
            if is_preview or self._may_have_issue(record, board):
                yield self._draft(record, board)

    def _lacks_issue(self, record: Record, board: Board) -> bool:
        named = {each.uid for each, _ in named_issues(board.family, board.ctx)}
        if record.uid in named and not board.is_begun(record.uid, LinkRole.ISSUE):
            return False  # it is there already: a person adopts it, or says that a new one is to be made
        is_due = has_counterparts(record, board.ctx) or board.is_begun(record.uid, LinkRole.ISSUE)
        return board.lacks(record.uid, LinkRole.ISSUE) and is_due

    def _may_have_issue(self, record: Record, board: Board) -> bool:
        if record.parent is None:
            return board.link(record.uid, LinkRole.PAGE) is not None
        return board.link(record.parent, LinkRole.ISSUE) is not None

    def bare(self, action: CreateIssue, board: Board) -> CreateIssue:
        """The same issue without what it refers to, which may not be there yet."""
        record = board.family.record(action.record)
        return self._draft(record, board, is_bare=True) if action.role is LinkRole.ISSUE else action

    def _draft(self, record: Record, board: Board, *, is_bare: bool = False) -> CreateIssue:
        parent = board.link(record.parent, LinkRole.ISSUE) if record.parent and not is_bare else None
        words, route = self._sites.words_for(record, board.ctx), route_for(record, board.ctx)
        check_subtask(record, route, words, board.ctx)
        drafted = draft_issue(
            record,
            board.family,
            board.ctx,
            words,
            route,
            page_url="" if is_bare else board.page_url,
            link_to=parent.key if parent else None,
        )
        said = linked_to(drafted.said, parent.remote_id) if parent and drafted.draft.link_to else drafted.said
        return replace(drafted, said=said, is_wanted=has_counterparts(record, board.ctx))

    def new_escalations(self, board: Board) -> Iterator[CreateIssue]:
        """Escalation issues that the ladder asked for."""
        rule = board.ctx.rule
        for record in board.family.records if LinkRole.ISSUE not in board.held else ():
            issue = board.link(record.uid, LinkRole.ISSUE)
            wanted = board.links.get((record.uid, LinkRole.ESCALATION_ISSUE))
            if record.uid in self._asked and issue and wanted and wanted.state is LinkState.PENDING:
                words = self._sites.words(rule.project, Kind.REQUEST, rule.escalation_issue_type)
                yield draft_escalation(record, board.ctx, words, issue.key)

    def writes(self, store: Store, board: Board) -> Iterator[Action]:
        """Everything that brings existing counterparts in step: issues, files, the page, comments."""
        for record in board.family.records:
            if record.uid in self._asked and LinkRole.ISSUE not in board.held:
                yield from self._issue_writes(record, board)
        if board.family.request.uid in self._asked and LinkRole.PAGE not in board.held:
            yield from self._page_writes(board)
        yield from self._comments(store, board)
        if LinkRole.ISSUE not in board.held:
            yield from self._links(board)

    def _issue_writes(self, record: Record, board: Board) -> Iterator[Action]:
        link = board.link(record.uid, LinkRole.ISSUE)
        issue = self._far.issues.get(link.remote_id or "") if link else None
        if link is not None and issue is not None:
            words = self._sites.words_of(record, board.ctx, issue)
            undecided = board.undecided(record.uid, LinkRole.ISSUE)
            yield from plan_issue(record, link, issue, board.family, board.ctx, words, board.page_url, undecided)
        raised = board.link(record.uid, LinkRole.ESCALATION_ISSUE)
        if raised is not None:
            rule = board.ctx.rule
            words = self._sites.words(rule.project, Kind.REQUEST, rule.escalation_issue_type)
            closing = close_escalation(record, raised, words)
            if closing is not None:
                yield closing
        twin = board.link(record.uid, LinkRole.TWIN)
        lost = self._far.issues.get(twin.remote_id or "") if twin else None
        kept = board.links.get((record.uid, twin_of(twin))) if twin else None
        letting_go = let_go(twin, lost, kept.key) if twin and lost and kept else None
        if letting_go is not None:
            yield letting_go

    def _links(self, board: Board) -> Iterator[LinkIssues]:
        """From the tasks' issues to the request's: last, so that a site that draws none keeps nothing else back."""
        above = board.link(board.family.request.uid, LinkRole.ISSUE)
        for task in board.family.tasks if above else ():
            link = board.link(task.uid, LinkRole.ISSUE)
            issue = self._far.issues.get(link.remote_id or "") if link else None
            if task.uid in self._asked and above is not None and link is not None and issue is not None:
                words = self._sites.words_of(task, board.ctx, issue)
                wanted = wanted_link(task, link, issue, above, board.ctx, words)
                yield from [wanted] if wanted else []

    def _page_writes(self, board: Board) -> Iterator[Action]:
        link = board.link(board.family.request.uid, LinkRole.PAGE)
        if link is None or link.remote_id is None:
            return
        # What people put on the page themselves is there already, but for a page that takes the place of another.
        # Where a try's answer was lost it is looked for, though its approval was taken back since.
        absent = [item for item in board.family.evidence if item.copy_id is None]
        missing = [item for item in absent if item.is_released or item.copy_begun_at is not None]
        for item in missing:
            told = "is for the auditor and is not on the page"
            why = told if item.is_released else "may have come to the page before its approval was taken back"
            reason = f"{item.file_name} v{item.version} {why}"
            yield AttachFile(board.family.request.uid, link.remote_id, item, reason)
        if missing:
            return  # the run that follows at once writes the page, and its links to these files with it
        page = self._far.pages.get(link.remote_id)
        write = plan_page(page, link, board.family, board.ctx, self._jira_url) if page else None
        if write is not None:
            yield write

    def _comments(self, store: Store, board: Board) -> Iterator[PostComment]:
        uids = [record.uid for record in board.family.records if record.uid in self._asked]
        if self._copies is None:  # of all records at once, and once
            self._copies = store.comments.copies(self._asked)
        waiting = [copy for uid in uids for copy in self._copies[uid] if copy.remote_id is None]
        comments = store.comments.by_uid([copy.comment for copy in waiting])
        for copy in sorted(waiting, key=lambda copy: (comments[copy.comment].said_at, copy.comment)):
            link = board.link(copy.record, copy.role)
            if link is not None and link.remote_id is not None and self._may_speak(link, board):
                comment = comments[copy.comment]
                reason = f"{comment.author_name} said it on the side of {comment.side}, and it belongs here too"
                yield PostComment(copy.record, copy.role, link.remote_id, comment, reason)

    def _may_speak(self, link: Link, board: Board) -> bool:
        side = LinkRole.PAGE if link.role is LinkRole.PAGE else LinkRole.ISSUE
        is_there = link.role is not LinkRole.TWIN or fate_of(link) in (Fate.LOSING, Fate.LET_GO)
        return side not in board.held and is_there
