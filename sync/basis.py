"""What a plan was decided on, as digests: of a family in the register and of what the far sides showed of it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from hashlib import sha256
from typing import TypeAlias

from mappings.records import LinkRole

from .canonical import canonical
from .planner import Board
from .run import Run
from .scene import live
from .store import Store

Basis: TypeAlias = Mapping[str, str]
"""What a family's writes were planned on: parts of the register and of the far sides, each with its digest."""


def digest(value: object) -> str:
    """A short name for a value, for comparing."""
    return sha256(canonical(value).encode()).hexdigest()


def basis_of(store: Store, board: Board, run: Run, asked: Collection[str]) -> Basis:
    """What is decided on for a family, with its `board` as it was before anything was taken in."""
    uids = [record.uid for record in board.family.records]
    links = [board.links[key] for key in sorted(board.links)]
    waiting = {
        uid: [copy for copy in copies if copy.remote_id is None]
        for uid, copies in sorted(store.comments.copies(uids).items())
    }
    basis = {
        "the register": digest([board.family, board.conflicts, waiting]),
        "what was agreed": digest([replace(link, agreed_at=None) for link in links]),
    }
    for uid in asked:
        issue_link, page_link = live(board.links, uid, LinkRole.ISSUE), live(board.links, uid, LinkRole.PAGE)
        issue = run.far.issues.get(issue_link.remote_id or "") if issue_link else None
        page = run.far.pages.get(page_link.remote_id or "") if page_link else None
        if issue is not None:
            fields = replace(issue, comments=(), files=())
            basis |= {
                f"issue {issue.key}": digest(fields),
                f"comments of {issue.key}": digest(issue.comments),
                f"files of {issue.key}": digest(issue.files),
            }
        elif issue_link is not None:
            basis[f"issue {issue_link.key}"] = run.far.missing.get((LinkRole.ISSUE, issue_link.remote_id or ""), "")
        if page is not None:
            basis |= {
                f"page {page.title!r}": digest(page),
                f"comments of page {page.title!r}": digest(run.far.page_comments.get(page.id, ())),
                f"files of page {page.title!r}": digest(run.far.page_files.get(page.id, ())),
            }
        elif page_link is not None:
            basis[f"page {page_link.key!r}"] = run.far.missing.get((LinkRole.PAGE, page_link.remote_id or ""), "")
    return basis
