"""Spaces that Confluence does not show to Tieout, and pages that stand in another space than they should."""

from __future__ import annotations

from collections.abc import Collection

from mappings.far import PageView
from mappings.records import Record

from .database import Database
from .store import Store

MOVED, UNSEEN = "moved:", "space:"


def told_unseen(db: Database) -> set[str]:
    """The spaces of which it is told that they are not shown, by key."""
    with db.read() as conn:
        names = [alert.name for alert in Store(conn).alerts.current()]
    return {name.removeprefix(UNSEEN) for name in names if name.startswith(UNSEEN)}


def tell_unseen(db: Database, seen: Collection[str], unseen: Collection[str]) -> None:
    """An alert for each space that is not shown, cleared for those that are. Keys of spaces."""
    told = told_unseen(db)
    new, over = [key for key in unseen if key not in told], [key for key in seen if key in told]
    if not new and not over:
        return
    with db.write() as conn:
        store, now = Store(conn), db.now(conn)
        for key in new:
            text = (
                f"Confluence shows Tieout's account no space {key}: nothing of it is read or written. Look whether it "
                "was archived or renamed, and whether the account may view it."
            )
            store.alerts.raise_once(f"{UNSEEN}{key}", text, now)
        store.alerts.clear_all(f"{UNSEEN}{key}" for key in over)


def moved_name(uid: str) -> str:
    """The alert of a request whose page stands in another space."""
    return f"{MOVED}{uid}:page"


def moved_text(request: Record, page: PageView, space: str) -> str:
    return (
        f"The page of {request.number} was moved out of the audit's space {space}: it is followed, but the auditors "
        f"may not see it where it is, and others may. Move {page.title!r} back, or make sure that this is meant."
    )
