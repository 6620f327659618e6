"""What people do on evidence pages, each deed in one call of theirs. `which` picks among the pages there are."""

from __future__ import annotations

import re
from datetime import date, timedelta
from functools import partial
from hashlib import sha256
from typing import TYPE_CHECKING

from connector.sandbox.confluence import bodytasks, content, lifecycle
from connector.sandbox.confluence.editor import saved_by_editor
from mappings.evidence_page.facts import ACCEPT_TASK
from mappings.storage import read_regions
from tests.system.ledger import Ledger, attempt, family_of, page_of, request_on
from tests.system.world import CLARA, DANA

if TYPE_CHECKING:
    from tests.system.history import History

PAGE_PEOPLE = (CLARA, DANA)
COMMENTED = ("our", "Access review", "Criteria", "Notes")
"""Words of pages, those of people and those of Tieout, that somebody says something about."""
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
        if text.startswith(("due", "return")):
            history.ledger.forget(family_of(history, request_on(history, page_id)), "due")
        if who == CLARA and text == "accept":
            history.ledger.accepted.add(page_id)


def edit_page(history: History, which: int, who: str, what: str, *, by_editor: bool = False) -> None:
    """Notes of one's own, the due cell, the decision task, or what Tieout wrote.

    The editor saves much that nobody typed beside it."""
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
        edited = _edited(value, what, day, ledger, page_id)
        noisy = saved_by_editor(edited, partial(content.new_uuid, history.site)) if by_editor else edited
        history.person(who).write_page(page, noisy)
        _remember(history, page_id)

    notes = list(ledger.notes)
    if not attempt(history, f"pages edited: {what}", act):
        ledger.notes[:] = notes  # somebody else was faster
    else:
        ledger.page_edits[page_id] += what != "note"
        if what == "due":
            ledger.forget(family_of(history, request_on(history, page_id)), "due")
        if who == CLARA and what == "tick":
            ledger.accepted.add(page_id)


def outside(body: str) -> str:
    """What of a page is people's own: all but the boxes of Tieout."""
    for region in read_regions(body).values():
        body = body.replace(region.source, "")
    return body


def _remember(history: History, page_id: str) -> None:
    """What somebody has just saved: their own text, and the comments whose words they left in it."""
    body, comments = history.site.confluence.pages[page_id].body, history.site.confluence.comments
    ledger = history.ledger
    ledger.outside[page_id] = outside(body)
    ledger.inline = [
        (at, id_) for at, id_ in ledger.inline if at != page_id or (comments[id_].marker_ref or "?") in body
    ]


def comment_inline(history: History, which: int, who: str, words: str) -> None:
    """About the first place where these words stand."""
    page_id = page_of(history, which)
    if page_id is None:
        return
    word = history.ledger.word()

    def act() -> None:
        body = history.site.confluence.pages[page_id].body
        count = re.sub(r"<[^>]+>", "\n", body).count(words)
        selection = {"textSelection": words, "textSelectionMatchCount": count, "textSelectionMatchIndex": 0}
        said = {"representation": "storage", "value": f"<p>about it: {word}</p>"}
        sent = {"pageId": page_id, "body": said, "inlineCommentProperties": selection}
        made = history.person(who).call("POST", "/wiki/api/v2/inline-comments", json=sent)
        history.ledger.inline.append((page_id, str(made["id"])))
        _remember(history, page_id)

    attempt(history, "inline comments", act)


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
