"""The search index, which lags: each change is noted with its time, and a search sees what is old enough."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from connector.sandbox.confluence.state import Attachment, Comment, IndexEntry, Page
from connector.sandbox.site import Site


def note_page(site: Site, page: Page) -> None:
    """Note how a page looks now; trashed and archived pages leave the index (a recorded site shows neither)."""
    site.confluence.titled.setdefault((page.space_id, page.title.lower()), {})[page.content_id] = None
    _note(site, page, page, "page", page.title, page.body, page.status == "current")


def note_comment(site: Site, comment: Comment, *, is_visible: bool = True) -> None:
    page = site.confluence.pages[comment.page_id]
    _note(site, comment, page, "comment", f"Re: {page.title}", comment.version.body, is_visible)


def note_attachment(site: Site, attachment: Attachment) -> None:
    page = site.confluence.pages[attachment.page_id]
    _note(site, attachment, page, "attachment", attachment.file_name, "", attachment.status == "current")


def _note(
    site: Site,
    content: Page | Comment | Attachment,
    page: Page,
    content_type: str,
    title: str,
    body: str,
    is_visible: bool,
) -> None:
    state = site.confluence
    entry = IndexEntry(
        at=site.now(),
        content_id=content.content_id,
        content_type=content_type,  # type: ignore[arg-type]  # the three callers above give the three words
        space_key=state.spaces[page.space_id].key,
        title=title,
        body=body,
        page_id=page.content_id,
        ancestors=tuple(above.content_id for above in state.ancestors(page)),
        labels=frozenset(label.name for label in content.labels.values()),
        author_id=content.author_id,
        created_at=content.created_at,
        modified_at=content.version.created_at,
        is_visible=is_visible,
    )
    history = state.index.setdefault(content.content_id, [])
    history.append(entry)
    settled = _settled(site, history)
    del history[: len(settled) - 1 if settled else 0]


def entries(site: Site) -> Iterator[IndexEntry]:
    """What search sees now: the newest note of each piece of content that is older than the lag."""
    for history in site.confluence.index.values():
        settled = _settled(site, history)
        if settled and settled[-1].is_visible:
            yield settled[-1]


def _settled(site: Site, history: list[IndexEntry]) -> list[IndexEntry]:
    seen_until = site.now() - timedelta(seconds=site.faults.index_lag_s)
    return [entry for entry in history if entry.at <= seen_until]
