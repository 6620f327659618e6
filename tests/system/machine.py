"""The machine that makes histories: whatever people, sites, networks and workers can do, in any order."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from sync.settlement import Keep
from tests.system import crowd, page_people, people
from tests.system.history import History
from tests.system.invariants import check_all
from tests.system.troubles import MINUTE, Troubles, anybody, edits, some
from tests.system.world import CLARA, DANA, GHOST

NewDatabase = Callable[[], AbstractContextManager[str]]
"""Lends the address of a database with all tables and no rows."""

LISTED = {
    "R-001": "Access review,With sign-off,CC6.2,Security,Priya Nair <priya.nair@acme.example>,"
    "Marco Rossi <marco.rossi@acme.example>,2026-12-14,Medium",
    "R-002": "Change tickets,All of them,CC8.1,Platform,Tomas Berg <tomas.berg@acme.example>,"
    "Marco Rossi <marco.rossi@acme.example>,2026-12-01,High",
}
seldom = st.sampled_from((False, False, False, True))
HOUR, DAY = 3600, 86_400

finished: Counter[str] = Counter()
"""What happened in all histories of this process, for the soak's report."""


class AnyHistory(Troubles, RuleBasedStateMachine):
    """One history. Its end is always a rest, with every invariant checked."""

    def __init__(self, lend: NewDatabase, listed: dict[str, str]) -> None:
        super().__init__()
        self._folder = tempfile.TemporaryDirectory(prefix="tieout-history-")
        self._lent = lend()
        self.history = History(self._lent.__enter__(), Path(self._folder.name), dict(listed))

    def teardown(self) -> None:
        try:
            check_all(self.history)
        finally:
            outbox = self.history.site.outbox
            late = {"lost": outbox.lost, "doubled": outbox.doubled, "later than a minute": outbox.held_back}
            self.history.counted.update({f"faults: webhooks {what}": count for what, count in late.items()})
            finished.update(self.history.counted)
            finished["histories"] += 1
            self.history.close()
            self._lent.__exit__(None, None, None)
            self._folder.cleanup()

    @initialize(rewrites_storage=st.booleans(), asks=st.booleans())
    def choose_the_company(self, rewrites_storage: bool, asks: bool) -> None:
        """Whether Confluence adds ids of its own to whatever a program writes (records of real sites disagree), and
        whether
        a person is asked where both sides changed a field."""
        if asks:
            self.history.ask_a_person()
        self.history.site.confluence.rewrites_storage = rewrites_storage
        self.history.counted["sites that rewrite what is written"] += rewrites_storage

    @invariant()
    def nothing_is_broken_on_the_way(self) -> None:
        self.history.watch.assert_whole()
        self.history.counted["steps"] += 1

    # People in Jira.

    @rule(which=some, who=anybody, way=some)
    def move_card(self, which: int, who: str, way: int) -> None:
        people.move_card(self.history, which, who, way)

    @rule(which=some)
    def next_step(self, which: int) -> None:
        people.next_step(self.history, which)

    @rule(which=some)
    def next_step_and_a_while(self, which: int) -> None:
        people.next_step(self.history, which)
        self.history.let_pass(2 * MINUTE)

    @rule(which=some, who=anybody, edit=edits)
    def edit_card(self, which: int, who: str, edit: tuple[str, Any]) -> None:
        people.edit_card(self.history, which, who, *edit)

    @rule(edit=edits)
    def change_all_cards(self, edit: tuple[str, Any]) -> None:
        crowd.change_all_cards(self.history, *edit)

    @rule(which=some)
    def review_own_work(self, which: int) -> None:
        crowd.review_own_work(self.history, which)

    @rule(which=some, who=anybody, what=st.sampled_from(("own", "escalate", "cut")))
    def relabel(self, which: int, who: str, what: str) -> None:
        people.relabel(self.history, which, who, what)

    @rule(which=some, who=anybody, form=st.integers(0, 7))
    def comment_on_card(self, which: int, who: str, form: int) -> None:
        people.comment_on_card(self.history, which, who, form)

    @rule(which=some, who=anybody, name=some, content=some)
    def attach(self, which: int, who: str, name: int, content: int) -> None:
        people.attach(self.history, which, who, name, content)

    @rule(which=some, is_meant=seldom)
    def delete_card(self, which: int, is_meant: bool) -> None:
        if is_meant:
            people.delete_card(self.history, which)

    @rule(which=some, project=st.sampled_from(("IT", "SEC", "LEGAL")))
    def move_to_project(self, which: int, project: str) -> None:
        people.move_to_project(self.history, which, project)

    # People in Confluence.

    @rule(which=some, who=st.sampled_from((CLARA, CLARA, DANA, GHOST)), form=st.integers(0, 60))
    def comment_on_page(self, which: int, who: str, form: int) -> None:
        page_people.comment_on_page(self.history, which, who, form)

    @rule(which=some, forms=st.sampled_from(crowd.TWICE))
    def decide_twice(self, which: int, forms: tuple[int, int]) -> None:
        crowd.decide_twice(self.history, which, forms)

    @rule(
        which=some,
        who=st.sampled_from((CLARA, DANA, GHOST)),
        what=st.sampled_from(("note", "due", "tick", "spoil", "cut", "rename")),
        by_editor=st.booleans(),
    )
    def edit_page(self, which: int, who: str, what: str, by_editor: bool) -> None:
        page_people.edit_page(self.history, which, who, what, by_editor=by_editor)

    @rule(which=some, who=st.sampled_from((CLARA, DANA)), words=st.sampled_from(page_people.COMMENTED))
    def comment_inline(self, which: int, who: str, words: str) -> None:
        page_people.comment_inline(self.history, which, who, words)

    @rule(which=some, who=st.sampled_from(page_people.PAGE_PEOPLE), content=some)
    def attach_to_page(self, which: int, who: str, content: int) -> None:
        page_people.attach_to_page(self.history, which, who, content)

    @rule(which=some, is_meant=seldom)
    def put_page_away(self, which: int, is_meant: bool) -> None:
        if is_meant:
            page_people.put_page_away(self.history, which)

    @rule()
    def bring_page_back(self) -> None:
        page_people.bring_page_back(self.history)

    @rule(which=some)
    def move_page(self, which: int) -> None:
        crowd.move_page(self.history, which)

    # The register.

    @rule(which=some, what=st.sampled_from(("title", "owner", "due", "priority")), value=some)
    def change_list(self, which: int, what: str, value: int) -> None:
        people.change_list(self.history, which, what, value)

    @rule()
    def add_to_list(self) -> None:
        people.add_to_list(self.history)

    @rule(which=some)
    def drop_from_list(self, which: int) -> None:
        crowd.drop_from_list(self.history, which)

    @rule(which=some, what=st.sampled_from(crowd.AT_THE_DESK), days=st.integers(1, 30))
    def act_at_the_desk(self, which: int, what: str, days: int) -> None:
        crowd.act_at_the_desk(self.history, which, what, days)

    @rule(which=some, keep=st.sampled_from(Keep))
    def settle_a_conflict(self, which: int, keep: Keep) -> None:
        crowd.settle_a_conflict(self.history, which, keep)

    # Time.

    @rule(seconds=st.sampled_from((1, 20, MINUTE, 5 * MINUTE, HOUR)))
    def let_pass(self, seconds: int) -> None:
        self.history.let_pass(seconds)

    @rule(days=st.sampled_from((1, 3, 9)))
    def let_days_pass(self, days: int) -> None:
        """The machine was off: days later it goes on."""
        self.history.let_pass(days * DAY)

    @rule()
    def deliver_webhooks(self) -> None:
        self.history.deliver()


@contextmanager
def nothing_lent(url: str) -> Iterator[str]:
    yield url
