"""What must hold whatever happened, once nothing goes wrong any more and nothing is left to be done.

Each invariant raises AssertionError with the facts. Record by record it looks at Jira and Confluence as they are.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping
from hashlib import sha256
from typing import Any

from connector.sandbox.confluence.state import Page
from mappings.context import Family
from mappings.evidence_page import read_decision_tick, read_due
from mappings.issue_plan import route_for
from mappings.issue_text import find_ref
from mappings.moves import exact
from mappings.records import Evidence, LinkRole, LinkState, Record, RequestStatus, Side, TaskStatus, marker
from sync import journal
from tests.system import page_people
from tests.system.at_rest import NO_WAY, Rest
from tests.system.history import History
from tests.system.people import FLAG
from tests.system.world import CLARA, DANA

LADDER = re.compile(r"(?<!: this )is due on \d|was due on \d")


def both_say_the_same_or_it_is_told(rest: Rest) -> None:
    """I1: every field of every issue that can be reached; one that cannot has an alert, or is on its way no more."""
    for (uid, role), link in rest.links.items():
        if link.state is LinkState.DETACHED:
            is_meant = link.remote_id in rest.spared
            assert is_meant or any(alert.name == f"detached:{uid}:{role}" for alert in rest.alerts), (
                f"{link} is not told"
            )
    for record, issue in rest.issues():
        fields = rest.history.person(DANA).issue(issue.issue_id)["fields"]
        words = rest.history.sites.words_for(record, rest.ctx)
        where = f"{record.number} {issue.key}"
        if issue.project_id == rest.history.site.jira.project(_routed(rest, record)).project_id:  # type: ignore[union-attr]  # it is there
            assert words.status_map.agrees(record.status, fields["status"]["id"]) or _was_led_there(
                rest, record, fields
            ), (
                where,
                record.status,
                fields["status"]["name"],
            )
        for name, (ours, theirs) in _both(rest, record, fields).items():
            assert ours == theirs or (record.uid, name) in rest.in_conflict, (where, name, ours, theirs)
        is_raised = record.escalation_level > 0 or record.raised_by is not None
        assert (_is_flagged(rest, fields) or "escalate" in fields["labels"]) == is_raised, (where, is_raised)
        assert record.title in fields["summary"], (where, fields["summary"])


def _was_led_there(rest: Rest, record: Record, fields: Mapping[str, Any]) -> bool:
    """Whether Tieout put it there while an administrator had given a status another name, or a workflow another way:
    the project's words were others then, and a card that nobody moves stays."""
    were_others = any(rest.history.counted[f"faults: {what}"] for what in ("status renamed", "transition removed"))
    return were_others and rest.links[record.uid, LinkRole.ISSUE].base_theirs.get("status") == fields["status"]["id"]


def _both(rest: Rest, record: Record, fields: Mapping[str, Any]) -> dict[str, tuple[str | None, str | None]]:
    """What register and Jira say of the fields that both have a say in, in Jira's words."""
    due = record.due_on.isoformat() if record.due_on else None
    return {
        "due": (due, fields["duedate"]),
        "owner": (rest.ctx.account_of(record.owner), (fields["assignee"] or {}).get("accountId")),
        "priority": (record.priority, fields["priority"]["name"].lower()),
    }


def the_last_legal_word_stands(rest: Rest) -> None:
    """I4: owner, priority and date of each card are what somebody who may said last, by the ledger's own reckoning."""
    for record, issue in rest.issues():
        fields = rest.history.person(DANA).issue(issue.issue_id)["fields"]
        for name, (ours, _) in _both(rest, record, fields).items():
            may = rest.history.ledger.stands.get((issue.issue_id, name), set())
            if not may or (record.uid, name) in rest.was_in_conflict:
                continue
            found = {ours, record.priority_before} if name == "priority" else {ours}
            assert found & may, (record.number, issue.key, name, ours, may)


def _routed(rest: Rest, record: Record) -> str:
    return route_for(record, rest.ctx).project


def _is_flagged(rest: Rest, fields: Mapping[str, Any]) -> bool:
    names = rest.history.site.jira.fields.values()
    return any(bool(fields.get(field.field_id)) for field in names if field.name == FLAG)


def pages_say_the_same(rest: Rest) -> None:
    for family, page in rest.pages():
        request = family.request
        assert read_due(page.body) == request.auditor_due_on, (request.number, read_due(page.body))
        assert read_decision_tick(page.body) == (request.status == RequestStatus.ACCEPTED), request
        assert request.title in page.title, (request.title, page.title)


def nobodys_words_are_lost(rest: Rest) -> None:
    """I1, I4: notes on pages, and labels."""
    ledger = rest.history.ledger
    pages = {page.content_id: page for _, page in rest.pages()}
    for page_id, note in ledger.notes:
        assert page_id not in pages or note in pages[page_id].body, f"the note {note} is gone"
    for _, issue in rest.issues():
        labels = issue.values["labels"]
        lost = [label for at, label in ledger.labels if at == issue.issue_id and label not in labels]
        assert not lost, (issue.key, lost)


def text_of_people_stays_byte_for_byte(rest: Rest) -> None:
    """Whatever stands outside of Tieout's boxes is as a person last saved it; a comment on words keeps its words."""
    ledger, comments = rest.history.ledger, rest.history.site.confluence.comments
    pages = {page.content_id: page for _, page in rest.pages()}
    for page_id, text in ledger.outside.items():
        if page_id in pages:
            now = page_people.outside(pages[page_id].body)
            assert now == text, f"{pages[page_id].title}: {text!r} became {now!r}"
    for page_id, comment_id in ledger.inline:
        if page_id in pages and comment_id in comments:
            ref, said = comments[comment_id].marker_ref or "no ref", comments[comment_id].version.body
            assert ref in pages[page_id].body, f"{said} on {pages[page_id].title} lost its words"


def what_is_there_is_linked(rest: Rest) -> None:
    """A counterpart that was moved, hidden or put away, and that is there again, is followed again."""
    site = rest.history.site
    there = {(LinkRole.ISSUE, issue_id) for issue_id in site.jira.issues}
    there |= {(LinkRole.PAGE, page.content_id) for page in site.confluence.pages.values() if page.status == "current"}
    for link in rest.links.values():
        assert link.state is not LinkState.DETACHED or (link.role, link.remote_id) not in there, (
            f"{link} is there again"
        )


def nobody_reviews_their_own_work(rest: Rest) -> None:
    for family in rest.families.values():
        for task in family.tasks:
            shown = [item for item in family.evidence if item.task == task.uid and item.is_released]
            own = {item.collector for item in shown if item.side is Side.JIRA}
            if task.status == TaskStatus.APPROVED:
                own |= {rest.ctx.account_of(task.owner) or "", ""}
            assert (task.reviewed_by or "") not in own, (task.number, task.reviewed_by, own)


def one_issue_and_one_page(rest: Rest) -> None:
    """I2, by the mark and not by what the register believes."""
    marks = Counter(label for issue in rest.history.site.jira.issues.values() for label in issue.values["labels"])
    for record in rest.records:
        assert marks[marker(record.uid)] <= 2, f"{record.number} has more than its issue and its escalation"
        assert marks[marker(record.uid)] <= 1 or (record.uid, LinkRole.ESCALATION_ISSUE) in rest.links, record.number
    pages = [page for page in rest.history.site.confluence.pages.values() if page.status != "deleted"]
    for family in rest.families.values():
        ours = [page.content_id for page in pages if family.request.uid in page.body]
        assert len(ours) <= 1, (family.request.number, ours)
    for record, issue in rest.issues():
        assert marks[marker(record.uid)] >= 1, f"{issue.key} lost its mark"


def comments_are_copied_once(rest: Rest) -> None:
    ledger = rest.history.ledger
    pages = {family.request.uid: page for family, page in rest.pages()}
    for record, issue in rest.issues():
        page = pages.get(record.parent or record.uid)
        here = [text for _, text in rest.said_on_issue(issue)]
        there = [text for _, text in rest.said_on_page(page)] if page else []
        for at, word in ledger.for_auditor:
            if at == issue.issue_id and page:
                assert _copies(word, there) == 1, f"{word} of {issue.key} should be on its page once: {there}"
        for at, word in ledger.asked:
            assert at != issue.issue_id or _copies(word, there) <= 1, f"{word} of {issue.key} is said twice: {there}"
        for page_id, word in ledger.on_page:
            must = page is not None and page.content_id == page_id and record.parent is None
            assert _copies(word, here) in ((1,) if must else (0, 1)), f"{word} should be on {issue.key}: {here}"


def _copies(word: str, texts: list[str]) -> int:
    """A copy is signed; what Tieout says about it (a return with its reason) is not."""
    return sum(word in text and any(line.startswith("— ") for line in text.splitlines()) for text in texts)


def nothing_is_said_twice(rest: Rest) -> None:
    """Each of Tieout's comments has a mark of its own; each put-back has an edit, each ladder step its firing."""
    ledger = rest.history.ledger
    for record, issue in rest.issues():
        own = [text for author, text in rest.said_on_issue(issue) if author == rest.bot]
        _marks_differ(own, issue.key)
        names = {"due date": "due", "summary": "summary", "labels": "labels"}
        put_back = Counter(
            found[1] for text in own if (found := re.search(r"The change of the ([\w ]+) was put", text))
        )
        for name, edited in names.items():
            assert put_back[name] <= ledger.edits[f"{issue.issue_id} {edited}"], (issue.key, name, own)
        steps = [text for text in own if LADDER.search(text)]
        assert len(steps) <= len(rest.fired[record.uid]), (issue.key, steps, rest.fired[record.uid])
    for _, page in rest.pages():
        own = [text for author, text in rest.said_on_page(page) if author == rest.bot]
        _marks_differ(own, page.title)
        assert sum("was put back" in text for text in own) <= ledger.page_edits[page.content_id], own


def _marks_differ(texts: list[str], where: str) -> None:
    marks = Counter(find_ref(text.strip()) for text in texts)
    assert None not in marks, (where, [text for text in texts if find_ref(text.strip()) is None])
    assert max(marks.values(), default=1) == 1, (where, texts)


def evidence_is_kept_once(rest: Rest) -> None:
    """Each file's bytes are in the vault, and are one piece of evidence of the task they were handed in for."""
    vault, ledger = rest.history.vault, rest.history.ledger
    places = {issue.issue_id: record for record, issue in rest.issues()}
    places |= {f"page {page.content_id}": family.request for family, page in rest.pages()}
    for at, name, digest in ledger.files:
        if at not in places:
            continue
        assert vault.has(digest), f"{name} {digest} is not in the vault"
        record = places[at]
        found = rest.families[record.parent or record.uid].evidence
        task = record.uid if record.parent else None
        same = [item for item in found if (item.file_name, item.sha256) == (name, digest) and task in (None, item.task)]
        assert same, f"{name} {digest} of {record.number} is no evidence"
    pieces = Counter((item.request, item.task, item.file_name, item.sha256) for item in rest.evidence)
    assert max(pieces.values(), default=1) == 1, pieces
    damaged = list(vault.verify())
    assert damaged == [], damaged


def the_auditor_sees_what_passed_review_and_nothing_else(rest: Rest) -> None:
    for page in rest.history.site.confluence.pages.values():
        texts = [version.body + version.title for version in page.versions]
        texts += [text for _, text in rest.said_on_page(page)]
        leaked = [word for word in rest.history.ledger.internal if any(word in text for text in texts)]
        assert not leaked, f"said inside the company, and on {page.title}: {leaked}"
    for family, page in rest.pages():
        hidden = {e.sha256 for e in family.evidence if not e.is_released} - {
            e.sha256 for e in family.evidence if e.is_released
        }
        assert not [digest for digest in hidden if digest in page.body], (family.request.number, hidden)
        assert not hidden & _files_by_tieout(rest, page), family.request.number
        for item in family.evidence:
            if item.is_released and item.side is Side.JIRA:
                assert _may_have_passed(rest, family, item), f"{item} was let through by nobody"


def _files_by_tieout(rest: Rest, page: Page) -> set[str]:
    found = set()
    for attachment in rest.history.site.confluence.attachments.on(page.content_id):
        for version in attachment.versions:
            if version.author_id == rest.bot:
                version.content.seek(0)
                found.add(sha256(version.content.read()).hexdigest())
    return found


def _may_have_passed(rest: Rest, family: Family, item: Evidence) -> bool:
    """Whether somebody who is not its collector moved a card of this family at all."""
    cards = {
        rest.links[r.uid, LinkRole.ISSUE].remote_id for r in family.records if (r.uid, LinkRole.ISSUE) in rest.links
    }
    return any(at in cards and account != item.collector for at, account in rest.history.ledger.movers)


def only_auditors_accept(rest: Rest) -> None:
    auditor = rest.history.account(CLARA)
    assert {decision.by for decision in rest.decisions} <= {auditor}, rest.decisions
    pages = {family.request.uid: page.content_id for family, page in rest.pages()}
    for family in rest.families.values():
        request, accepted = family.request, [d for d in family.decisions if d.verdict == RequestStatus.ACCEPTED]
        page_id = pages.get(request.uid)
        assert not accepted or page_id is None or page_id in rest.history.ledger.accepted, f"{accepted} by nobody"
        if request.status == RequestStatus.ACCEPTED:
            assert accepted, f"{request.number} is accepted and nobody decided"
            assert accepted[-1].evidence == exact(family.released()), (accepted[-1], family.released())


def the_journal_is_whole(rest: Rest) -> None:
    with rest.history.db.read() as conn:
        broken = journal.verify(conn)
    assert broken is None, broken


def nothing_is_dead_or_stuck(rest: Rest) -> None:
    """I7: but for cards that their project's workflow gives no way back."""
    letters = [f"{letter.key}: {letter.error}" for letter in rest.history.dead_letters() if NO_WAY not in letter.error]
    assert letters == [], letters
    assert rest.history.open_keys() == [], rest.history.open_keys()


def a_further_look_writes_nothing(rest: Rest) -> None:
    """I3."""
    rest.history.site.calls.clear()
    rest.history.look_at_everything()
    writes, still_open = rest.history.writes(), rest.history.open_keys()
    assert (writes, still_open) == ([], []), (writes, still_open)


INVARIANTS: tuple[Callable[[Rest], None], ...] = (
    nothing_is_dead_or_stuck,
    the_journal_is_whole,
    one_issue_and_one_page,
    both_say_the_same_or_it_is_told,
    pages_say_the_same,
    the_last_legal_word_stands,
    text_of_people_stays_byte_for_byte,
    what_is_there_is_linked,
    nobody_reviews_their_own_work,
    nobodys_words_are_lost,
    comments_are_copied_once,
    nothing_is_said_twice,
    evidence_is_kept_once,
    the_auditor_sees_what_passed_review_and_nothing_else,
    only_auditors_accept,
    a_further_look_writes_nothing,
)


def check_all(history: History) -> None:
    """Let the history come to rest, and check everything that must hold then."""
    history.rest()
    rest = Rest.of(history)
    history.watch.assert_whole()
    history.counted.update({f"checked: {law}": times for law, times in history.watch.checked.items()})
    for invariant in INVARIANTS:
        try:
            invariant(rest)
        except AssertionError as error:
            error.add_note(f"not so: {invariant.__name__.replace('_', ' ')}")
            raise
        history.counted[f"checked: {invariant.__name__.replace('_', ' ')}"] += 1
