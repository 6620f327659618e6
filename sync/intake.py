"""Taking in: what the far sides said is judged against the register and remembered, in one transaction for each family.

The decisions are pure and made again on the register as the transaction finds it, so nothing is decided on old news.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from mappings.climbing import climb
from mappings.context import AuditContext, Family, Intake, Note, Say, SiteWords
from mappings.far import IssueView, PageView, RemoteComment
from mappings.hearing import hear_on_issue, hear_on_page, uid_for
from mappings.issue_intake import take_in_issue
from mappings.issue_links import seen_linked
from mappings.moves import settle_family
from mappings.page_intake import is_text_as_at, take_in_page
from mappings.records import Comment, Evidence, Link, LinkRole, LinkState, Record, Side
from mappings.text import Block, Bullets, Document, Mention, Paragraph, Run, plain

from . import journal
from .collect import number_versions, put_by_hand, with_files
from .facets import ALL
from .keys import record_key
from .scene import FarSides, live, load_families
from .spaces import moved_name, moved_text
from .store import Store
from .twins import look_after
from .work import LIVE, mark


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What judging one family needs beside the store: its audit, and how its projects speak."""

    ctx: AuditContext
    words_of: Callable[[Record, AuditContext, IssueView], SiteWords]
    """How a record's issue speaks, in the project in which it stands."""
    jira_url: str
    space_id: str | None
    """Where the audit's pages are; None where that space is not shown."""


def take_in_family(
    conn: Connection,
    request_uid: str,
    asked: Collection[str],
    far: FarSides,
    around: Surroundings,
    files: Collection[Evidence],
) -> None:
    """Judge everything that was read about the records `asked` of one family, and remember the outcome.

    `files` are attachments whose bytes are in the vault already. Keys of other records that changed are marked."""
    store = Store(conn)
    family = load_families(store, [request_uid])[request_uid]
    links = store.links.of([record.uid for record in family.records])
    links |= _attach_again(conn, links, far, asked, around.ctx.now)
    new, again = number_versions(family.evidence, files)
    intake = settle_family(family, with_files(family, new, again, around.ctx), around.ctx)
    intake = intake.noting(*put_by_hand(again))
    for record in family.records:
        if record.uid in asked:
            intake = intake.then(_take_in_issue(store, record.uid, links, far, intake.family, around))
    if request_uid in asked:
        intake = intake.then(_take_in_page(store, links, far, intake.family, around))
    intake = intake.then(_climb(store, asked, intake.family, around.ctx))
    remember(conn, store, family, intake, around.ctx, asked=asked)
    for file, same in again:
        store.evidence.add_source(file.side, file.source_id, same.uid)
    _remember_links(conn, links, far, asked, around.ctx.now)
    look_after(conn, links, far, asked, around.ctx.now)


def _take_in_issue(
    store: Store,
    uid: str,
    links: Mapping[tuple[str, LinkRole], Link],
    far: FarSides,
    family: Family,
    around: Surroundings,
) -> Intake:
    link = live(links, uid, LinkRole.ISSUE)
    issue = far.issues.get(link.remote_id or "") if link else None
    if link is None or issue is None:
        return Intake(family)
    page = links.get((family.request.uid, LinkRole.PAGE))
    intake = Intake(family)
    for heard in _unheard(store, link, issue.comments, around.ctx):
        record = next(item for item in intake.family.records if item.uid == uid)
        intake = intake.then(hear_on_issue(record, heard, intake.family, around.ctx))
    record = next(item for item in intake.family.records if item.uid == uid)
    link = replace(link, key=issue.key, url=issue.url)
    if record.parent is not None:
        link = seen_linked(link, issue, live(links, record.parent, LinkRole.ISSUE))
    taken = take_in_issue(
        record,
        link,
        issue,
        intake.family,
        around.ctx,
        around.words_of(record, around.ctx, issue),
        page.url if page else "",
        {each.field: each for each in store.conflicts.open([uid]) if each.role is LinkRole.ISSUE},
    )
    if taken.link not in (None, links[uid, LinkRole.ISSUE]):
        store.links.put(taken.link)
    return replace(intake.then(taken), link=None)


def _take_in_page(
    store: Store, links: Mapping[tuple[str, LinkRole], Link], far: FarSides, family: Family, around: Surroundings
) -> Intake:
    uid = family.request.uid
    link = live(links, uid, LinkRole.PAGE)
    page = far.pages.get(link.remote_id or "") if link else None
    if link is None or page is None:
        return Intake(family)
    ctx = around.ctx
    followed = _follow(store, link, page, family.request, around)
    intake = take_in_page(followed, page, family, ctx, around.jira_url)
    if intake.link is not None and (read := replace(intake.link, key=page.title, url=page.url)) != link:
        store.links.put(read)
    for heard in _unheard(store, link, far.page_comments.get(page.id, ()), ctx):
        is_same = is_text_as_at(intake.link, heard.created_at)
        intake = intake.then(hear_on_page(heard, intake.family, ctx, page.version, is_text_same=is_same))
    return replace(intake, link=None)


def _follow(store: Store, link: Link, page: PageView, request: Record, around: Surroundings) -> Link:
    """The link with the space in which its page stands. A move out of the audit's space is told until it is back."""
    if around.space_id is None or page.space_id == link.base_theirs.get("space", around.space_id):
        return link
    name = moved_name(request.uid)
    if page.space_id == around.space_id:
        store.alerts.clear(name)
    else:
        store.alerts.raise_once(name, moved_text(request, page, around.ctx.rule.space), around.ctx.now)
    return replace(link, base_theirs={**link.base_theirs, "space": page.space_id})


def _unheard(store: Store, link: Link, comments: Iterable[RemoteComment], ctx: AuditContext) -> list[RemoteComment]:
    """Comments on a counterpart that the register does not know and that Tieout did not write, oldest first. Tieout may
    have had another account when it wrote: what it said is known by its id."""
    foreign = [item for item in comments if item.author not in ctx.own_accounts]
    side = Side.CONFLUENCE if link.role is LinkRole.PAGE else Side.JIRA
    known = store.comments.known(side, [item.id for item in foreign]) if foreign else set()
    new = [item for item in foreign if item.id not in known]
    copies = store.comments.copies([link.record])[link.record] if new else ()
    ours = {copy.remote_id for copy in copies if copy.role is link.role}
    return sorted((item for item in new if item.id not in ours), key=lambda item: (item.created_at, item.id))


def _climb(store: Store, asked: Collection[str], family: Family, ctx: AuditContext) -> Intake:
    fired = store.steps.fired(sorted(asked))
    intake = Intake(family)
    for uid in sorted(asked):
        record = next((item for item in intake.family.records if item.uid == uid), None)
        if record is not None:
            intake = intake.then(climb(record, intake.family, ctx, fired.get(uid, frozenset())))
    return intake


def remember(
    conn: Connection, store: Store, before: Family, intake: Intake, ctx: AuditContext, *, asked: Collection[str] = ()
) -> None:
    """Keep what was decided on the family `before`, journaled. What changed is made due, but for `asked`: those records
    are under way."""
    changed = _put_records(store, before, intake.family)
    _put_evidence(conn, store, before, intake.family, ctx.now)
    for person in intake.people:
        store.people.put(person)
    for decision in intake.decisions:
        store.decisions.add(decision)
    told = _put_comments(store, intake)
    spoken = _put_words(store, intake, ctx.now)
    for fired in intake.fired:
        store.steps.add(fired.record, fired.due_version, fired.name, ctx.now)
    for conflict in intake.conflicts:
        store.conflicts.keep(conflict)
    _want_links(store, intake)
    for note in intake.notes:
        _journal(conn, note, ctx.now)
    is_evidence_changed = before.evidence != intake.family.evidence
    touched = changed | told | {say.record for say in spoken} | ({before.request.uid} if is_evidence_changed else set())
    mark(conn, [record_key(uid) for uid in touched - set(asked)], lane=LIVE)


def _put_records(store: Store, before: Family, after: Family) -> set[str]:
    old = {record.uid: record for record in before.records}
    changed = [record for record in after.records if record != old[record.uid]]
    for record in changed:
        store.records.put(record)
    return {record.uid for record in changed}


def _put_evidence(conn: Connection, store: Store, before: Family, after: Family, now: datetime) -> None:
    old = {item.uid: item for item in before.evidence}
    for item in after.evidence:
        if item.uid not in old:
            store.evidence.add(item)
            what = f"{item.file_name} v{item.version} sha256 {item.sha256}"
            _journal(conn, Note("evidence", item.task or item.request, None, what, item.collector, item.side), now)
        elif item != old[item.uid]:
            store.evidence.put(item)


def _put_comments(store: Store, intake: Intake) -> set[str]:
    """Keep what was heard; returns the records on whose counterparts it is to be said."""
    told: set[str] = set()
    for comment, copies in intake.comments:
        if store.comments.add(comment):
            for uid, role in copies:
                store.comments.want_copy(comment.uid, uid, role)
                told.add(uid)
    return told


def _put_words(store: Store, intake: Intake, now: datetime) -> list[Say]:
    """Keep what Tieout has to say; returns what it never said before."""
    spoken: list[Say] = []
    for say in intake.say:
        if store.comments.add(_own_comment(say, now)):
            store.comments.want_copy(uid_for("say", say.cause), say.record, say.role)
            spoken.append(say)
    return spoken


def _own_comment(say: Say, now: datetime) -> Comment:
    return Comment(
        uid=uid_for("say", say.cause),
        record=say.record,
        side=Side.REGISTER,
        origin_id=None,
        author="tieout",
        author_name="Tieout",
        visibility=say.visibility,
        text=plain(say.body),
        said_at=now,
        mentions=_mentions(say.body),
        reply_to=say.reply_to,
    )


def _mentions(body: Document) -> tuple[str, ...]:
    runs = [run for block in body for line in _lines(block) for run in line]
    return tuple(dict.fromkeys(run.account_id for run in runs if isinstance(run, Mention)))


def _lines(block: Block) -> tuple[tuple[Run, ...], ...]:
    match block:
        case Paragraph(runs):
            return (runs,)
        case Bullets(items):
            return items
        case _:
            return ()


def _want_links(store: Store, intake: Intake) -> None:
    wanted = store.links.of([uid for uid, _ in intake.wanted_links])
    for uid, role in intake.wanted_links:
        if (uid, role) not in wanted:
            store.links.put(Link(uid, role, LinkState.PENDING))


def _attach_again(
    conn: Connection,
    links: Mapping[tuple[str, LinkRole], Link],
    far: FarSides,
    asked: Collection[str],
    now: datetime,
) -> dict[tuple[str, LinkRole], Link]:
    """Detached counterparts that answer again: their sync goes on from where both sides last agreed."""
    store = Store(conn)
    there = {(LinkRole.ISSUE, id_) for id_ in far.issues} | {(LinkRole.PAGE, id_) for id_ in far.pages}
    back = {
        key: replace(link, state=LinkState.LIVE, detached_reason="")
        for key, link in links.items()
        if link.state is LinkState.DETACHED and link.record in asked and (link.role, link.remote_id) in there
    }
    for link in back.values():
        store.links.put(link)
        store.alerts.clear(f"detached:{link.record}:{link.role}")
        _journal(conn, Note("attached again", link.record, None, link.remote_id, "tieout", "it answers again"), now)
        mark(conn, [record_key(link.record)], lane=LIVE, facets=ALL)
    return back


def _remember_links(
    conn: Connection,
    links: Mapping[tuple[str, LinkRole], Link],
    far: FarSides,
    asked: Collection[str],
    now: datetime,
) -> None:
    """A counterpart that did not come when it was asked for is detached, visibly; never recreated, never forgotten."""
    store = Store(conn)
    for uid in sorted(asked):
        for role in (LinkRole.ISSUE, LinkRole.PAGE):
            link = live(links, uid, role)
            why = far.missing.get((role, link.remote_id or "")) if link else None
            if link is None or why is None or role in store.brakes.held():
                continue
            store.links.put(replace(link, state=LinkState.DETACHED, detached_reason=why))
            what = f"{role} {link.key or link.remote_id} does not answer: {why}. `tieout links` says what can be done."
            _journal(conn, Note("detached", uid, link.remote_id, None, "tieout", why), now)
            if not _is_meant(store, link):
                store.alerts.raise_once(f"detached:{uid}:{role}", what, now)


def _is_meant(store: Store, link: Link) -> bool:
    """Whether a person has said, by releasing a brake, that it is gone: nobody need be told once more."""
    return any(link.role is brake.role and link.remote_id in brake.spared for brake in store.brakes.all().values())


def _journal(conn: Connection, note: Note, now: datetime) -> None:
    journal.append(
        conn,
        who=note.who,
        what=note.what,
        record=note.record,
        before=note.before,
        after=note.after,
        why=note.why,
        at=now,
    )
