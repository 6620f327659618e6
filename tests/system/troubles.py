"""The part of the machine in which things go wrong: sites, networks, clocks, administrators and workers."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from hypothesis import strategies as st
from hypothesis.stateful import rule

from connector.sandbox.faults import Kind, WebhookFaults
from connector.sandbox.limits import Form
from connector.sandbox.seed import BOT_EMAIL
from sync.worker import LEASE_S
from tests.system import admins, crowd, page_people, people
from tests.system.history import WORKERS, History
from tests.system.ledger import card_of
from tests.system.life import ANY_STEP, BEFORE_NO_WRITE
from tests.system.world import CLARA, DANA

Call = tuple[str, str]
CALLS: tuple[Call, ...] = (
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
BEGUN: tuple[Call, ...] = (
    ("POST", "/issue/bulk$"),
    ("POST", "/wiki/api/v2/pages$"),
    ("POST", "/comment$"),
    ("POST", "/footer-comments$"),
    ("PUT", "/child/attachment$"),
)
WRITES: tuple[Call, ...] = (("PUT", r"/pages/\d+$"), ("PUT", r"/issue/\d+$"), ("POST", "/transitions$"))
KINDS: tuple[Kind, ...] = (
    *("status", "status_after", "drop_before", "drop_after", "timeout_before", "timeout_after", "late"),
)
FORMS: tuple[Form, ...] = ("all", "seconds", "date", "reset", "bare")
MINUTE = 60
PAGE_WRITTEN = r"^before PUT .*/pages/\d+"
ISSUE_WRITTEN = r"^before (PUT .*/issue/\d+|POST .*/issue/\d+/transitions)"

some = st.integers(0, 5)
anybody = st.sampled_from(people.ANYBODY)
late_s = st.integers(10, 45)
"""How long a site takes to do what its caller has given up on."""
edits = st.one_of(
    st.tuples(st.just("due"), st.one_of(st.none(), st.integers(-5, 40))),
    st.tuples(st.just("owner"), st.sampled_from((*people.ANYBODY, None))),
    st.tuples(st.just("priority"), st.sampled_from(("Highest", "High", "Low"))),
    st.tuples(st.just("summary"), st.none()),
    st.tuples(st.just("flag"), st.booleans()),
)
"""A field of a card by our name for it, and a value."""
DEEDS: st.SearchStrategy[Callable[[History], None]] = st.one_of(
    st.builds(lambda w, p, y: partial(people.move_card, which=w, who=p, way=y), some, anybody, some),
    st.builds(lambda w, p, e: partial(people.edit_card, which=w, who=p, name=e[0], value=e[1]), some, anybody, edits),
    st.builds(
        lambda w, e: partial(page_people.edit_page, which=w, who=CLARA, what="note", by_editor=e), some, st.booleans()
    ),
    st.builds(lambda w, p, f: partial(people.comment_on_card, which=w, who=p, form=f), some, anybody, some),
    st.builds(lambda w, f: partial(page_people.comment_on_page, which=w, who=CLARA, form=f), some, some),
    st.builds(lambda w, v: partial(people.change_list, which=w, what="due", value=v), some, some),
    st.builds(lambda w, f: partial(crowd.decide_twice, which=w, forms=f), some, st.sampled_from(crowd.TWICE)),
    st.just(History.deliver),
)
"""What happens between a read of ours and a write of ours."""


class Troubles:
    """Rules. Everything that goes wrong ends when the history comes to rest."""

    history: History

    # Answers.

    @rule(
        kind=st.sampled_from(KINDS),
        call=st.sampled_from(CALLS),
        times=st.integers(1, 3),
        status=st.sampled_from((500, 502, 503, 504)),
        delay_s=late_s,
    )
    def fail(self, kind: Kind, call: Call, times: int, status: int, delay_s: int) -> None:
        self.history.site.faults.add(kind, *call, times=times, status=status, delay_s=delay_s)
        self.history.counted[f"faults: {kind}"] += times

    @rule(kind=st.sampled_from(KINDS[1:]), call=st.sampled_from(BEGUN), delay_s=late_s, which=some)
    def fail_what_is_begun(self, kind: Kind, call: Call, delay_s: int, which: int) -> None:
        """Something new is to be made or said, and the outcome is unknown."""
        self.history.site.faults.add(kind, *call, status=502, delay_s=delay_s)
        people.add_to_list(self.history)
        people.comment_on_card(self.history, which, DANA, 1)
        page_people.comment_on_page(self.history, which, CLARA, 7)
        self.history.let_pass(MINUTE)
        self.history.counted[f"faults: {kind}"] += 1

    @rule(
        call=st.sampled_from(CALLS),
        after_s=st.sampled_from((1, 30, 200)),
        times=st.integers(1, 3),
        form=st.sampled_from(FORMS),
    )
    def slow_down(self, call: Call, after_s: int, times: int, form: Form) -> None:
        self.history.site.faults.rate_limit(*call, retry_after_s=after_s, times=times, form=form)
        self.history.counted[f"faults: 429 with headers {form}"] += times

    @rule(call=st.sampled_from(WRITES), times=st.integers(1, 3))
    def be_faster(self, call: Call, times: int) -> None:
        self.history.site.faults.add("status", *call, status=409, times=times)
        self.history.counted["faults: 409"] += times

    @rule(times=st.integers(1, 4))
    def save_pages_before_tieout_does(self, times: int) -> None:
        """Each time that Tieout has read a page and is about to write it, a person was faster."""
        for time in range(times):
            self.history.life.meanwhile(time + 1, partial(crowd.save_every_page, self.history), at=PAGE_WRITTEN)
        self.history.counted["faults: page saved in between"] += times

    @rule(who=anybody, edit=st.one_of(edits, st.tuples(st.just("status"), some)))
    def race_for_the_issue(self, who: str, edit: tuple[str, object]) -> None:
        race = partial(crowd.race_for_the_issue, self.history, who, *edit)
        self.history.life.meanwhile(1, race, at=ISSUE_WRITTEN)
        self.history.counted["faults: field edited in between"] += 1

    @rule(lag_s=st.sampled_from((0, 5, 20, 60)))
    def let_the_index_lag(self, lag_s: int) -> None:
        self.history.site.faults.index_lag_s = lag_s
        self.history.counted["faults: index lag"] += lag_s > 0

    @rule(which=some, times=st.integers(1, 3))
    def fail_to_show_an_issue(self, which: int, times: int) -> None:
        if card := card_of(self.history, which):
            self.history.site.faults.unreadable[card[1]] = times
            self.history.counted["faults: issue that cannot be shown"] += times

    # Webhooks and clocks.

    @rule(
        lose=st.sampled_from((0.0, 0.3, 1.0)),
        twice=st.sampled_from((0.0, 0.5)),
        delay_s=st.sampled_from((0, 90, 90 * MINUTE)),
        reorder=st.booleans(),
    )
    def trouble_the_webhooks(self, lose: float, twice: float, delay_s: int, reorder: bool) -> None:
        self.history.site.faults.webhooks = WebhookFaults(lose, twice, delay_s, reorder=reorder)

    @rule(skew_s=st.sampled_from((-300, -20, 0, 20, 300)))
    def set_the_sites_clock(self, skew_s: int) -> None:
        """Ahead of everybody else's, behind it, and back."""
        self.history.site.skew_s = skew_s
        self.history.counted["faults: clocks that disagree"] += skew_s != 0

    # Administrators.

    @rule(what=st.sampled_from(sorted(admins.ACTS)), which=some)
    def meddle(self, what: str, which: int) -> None:
        admins.meddle(self.history, what, which)

    @rule(is_expired=st.booleans())
    def expire_the_token(self, is_expired: bool) -> None:
        bot = self.history.site.account_by_email(BOT_EMAIL)
        assert bot is not None
        bot.token_expires_at = self.history.site.now() if is_expired else None
        self.history.counted["faults: token expired"] += is_expired

    # Workers.

    @rule(steps=st.integers(1, 80))
    def kill_the_worker(self, steps: int) -> None:
        self.history.life.begin({steps - 1})

    @rule(place=st.sampled_from(WORKERS))
    def start_anew(self, place: str) -> None:
        self.history.start_anew(place)
        self.history.counted["workers started anew"] += 1

    @rule(
        steps=st.integers(1, 60),
        place=st.sampled_from(WORKERS[1:]),
        sleeps_s=st.sampled_from((0, 0, 5, 30, 61, 200, 900)),
        sets=st.sampled_from((1, 2, 400)),
    )
    def let_another_come_in_between(self, steps: int, place: str, sleeps_s: int, sets: int) -> None:
        """Somewhere in the middle of a worker's work it waits, or sleeps past its lease, and another goes on."""
        turn = partial(self.history.take_turn, place, sleeps_s=sleeps_s, sets=sets)
        self.history.life.meanwhile(steps, turn, at=ANY_STEP if sleeps_s < LEASE_S else BEFORE_NO_WRITE)

    @rule(place=st.sampled_from(WORKERS[1:]), seconds=st.sampled_from((1, MINUTE, 5 * MINUTE)))
    def let_another_work(self, place: str, seconds: int) -> None:
        """With what it remembers of the sites since it last worked."""
        self.history.let_pass(seconds, place)

    @rule(calls=st.integers(1, 12), deed=DEEDS)
    def act_meanwhile(self, calls: int, deed: Callable[[History], None]) -> None:
        self.history.life.meanwhile(calls, partial(deed, self.history))
        self.history.counted["deeds between a read and a write"] += 1
