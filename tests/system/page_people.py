"""What people do on evidence pages, each deed in one call of theirs. `which` picks among the pages there are."""

from __future__ import annotations

import re
from datetime import date, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING

from connector.sandbox.confluence import bodytasks, lifecycle
from mappings.evidence_page.facts import ACCEPT_TASK
from mappings.storage import read_regions
from tests.system.ledger import Ledger, attempt, page_of
from tests.system.world import CLARA, DANA

if TYPE_CHECKING:
    from tests.system.history import History

PAGE_PEOPLE = (CLARA, DANA)
ON_PAGE = (
    *("accept", "return: {}", "not applicable: {}", "question: {}", "answer: {}", "due {day}", "escalate: {}"),
    "talk about {}",
)


def comment_on_page(history: History, which: int, who: str, form: int) -> None:
    page_id = page_of(history, which)
    if page_id is None:
        return
    word = history.ledger.word()
    day = history.clock.now().date() + timedelta(days=form % 23)
    text = ON_PAGE[form % len(ON_PAGE)]
    said = text.format(word, day=day.isoformat())
    if attempt(history, "comments on pages", lambda: history.person(who).comment_page(page_id, said)):
        if word in said and not (who == CLARA and text.startswith("return")):  # told to the owners in other words
            history.ledger.on_page.append((page_id, word))
        if who == CLARA and text == "accept":
            history.ledger.accepted.add(page_id)


def edit_page(history: History, which: int, who: str, what: str) -> None:
    """Notes of one's own, the due cell, the decision task, or what Tieout wrote."""
    page_id = page_of(history, which)
    if page_id is None:
        return
    ledger, day = history.ledger, history.clock.now().date() + timedelta(days=9)

    def act() -> None:
        page = history.person(who).page(page_id)
        if page["status"] != "current":
            raise LookupError("nobody edits what is in the trash")
        value = page["body"]["storage"]["value"]
        if what == "rename":
            page = page | {"title": f"{page['title']} {ledger.word()}"}
        history.person(who).write_page(page, _edited(value, what, day, ledger, page_id))

    notes = list(ledger.notes)
    if not attempt(history, f"pages edited: {what}", act):
        ledger.notes[:] = notes  # somebody else was faster
    else:
        ledger.page_edits[page_id] += 1
        if who == CLARA and what == "tick":
            ledger.accepted.add(page_id)


def _edited(value: str, what: str, day: date, ledger: Ledger, page_id: str) -> str:
    regions = list(read_regions(value).values())
    if what == "note":
        ledger.notes.append((page_id, ledger.word()))
        return f"{value}<p>our {ledger.notes[-1][1]}</p>"
    if what == "due":
        return re.sub(r'(>Due<.*?datetime=")[0-9-]{10}', rf"\g<1>{day.isoformat()}", value, count=1, flags=re.DOTALL)
    if what == "tick":
        task = next((each for each in bodytasks.read(value) if ACCEPT_TASK in each.body), None)
        return bodytasks.with_status(value, task.local_id, complete=True) if task else value
    if what == "spoil" and regions:
        region = regions[ledger.words % len(regions)]
        return value.replace(region.source, region.source.replace("</p>", " and more</p>", 1))
    if what == "cut" and regions:
        return value.replace(regions[ledger.words % len(regions)].source, "")
    return value


def attach_to_page(history: History, which: int, who: str, content: int) -> None:
    page_id = page_of(history, which)
    if page_id is None:
        return
    raw = f"on the page {content % 3}".encode()
    if attempt(history, "files on pages", lambda: history.person(who).attach_to_page(page_id, "sample.csv", raw)):
        history.ledger.files = [item for item in history.ledger.files if item[0] != f"page {page_id}"]
        history.ledger.files.append((f"page {page_id}", "sample.csv", sha256(raw).hexdigest()))


def put_page_away(history: History, which: int) -> None:
    page_id = page_of(history, which)
    dana = history.site.accounts[history.account(DANA)]
    if page_id is not None and history.site.confluence.pages[page_id].status == "current":
        lifecycle.trash_page(history.site, dana, page_id)
        history.counted["pages put away"] += 1


def bring_page_back(history: History) -> None:
    dana = history.site.accounts[history.account(DANA)]
    for page in list(history.site.confluence.pages.values()):
        if page.status == "trashed":
            lifecycle.restore_page(history.site, dana, page.content_id)
            history.counted["pages brought back"] += 1
