"""Creating counterparts, the one act that is not idempotent: write the intent first, and look before a second try.

An intent is a pending link with the moment and the project's highest issue number at which its create was begun. After
an unclear answer the next attempt waits until a late apply must have happened, then looks the marker up by key and by
search, and creates again only when nothing is found.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from mappings.actions import CreateIssue, CreatePage
from mappings.errors import FarSideError, Refused, TryLater, Unclear
from mappings.far import Created, NotCreated, PageView
from mappings.page_words import said_by_page
from mappings.records import Link, LinkRole, LinkState, Value

from . import journal
from .database import Database
from .facets import ALL
from .keys import record_key
from .ports import Confluence, Jira
from .scene import is_for_all
from .store import Store
from .work import LIVE, mark

SETTLES_AFTER_S = 60.0
"""How long after an unclear create a late apply is still possible: the client's time-out and the site's longest."""

BATCH = 50
"""Issues of one bulk create; what Jira takes."""

Failures = dict[str, FarSideError]


class Creator:
    """Makes counterparts and keeps each link as soon as its object exists.

    `keep_alive` is called before anything is begun, right before each call that makes something, and when its answer
    has come: a process that slept must neither make nor keep what another has made in its place."""

    def __init__(self, db: Database, jira: Jira, confluence: Confluence, keep_alive: Callable[[], None]) -> None:
        self._db = db
        self._jira = jira
        self._confluence = confluence
        self._keep_alive = keep_alive

    def page(self, action: CreatePage) -> None:
        """Make a request's evidence page, or find the one an earlier attempt made. Titles are unique in a space."""
        intent, began_before = self._begin(action.record, LinkRole.PAGE, 0)
        page = self._own_page(action) if began_before else None
        is_found = page is not None
        if page is None:
            page = self._create_page(self._begin_again(intent) if began_before else intent, action)
        self._keep_page(intent, action, page, is_found=is_found)

    def _create_page(self, intent: Link, action: CreatePage) -> PageView:
        self._keep_alive()
        try:
            return self._confluence.create(action.draft)
        except Unclear:
            raise
        except FarSideError as error:
            self._withdraw(intent)
            # An earlier try may have taken effect at last: then it is our own page that has the title.
            page = self._own_page(action) if isinstance(error, Refused) else None
            if page is None:
                raise
            return page

    def _own_page(self, action: CreatePage) -> PageView | None:
        """The page of that title, if it is ours; Refused when it is somebody else's."""
        page = self._confluence.find(action.draft.space_id, action.draft.title)
        if page is not None and action.record not in page.body:
            title = f"{action.draft.title!r}"
            raise Refused(f"a page titled {title} that Tieout did not write is in the space: rename it, then replay")
        return page

    def _keep_page(self, intent: Link, action: CreatePage, page: PageView, *, is_found: bool) -> None:
        link = replace(
            intent,
            state=LinkState.LIVE,
            remote_id=page.id,
            key=page.title,
            url=page.url,
            remote_version=page.version,
            base_ours=action.said,
            base_theirs=said_by_page(action.draft.title, action.draft.body),
        )
        self._keep_alive()
        with self._db.write() as conn:
            _keep(conn, link, action.reason, self._db.now(conn))
            if is_found:
                _look_again(conn, action.record)

    def issues(self, actions: Sequence[CreateIssue]) -> Failures:
        """Make issues, in one call for each 50 of a project; returns what went wrong, by record."""
        failures: Failures = {}
        by_project: dict[str, list[CreateIssue]] = {}
        for action in actions:
            by_project.setdefault(action.draft.project, []).append(action)
        for project, wanted in sorted(by_project.items()):
            for chunk in _chunks(wanted):
                self._keep_alive()
                try:
                    failures |= self._chunk(project, chunk)
                except FarSideError as error:
                    if is_for_all(error):
                        raise
                    failures |= {action.record: error for action in chunk}
        return failures

    def _chunk(self, project: str, chunk: Sequence[CreateIssue]) -> Failures:
        number = self._jira.highest_number(project)
        intents: dict[str, tuple[CreateIssue, Link]] = {}
        begun: dict[str, tuple[CreateIssue, Link]] = {}
        failures: Failures = {}
        for action in chunk:
            try:
                intent, began_before = self._begin(action.record, action.role, number)
            except TryLater as error:
                failures[action.record] = error
                continue
            (begun if began_before else intents)[action.draft.marker] = (action, intent)
        if begun:
            missing = self._recover(project, begun)
            intents |= {marker: (action, self._begin_again(intent)) for marker, (action, intent) in missing.items()}
        if not intents:
            return failures
        self._keep_alive()
        return failures | self._create(intents)

    def _recover(self, project: str, begun: dict[str, tuple[CreateIssue, Link]]) -> dict[str, tuple[CreateIssue, Link]]:
        """Link what an earlier attempt made after all; returns what is not there and may be made now."""
        lowest = min(intent.intent_number for _, intent in begun.values())
        found = self._jira.find_created(project, list(begun), lowest)
        issues = self._jira.fetch(sorted({ids[0] for ids in found.values() if ids})).whole().found
        for marker, ids in found.items():
            if not ids or ids[0] not in issues:
                continue
            action, intent = begun[marker]
            issue = issues[ids[0]]
            self._keep_issue(
                intent, action, Created(marker, issue.id, issue.key, issue.url), others=ids[1:], is_found=True
            )
        return {marker: pair for marker, pair in begun.items() if not found.get(marker)}

    def _create(self, intents: dict[str, tuple[CreateIssue, Link]]) -> Failures:
        try:
            answers = self._jira.create([action.draft for action, _ in intents.values()])
        except Unclear:
            raise
        except FarSideError:
            for _, intent in intents.values():
                self._withdraw(intent)
            raise
        failures: Failures = {}
        for answer in answers:
            action, intent = intents[answer.marker]
            if isinstance(answer, NotCreated):
                self._withdraw(intent)
                failures[action.record] = Refused(answer.reason)
            else:
                self._keep_issue(intent, action, answer)
        return failures

    def _keep_issue(
        self,
        intent: Link,
        action: CreateIssue,
        created: Created,
        *,
        others: Sequence[str] = (),
        is_found: bool = False,
    ) -> None:
        link = replace(
            intent,
            state=LinkState.LIVE,
            remote_id=created.id,
            key=created.key,
            url=created.url,
            base_ours=action.said,
            base_theirs=base_after_create(action),
        )
        self._keep_alive()
        with self._db.write() as conn:
            now = self._db.now(conn)
            _keep(conn, link, action.reason, now)
            if others:
                text = f"{created.key} has a twin with the same mark: issue ids {', '.join(others)}. Close the twin."
                Store(conn).alerts.raise_once(f"twin:{action.record}:{action.role}", text, now)
            if is_found:
                _look_again(conn, action.record)
            if action.role is LinkRole.ISSUE:
                tasks = Store(conn).records.tasks_of([action.record])[action.record]
                mark(conn, [record_key(task.uid) for task in tasks], lane=LIVE)

    def _begin(self, record: str, role: LinkRole, number: int) -> tuple[Link, bool]:
        """Keep the intent; True with it when an earlier attempt is old enough for its outcome to be looked up."""
        with self._db.write() as conn:
            store = Store(conn)
            now = self._db.now(conn)
            link = store.links.of([record]).get((record, role)) or Link(record, role, LinkState.PENDING)
            if link.intent_at is None:
                link = replace(link, intent_at=now, intent_number=number)
                store.links.put(link)
                return link, False
            settles_at = link.intent_at + timedelta(seconds=SETTLES_AFTER_S)
            if now < settles_at:
                wait_s = (settles_at - now).total_seconds()
                raise TryLater("an earlier create may still take effect; looking again later", after_s=wait_s)
            return link, True

    def _begin_again(self, intent: Link) -> Link:
        """Before a second try: its outcome is to be waited for as long as the first one's was."""
        with self._db.write() as conn:
            again = replace(intent, intent_at=self._db.now(conn))
            Store(conn).links.put(again)
        return again

    def _withdraw(self, intent: Link) -> None:
        """The site said no in so many words: nothing was made, so nothing need be looked for."""
        self._keep_alive()
        with self._db.write() as conn:
            Store(conn).links.put(replace(intent, intent_at=None, intent_number=0))


def base_after_create(action: CreateIssue) -> dict[str, Value]:
    """What a new issue says in Jira's words. Its status is left out: only a read shows where the workflow begins."""
    draft = action.draft
    if action.role is not LinkRole.ISSUE:
        return {}
    return {
        "summary": draft.summary,
        "description": action.said["description"],
        "due": draft.due_on.isoformat() if draft.due_on else None,
        "owner": draft.assignee,
        "priority": draft.priority,
        "flag": False,
        "labels": tuple(sorted(draft.labels)),
    }


def _keep(conn: Connection, link: Link, reason: str, now: datetime) -> None:
    Store(conn).links.put(replace(link, agreed_at=now))
    journal.append(
        conn,
        who="tieout",
        what=f"{link.role} created",
        record=link.record,
        before=None,
        after=link.key or link.remote_id,
        why=reason,
        at=now,
    )


def _look_again(conn: Connection, record: str) -> None:
    """People may have worked on it since it was made: what a poll saw of that, it saw of a stranger."""
    mark(conn, [record_key(record)], lane=LIVE, facets=ALL)


def _chunks(actions: Sequence[CreateIssue]) -> Iterator[Sequence[CreateIssue]]:
    for start in range(0, len(actions), BATCH):
        yield actions[start : start + BATCH]
