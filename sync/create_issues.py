"""Issues are made by bulk, or found where an earlier attempt made them: by their marker, by key and by search."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from mappings.actions import CreateIssue
from mappings.errors import FarSideError, Refused, TryLater, Unclear
from mappings.far import Created, IssueView, NotCreated
from mappings.issue_links import LINKED_TO
from mappings.records import Link, LinkRole, LinkState, Value

from .database import Database
from .intents import Intents, check_settled, keep, look_again
from .keys import record_key
from .scene import is_for_all
from .sites import Sites
from .store import Store, Taken
from .twins import report
from .work import LIVE, mark

BATCH = 50
"""Issues of one bulk create; what Jira takes."""

Failures = dict[str, FarSideError]


@dataclass(frozen=True, slots=True)
class _Wanted:
    """An issue to be made, and the highest number its project had before."""

    action: CreateIssue
    number: int


@dataclass(frozen=True, slots=True)
class _Begun:
    """An issue whose intent is kept."""

    action: CreateIssue
    intent: Link


class IssueCreator:
    """Makes issues and keeps each link as soon as its issue exists.

    `keep_alive` is called before anything is begun, right before each call that makes something, and when its answer
    has come: a process that slept must neither make nor keep what another has made in its place. Records `under_way`
    have their turn in this very run, and so are not made due by what is made."""

    def __init__(
        self,
        db: Database,
        sites: Sites,
        keep_alive: Callable[[], None],
        under_way: Collection[str] = (),
    ) -> None:
        self._db = db
        self._jira = sites.jira
        self._keep_alive = keep_alive
        self._numbers = sites.highest_numbers
        self._under_way = under_way
        self._intents = Intents(db, keep_alive)

    def issues(self, actions: Sequence[CreateIssue]) -> Failures:
        """Make issues, in one call for each 50, of whatever projects; returns what went wrong, by record."""
        failures: Failures = {}
        wanted = self._numbered(sorted(actions, key=lambda action: action.draft.project), failures)
        for chunk in _chunks(wanted):
            self._keep_alive()
            try:
                failures |= self._chunk(chunk)
            except FarSideError as error:
                if is_for_all(error):
                    raise
                failures |= {each.action.record: error for each in chunk}
        return failures

    def _numbered(self, actions: Sequence[CreateIssue], failures: Failures) -> list[_Wanted]:
        """Each with the highest number known of its project. One that has been passed since is harmless: what is looked
        for begins earlier."""
        numbers: dict[str, int | FarSideError] = dict(self._numbers)
        wanted: list[_Wanted] = []
        for action in actions:
            project = action.draft.project
            if project not in numbers:
                numbers[project] = self._highest_number(project)
            number = numbers[project]
            if isinstance(number, FarSideError):
                failures[action.record] = number
            else:
                wanted.append(_Wanted(action, number))
        return wanted

    def _highest_number(self, project: str) -> int | FarSideError:
        self._keep_alive()
        try:
            number = self._numbers[project] = self._jira.highest_number(project)
        except FarSideError as error:
            if is_for_all(error):
                raise
            return error
        return number

    def _note_number(self, key: str) -> None:
        project, _, number = key.rpartition("-")
        if number.isdecimal():
            self._numbers[project] = max(int(number), self._numbers.get(project, 0))

    def _chunk(self, chunk: Sequence[_Wanted]) -> Failures:
        intents, begun, failures = self._begin(chunk)
        if begun:
            missing = self._recover(begun)
            self._intents.withdraw([each.intent for each in missing if not each.action.is_wanted])
            wanted = [each for each in missing if each.action.is_wanted]
            again = self._intents.wait_anew([_begun_again(each.intent, each.action) for each in wanted])
            intents += [replace(each, intent=intent) for each, intent in zip(wanted, again, strict=True)]
        if not intents:
            return failures
        self._keep_alive()
        return failures | self._create(intents)

    def _recover(self, begun: Sequence[_Begun]) -> list[_Begun]:
        """Link what earlier attempts made after all; returns what is not there and may be made now."""
        by_project: dict[str, list[_Begun]] = {}
        for each in begun:
            by_project.setdefault(each.action.draft.project, []).append(each)
        return [each for project, its in by_project.items() for each in self._recover_in(project, its)]

    def _recover_in(self, project: str, begun: Sequence[_Begun]) -> list[_Begun]:
        lowest = min(each.intent.intent_number for each in begun)
        found = self._jira.find_created(project, [each.action.draft.marker for each in begun], lowest)
        issues = self._jira.fetch(sorted({id_ for ids in found.values() for id_ in ids})).whole().found
        for each in begun:
            ids = found.get(each.action.draft.marker)
            if ids and ids[0] in issues:
                issue = issues[ids[0]]
                created = Created(each.action.draft.marker, issue.id, issue.key, issue.url)
                others = [issues[id_] for id_ in ids[1:] if id_ in issues]
                self._keep([(each, created)], others=others, is_found=True)
        return [each for each in begun if not found.get(each.action.draft.marker)]

    def _create(self, intents: Sequence[_Begun]) -> Failures:
        try:
            answers = self._jira.create([each.action.draft for each in intents])
        except Unclear:
            self._intents.wait_anew([each.intent for each in intents])
            raise
        except FarSideError:
            self._intents.withdraw([each.intent for each in intents])
            raise
        for answer in answers:
            if isinstance(answer, Created):
                self._note_number(answer.key)
        by_marker = {each.action.draft.marker: each for each in intents}
        refused = {answer.marker: answer for answer in answers if isinstance(answer, NotCreated)}
        created = [(by_marker[answer.marker], answer) for answer in answers if isinstance(answer, Created)]
        if refused:
            self._intents.withdraw([by_marker[marker].intent for marker in refused])
        try:
            self._keep(created)
        except Taken:
            for each in created:  # the one at fault takes no other with it
                self._keep([each])
        return {by_marker[marker].action.record: Refused(answer.reason) for marker, answer in refused.items()}

    def _keep(
        self, created: Sequence[tuple[_Begun, Created]], *, others: Sequence[IssueView] = (), is_found: bool = False
    ) -> None:
        """Keep what one call made in one transaction; `others` are twins of the only one."""
        self._keep_alive()
        with self._db.write() as conn:
            store, now = Store(conn), self._db.now(conn)
            for begun, issue in created:
                action = begun.action
                is_linked = issue.is_linked and not is_found
                link = _made(begun.intent, issue, is_linked=is_linked)
                keep(conn, link, action.reason, now)
                if others:
                    report(conn, link, others, now)
                if not is_linked:
                    look_again(conn, action.record)
            heads = [begun.action.record for begun, _ in created if begun.action.role is LinkRole.ISSUE]
            tasks = [task for its in store.records.tasks_of(heads).values() for task in its]
            mark(conn, [record_key(task.uid) for task in tasks if task.uid not in self._under_way], lane=LIVE)

    def _begin(self, chunk: Sequence[_Wanted]) -> tuple[list[_Begun], list[_Begun], Failures]:
        """Keep all intents in one commit, before the one call; those of earlier attempts apart, and what must wait."""
        fresh: list[_Begun] = []
        begun: list[_Begun] = []
        failures: Failures = {}
        with self._db.write() as conn:
            store, now = Store(conn), self._db.now(conn)
            links = store.links.of([each.action.record for each in chunk])
            for action, number in ((each.action, each.number) for each in chunk):
                link = links.get((action.record, action.role)) or Link(action.record, action.role, LinkState.PENDING)
                if link.intent_at is None:
                    intent = replace(link, intent_at=now, intent_number=number)
                    fresh.append(_Begun(action, _with_bases(intent, action)))
                    continue
                try:
                    check_settled(link.intent_at, now)
                except TryLater as error:
                    failures[action.record] = error
                else:
                    begun.append(_Begun(action, link))
            store.links.put_all([each.intent for each in fresh])
        return fresh, begun, failures


def _with_bases(intent: Link, action: CreateIssue) -> Link:
    return replace(intent, base_ours=action.said, base_theirs=base_after_create(action))


def _begun_again(intent: Link, action: CreateIssue) -> Link:
    """Of several tries nobody knows which one will have made the issue: what they do not all say is agreed by none, and
    the labels of all of them are ours to take off."""
    last = _with_bases(intent, action)
    labels = {label for link in (intent, last) for label in _labels(link.base_ours)}
    ours = _said_by_both(intent.base_ours, last.base_ours)
    if labels:
        ours["labels"] = tuple(sorted(labels))
    return replace(last, base_ours=ours, base_theirs=_said_by_both(intent.base_theirs, last.base_theirs))


def _said_by_both(one: Mapping[str, Value], other: Mapping[str, Value]) -> dict[str, Value]:
    return {name: value for name, value in other.items() if name in one and one[name] == value}


def _labels(base: Mapping[str, Value]) -> tuple[str, ...]:
    labels = base.get("labels", ())
    return labels if isinstance(labels, tuple) else ()


def _made(intent: Link, created: Created, *, is_linked: bool) -> Link:
    """The link of an issue that is there. Whether it is linked to its request's is looked at where that is unknown."""
    said = {name: value for name, value in intent.base_ours.items() if is_linked or name != LINKED_TO}
    return replace(intent, state=LinkState.LIVE, remote_id=created.id, key=created.key, url=created.url, base_ours=said)


def base_after_create(action: CreateIssue) -> dict[str, Value]:
    """What a new issue says in Jira's words. Its status is left out: only a read shows where the workflow begins."""
    draft = action.draft
    if action.role is not LinkRole.ISSUE:
        return {}
    return {
        "summary": draft.summary,
        "description": action.said["description"],
        "due": draft.due_on.isoformat() if draft.due_on else None,
        "owner": draft.assignee,
        "priority": draft.priority,
        "flag": False,
        "labels": tuple(sorted(draft.labels)),
    }


def _chunks(wanted: Sequence[_Wanted]) -> Iterator[Sequence[_Wanted]]:
    for start in range(0, len(wanted), BATCH):
        yield wanted[start : start + BATCH]
