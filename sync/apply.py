"""Writing to the far sides what was planned, and moving the base of exactly what succeeded."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import BinaryIO

from sqlalchemy import Connection

from mappings.actions import Action, AttachFile, EditIssue, LetGo, LinkIssues, MoveIssue, PostComment, Watch, WritePage
from mappings.characters import cut, legal
from mappings.commands import is_talk
from mappings.context import AuditContext, Moves
from mappings.errors import FarSideError, Gone, ReadAgain, Refused, Throttled, Unclear
from mappings.far import RemoteComment, RemoteFile
from mappings.issue_links import LINKED_TO
from mappings.issue_text import find_ref, how_to_answer, signature
from mappings.page_words import said_by_page, trying, written
from mappings.records import Comment, Evidence, Link, LinkRole, Side, Value, short_ref
from mappings.text import Document, Mention, Paragraph, Run, Text, paragraphs
from mappings.twins import Fate

from . import journal
from .database import Database
from .keys import record_key
from .once import do_once
from .ports import Confluence, Jira
from .store import Copy, Store
from .twins import end
from .vault import Damaged, Vault
from .work import LIVE, Fenced, mark

log = logging.getLogger(__name__)

LONGEST_COMMENT = 30_000
"""Of somebody's words in UTF-16 units. Jira takes 32,767 for the whole comment."""


class Applier:
    """Carries out one planned write at a time. Raises the errors of `mappings.errors`; a failed write moves no base.

    `keep_alive` is called right before what must not be done twice, after it was last looked for, and when the answer
    has come: a process that slept must neither do nor keep what another has done in its place."""

    def __init__(
        self, db: Database, jira: Jira, confluence: Confluence, vault: Vault, keep_alive: Callable[[], None]
    ) -> None:
        self._db = db
        self._jira = jira
        self._confluence = confluence
        self._vault = vault
        self._keep_alive = keep_alive

    def apply(self, action: Action, ctx: AuditContext) -> None:
        """Write what `action` says, then remember it."""
        match action:
            case MoveIssue():
                self._move(action)
            case EditIssue():
                self._edit(action)
            case Watch():
                self._watch(action)
            case LetGo():
                self._let_go(action)
            case LinkIssues():
                self._link(action)
            case WritePage():
                self._write_page(action)
            case PostComment():
                self._post(action, ctx)
            case AttachFile():
                self._attach(action)
            case _:
                raise TypeError(f"expected a write to an existing counterpart, got {type(action).__name__}")

    def _move(self, action: MoveIssue) -> None:
        self._jira.move(action.issue_id, action.status_id, fields=action.fields)
        if action.said == "closed":
            self._moved(action, LinkRole.ESCALATION_ISSUE, Moves({"state": "closed"}))
        else:
            self._moved(action, LinkRole.ISSUE, Moves({"status": action.said}, {"status": action.status_id}))

    def _edit(self, action: EditIssue) -> None:
        self._jira.edit(action.issue_id, action.edit)
        self._moved(action, LinkRole.ISSUE, Moves(action.said, action.theirs))

    def _watch(self, action: Watch) -> None:
        self._jira.watch(action.issue_id, action.account_id)

        def add(link: Link) -> Link:
            known = link.base_ours.get("watchers", ())
            told: tuple[str, ...] = known if isinstance(known, tuple) else ()
            return Moves({"watchers": tuple(sorted({*told, action.account_id}))}).applied_to(link)

        self._remember(action, LinkRole.ISSUE, add)

    def _link(self, action: LinkIssues) -> None:
        self._jira.link(action.key, action.to_key)
        self._remember(action, LinkRole.ISSUE, Moves({LINKED_TO: action.to_id}).applied_to)

    def _let_go(self, action: LetGo) -> None:
        self._jira.let_go(action.issue_id, action.labels)
        self._keep_alive()
        with self._db.write() as conn:
            twin = Store(conn).links.of([action.record])[action.record, LinkRole.TWIN]
            self._journal(conn, action, "twin let go", twin.key)
            end(conn, twin, Fate.LET_GO, self._db.now(conn))

    def _write_page(self, action: WritePage) -> None:
        """What it is to say is kept first: a page that says it is known for our own work, though its answer is lost."""
        before = self._tries(action, trying(action.said, action.version))
        try:
            page = self._confluence.update(
                action.page_id, title=action.title, body=action.body, version=action.version, message="Brought in step"
            )
        except Unclear:
            raise
        except FarSideError:
            self._keep_alive()
            self._tries(action, before)  # nothing was done: what the page says from now on is somebody else's word
            raise
        theirs = said_by_page(action.title, action.body)
        self._remember(
            action, LinkRole.PAGE, lambda link: written(link, action.said, theirs, action.title, page.version)
        )

    def _tries(self, action: WritePage, tried: Mapping[str, Value] | None) -> Mapping[str, Value] | None:
        """Keep what the page is being made to say; returns what was kept before."""
        with self._db.write() as conn:
            link = Store(conn).links.of([action.record])[action.record, LinkRole.PAGE]
            if link.remote_id != action.page_id:
                raise ReadAgain(f"page {action.page_id} is not the counterpart any more")
            Store(conn).links.put(replace(link, tried=tried))
        return link.tried

    def _moved(self, action: MoveIssue | EditIssue, role: LinkRole, moves: Moves) -> None:
        self._remember(action, role, moves.applied_to)

    def _remember(
        self,
        action: MoveIssue | EditIssue | Watch | LinkIssues | WritePage,
        role: LinkRole,
        change: Callable[[Link], Link],
    ) -> None:
        """What was agreed by a write, but where a person has put another object in its place since: that says nothing
        of it."""
        self._keep_alive()
        there = action.page_id if isinstance(action, WritePage) else action.issue_id
        with self._db.write() as conn:
            store = Store(conn)
            link = store.links.of([action.record])[action.record, role]
            is_same = link.remote_id == there
            if is_same:
                store.links.put(change(link))
            self._journal(conn, action, f"{role} written", (is_same and link.key) or there)

    def _journal(self, conn: Connection, action: Action, what: str, where: Value) -> None:
        now = self._db.now(conn)
        journal.append(
            conn, who="tieout", what=what, record=action.record, before=None, after=where, why=action.reason, at=now
        )

    def _post(self, action: PostComment, ctx: AuditContext) -> None:
        """Say it once: the comment carries our mark, by which an earlier try is found.

        A process that sleeps right before its call says it all the same; when it wakes, it can tell."""
        copy, ref, own = self._copy(action), short_ref(action.comment.uid), list[str]()

        def begin(conn: Connection, at: datetime | None) -> None:
            Store(conn).comments.put_copy(replace(copy, attempted_at=at))

        def say() -> str:
            own.append(self._say(action, ref, ctx))
            return own[0]

        said = do_once(
            self._db,
            copy.attempted_at,
            find=lambda: self._find(action, ref, ctx),
            begin=begin,
            act=say,
            keep_alive=self._keep_alive,
        )
        try:
            self._keep_alive()
            with self._db.write() as conn:
                Store(conn).comments.put_copy(replace(copy, remote_id=said))
                self._journal(conn, action, f"comment copied to the {action.role}", said)
        except Fenced:
            if own:
                self._take_back(action, ref, said, ctx)
            raise

    def _take_back(self, action: PostComment, ref: str, said: str, ctx: AuditContext) -> None:
        """Of what was said twice our own goes, where whoever has the record by now has said it too, unless it is ours
        that they found and keep."""
        try:
            kept = self._copy(action).remote_id
            if kept == said or (kept is None and not self._find(action, ref, ctx, beside=said)):
                return
            if action.role is LinkRole.PAGE:
                self._confluence.take_back(said)
            else:
                self._jira.take_back(action.remote_id, said)
        except Throttled:
            raise  # everybody is to hear of it
        except FarSideError as error:
            log.warning("comment stands twice", extra={"key": action.record, "comment": said, "error": str(error)})

    def _copy(self, action: PostComment) -> Copy:
        with self._db.read() as conn:
            copies = Store(conn).comments.copies([action.record])[action.record]
        return next(copy for copy in copies if (copy.comment, copy.role) == (action.comment.uid, action.role))

    def _find(self, action: PostComment, ref: str, ctx: AuditContext, *, beside: str = "") -> str | None:
        """Asked afresh: what was read when the run began may be older than what a late try did."""
        theirs: tuple[RemoteComment, ...]
        if action.role is LinkRole.PAGE:
            theirs = self._confluence.comments(action.remote_id)
        else:
            issue = self._jira.fetch([action.remote_id]).whole().found.get(action.remote_id)
            if issue is None:
                raise Gone(f"issue {action.remote_id} cannot be seen any more, so no comment is written to it")
            theirs = issue.comments
        own = (item for item in theirs if item.author in ctx.own_accounts and item.id != beside)
        return next((item.id for item in own if find_ref(item.text) == find_ref(ref)), None)

    def _say(self, action: PostComment, ref: str, ctx: AuditContext) -> str:
        body = comment_body(action.comment, ctx)
        if action.role is LinkRole.PAGE:
            return self._confluence.comment(action.remote_id, body, ref, reply_to=action.comment.reply_to)
        return self._jira.comment(action.remote_id, body, ref)

    def _attach(self, action: AttachFile) -> None:
        """Put a file on the page once. The version's note carries the hash, by which an earlier try is found.

        Where its approval was taken back it is only looked for: what is there was shown, and what is not stays inside.
        """
        item, page_id = action.evidence, action.page_id

        def begin(conn: Connection, at: datetime | None) -> None:
            Store(conn).evidence.put(replace(_as_it_is(conn, item), copy_begun_at=at))

        file = do_once(
            self._db,
            item.copy_begun_at,
            find=lambda: self._find_file(page_id, item),
            begin=begin,
            act=lambda: self._upload(page_id, item) if self._is_released(item) else None,
            keep_alive=self._keep_alive,
        )
        self._keep_alive()
        with self._db.write() as conn:
            if file is None:
                begin(conn, None)
            else:
                shown = replace(item, is_released=True, copy_id=file.id, copy_version=file.version)
                Store(conn).evidence.put(replace(shown, copied_at=file.created_at))
                what = f"{item.file_name} v{item.version} put on the page"
                self._journal(conn, action, what, f"{file.id}@{file.version}")
            mark(conn, [record_key(action.record)], lane=LIVE)

    def _is_released(self, item: Evidence) -> bool:
        with self._db.read() as conn:
            return _as_it_is(conn, item).is_released

    def _find_file(self, page_id: str, item: Evidence) -> RemoteFile | None:
        """The version that carries our note, though people may have put newer ones over it."""
        for file in self._confluence.files(page_id):
            if file.name == item.file_name:
                versions = (file,) if _note(item) in file.note else self._confluence.file_versions(file)
                return next((version for version in versions if _note(item) in version.note), None)
        return None

    def _upload(self, page_id: str, item: Evidence) -> RemoteFile:
        with self._kept(item) as content:
            return self._confluence.attach(
                page_id, item.file_name, content, media_type=item.media_type, note=_note(item)
            )

    def _kept(self, item: Evidence) -> BinaryIO:
        """The file as it was collected. What is damaged is not shown to an auditor: its record waits for a person."""
        try:
            return self._vault.open(item.sha256)
        except Damaged as error:
            raise Refused(f"{item.file_name} v{item.version} cannot be put on the page: {error}") from error


def _as_it_is(conn: Connection, item: Evidence) -> Evidence:
    """Its approval may be taken back by now."""
    return next(each for each in Store(conn).evidence.of([item.request])[item.request] if each.uid == item.uid)


def _note(item: Evidence) -> str:
    return f"sha256 {item.sha256}"


def comment_body(comment: Comment, ctx: AuditContext) -> Document:
    """A comment as it is written on a counterpart: its words, mentions alive, and who said it where."""
    names = {f"@{_name(account, ctx)}": account for account in comment.mentions}
    body = tuple(
        Paragraph(_with_mentions(block.runs, names)) if isinstance(block, Paragraph) else block
        for block in paragraphs(cut(legal(comment.text), LONGEST_COMMENT))
    )
    if comment.side is Side.REGISTER:
        return body
    is_answerable = comment.side is Side.CONFLUENCE and is_talk(comment.text, today=ctx.today)
    hint = (how_to_answer(ctx.rule.auditor_comment_prefix),) if is_answerable else ()
    return (*body, *hint, signature(comment.author_name, comment.side))


def _name(account: str, ctx: AuditContext) -> str:
    person = ctx.person_of(account)
    return person.name if person else account


def _with_mentions(runs: tuple[Run, ...], names: Mapping[str, str]) -> tuple[Run, ...]:
    """The same runs with each `@Name` of somebody to be told turned into a mention."""
    done: list[Run] = []
    for run in runs:
        rest = run.text if isinstance(run, Text) else ""
        while hit := _first_name(rest, names):
            before, rest = rest.split(hit, 1)
            done += [Text(before)] if before else []
            done.append(Mention(names[hit], hit.removeprefix("@")))
        done += [Text(rest)] if rest else []
    return tuple(done)


def _first_name(text: str, names: Mapping[str, str]) -> str | None:
    hits = [(text.find(name), -len(name), name) for name in names if name in text]
    return min(hits)[2] if hits else None
