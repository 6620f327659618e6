"""What many do at once, what the wrong ones do, and what is done at the coordinator's desk, each in one call."""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from connector.sandbox.confluence import lifecycle
from mappings import coordinator
from mappings.context import AuditContext, Family, Intake
from mappings.records import LinkRole, Record
from sync.brake import Brakes
from sync.desk import Audit, DeskRefused, decide
from sync.settlement import Keep, open_conflicts, settle
from sync.store import Store
from tests.system import page_people, people
from tests.system.ledger import attempt, card_of, family_of, linked, page_of
from tests.system.world import AUDIT, CLARA, DANA, MARCO

if TYPE_CHECKING:
    from tests.system.history import History

TWICE = ((0, 0), (0, 1), (1, 0), (1, 1), (0, 2))
"""Forms of comments on a page: accepted, returned, not applicable."""
AT_THE_DESK = ("due", "later date", "withdraw", "reinstate", "reopen")


def change_all_cards(history: History, name: str, value: Any) -> None:
    """An administrator changes a field of every card there is, in one go."""
    for which in range(len(linked(history, LinkRole.ISSUE))):
        people.edit_card(history, which, DANA, name, value)


def review_own_work(history: History, which: int) -> None:
    """The reviewer takes the card over, and lets it through."""
    people.edit_card(history, which, DANA, "owner", MARCO)
    card = card_of(history, which)
    if card is not None:
        people.try_ways(history, card[1], MARCO, ("In Review", "Peer review", *people.BOTH_WORDS))


def decide_twice(history: History, which: int, forms: tuple[int, int]) -> None:
    for form in forms:
        page_people.comment_on_page(history, which, CLARA, form)


def race_for_the_issue(history: History, who: str, name: str, value: Any) -> None:
    """Somebody changes the very field of the very issue that Tieout is just about to write."""
    issue = re.search(r"/issue/(\d+)", history.life.now_at)
    if issue is None:
        return
    if name == "status":
        people.move_issue(history, issue[1], who, value)
    else:
        people.edit_issue(history, issue[1], who, name, value)


def save_every_page(history: History) -> None:
    """Whichever page Tieout is just about to write, a person has saved it in between."""
    for which in range(len(linked(history, LinkRole.PAGE))):
        page_people.edit_page(history, which, DANA, "note")


def drop_from_list(history: History, which: int) -> None:
    """The auditor's list comes without a row, which comes back the next time."""
    number = sorted(history.listed)[which % len(history.listed)]
    row = history.listed.pop(number)
    if history.listed:
        history.bring_list()
        history.counted["rows dropped from the list"] += 1
    history.listed[number] = row


def move_page(history: History, which: int) -> None:
    """Under a page of somebody's own."""
    page_id = page_of(history, which)
    site, dana = history.site, history.site.accounts[history.account(DANA)]
    if page_id is None:
        return

    def act() -> None:
        space = site.confluence.space_by_key("SOC2").space_id
        body: dict[str, Any] = {"spaceId": space, "status": "current", "title": f"Kept by Dana {history.ledger.word()}"}
        body |= {"body": {"representation": "storage", "value": "<p>ours</p>"}}
        parent = history.person(DANA).call("POST", "/wiki/api/v2/pages", json=body)["id"]
        if site.confluence.pages[page_id].status != "current":
            raise LookupError("nobody moves what is in the trash")
        lifecycle.move_page(site, dana, page_id, parent)

    attempt(history, "pages moved", act)


def act_at_the_desk(history: History, which: int, what: str, days: int) -> None:
    """Dana works on a request or a task from the command line."""
    records = sorted(record.number for record, _ in linked(history, LinkRole.ISSUE))
    if not records:
        return
    number = records[which % len(records)]
    word = coordinator.Word("dana", history.ledger.word())
    due_on = history.clock.now().date() + timedelta(days=days)

    def act(record: Record, family: Family, ctx: AuditContext) -> Intake:
        match what:
            case "due":
                return coordinator.set_due(record, due_on, family, ctx, word)
            case "later date":
                return coordinator.settle_later_date(record, family, ctx, word, is_granted=days % 2 == 0)
            case "withdraw":
                return coordinator.withdraw(family, ctx, word)
            case "reinstate":
                return coordinator.reinstate(family, ctx, word)
            case _:
                return coordinator.reopen(family, ctx, word)

    try:
        decide(history.db, Audit(AUDIT, history.rules.audit[AUDIT]), number, act)
    except DeskRefused:
        return
    history.ledger.forget(family_of(history, number.partition("/")[0]), "due")
    history.counted[f"at the desk: {what}"] += 1
    history.watch.committed()


def settle_a_conflict(history: History, which: int, keep: Keep) -> None:
    """Dana says whose value stays."""
    with history.db.read() as conn:
        found = open_conflicts(Store(conn), AUDIT)
    if found:
        one, audit = found[which % len(found)], Audit(AUDIT, history.rules.audit[AUDIT])
        with suppress(DeskRefused):
            settle(history.db, audit, one.record.number, one.name, keep, by="dana")
            history.counted["conflicts settled"] += 1


def release_brakes(history: History) -> None:
    """Dana has looked: what is gone now is meant to be gone."""
    with history.db.read() as conn:
        pulled = [brake.name for brake in Store(conn).brakes.all().values() if brake.is_pulled]
    for name in pulled:
        brakes = Brakes(history.db, history.new_sites())
        affected = brakes.affected(name)
        if affected is not None and brakes.release(affected, by="dana", reason="they were put away"):
            history.counted["brakes released"] += 1
