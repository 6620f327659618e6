"""A ledger of what people did in a history, to compare the outcome with; and how they find what they act on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import requests

from mappings.records import Link, LinkRole, LinkState, Record
from sync.store import Store
from tests.system.world import AUDIT

if TYPE_CHECKING:
    from tests.system.history import History


@dataclass
class Ledger:
    """What people said and did, by where: ids of issues and pages."""

    internal: list[str] = field(default_factory=list)
    for_auditor: list[tuple[str, str]] = field(default_factory=list)
    asked: list[tuple[str, str]] = field(default_factory=list)
    """Questions travel when somebody who works on the record asks them."""
    on_page: list[tuple[str, str]] = field(default_factory=list)
    notes: list[tuple[str, str]] = field(default_factory=list)
    labels: list[tuple[str, str]] = field(default_factory=list)
    files: list[tuple[str, str, str]] = field(default_factory=list)
    edits: Counter[str] = field(default_factory=Counter)
    page_edits: Counter[str] = field(default_factory=Counter)
    """Of what Tieout wrote: each may be put back, with one comment."""
    accepted: set[str] = field(default_factory=set)
    """Pages on which an auditor accepted."""
    movers: set[tuple[str, str]] = field(default_factory=set)
    """Cards with the accounts that moved them: nothing passes review that nobody moved."""
    stands: dict[tuple[str, str], set[Any]] = field(default_factory=dict)
    """By issue and field, in Jira's words, what may stand there at rest; nothing where anything may."""
    outside: dict[str, str] = field(default_factory=dict)
    """By page, what was outside of Tieout's boxes when a person last saved it."""
    inline: list[tuple[str, str]] = field(default_factory=list)
    """Pages with the comments on their words."""
    words: int = 0

    def say(self, issue_id: str, name: str, value: Any, *, is_legal: bool, before: Any) -> None:
        """Somebody set a field of an issue, which held `before` as far as the register knows.

        What is put back goes back to that: of two changes between two looks Tieout sees what they came to."""
        known = self.stands.get((issue_id, name), {before})
        if known or name != "due":  # of a date that others set too, the last is not always the one that counts
            self.stands[issue_id, name] = {value} if is_legal else known | {before}

    def forget(self, issue_ids: Collection[str], *names: str) -> None:
        """These fields were changed elsewhere too, and whose word counts in the end is more than a ledger knows."""
        for issue_id in issue_ids:
            for name in names:
                self.stands[issue_id, name] = set()

    def word(self) -> str:
        """A word that stands nowhere else."""
        self.words += 1
        return f"word{self.words}x"


def attempt(history: History, what: str, act: Callable[[], object]) -> bool:
    """Whether the site let it happen."""
    try:
        act()
    except (requests.HTTPError, LookupError):
        return False
    history.counted[what] += 1
    return True


def linked(history: History, role: LinkRole) -> list[tuple[Record, Link]]:
    """Records with their counterpart of a kind, if it can be reached, by number."""
    with history.db.read() as conn:
        store = Store(conn)
        records = store.records.get(store.records.uids(AUDIT))
        links = store.links.of(records)
    found = [(records[uid], link) for (uid, of), link in links.items() if of is role and link.state is LinkState.LIVE]
    return sorted(found, key=lambda pair: pair[0].number)


def card_of(history: History, which: int) -> tuple[Record, str] | None:
    cards = linked(history, LinkRole.ISSUE)
    record, link = cards[which % len(cards)] if cards else (None, None)
    return (record, link.remote_id or "") if record and link else None


def page_of(history: History, which: int) -> str | None:
    pages = linked(history, LinkRole.PAGE)
    return pages[which % len(pages)][1].remote_id if pages else None


def family_of(history: History, number: str) -> list[str]:
    """The ids of the issues of a request and its tasks."""
    cards = linked(history, LinkRole.ISSUE)
    return [link.remote_id or "" for record, link in cards if record.number.partition("/")[0] == number]


def request_on(history: History, page_id: str) -> str:
    """The number of the request whose page it is."""
    pages = linked(history, LinkRole.PAGE)
    return next((record.number for record, link in pages if link.remote_id == page_id), "")
