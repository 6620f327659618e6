"""Edits of people that a write of ours came upon without having seen them, found in the issue's change log.

Jira takes a write over whatever stands there: no precondition keeps ours from a value that somebody set after we read.
Nothing is asked after a write. It moves the issue's `updated`, so the issue is read again, and then the log tells: each
link remembers the newest entry that was judged, and among those that came after it a line of theirs followed by one of
ours was overtaken. An entry is looked for by its id and not compared by it: ids are handed out in blocks, and say
nothing of the order.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace
from itertools import dropwhile, takewhile

from .far import FieldChange, IssueView


def overtaken(lines: Iterable[FieldChange], own_accounts: Collection[str]) -> tuple[FieldChange, ...]:
    """Of one field's unseen lines (newest first): what others made of it before each write of ours, oldest first.

    Several changes by others in a row are one, from the first one's `before` to what the last one left; when that is
    the same, nothing was lost. Lines above our newest one are not among them: theirs is what stands there now."""
    found: list[FieldChange] = []
    theirs: FieldChange | None = None
    for line in reversed(tuple(lines)):
        if line.author not in own_accounts:
            theirs = replace(line, before=theirs.before if theirs else line.before)
            continue
        if theirs is not None and theirs.before != theirs.after:
            found.append(theirs)
        theirs = None
    return tuple(found)


def unseen(changes: tuple[FieldChange, ...], seen_change: int | None) -> tuple[FieldChange, ...]:
    """The lines above the entry that was judged last, newest first. None when nobody knows where that stands."""
    if seen_change is None:
        return ()
    above = tuple(takewhile(lambda line: line.id != seen_change, changes))
    return above if seen_change == 0 or len(above) < len(changes) else ()


def was_judged(changes: tuple[FieldChange, ...], line: FieldChange | None, seen_change: int | None) -> bool:
    """Whether a line stands at or below the entry that was judged last; False where nobody knows."""
    below = tuple(dropwhile(lambda each: each.id != seen_change, changes))
    return line is not None and line in below


def newest_seen(changes: tuple[FieldChange, ...], seen_change: int | None) -> int:
    """What a link remembers after these changes were judged. An answer from before that does not take it back."""
    newest = changes[0].id if changes else 0
    if seen_change is None or any(line.id == seen_change for line in changes):
        return newest
    return max(newest, seen_change)


def is_cut_short(issue: IssueView, seen_change: int | None) -> bool:
    """Whether lines that nobody has judged may stand below those that Jira showed."""
    if seen_change is None or any(line.id == seen_change for line in issue.changes):
        return False
    return issue.has_more_changes or (seen_change != 0 and bool(issue.changes))


def with_rest(issue: IssueView, log: tuple[FieldChange, ...]) -> IssueView:
    """The issue with what stands in its whole `log` below the lines that came with it.

    What stands above them came after the issue was read, and is judged when its values are read with it."""
    if not issue.changes:
        return issue
    oldest = issue.changes[-1].id
    below = dropwhile(lambda line: line.id == oldest, dropwhile(lambda line: line.id != oldest, log))
    return replace(issue, changes=(*issue.changes, *below), has_more_changes=False)
