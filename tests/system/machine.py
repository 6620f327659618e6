"""The machine that makes histories: whatever people, sites, networks and workers can do, in any order."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule

from connector.sandbox.faults import WebhookFaults
from connector.sandbox.seed import BOT_EMAIL
from tests.system import page_people, people
from tests.system.history import WORKERS, History
from tests.system.invariants import check_all
from tests.system.life import ANY_STEP
from tests.system.world import CLARA, DANA

NewDatabase = Callable[[], AbstractContextManager[str]]
"""Lends the address of a database with all tables and no rows."""

LISTED = {
    "R-001": "Access review,With sign-off,CC6.2,Security,Priya Nair <priya.nair@acme.example>,"
    "Marco Rossi <marco.rossi@acme.example>,2026-12-14,Medium",
    "R-002": "Change tickets,All of them,CC8.1,Platform,Tomas Berg <tomas.berg@acme.example>,"
    "Marco Rossi <marco.rossi@acme.example>,2026-12-01,High",
}
CALLS: tuple[tuple[str, str], ...] = (
    ("*", ""),
    ("POST", ""),
    ("PUT", ""),
    ("POST", "/issue/bulk$"),
    ("POST", "/issue/bulkfetch$"),
    ("POST", "/search/jql$"),
    ("POST", "/comment$"),
    ("POST", "/transitions$"),
    ("PUT", r"/issue/\d+$"),
    ("PUT", r"/pages/\d+$"),
    ("POST", "/footer-comments$"),
    ("PUT", "/child/attachment$"),
    ("GET", "/wiki/"),
)
BEGUN = (
    ("POST", "/issue/bulk$"),
    ("POST", "/wiki/api/v2/pages$"),
    ("POST", "/comment$"),
    ("POST", "/footer-comments$"),
)
KINDS = ("status", "status_after", "drop_before", "drop_after", "timeout_before", "timeout_after", "late")

some = st.integers(0, 5)
seldom = st.sampled_from((False, False, False, True))
anybody = st.sampled_from(people.STAFF)
MINUTE, HOUR, DAY = 60, 3600, 86_400
DEEDS: st.SearchStrategy[Callable[[History], None]] = st.one_of(
    st.builds(lambda w, p, y: partial(people.move_card, which=w, who=p, way=y), some, anybody, some),
    st.builds(lambda w, p: partial(people.edit_card, which=w, who=p, name="summary", value=None), some, anybody),
    st.builds(lambda w, p, d: partial(people.edit_card, which=w, who=p, name="due", value=d), some, anybody, some),
    st.builds(lambda w, p: partial(page_people.edit_page, which=w, who=p, what="note"), some, st.just(CLARA)),
    st.builds(
        lambda w, p, f: partial(people.comment_on_card, which=w, who=p, form=f), some, anybody, st.integers(0, 7)
    ),
    st.builds(lambda w, f: partial(page_people.comment_on_page, which=w, who=CLARA, form=f), some, st.integers(0, 7)),
)
"""What people do between a read of ours and a write of ours."""

finished: Counter[str] = Counter()
"""What happened in all histories of this process, for the soak's report."""


class AnyHistory(RuleBasedStateMachine):
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
            finished.update(self.history.counted)
            finished["histories"] += 1
            self.history.close()
            self._lent.__exit__(None, None, None)
            self._folder.cleanup()

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

    @rule(
        which=some,
        who=anybody,
        edit=st.one_of(
            st.tuples(st.just("due"), st.one_of(st.none(), st.integers(-5, 40))),
            st.tuples(st.just("owner"), st.sampled_from((*people.STAFF, None))),
            st.tuples(st.just("priority"), st.sampled_from(("Highest", "High", "Low"))),
            st.tuples(st.just("summary"), st.none()),
            st.tuples(st.just("flag"), st.booleans()),
        ),
    )
    def edit_card(self, which: int, who: str, edit: tuple[str, Any]) -> None:
        people.edit_card(self.history, which, who, *edit)

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

    # People in Confluence and at the register.

    @rule(which=some, who=st.sampled_from((CLARA, *page_people.PAGE_PEOPLE)), form=st.integers(0, 60))
    def comment_on_page(self, which: int, who: str, form: int) -> None:
        page_people.comment_on_page(self.history, which, who, form)

    @rule(
        which=some,
        who=st.sampled_from(page_people.PAGE_PEOPLE),
        what=st.sampled_from(("note", "due", "tick", "spoil", "cut", "rename")),
    )
    def edit_page(self, which: int, who: str, what: str) -> None:
        page_people.edit_page(self.history, which, who, what)

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

    @rule(which=some, what=st.sampled_from(("title", "owner", "due", "priority")), value=some)
    def change_list(self, which: int, what: str, value: int) -> None:
        people.change_list(self.history, which, what, value)

    @rule()
    def add_to_list(self) -> None:
        people.add_to_list(self.history)

    @rule(kind=st.sampled_from(KINDS[1:]), call=st.sampled_from(BEGUN), delay_s=st.integers(1, 50), which=some)
    def fail_what_is_begun(self, kind: str, call: tuple[str, str], delay_s: int, which: int) -> None:
        """Something new is to be made or said, and the outcome is unknown."""
        self.history.site.faults.add(kind, *call, status=502, delay_s=delay_s)  # type: ignore[arg-type]  # one of its kinds
        people.add_to_list(self.history)
        people.comment_on_card(self.history, which, DANA, 1)
        page_people.comment_on_page(self.history, which, CLARA, 7)
        self.history.let_pass(MINUTE)
        self.history.counted[f"faults: {kind}"] += 1

    # What goes wrong.

    @rule(
        kind=st.sampled_from(KINDS),
        call=st.sampled_from(CALLS),
        times=st.integers(1, 3),
        status=st.sampled_from((500, 502, 503, 504)),
        delay_s=st.integers(1, 50),
    )
    def fail(self, kind: str, call: tuple[str, str], times: int, status: int, delay_s: int) -> None:
        self.history.site.faults.add(kind, *call, times=times, status=status, delay_s=delay_s)  # type: ignore[arg-type]  # one of its kinds
        self.history.counted[f"faults: {kind}"] += times

    @rule(call=st.sampled_from(CALLS), after_s=st.sampled_from((1, 30, 200)), times=st.integers(1, 3))
    def slow_down(self, call: tuple[str, str], after_s: int, times: int) -> None:
        self.history.site.faults.rate_limit(*call, retry_after_s=after_s, times=times)
        self.history.counted["faults: 429"] += times

    @rule(call=st.sampled_from((("PUT", r"/pages/\d+$"), ("PUT", r"/issue/\d+$"), ("POST", "/transitions$"))))
    def be_faster(self, call: tuple[str, str]) -> None:
        self.history.site.faults.add("status", *call, status=409)
        self.history.counted["faults: 409"] += 1

    @rule(lag_s=st.sampled_from((0, 5, 45, 90)))
    def let_the_index_lag(self, lag_s: int) -> None:
        self.history.site.faults.index_lag_s = lag_s
        self.history.counted["faults: index lag"] += 1

    @rule(steps=st.integers(1, 80))
    def kill_the_worker(self, steps: int) -> None:
        self.history.life.begin({steps - 1})

    @rule(
        steps=st.integers(1, 60),
        place=st.sampled_from(WORKERS[1:]),
        sleeps_s=st.sampled_from((0, 0, 5, 30, 61, 200, 900)),
        sets=st.sampled_from((1, 2, 400)),
    )
    def let_another_come_in_between(self, steps: int, place: str, sleeps_s: int, sets: int) -> None:
        """Somewhere in the middle of a worker's work it waits, or sleeps past its lease, and another goes on."""
        turn = partial(self.history.take_turn, place, sleeps_s=sleeps_s, sets=sets)
        self.history.life.meanwhile(steps, turn, at=ANY_STEP)

    @rule(place=st.sampled_from(WORKERS[1:]), seconds=st.sampled_from((1, MINUTE, 5 * MINUTE)))
    def let_another_work(self, place: str, seconds: int) -> None:
        """With what it remembers of the sites since it last worked."""
        self.history.let_pass(seconds, place)

    @rule(place=st.sampled_from(WORKERS))
    def start_anew(self, place: str) -> None:
        self.history.start_anew(place)
        self.history.counted["workers started anew"] += 1

    @rule(calls=st.integers(1, 12), deed=DEEDS)
    def act_meanwhile(self, calls: int, deed: Callable[[History], None]) -> None:
        self.history.life.meanwhile(calls, partial(deed, self.history))
        self.history.counted["deeds between a read and a write"] += 1

    @rule(is_expired=st.booleans())
    def expire_the_token(self, is_expired: bool) -> None:
        bot = self.history.site.account_by_email(BOT_EMAIL)
        assert bot is not None
        bot.token_expires_at = self.history.site.now() if is_expired else None
        self.history.counted["faults: token expired"] += is_expired

    @rule(lose=st.sampled_from((0.0, 0.5, 1.0)), twice=st.booleans(), delay_s=st.sampled_from((0, 90, 2 * HOUR)))
    def trouble_the_webhooks(self, lose: float, twice: bool, delay_s: int) -> None:
        duplicate = 0.5 if twice else 0.0
        self.history.site.faults.webhooks = WebhookFaults(lose, duplicate, delay_s, reorder=twice)
        self.history.counted["faults: webhooks"] += 1

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
