"""Making issues that are there already the counterparts of records: looked at first, kept in one transaction, or not.

No site is written to here. What the next sync writes to an adopted issue is what `tieout plan` shows.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from mappings.adoption import NAMED, adopt, match, named_issues
from mappings.context import AuditContext, Family, SiteWords
from mappings.far import IssueView
from mappings.giving_back import FOUND, found_on
from mappings.known_people import known_people
from mappings.records import LinkRole, LinkState, Record

from . import journal
from .candidates import Candidates
from .database import Database
from .desk import Audit, DeskRefused, find_record
from .facets import ALL
from .intake import remember
from .keys import record_key
from .mending import said_before
from .planner import has_counterparts
from .scene import load_families, request_uid
from .sites import Sites
from .store import Stale, Store, Taken
from .work import LIVE, mark

MOST = 1_000
"""Issues that one query may name; more are no preview that somebody reads."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """An issue that may become a record's counterpart, and how its project speaks."""

    record: Record
    issue: IssueView
    words: SiteWords


@dataclass(frozen=True, slots=True)
class Choice:
    """What was asked for: what may be adopted, and of the rest why not, by issue key."""

    chosen: tuple[Chosen, ...]
    left: Mapping[str, str]


class Adoptions:
    """Adopts for one audit. Methods raise DeskRefused, and what a site answers."""

    def __init__(self, db: Database, sites: Sites, audit: Audit, *, by: str) -> None:
        self._db = db
        self._sites = sites
        self._audit = audit
        self._candidates = Candidates(db, sites, audit)
        self._by = by

    def one(self, number: str, key: str) -> Choice:
        """This issue for this record, or a refusal."""
        with self._db.read() as conn:
            record = find_record(Store(conn), self._audit.key, number)
        return Choice((self._checked(record, self._candidates.issue(key)),), {})

    def from_list(self) -> Choice:
        """The issues that the auditor's list names for requests."""
        families, ctx = self._families()
        named = [found for family in families for found in named_issues(family, ctx)]
        by_key = {issue.key: issue for issue in self._fetch(sorted({key for _, key in named}))}
        left = {key: f"named for {record.number}, and cannot be read" for record, key in named if key not in by_key}
        records, keys = Counter(record.uid for record, _ in named), Counter(key for _, key in named)
        for record, key in named:
            if records[record.uid] > 1 or keys[key] > 1:
                left[key] = f"{record.number} is not the only one, or has others: adopt one by its number and key"
        return self._choice([(record, by_key[key]) for record, key in named if key not in left], left)

    def by_query(self, jql: str) -> Choice:
        """Those of a query's issues whose summary has a request's number, or its title."""
        ids = self._sites.jira.find(jql, MOST + 1)
        if len(ids) > MOST:
            raise DeskRefused(f"the query finds more than {MOST} issues: narrow it down")
        families, ctx = self._families()
        issues = self._fetch(ids)
        taken = self._taken(issues)
        found = match([issue for issue in issues if issue.key not in taken], families, ctx)
        return self._choice(found.pairs, {**found.left, **taken})

    def forget(self, number: str) -> str:
        """Let a record have a new issue though the list names one; returns that issue's key."""
        with self._db.write() as conn:
            store = Store(conn)
            record = find_record(store, self._audit.key, number)
            key = record.extra.get(NAMED)
            if not key:
                raise DeskRefused(f"the list names no issue for {number}")
            self._settle_name(conn, record)
            why, at = "a new issue is to be made", self._db.now(conn)
            what = "issue of the list not adopted"
            journal.append(conn, who=self._by, what=what, record=record.uid, before=key, after=None, why=why, at=at)
            mark(conn, [record_key(record.uid)], lane=LIVE, facets=ALL)
        return key

    def keep(self, conn: Connection, choice: Choice) -> None:
        """Adopt what was chosen, all of it or, when something speaks against one of them by now, nothing."""
        try:
            for each in choice.chosen:
                self._adopt(conn, each)
        except (Stale, Taken) as error:
            raise DeskRefused(
                f"something was changed meanwhile, and nothing was adopted; try again: {error}"
            ) from error

    def _choice(self, pairs: Sequence[tuple[Record, IssueView]], left: Mapping[str, str]) -> Choice:
        chosen: list[Chosen] = []
        why = dict(left)
        for record, issue in pairs:
            try:
                chosen.append(self._checked(record, issue))
            except DeskRefused as refused:
                why[issue.key] = str(refused)
        return Choice(tuple(chosen), dict(sorted(why.items())))

    def _checked(self, record: Record, issue: IssueView) -> Chosen:
        with self._db.read() as conn:
            self._check_record(Store(conn), record, self._audit.context(self._db, conn))
        self._candidates.check_issue(record, issue)
        if issue.made_for:
            raise DeskRefused(f"{issue.key} was made by Tieout, for another record: name another")
        self._sites.own_accounts()  # asked now, and not while the register is locked
        with self._db.read() as conn:
            ctx = self._context(conn)
        return Chosen(record, issue, self._sites.words_of(record, ctx, issue))

    def _check_record(self, store: Store, record: Record, ctx: AuditContext) -> None:
        link = store.links.of([record.uid]).get((record.uid, LinkRole.ISSUE))
        if link is not None and link.state is LinkState.PENDING and link.intent_at is not None:
            raise DeskRefused(f"an issue for {record.number} is just being made: try again in a minute")
        if link is not None and link.state is not LinkState.PENDING:
            is_lost = link.state is LinkState.DETACHED
            how = f", which is detached: `tieout links mend {record.number} --issue KEY`" if is_lost else " already"
            raise DeskRefused(f"{record.number} has {link.key}{how}")
        if not has_counterparts(record, ctx):
            what = "the audit is closed" if ctx.rule.is_closed else f"it is {record.status.replace('_', ' ')}"
            raise DeskRefused(f"{record.number} is not mirrored: {what}")

    def _adopt(self, conn: Connection, chosen: Chosen) -> None:
        store, ctx = Store(conn), self._context(conn)
        number, issue = chosen.record.number, chosen.issue
        record = find_record(store, self._audit.key, number)
        self._check_record(store, record, ctx)
        if issue.id in store.links.by_remote((LinkRole.ISSUE, LinkRole.ESCALATION_ISSUE, LinkRole.TWIN), [issue.id]):
            raise DeskRefused(f"{issue.key} became somebody's counterpart meanwhile; nothing was adopted")
        family = load_families(store, [request_uid(record)])[request_uid(record)]
        page = store.links.of([family.request.uid]).get((family.request.uid, LinkRole.PAGE))
        intake = adopt(record, issue, family, ctx, chosen.words, page.url if page else "")
        notes = tuple(replace(note, who=self._by) for note in intake.notes)
        self._keep_found(conn, record, issue, family.request.extra.get(NAMED, ""), ctx.now)
        for comment in issue.comments:
            if comment.author not in ctx.own_accounts:
                store.comments.add(said_before(record, LinkRole.ISSUE, comment))
        remember(conn, store, family, replace(intake, link=None, notes=notes), ctx)
        if intake.link is not None:
            store.links.put(intake.link)
        self._settle_name(conn, store.records.get([family.request.uid])[family.request.uid])
        relatives = [each.uid for each in family.records]
        mark(conn, [record_key(uid) for uid in relatives], lane=LIVE, facets=ALL)

    def _keep_found(self, conn: Connection, record: Record, issue: IssueView, named: str, at: datetime) -> None:
        """What stands on the card before Tieout writes on it, so that it can be given back as it was."""
        found, why = found_on(issue, named), "kept, in case it is given back"
        journal.append(conn, who=self._by, what=FOUND, record=record.uid, before=found, after=issue.key, why=why, at=at)

    def _settle_name(self, conn: Connection, request: Record) -> None:
        if NAMED in request.extra:
            extra = {name: text for name, text in request.extra.items() if name != NAMED}
            Store(conn).records.put(replace(request, extra=extra))

    def _families(self) -> tuple[list[Family], AuditContext]:
        with self._db.read() as conn:
            store, ctx = Store(conn), self._audit.context(self._db, conn)
            families = load_families(store, [each.uid for each in store.records.requests(self._audit.key)])
        return sorted(families.values(), key=lambda family: family.request.number), ctx

    def _context(self, conn: Connection) -> AuditContext:
        people = known_people(self._sites.rules, Store(conn).people.all())
        return self._sites.context(self._audit.key, people, self._db.now(conn))

    def _taken(self, issues: Sequence[IssueView]) -> dict[str, str]:
        """By key, those that are somebody's counterpart already, with whose."""
        roles = (LinkRole.ISSUE, LinkRole.ESCALATION_ISSUE, LinkRole.TWIN)
        with self._db.read() as conn:
            store = Store(conn)
            owners = store.links.by_remote(roles, [issue.id for issue in issues])
            records = store.records.get(uid for its in owners.values() for uid, _ in its)
        return {
            issue.key: f"belongs to {records[owners[issue.id][0][0]].number} already"
            for issue in issues
            if issue.id in owners
        }

    def _fetch(self, ids: Iterable[str]) -> list[IssueView]:
        wanted = list(ids)
        found = self._sites.jira.fetch(wanted).whole().found if wanted else {}
        return sorted(found.values(), key=lambda issue: int(issue.id))
