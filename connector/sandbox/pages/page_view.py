"""A Confluence page as it is shown: its body drawn, who said what below it, its files, and the tree it stands in."""

from dataclasses import dataclass
from datetime import datetime

from markupsafe import Markup

from connector.sandbox.accounts import Account
from connector.sandbox.confluence import access, markers, storage
from connector.sandbox.confluence.state import ATTACH, COMMENT, Attachment, Comment, Page, Space, Version
from connector.sandbox.pages.draw_storage import draw_storage
from connector.sandbox.pages.visits import Visit


@dataclass(frozen=True)
class Leaf:
    """A page in the tree, with what is below it; `holds_current` if the page being read is it or below it."""

    page: Page
    below: tuple["Leaf", ...]
    holds_current: bool


@dataclass(frozen=True)
class Said:
    """A comment with its replies. `selection` is set for an inline one: the words it is about."""

    comment: Comment
    author: Account | None
    body: Markup
    created_at: datetime
    selection: str
    replies: tuple["Said", ...]
    source: str
    """Its words without formatting, to be edited."""
    is_own: bool


@dataclass(frozen=True)
class PageView:
    """Everything on a page's page."""

    page: Page
    version: Version
    space: Space
    body: Markup
    author: Account | None
    above: tuple[Page, ...]
    footers: tuple[Said, ...]
    inlines: tuple[Said, ...]
    files: tuple[Attachment, ...]
    labels: tuple[str, ...]
    may_edit: bool
    may_comment: bool
    may_attach: bool

    @property
    def is_newest(self) -> bool:
        return self.version is self.page.version


def view_of(visit: Visit, page: Page, version: Version | None = None) -> PageView:
    """A page the person may see, as of one version or its newest."""
    site, person, state = visit.site, visit.person, visit.site.confluence
    space, shown = state.spaces[page.space_id], version or page.version
    is_current = page.status == "current"
    is_live = is_current and shown is page.version and access.may_edit(site, person, page)
    comments = state.comments.on(page.content_id)
    return PageView(
        page=page,
        version=shown,
        space=space,
        body=draw_storage(site, person, page, shown.body, visit.today, is_live=is_live),
        author=site.accounts.get(shown.author_id),
        above=tuple(one for one in state.ancestors(page) if access.may_view(site, person, one)),
        footers=_threads(visit, page, [one for one in comments if one.kind == "footer"]),
        inlines=_threads(visit, page, [one for one in comments if one.kind == "inline"]),
        files=tuple(one for one in state.attachments.on(page.content_id) if one.status == "current"),
        labels=tuple(sorted(label.name for label in page.labels.values())),
        may_edit=is_live,
        may_comment=is_current and access.may(person, space, COMMENT),
        may_attach=is_current and access.may(person, space, ATTACH),
    )


def tree_of(visit: Visit, space: Space, current: Page | None = None) -> tuple[Leaf, ...]:
    """The pages of a space that the person sees, in their order."""
    held: dict[str | None, list[Page]] = {}
    for page in visit.site.confluence.pages.values():
        if page.space_id == space.space_id and page.status == "current":
            held.setdefault(page.parent_id, []).append(page)
    return _leaves(visit, held, None, current)


def _leaves(
    visit: Visit, held: dict[str | None, list[Page]], parent_id: str | None, current: Page | None
) -> tuple[Leaf, ...]:
    leaves = []
    for page in sorted(held.get(parent_id, []), key=lambda one: one.position):
        if access.may_view(visit.site, visit.person, page):
            below = _leaves(visit, held, page.content_id, current)
            leaves.append(Leaf(page, below, page is current or any(leaf.holds_current for leaf in below)))
    return tuple(leaves)


def _threads(visit: Visit, page: Page, comments: list[Comment], parent_id: str | None = None) -> tuple[Said, ...]:
    return tuple(
        Said(
            comment=one,
            author=visit.site.accounts.get(one.author_id),
            body=draw_storage(visit.site, visit.person, page, one.version.body, visit.today, is_live=False),
            created_at=one.created_at,
            selection=_selection(page, one),
            replies=_threads(visit, page, comments, one.content_id),
            source=storage.plain_text(one.version.body),
            is_own=one.author_id == visit.person.account_id,
        )
        for one in comments
        if one.parent_id == parent_id
    )


def _selection(page: Page, comment: Comment) -> str:
    """The words an inline comment is about: as they are now, or as they were."""
    if comment.marker_ref is None:
        return ""
    return markers.selected_text(page.body, comment.marker_ref) or comment.selection or ""
