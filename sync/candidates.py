"""Objects on a site that may become a record's counterpart, and what speaks against it."""

from __future__ import annotations

import re
from collections.abc import Iterable

from mappings.evidence_page import is_home, title_of
from mappings.far import IssueView, PageView
from mappings.issue_plan import route_for
from mappings.records import Link, LinkRole, Record, marker
from mappings.strangers import without_strangers

from .database import Database
from .desk import Audit, DeskRefused
from .sites import Sites, home_title
from .store import Store

_UID = re.compile(r"[0-9a-f]{32}")


class Candidates:
    """Reads and judges them for one audit. All methods raise DeskRefused, and what a site answers."""

    def __init__(self, db: Database, sites: Sites, audit: Audit) -> None:
        self._db = db
        self._sites = sites
        self._audit = audit

    def issue(self, key: str, *, of: Link | None = None) -> IssueView:
        """An issue by key or id, as it is now; `of` is the link by which it was known, where it was."""
        fetched = without_strangers(self._sites.jira.fetch([key]).whole(), [of] if of else [])
        issue = next(iter(fetched.found.values()), None)
        if issue is None:
            raise _unread(f"issue {of.key if of else key}", ", ".join(fetched.missing.values()) or "not found")
        return issue

    def page(self, page_id: str, *, of: Link | None = None) -> PageView:
        """A page by id, as it is now; `of` is the link by which it was known, where it was."""
        fetched = without_strangers(self._sites.confluence.fetch([page_id]), [of] if of else [])
        if page_id not in fetched.found:
            name = repr(of.key) if of else page_id
            raise _unread(f"page {name}", fetched.missing.get(page_id, "not found"))
        return fetched.found[page_id]

    def check_issue(self, record: Record, issue: IssueView) -> None:
        """It must be where the record's issues go, and nobody else's."""
        with self._db.read() as conn:
            project = route_for(record, self._audit.context(self._db, conn)).project
        if issue.project != project:
            raise DeskRefused(
                f"{issue.key} is in project {issue.project}, and {record.number} goes to {project} by the mapping "
                "file: move the issue there, or change the route"
            )
        marks = [label.removeprefix("tieout-") for label in issue.labels if label.startswith("tieout-")]
        self._check_nobody_elses(record, issue.key, (LinkRole.ISSUE, LinkRole.ESCALATION_ISSUE), issue.id, marks)

    def check_page(self, record: Record, page: PageView) -> None:
        """It must be in the audit's space, not its home page, and nobody else's."""
        if record.parent is not None:
            raise DeskRefused(f"{record.number} is a task, and tasks have no page of their own")
        space_id = self._sites.confluence.space_id(self._audit.rule.space)
        if page.space_id != space_id:
            raise DeskRefused(
                f"{page.title!r} is not in the audit's space {self._audit.rule.space}: move it there first"
            )
        if page.title == home_title(self._audit.key, self._audit.rule) or is_home(page.body, self._audit.key):
            raise DeskRefused(f"{page.title!r} is the audit's home page: name another")
        self._check_nobody_elses(record, repr(page.title), (LinkRole.PAGE,), page.id, _UID.findall(page.body))

    def _check_nobody_elses(
        self, record: Record, name: str, roles: tuple[LinkRole, ...], object_id: str, marks: Iterable[str]
    ) -> None:
        with self._db.read() as conn:
            store = Store(conn)
            holders = [
                uid for uid, _ in store.links.by_remote(roles, [object_id]).get(object_id, ()) if uid != record.uid
            ]
            others = store.records.get([*holders, *marks])
        others.pop(record.uid, None)
        if others:
            number = next(iter(others.values())).number
            raise DeskRefused(f"{name} belongs to {number}, or is a copy of what does: name another")

    def check_gone(self, record: Record, link: Link) -> None:
        """Nothing of the record's may be on the site: neither the old object nor one with its mark or title."""
        left = self._issues_left(record, link) if link.role is LinkRole.ISSUE else self._page_left(record, link)
        if left:
            raise DeskRefused(f"{record.number}: {left}")

    def _issues_left(self, record: Record, link: Link) -> str:
        jira = self._sites.jira
        if link.remote_id and without_strangers(jira.fetch([link.remote_id]).whole(), [link]).found:
            return f"{link.key} answers, so none is made: `tieout links mend {record.number}` takes it up again"
        with self._db.read() as conn:
            project = route_for(record, self._audit.context(self._db, conn)).project
        mark_ = marker(record.uid)
        ids = jira.find_created(project, [mark_], jira.highest_number(project)).get(mark_, ())
        found = jira.fetch(ids).whole().found if ids else {}
        if not found:
            return ""
        key = next(iter(found.values())).key
        return f"{key} carries its mark: `tieout links mend {record.number} --issue {key}`, or delete that issue first"

    def _page_left(self, record: Record, link: Link) -> str:
        confluence = self._sites.confluence
        if link.remote_id and without_strangers(confluence.fetch([link.remote_id]), [link]).found:
            return f"its page answers, so none is made: `tieout links mend {record.number}` takes it up again"
        title = title_of(record, self._audit.key)
        page = confluence.find(confluence.space_id(self._audit.rule.space), title)
        if page is None:
            return ""
        return (
            f"a page titled {title!r} ({page.status}) is in the space: restore it and "
            f"`tieout links mend {record.number} --page {page.id}`, or rename it"
        )


def _unread(what: str, why: str) -> DeskRefused:
    return DeskRefused(f"{what} cannot be read ({why}): restore it, let Tieout's account see it, or name another")
