"""The story the demo plays: a list comes in, one request goes from open to accepted, another is late and escalates.

Each step is done as a person would do it, and counts only when it was seen on the far side.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import click

from mappings.records import Kind, LinkRole, LinkState, Record
from sync import journal
from sync.store import Store
from sync.sweep import Sweeps
from sync.work import counts
from webhooks.demo.stage import AUDIT, Stage, hint_page, pause

PATIENCE_S = 60.0
LOOKS_EVERY_S = 0.1
_FIRST = b"user,role,approved by\npriya,admin,dana\n"
_SECOND = _FIRST + b"sam,viewer,dana\n"
CLARA, DANA = "clara.weiss@northgate.example", "dana.kim@acme.example"


class NotSeen(Exception):
    """A step of the story did not show on the far side in time."""


@dataclass(frozen=True, slots=True)
class Cast:
    """A request of the list with its one task, and the people around it."""

    request: Record
    task: Record
    request_key: str
    task_key: str
    page_id: str


class Story:
    """Plays the steps in order, each told in a line when it was seen."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage

    def see(self, what: str, probe: Callable[[], object]) -> None:
        """Wait until `probe` is true on the site, then say so. Raises NotSeen."""
        waited_s = 0.0
        while not probe():
            if waited_s >= PATIENCE_S:
                raise NotSeen(what)
            pause(LOOKS_EVERY_S)
            waited_s += LOOKS_EVERY_S
        click.echo(f"  {click.style('seen', fg='green')}  {what}")

    def mirror(self) -> None:
        """Wait for every request and task to have its counterparts, with a bar to watch."""
        wanted = self._expected_links()
        with click.progressbar(length=wanted, label="  mirroring", show_pos=True) as bar:
            done = 0
            while done < wanted:
                now = self._live_links()
                bar.update(now - done)
                done = now
                pause(LOOKS_EVERY_S)
        self._wait_quiet()

    def _expected_links(self) -> int:
        with self._stage.wiring.database.read() as conn:
            store = Store(conn)
            return len(store.records.uids()) + len(store.records.uids(kind=Kind.REQUEST))

    def _live_links(self) -> int:
        with self._stage.wiring.database.read() as conn:
            store = Store(conn)
            links = store.links.of(store.records.uids())
        return sum(
            link.state is LinkState.LIVE for (_, role), link in links.items() if role is not LinkRole.ESCALATION_ISSUE
        )

    def _wait_quiet(self) -> None:
        for _ in range(int(PATIENCE_S / LOOKS_EVERY_S)):
            with self._stage.wiring.database.read() as conn:
                left = counts(conn)
            if not left.leased and not left.due:
                return
            pause(LOOKS_EVERY_S)
        raise NotSeen("the work coming to rest")

    def cast(self, skip: int) -> Cast:
        """A request with one task in the Security team's project, the `skip`th of them."""
        with self._stage.wiring.database.read() as conn:
            store = Store(conn)
            requests = [item for item in store.records.requests(AUDIT) if item.team == "Security" and item.owner]
            tasks = store.records.tasks_of([item.uid for item in requests])
            chosen = [item for item in requests if len(tasks[item.uid]) == 1 and item.status == "open"][skip]
            task = tasks[chosen.uid][0]
            links = store.links.of([chosen.uid, task.uid])
        page = links[chosen.uid, LinkRole.PAGE].remote_id or ""
        return Cast(chosen, task, links[chosen.uid, LinkRole.ISSUE].key, links[task.uid, LinkRole.ISSUE].key, page)

    def accept_one(self) -> Cast:
        """One request from open to accepted, with a return in between."""
        cast = self.cast(0)
        click.echo(f"\n{cast.request.number} {cast.request.title}")
        owner = self._stage.person(cast.task.owner or "")
        self.see("the owner's card is on the team's own board", lambda: owner.status(cast.task_key) == "To Do")
        self._hand_in(cast, _FIRST)
        self._submit(cast, _FIRST)
        self._decide(cast, "return: the list ends in September, we need the whole year")
        self.see("returned: the owner's card is back in To Do", lambda: owner.status(cast.task_key) == "To Do")
        self.see(
            "… with the auditor's reason on it", lambda: "whole year" in str(owner.comments_of_issue(cast.task_key))
        )
        self._hand_in(cast, _SECOND)
        self._submit(cast, _SECOND)
        self._decide(cast, "accept")
        dana = self._stage.person(DANA)
        self.see("accepted: the page says so", lambda: _lozenge(self._page(cast)) == "Accepted")
        self.see("… the owner's card is Done", lambda: dana.status(cast.task_key) == "Done")
        self.see("… and so is the request's issue", lambda: dana.status(cast.request_key) == "Done")
        return cast

    def _hand_in(self, cast: Cast, content: bytes) -> None:
        owner, dana = self._stage.person(cast.task.owner or ""), self._stage.person(DANA)
        owner.move(cast.task_key, "In Progress")
        self.see("the owner began, and the request follows", lambda: dana.status(cast.request_key) == "In Progress")
        owner.attach(cast.task_key, "access-list.csv", content, "text/csv")
        owner.move(cast.task_key, "In Review")
        self.see("handed in, and the request is in review", lambda: dana.status(cast.request_key) == "In Review")

    def _submit(self, cast: Cast, content: bytes) -> None:
        reviewer, digest = self._stage.person(cast.task.reviewer or DANA), sha256(content).hexdigest()
        reviewer.move(cast.task_key, "With Auditor")
        self.see(
            "a colleague reviewed it; only now the auditor's page shows the file", lambda: digest in self._page(cast)
        )
        asked = self._times_asked(cast)
        self._stage.person(DANA).move(cast.request_key, "With Auditor")
        self.see("submitted: the auditor's page says so", lambda: _lozenge(self._page(cast)) == "Submitted")
        self.see("… and a comment asks the auditor to decide", lambda: self._times_asked(cast) > asked)

    def _decide(self, cast: Cast, text: str) -> None:
        clara = self._stage.person(CLARA)
        comment = clara.comment_page(cast.page_id, text)
        hint_page(self._stage, cast.page_id)
        self.see(f"the auditor wrote “{text}” and was answered", lambda: clara.replies(comment))

    def escalate_one(self) -> Cast:
        """A record that is badly late: the ladder acts at once."""
        cast = self.cast(1)
        click.echo(f"\n{cast.request.number} {cast.request.title}")
        owner, dana = self._stage.person(cast.task.owner or ""), self._stage.person(DANA)
        owner.set_due(cast.task_key, date.today() - timedelta(days=15))  # noqa: DTZ011  the watcher's own day will do
        self.see("overdue: label and flag on the card", lambda: "overdue" in self._fields(cast.task_key)["labels"])
        self.see("… the owner's manager is watching", lambda: self._watches(cast.task_key, "Ines Duarte"))
        self.see("… an escalation issue for the sponsor", lambda: dana.find_issues("labels = tieout-escalation"))
        self.see("… and a banner on the evidence page", lambda: 'ac:name="warning"' in self._page(cast))
        return cast

    def _times_asked(self, cast: Cast) -> int:
        comments = self._stage.person(CLARA).comments_of_page(cast.page_id)
        return sum("is submitted" in comment["body"]["storage"]["value"] for comment in comments)

    def _page(self, cast: Cast) -> str:
        return str(self._stage.person(CLARA).page(cast.page_id)["body"]["storage"]["value"])

    def _fields(self, key: str) -> dict[str, Any]:
        return dict(self._stage.person(DANA).issue(key)["fields"])

    def _watches(self, key: str, name: str) -> bool:
        answer = self._stage.person(DANA).call("GET", f"/rest/api/3/issue/{key}/watchers")
        return any(watcher["displayName"] == name for watcher in answer["watchers"])

    def three_sides(self, casts: list[Cast]) -> None:
        """What each side says of the story's requests, next to each other."""
        self._wait_quiet()
        click.echo(f"\n  {'':<8} {'register':<16} {'Jira':<22} {'Confluence':<16} due")
        for cast in casts:
            with self._stage.wiring.database.read() as conn:
                request = Store(conn).records.get([cast.request.uid])[cast.request.uid]
            fields = self._fields(cast.request_key)
            shown = _lozenge(self._page(cast))
            jira = f"{cast.request_key} {fields['status']['name']}"
            click.echo(f"  {request.number:<8} {request.status:<16} {jira:<22} {shown:<16} {fields['duedate']}")

    def nothing_more_to_write(self) -> None:
        """A second full look at everything writes nothing."""
        self._wait_quiet()
        before, wiring = self._stage.writes(), self._stage.wiring
        Sweeps(wiring.database, wiring.new_sites()).everything()
        self._wait_quiet()
        written = self._stage.writes() - before
        if written:
            raise NotSeen(f"a second look that writes nothing ({written} calls wrote)")
        click.echo(f"  {click.style('seen', fg='green')}  a second look at everything wrote nothing")

    def proof(self) -> str:
        """The journal's length and head, verified."""
        with self._stage.wiring.database.read() as conn:
            finding = journal.verify(conn)
            head = journal.head(conn)
        if finding is not None:
            raise NotSeen(f"a whole journal: {finding}")
        return f"{head.n} entries, head {head.hash[:16]}…, chain whole"


def _lozenge(body: str) -> str:
    """The status shown on an evidence page."""
    return body.partition('ac:name="status"')[2].partition('ac:name="title">')[2].partition("<")[0]


def list_to_import(repository: Path) -> Path:
    """The 105-item list where the reference material is at hand, else the project's own."""
    corpus = repository.parent / "shared" / "corpus" / "audit_lists" / "request_list.xlsx"
    return corpus if corpus.is_file() else repository / "mappings" / "request_list" / "sample_requests.csv"
