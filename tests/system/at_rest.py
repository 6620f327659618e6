"""A history at rest: the register read once, and the sites as they are, for the invariants to compare."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from connector.sandbox.confluence.state import Page
from connector.sandbox.jira.records import Issue
from connector.sandbox.seed import BOT_EMAIL
from mappings.context import AuditContext, Family
from mappings.records import Decision, Evidence, Link, LinkRole, LinkState, Record
from sync.keys import uid_of
from sync.scene import load_families
from sync.store import Alert, Store
from tests.system.history import History
from tests.system.world import AUDIT

NO_WAY = "on its way to"


@dataclass(frozen=True, eq=False)
class Rest:
    """What the register holds, with ways to look at the sites."""

    history: History
    links: Mapping[tuple[str, LinkRole], Link]
    families: Mapping[str, Family]
    alerts: tuple[Alert, ...]
    spared: frozenset[str]
    """What a person took for gone by releasing a brake."""
    fired: Mapping[str, frozenset[tuple[int, str]]]
    ctx: AuditContext
    in_conflict: frozenset[tuple[str, str]]
    """Records and fields on which a person is to decide."""
    was_in_conflict: frozenset[tuple[str, str]]
    """Or has decided."""

    @classmethod
    def of(cls, history: History) -> Rest:
        with history.db.read() as conn:
            store = Store(conn)
            uids = store.records.uids(AUDIT)
            families = load_families(store, [r.parent or r.uid for r in store.records.get(uids).values()])
            people = history.sites.people(store.people.all())
            ctx = history.sites.context(AUDIT, people, history.db.now(conn))
            spared = frozenset(id_ for brake in store.brakes.all().values() for id_ in brake.spared)
            over = frozenset((each.record, each.field) for each in store.conflicts.settled())
            open_ = frozenset((each.record, each.field) for each in store.conflicts.open())
            alerts, fired = store.alerts.current(), store.steps.fired(uids)
            return cls(history, store.links.of(uids), families, alerts, spared, fired, ctx, open_, open_ | over)

    def is_stuck(self, record: Record) -> bool:
        """Whether the workflow of its project holds no way for its card, which is told as a dead letter."""
        return any(
            uid_of(letter.key) == record.uid and NO_WAY in letter.error for letter in self.history.dead_letters()
        )

    @property
    def records(self) -> list[Record]:
        return [record for family in self.families.values() for record in family.records]

    @property
    def evidence(self) -> list[Evidence]:
        return [item for family in self.families.values() for item in family.evidence]

    @property
    def decisions(self) -> list[Decision]:
        return [decision for family in self.families.values() for decision in family.decisions]

    def issues(self) -> Iterator[tuple[Record, Issue]]:
        """Records with the issue that they are linked to and that is there."""
        for record in self.records:
            link = self.links.get((record.uid, LinkRole.ISSUE))
            if link and link.state is LinkState.LIVE and not self.is_stuck(record):
                yield record, self.history.site.jira.issues[link.remote_id or ""]

    def pages(self) -> Iterator[tuple[Family, Page]]:
        for family in self.families.values():
            link = self.links.get((family.request.uid, LinkRole.PAGE))
            if link and link.state is LinkState.LIVE and not self.is_stuck(family.request):
                yield family, self.history.site.confluence.pages[link.remote_id or ""]

    @property
    def bot(self) -> str:
        return self.history.account(BOT_EMAIL)

    def said_on_issue(self, issue: Issue) -> list[tuple[str, str]]:
        """Author and text of each comment."""
        return [(comment.author_id, _adf_text(comment.body)) for comment in issue.comments]

    def said_on_page(self, page: Page) -> list[tuple[str, str]]:
        comments = self.history.site.confluence.comments.on(page.content_id)
        return [(comment.author_id, _storage_text(comment.version.body)) for comment in comments]


def _adf_text(node: Any) -> str:
    if isinstance(node, list):
        return "".join(map(_adf_text, node))
    inner = _adf_text(node.get("content", [])) + node.get("text", "") if isinstance(node, dict) else str(node)
    return inner + "\n" if isinstance(node, dict) and node.get("type") == "paragraph" else inner


def _storage_text(value: str) -> str:
    return re.sub(r"<[^>]+>", "", value.replace("</p>", "\n"))
