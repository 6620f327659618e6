"""What people do in Jira and with the auditor's list, each deed in one call of theirs.

A deed that the site refuses did not happen. `which` picks among what there is, so that any number is a deed.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from connector.sandbox.jira import changes
from connector.sandbox.seed import BOT_EMAIL
from mappings.records import Kind, Link, LinkRole, Record
from tests.system import page_people
from tests.system.ledger import attempt, card_of, family_of, linked
from tests.system.world import CLARA, DANA, GHOST, INES, MARCO, PRIYA, TOMAS

if TYPE_CHECKING:
    from tests.system.history import History

STAFF = (PRIYA, TOMAS, MARCO, DANA, INES)
ANYBODY = (*STAFF, GHOST)
ON_ISSUE = (
    "{}",
    "auditor: {}",
    "question: {}",
    "acknowledge",
    "snooze 2",
    "escalate: {}",
    "accept: {}",
    "blocked by {}",
)
FORWARD = ("Selected", "Doing", "In Progress", "In Review", "Peer review")
BOTH_WORDS = ("With Auditor", "With auditor")
FLAG = "Flagged"
MOST_REQUESTS = 3


def move_card(history: History, which: int, who: str, way: int) -> None:
    """By any of the transitions that are offered."""
    if card := card_of(history, which):
        move_issue(history, card[1], who, way)


def move_issue(history: History, issue_id: str, who: str, way: int) -> None:
    person = history.person(who)

    def act() -> None:
        ways = person.call("GET", f"/rest/api/3/issue/{issue_id}/transitions")["transitions"]
        if not ways:
            raise LookupError
        _moving(history, issue_id, who, ways[way % len(ways)]["to"]["name"])

    attempt(history, "cards moved", act)


def _moving(history: History, issue_id: str, who: str, status: str) -> None:
    history.person(who).move(issue_id, status)
    history.ledger.edits[f"{issue_id} status"] += 1
    history.ledger.movers.add((issue_id, history.account(who)))


def next_step(history: History, which: int) -> None:
    """Somebody does what is wanted next, so that histories get as far as an acceptance."""
    pages = linked(history, LinkRole.PAGE)
    if not pages:
        return
    request, _ = pages[which % len(pages)]
    cards = [(r, at.remote_id or "") for r, at in linked(history, LinkRole.ISSUE)]
    tasks = [(task, at) for task, at in cards if task.parent == request.uid]
    if request.status == "submitted":
        page_people.comment_on_page(history, which, CLARA, 0)
    elif request.status == "internal_review":
        for _, at in [card for card in cards if card[0].uid == request.uid]:
            try_ways(history, at, DANA, BOTH_WORDS)
    for task, at in tasks:
        if task.status == "ready_for_review":
            try_ways(history, at, MARCO if task.owner != MARCO else DANA, BOTH_WORDS)
        elif task.status in ("todo", "in_progress", "changes_requested") and task.owner in STAFF:
            _attach(history, at, task.owner or PRIYA, "export.csv", history.ledger.word().encode())
            try_ways(history, at, task.owner or PRIYA, FORWARD)


def try_ways(history: History, issue_id: str, who: str, statuses: Sequence[str]) -> None:
    for status in statuses:
        attempt(history, "cards moved", partial(_moving, history, issue_id, who, status))


def edit_card(history: History, which: int, who: str, name: str, value: Any) -> None:
    """A field of Jira, by our name for it."""
    if card := card_of(history, which):
        edit_issue(history, card[1], who, name, value)


def edit_issue(history: History, issue_id: str, who: str, name: str, value: Any) -> None:
    ledger, fields = history.ledger, _fields(history, name, value)
    issue = history.site.jira.issues.get(issue_id)
    changes = len(issue.histories) if issue else 0
    pair = next((pair for pair in linked(history, LinkRole.ISSUE) if pair[1].remote_id == issue_id), None)
    if attempt(history, "fields edited", lambda: history.person(who).set_fields(issue_id, **fields)) and pair:
        ledger.edits[f"{issue_id} {name}"] += 1
        if issue is not None and len(issue.histories) > changes:  # who sets what is there changes nothing
            _note_what_stands(history, *pair, who, name, fields)


def _note_what_stands(
    history: History, record: Record, link: Link, who: str, name: str, fields: dict[str, Any]
) -> None:
    """By the simplest reading of the law: owner and priority are Jira's, a date goes up to the auditor's.

    What was set and set back to where both sides last agreed is no change: then the register's word may stand."""
    say = partial(history.ledger.say, link.remote_id or "", name)
    match name:
        case "owner":
            said = (fields["assignee"] or {}).get("accountId")
            say(said, is_legal=True, before=None)
        case "priority":
            said = fields["priority"]["name"]
            say(said.lower(), is_legal=True, before=None)
        case "due":
            said, most = fields["duedate"], record.auditor_due_on
            is_legal = who == DANA or (said is not None and (most is None or said <= most.isoformat()))
            known = history.ledger.stands.get((link.remote_id or "", name), set())
            is_sooner = said is not None and any(day is not None and day >= said for day in known)
            say(said, is_legal=is_legal, before=record.due_on.isoformat() if record.due_on else None)
            if is_sooner and not is_legal:
                history.ledger.forget([link.remote_id or ""], name)  # than one that is legal and maybe not seen yet
        case _:
            return
    if said == link.base_theirs.get(name):
        history.ledger.forget([link.remote_id or ""], name)


def _fields(history: History, name: str, value: Any) -> dict[str, Any]:
    match name:
        case "due":
            on = history.clock.now().date() + timedelta(days=value or 0)
            return {"duedate": None if value is None else on.isoformat()}
        case "owner":
            return {"assignee": {"accountId": history.account(value)} if value else None}
        case "priority":
            return {"priority": {"name": value}}
        case "flag":
            return {_flag_field(history): [{"value": "Impediment"}] if value else None}
        case _:
            return {"summary": f"{history.ledger.word()} instead"}


def _flag_field(history: History) -> str:
    fields = history.person(DANA).call("GET", "/rest/api/3/field")
    return next(str(each["id"]) for each in fields if each["name"] == FLAG)


def relabel(history: History, which: int, who: str, what: str) -> None:
    """Add a label of one's own, take one of Tieout's away, or raise an escalation."""
    card = card_of(history, which)
    if card is None:
        return
    issue_id, person = card[1], history.person(who)

    def act() -> None:
        labels, kept = person.issue(issue_id)["fields"]["labels"], history.ledger.labels
        if what == "cut":
            labels = [label for label in labels if label != "soc2"][1:]
            kept[:] = [(at, label) for at, label in kept if at != issue_id or label in labels]
        else:
            labels = [*labels, "escalate" if what == "escalate" else history.ledger.word()]
        person.set_fields(issue_id, labels=labels)  # Jira may refuse it: one issue takes so many writes at once
        if what == "own":
            kept.append((issue_id, labels[-1]))

    if attempt(history, "labels edited", act):
        history.ledger.edits[f"{issue_id} flag"] += 1
        history.ledger.edits[f"{issue_id} labels"] += 1


def comment_on_card(history: History, which: int, who: str, form: int) -> None:
    card = card_of(history, which)
    if card is None:
        return
    word, text = history.ledger.word(), ON_ISSUE[form % len(ON_ISSUE)]
    said = text.format(word)
    if attempt(history, "comments in Jira", lambda: history.person(who).comment_issue(card[1], said)):
        if text.startswith("auditor:"):
            history.ledger.for_auditor.append((card[1], word))
        elif text.startswith("question:"):
            history.ledger.asked.append((card[1], word))
        elif word in said:
            history.ledger.internal.append(word)


def attach(history: History, which: int, who: str, name: int, content: int) -> None:
    """Some files come twice, some under a name that is there."""
    card = card_of(history, which)
    if card is not None:
        _attach(history, card[1], who, f"list{name % 2}.csv", f"content {content % 3}".encode())


def _attach(history: History, issue_id: str, who: str, name: str, content: bytes) -> None:
    if attempt(history, "files in Jira", lambda: history.person(who).attach(issue_id, name, content)):
        history.ledger.files.append((issue_id, name, sha256(content).hexdigest()))


def delete_card(history: History, which: int) -> None:
    if card := card_of(history, which):
        attempt(
            history, "cards deleted", lambda: history.person(BOT_EMAIL).call("DELETE", f"/rest/api/3/issue/{card[1]}")
        )


def move_to_project(history: History, which: int, project: str) -> None:
    card = card_of(history, which)
    target = history.site.jira.project(project)
    issue = history.site.jira.issues.get(card[1]) if card else None
    if card is None or issue is None or target is None or card[0].kind is Kind.REQUEST:
        return
    if issue.project_id != target.project_id:
        changes.move(history.site, issue, target, history.account(DANA))
        history.ledger.edits[f"{issue.issue_id} status"] += 1
        history.counted["cards moved to another project"] += 1


OWNERS = ("Priya Nair <priya.nair@acme.example>", "Tomas Berg <tomas.berg@acme.example>", "")


def change_list(history: History, which: int, what: str, value: int) -> None:
    """The auditor's list comes again, with one cell changed."""
    number = sorted(history.listed)[which % len(history.listed)]
    cells = history.listed[number].split(",")
    column, text = {
        "title": (0, f"Access review {value % 3}"),
        "owner": (4, OWNERS[value % 3]),
        "due": (6, (history.clock.now().date() + timedelta(days=value % 30)).isoformat()),
        "priority": (7, ("High", "Low", "Medium")[value % 3]),
    }[what]
    cells[column] = text
    history.listed[number] = ",".join(cells)
    history.bring_list()
    history.ledger.forget(family_of(history, number), what)
    history.counted["lists imported"] += 1


def add_to_list(history: History) -> None:
    """The auditor asks for one thing more; not often in a history, as each costs time."""
    number = f"R-{len(history.listed) + 1:03}"
    if len(history.listed) < MOST_REQUESTS:
        history.listed[number] = history.listed["R-001"]
        history.bring_list()
        history.counted["requests added"] += 1
