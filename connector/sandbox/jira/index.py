"""What search sees: each issue as it was when the index last caught up with it.

With no lag the index is always current. With a lag, a change becomes visible that many seconds later, and until then
a query finds the issue by its old values, or not at all.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from connector.sandbox.jira.records import History, Issue


@dataclass(frozen=True, eq=False)
class Document:
    """An issue as search knows it."""

    issue_id: str
    key: str
    values: dict[str, Any]
    created_at: datetime
    updated_at: datetime
    status_changed_at: datetime
    comments: tuple[dict[str, Any], ...]
    watchers: frozenset[str]
    linked: frozenset[str]
    histories: tuple[History, ...] = ()
    has_files: bool = False

    @property
    def number(self) -> int:
        return int(self.issue_id)


@dataclass(eq=False)
class SearchIndex:
    """Documents by issue id, and the updates that have not arrived yet, oldest first."""

    _documents: dict[str, Document] = field(default_factory=dict)
    _pending: list[tuple[datetime, str, Document | None]] = field(default_factory=list)

    def put(self, document: Document, *, now: datetime, lag_s: float) -> None:
        self._update(document.issue_id, document, now, lag_s)

    def remove(self, issue_id: str, *, now: datetime, lag_s: float) -> None:
        self._update(issue_id, None, now, lag_s)

    def documents(self, now: datetime) -> Iterable[Document]:
        """All issues as search sees them at this moment."""
        if self._pending:
            due = [update for update in self._pending if update[0] <= now]
            self._pending = [update for update in self._pending if update[0] > now]
            for _, issue_id, document in due:
                self._apply(issue_id, document)
        return self._documents.values()

    def _update(self, issue_id: str, document: Document | None, now: datetime, lag_s: float) -> None:
        if lag_s > 0:
            self._pending.append((now + timedelta(seconds=lag_s), issue_id, document))
            return
        self._pending = [update for update in self._pending if update[1] != issue_id]
        self._apply(issue_id, document)

    def _apply(self, issue_id: str, document: Document | None) -> None:
        if document is None:
            self._documents.pop(issue_id, None)
        else:
            self._documents[issue_id] = document


def document_of(issue: Issue, linked: Iterable[str] = ()) -> Document:
    """The document of an issue as it is now."""
    return Document(
        issue.issue_id,
        issue.key,
        dict(issue.values),
        issue.created_at,
        issue.updated_at,
        issue.status_changed_at,
        tuple(comment.body for comment in issue.comments),
        frozenset(issue.watchers),
        frozenset(linked),
        tuple(issue.histories),
        bool(issue.attachments),
    )
