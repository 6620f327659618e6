"""Both sides moved apart on a field of an issue: who decides, what is kept of both values, and how it ends.

Where an authority decides, the conflict is settled as it opens, so that what lost can be found again. Where the mapping
file asks for a person it stays open, and that field is written on neither side until it is settled or the sides agree.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from .context import AuditContext, Intake, Note, Say
from .issue_judges import FarMove, Judged, Seen
from .issue_text import asked_to_decide
from .issue_words import is_said_there, said_by_issue, said_by_line
from .merge import NOT_AGREED, Authority, Moved
from .records import EMPTY, Conflict, Link, LinkRole, Record, Value, uid_for

FIELD_NAMES = {"due": "due date", "owner": "assignee", "flag": "escalation flag"}
"""What people call a field in Jira, where it is not our word for it."""

_BY: Mapping[Authority, str] = {
    Authority.FAR: "Jira, whose field it is",
    Authority.REGISTER: "the register, whose field it is",
    Authority.LIFECYCLE: "the lifecycle",
    Authority.NOBODY: "the lifecycle",
}
_ENDS: Mapping[Moved, tuple[str, str]] = {
    Moved.NOTHING: ("both", "both sides, who went back to what was agreed"),
    Moved.AGREED: ("both", "both sides, who came to say the same"),
    Moved.REGISTER: ("ours", "Jira, where the change was taken back"),
    Moved.FAR: ("theirs", "the register, where the change was taken back"),
}
"""By the row of the law that an open conflict has come to: which value stays, and who brought it about."""


def hold_overtaken(record: Record, link: Link, seen: Seen) -> tuple[Link, list[str]]:
    """The link with what was overtaken on fields that a person decides: it counts as what Jira says.

    Until somebody says something newer in Jira, or it is settled for ours, which is what stands there. With it come the
    fields whose overtaking write was not kept: they are found done."""
    held, ours, theirs = dict(link.overtaken or EMPTY), dict(link.base_ours), dict(link.base_theirs)
    stands = said_by_issue(seen.issue, frozenset())
    found_done: list[str] = []
    for field in sorted({*seen.ctx.rule.ask, *held}):
        newest = seen.change_of(field)
        is_newer = newest is not None and newest.author not in seen.ctx.own_accounts
        if is_newer or theirs.get(field) == held.get(field):
            held.pop(field, None)
        lines = seen.overtaken(field, link.seen_change) if field in seen.ctx.rule.ask and not is_newer else ()
        said = [said_by_line(field, line) for line in lines]
        if said and not is_said_there(field, said[-1], record, seen.text, seen.ctx, seen.words):
            found_done += [field] if theirs.get(field) != stands[field] else []
            held[field], ours[field], theirs[field] = said[-1], NOT_AGREED, stands[field]
    return replace(link, overtaken=held or None, base_ours=ours, base_theirs=theirs), found_done


def disagree(moved: FarMove, held: Conflict | None) -> Intake:
    """A person is to decide. Said once as it opens; a further move renews the values."""
    ctx, uid = moved.seen.ctx, moved.record.uid
    if held is not None and (held.ours, held.theirs) == (moved.ours, moved.theirs):
        return Intake(moved.family)
    name = FIELD_NAMES.get(moved.field, moved.field)
    coordinator = ctx.rule.coordinator.lower()
    why = f"{name}: changed on both sides, and {ctx.name_of(coordinator)} decides"
    what = "conflict renewed" if held else "conflict opened"
    note = Note(what, uid, moved.ours, moved.theirs, moved.actor or "jira", why)
    opened = Conflict(
        uid=uid_for("conflict", uid, LinkRole.ISSUE, moved.field, ctx.now.isoformat()),
        record=uid,
        role=LinkRole.ISSUE,
        field=moved.field,
        ours=moved.ours,
        theirs=moved.theirs,
        opened_at=ctx.now,
    )
    if held is not None:
        return Intake(moved.family, notes=(note,), conflicts=(opened,))
    body = asked_to_decide(
        name,
        _shown(moved.field, moved.ours, ctx),
        _shown(moved.field, moved.theirs, ctx),
        ctx.people.get(coordinator),
        ctx.name_of(coordinator),
        moved.record.number,
    )
    say = Say(f"{uid}:conflict:{moved.field}:v{moved.record.version}:{moved.theirs}", uid, LinkRole.ISSUE, body)
    return Intake(moved.family, notes=(note,), say=(say,), conflicts=(opened,))


def decided(moved: FarMove, judged: Judged, authority: Authority) -> Conflict:
    """What the law made of it, to be found again: once for one change in Jira, however often it is read."""
    cause = str(moved.change.id) if moved.change else str(moved.theirs)
    return Conflict(
        uid=uid_for("conflict", moved.record.uid, LinkRole.ISSUE, moved.field, cause, str(moved.ours)),
        record=moved.record.uid,
        role=LinkRole.ISSUE,
        field=moved.field,
        ours=moved.ours,
        theirs=moved.theirs,
        opened_at=moved.seen.ctx.now,
        settled_at=moved.seen.ctx.now,
        settled_by=_BY[authority],
        kept=_kept(judged),
    )


def ended(
    held: Conflict, row: Moved, judged: Judged | None, authority: Authority, now: datetime
) -> tuple[Conflict, Note]:
    """An open conflict that is none any more, with its line in the journal."""
    if judged is not None and (row is Moved.BOTH or not judged.is_taken):
        kept, by = _kept(judged), _BY[authority]
    else:
        kept, by = _ENDS.get(row, ("ours", _BY[Authority.REGISTER]))
    closed = replace(held, settled_at=now, settled_by=by, kept=kept)
    why = f"{FIELD_NAMES.get(held.field, held.field)}: by {by}; {kept} stays"
    return closed, Note("conflict closed", held.record, held.ours, held.theirs, "tieout", why)


def _kept(judged: Judged) -> str:
    return "theirs" if judged.is_taken else "ours"


def _shown(field: str, value: Value, ctx: AuditContext) -> str:
    if value is None:
        return "no date" if field == "due" else "nobody"
    if field != "owner":
        return str(value)
    person = ctx.person_of(str(value))
    return person.name if person else ctx.name_of(str(value))
